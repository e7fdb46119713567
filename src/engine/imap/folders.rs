//! Which folders there are, what part each plays, their figures, and making one that is missing.
//! What the user changes in the tree of folders is in `folders::tree`.

mod tree;

use tcv_domain::folder::Role;

use super::Fault;
use super::commands::quoted;
use super::namespace::{Namespace, Space, space_of};
use super::response::{Figures, Listed, Untagged};
use super::session::Session;

/// The folders of an account and, where the server gave them in the same breath, their figures.
#[derive(Debug, Default)]
pub(crate) struct RemoteList {
    /// Folders in the server's order.
    pub(crate) folders: Vec<Listed>,
    /// Figures by raw name; empty without LIST-STATUS.
    pub(crate) figures: Vec<Figures>,
    /// How the user's own folders begin, where the server tells (RFC 2342).
    personal: Option<String>,
}

/// What every server understands.
const PLAIN: &str = "LIST \"\" \"*\"";

impl Session {
    /// Lists all folders, also those others share, with special use where the server knows it
    /// and, if wanted and offered (LIST-STATUS, RFC 5819), figures: one round trip, but for what
    /// is asked once on a connection.
    pub(crate) fn list(&mut self, with_figures: bool) -> Result<RemoteList, Fault> {
        let namespaces = self.namespaces.clone();
        let command = self.list_command(with_figures, &namespaces);
        let mut list = RemoteList::default();
        match self.run(&command) {
            // A server that announces more than it understands still has the plain command.
            Err(Fault::Refused(_)) if command != PLAIN => self.gather(PLAIN, &mut list)?,
            other => list.take(other?.data),
        }
        if !self.has("LIST-EXTENDED") {
            for namespace in namespaces.iter().filter(|namespace| namespace.is_aside()) {
                if !list.folders.iter().any(|folder| namespace.holds(folder)) {
                    let pattern = quoted(&format!("{}*", namespace.prefix));
                    self.gather(&format!("LIST \"\" {pattern}"), &mut list)?;
                }
            }
        }
        if command.starts_with("LIST") && self.has("XLIST") && !self.has("SPECIAL-USE") {
            self.add_xlisted(&mut list)?;
        }
        let plain_names = self.capabilities.has_utf8_names();
        for folder in &mut list.folders {
            if plain_names {
                *folder = std::mem::take(folder).with_plain_name();
            }
            folder.space = space_of(folder, &namespaces);
        }
        let own = namespaces.iter().find(|one| one.space == Space::Personal);
        list.personal = own.map(|namespace| namespace.prefix.clone());
        Ok(list)
    }

    /// Runs a listing; one that is refused brings nothing.
    fn gather(&mut self, command: &str, list: &mut RemoteList) -> Result<(), Fault> {
        match self.run(command) {
            Err(Fault::Refused(answer)) if command == PLAIN => Err(Fault::Refused(answer)),
            Err(Fault::Refused(_)) => Ok(()),
            other => {
                list.take(other?.data);
                Ok(())
            }
        }
    }

    /// Adds the parts that only XLIST tells to a listing that brought figures instead.
    fn add_xlisted(&mut self, list: &mut RemoteList) -> Result<(), Fault> {
        if self.xlisted.is_none() {
            let mut told = RemoteList::default();
            self.gather("XLIST \"\" \"*\"", &mut told)?;
            self.xlisted = Some(told.folders);
        }
        for known in self.xlisted.iter().flatten() {
            let same = |folder: &&mut Listed| folder.raw_name == known.raw_name;
            if let Some(folder) = list.folders.iter_mut().find(same) {
                folder.attributes.extend(known.attributes.iter().cloned());
            }
        }
        Ok(())
    }

    /// Makes a folder and subscribes to it; whether the server did. What it refused once is not
    /// asked for again on this connection.
    pub(crate) fn create(&mut self, raw_name: &str) -> Result<bool, Fault> {
        if self.refused_folders.iter().any(|known| known == raw_name) {
            return Ok(false);
        }
        match self.run(&format!("CREATE {}", quoted(raw_name))) {
            Err(Fault::Refused(answer)) => {
                tracing::info!(folder = raw_name, ?answer, "the server makes no folder");
                self.refused_folders.push(raw_name.to_owned());
                Ok(false)
            }
            other => {
                other?;
                // Other programs show only what is subscribed to; a refusal does no harm here.
                match self.run(&format!("SUBSCRIBE {}", quoted(raw_name))) {
                    Err(Fault::Refused(_)) => Ok(true),
                    other => other.map(|_| true),
                }
            }
        }
    }

    fn list_command(&self, with_figures: bool, namespaces: &[Namespace]) -> String {
        let mut wanted = Vec::new();
        if self.has("SPECIAL-USE") {
            wanted.push("SPECIAL-USE".to_owned());
        }
        if with_figures && self.has("LIST-STATUS") {
            let modseq = if self.has("CONDSTORE") {
                " HIGHESTMODSEQ"
            } else {
                ""
            };
            wanted.push(format!("STATUS (MESSAGES UIDNEXT UIDVALIDITY{modseq})"));
        }
        let aside: String = namespaces
            .iter()
            .filter(|namespace| namespace.is_aside() && self.has("LIST-EXTENDED"))
            .map(|namespace| format!(" {}", quoted(&format!("{}*", namespace.prefix))))
            .collect();
        if wanted.is_empty() && self.has("XLIST") && !self.has("SPECIAL-USE") && aside.is_empty() {
            return "XLIST \"\" \"*\"".to_owned();
        }
        // RFC 5258 §3: several patterns at once; nothing is listed twice.
        let pattern = match aside.as_str() {
            "" => "\"*\"".to_owned(),
            aside => format!("(\"*\"{aside})"),
        };
        if self.has("LIST-EXTENDED") && !wanted.is_empty() {
            return format!("LIST \"\" {pattern} RETURN ({})", wanted.join(" "));
        }
        format!("LIST \"\" {pattern}")
    }
}

impl RemoteList {
    fn take(&mut self, data: Vec<Untagged>) {
        for response in data {
            match response {
                Untagged::List(listed) => {
                    let known = |held: &Listed| held.raw_name == listed.raw_name;
                    if !self.folders.iter().any(known) {
                        self.folders.push(*listed);
                    }
                }
                Untagged::Figures(figures) => self.figures.push(figures),
                _ => {}
            }
        }
    }

    /// The name, as the server writes it, of a folder to be made at the top: where the server
    /// says the user's folders lie, else where they are seen to lie.
    pub(crate) fn top_name(&self, name: &str) -> String {
        match &self.personal {
            Some(prefix) => format!("{prefix}{name}"),
            None => top_name(&self.folders, name),
        }
    }
}

/// The name, as the server writes it, of a folder to be made at the top: below the inbox where
/// everything else lies there (RFC 9051 does not say where a server wants them).
fn top_name(folders: &[Listed], name: &str) -> String {
    const INBOX: &str = "INBOX";
    let mut others = folders
        .iter()
        .filter(|folder| !folder.raw_name.eq_ignore_ascii_case(INBOX))
        .peekable();
    let prefix = others.peek().and_then(|folder| {
        let delimiter = folder.delimiter?;
        Some(format!("{INBOX}{delimiter}"))
    });
    match prefix {
        Some(prefix) if others.all(|folder| folder.is_below(&prefix)) => format!("{prefix}{name}"),
        _ => name.to_owned(),
    }
}

impl Listed {
    fn is_below(&self, prefix: &str) -> bool {
        self.raw_name
            .get(..prefix.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
    }

    /// Whether messages can lie in it.
    pub(crate) fn is_selectable(&self) -> bool {
        !self.has("noselect") && !self.has("nonexistent")
    }

    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|held| held == attribute)
    }

    fn announced_role(&self) -> Option<Role> {
        // Before RFC 6154 XLIST said \Spam and \Starred; \Inbox is its own too.
        const ROLES: [(&str, Role); 7] = [
            ("inbox", Role::Inbox),
            ("drafts", Role::Drafts),
            ("sent", Role::Sent),
            ("archive", Role::Archive),
            ("junk", Role::Junk),
            ("spam", Role::Junk),
            ("trash", Role::Trash),
        ];
        ROLES
            .iter()
            .find(|(attribute, _)| self.has(attribute))
            .map(|(_, role)| *role)
    }
}

/// Something that suggests a part for a folder.
type Source<'a> = &'a dyn Fn(&Listed) -> Option<Role>;

/// The part each folder plays, each part at most once: the inbox by its name, then what the
/// server announces, then what the names at the top suggest.
pub(crate) fn assign_roles(folders: &[Listed]) -> Vec<Option<Role>> {
    let mut roles: Vec<Option<Role>> = vec![None; folders.len()];
    let by_name = |folder: &Listed| {
        folder
            .raw_name
            .eq_ignore_ascii_case("INBOX")
            .then_some(Role::Inbox)
    };
    let top = |folder: &Listed, levels: usize| {
        let name = folder.name.strip_prefix("INBOX/").unwrap_or(&folder.name);
        (name.split('/').count() == levels)
            .then(|| name.rsplit('/').next().and_then(Role::guess))
            .flatten()
            .filter(|role| *role != Role::Inbox)
    };
    let sources: [Source<'_>; 4] = [
        &by_name,
        &Listed::announced_role,
        &|folder| top(folder, 1),
        &|folder| top(folder, 2),
    ];
    for source in sources {
        for (index, folder) in folders.iter().enumerate() {
            let Some(role) = source(folder) else { continue };
            // What others share has drafts and sent mail too; they are not ours.
            let own = folder.space == Space::Personal;
            let free = own && folder.is_selectable() && !roles.contains(&Some(role));
            if let Some(slot) = roles.get_mut(index).filter(|slot| free && slot.is_none()) {
                *slot = Some(role);
            }
        }
    }
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, attributes: &[&str]) -> Listed {
        Listed {
            attributes: attributes.iter().map(|&a| a.to_owned()).collect(),
            delimiter: Some('/'),
            raw_name: name.to_owned(),
            name: name.to_owned(),
            space: Space::Personal,
        }
    }

    #[test]
    fn what_the_server_announces_beats_names() {
        let folders = [
            folder("Sent", &[]),
            folder("Đã gửi", &["sent"]),
            folder("inbox", &[]),
            folder("Trash", &["noselect"]),
            folder("Thùng rác", &[]),
        ];
        let expected = [
            None,
            Some(Role::Sent),
            Some(Role::Inbox),
            None,
            Some(Role::Trash),
        ];
        assert_eq!(assign_roles(&folders), expected);
    }

    #[test]
    fn a_new_folder_lies_where_the_others_lie() {
        let named = |names: &[&str]| {
            let folders: Vec<_> = names
                .iter()
                .map(|name| Listed {
                    delimiter: Some('.'),
                    ..folder(name, &[])
                })
                .collect();
            top_name(&folders, "Sent")
        };
        assert_eq!(named(&["INBOX", "INBOX.Trash", "inbox.Nháp"]), "INBOX.Sent");
        assert_eq!(named(&["INBOX", "INBOX.Trash", "Lưu"]), "Sent");
        assert_eq!(named(&["INBOX", "INBOXES"]), "Sent");
        assert_eq!(named(&["INBOX"]), "Sent");
    }

    #[test]
    fn the_top_level_beats_lower_ones() {
        let folders = [
            folder("Dự án/Drafts", &[]),
            folder("INBOX/Drafts", &[]),
            folder("INBOX", &[]),
            folder("[Gmail]/Spam", &["junk"]),
        ];
        let expected = [
            None,
            Some(Role::Drafts),
            Some(Role::Inbox),
            Some(Role::Junk),
        ];
        assert_eq!(assign_roles(&folders), expected);
    }
}
