//! LIST, LSUB and STATUS (RFC 3501, 6.3.8–6.3.10; RFC 5258, 5819, 6154).

use crate::folder::{Account, Folder};

use super::parser::{Parser, Wrong};
use super::session::{Answer, Refusal, Session};
use super::utf7;

/// What a LIST command asks for.
#[derive(Debug, Default)]
struct Wanted {
    patterns: Vec<String>,
    only_subscribed: bool,
    only_special: bool,
    /// Items of LIST-STATUS.
    status: Vec<String>,
}

impl Session<'_> {
    pub(super) fn list(&mut self, p: &mut Parser<'_>) -> Answer {
        let wanted = self.read_list(p)?;
        if wanted.patterns == [""] {
            // The question for the separator (RFC 3501, 6.3.8).
            self.push(b"* LIST (\\Noselect) \"/\" \"\"\r\n")?;
            return Ok("Done".to_owned());
        }
        // IMAP4rev2 has the attributes in itself (RFC 9051, 7.3.1).
        let special = self.can("SPECIAL-USE") || self.shared.scripts.read(|s| s.rev2);
        let condstore = self.can("CONDSTORE");
        let raw = self.raw_names();
        let lines = self.read(|account| {
            let mut lines = String::new();
            for folder in &account.folders {
                let fits = wanted
                    .patterns
                    .iter()
                    .any(|pattern| matches(pattern, &folder.name));
                if !fits
                    || wanted.only_subscribed && !folder.subscribed
                    || wanted.only_special && folder.special.is_none()
                {
                    continue;
                }
                let mut attributes = attributes(account, folder, special);
                if wanted.only_subscribed {
                    attributes.push_str(" \\Subscribed");
                }
                let name = wire_name(&folder.name, raw);
                lines.push_str(&format!("* LIST ({attributes}) \"/\" {name}\r\n"));
                if !wanted.status.is_empty() {
                    let items = status_items(folder, &wanted.status, condstore);
                    lines.push_str(&format!("* STATUS {name} ({items})\r\n"));
                }
            }
            lines
        })?;
        self.push(lines.as_bytes())?;
        Ok("Done".to_owned())
    }

    fn read_list(&mut self, p: &mut Parser<'_>) -> Result<Wanted, Refusal> {
        let mut wanted = Wanted::default();
        p.space()?;
        if p.peek() == Some(b'(') {
            let select = p.list(|p| p.text())?;
            wanted.only_subscribed = select.iter().any(|s| s.eq_ignore_ascii_case("SUBSCRIBED"));
            wanted.only_special = select.iter().any(|s| s.eq_ignore_ascii_case("SPECIAL-USE"));
            p.space()?;
        }
        let reference = p.folder()?;
        p.space()?;
        wanted.patterns = if p.peek() == Some(b'(') {
            if !self.can("LIST-EXTENDED") {
                return Err(Refusal::Bad("One pattern only".to_owned()));
            }
            p.list(|p| p.folder())?
        } else {
            vec![p.folder()?]
        };
        for pattern in &mut wanted.patterns {
            pattern.insert_str(0, &reference);
        }
        if p.take(b' ') {
            if !p.take_word("RETURN") || !self.can("LIST-EXTENDED") && !self.can("LIST-STATUS") {
                return Err(Refusal::Bad("Unknown LIST option".to_owned()));
            }
            p.space()?;
            let (special, status) = (self.can("SPECIAL-USE"), self.can("LIST-STATUS"));
            p.list(|p| read_return(p, &mut wanted.status))?
                .into_iter()
                .try_for_each(|option| match option.as_str() {
                    "SPECIAL-USE" if !special => Err("Unknown return option".to_owned()),
                    "STATUS" if !status => Err("Unknown return option".to_owned()),
                    _ => Ok(()),
                })?;
        }
        p.end()?;
        Ok(wanted)
    }

    pub(super) fn lsub(&mut self, p: &mut Parser<'_>) -> Answer {
        p.space()?;
        let reference = p.folder()?;
        p.space()?;
        let pattern = reference + &p.folder()?;
        let raw = self.raw_names();
        let lines: String = self.read(|account| {
            let subscribed = account
                .folders
                .iter()
                .filter(|f| f.subscribed && matches(&pattern, &f.name));
            subscribed
                .map(|f| format!("* LSUB () \"/\" {}\r\n", wire_name(&f.name, raw)))
                .collect()
        })?;
        self.push(lines.as_bytes())?;
        Ok("Done".to_owned())
    }

    pub(super) fn status(&mut self, p: &mut Parser<'_>) -> Answer {
        p.space()?;
        let name = p.folder()?;
        p.space()?;
        let items = p.list(|p| p.atom().map(str::to_ascii_uppercase))?;
        let condstore = self.can("CONDSTORE");
        let raw = self.raw_names();
        let line = self.read(|account| {
            let folder = account.need(&name)?;
            let items = status_items(folder, &items, condstore);
            Ok::<_, Refusal>(format!(
                "* STATUS {} ({items})\r\n",
                wire_name(&folder.name, raw)
            ))
        })??;
        self.push(line.as_bytes())?;
        Ok("Done".to_owned())
    }

    fn raw_names(&self) -> bool {
        self.shared
            .scripts
            .read(|s| s.quirks.raw_utf8_names || s.rev2)
    }
}

fn read_return(p: &mut Parser<'_>, status: &mut Vec<String>) -> Result<String, Wrong> {
    let option = p.atom()?.to_ascii_uppercase();
    if option == "STATUS" {
        p.space()?;
        *status = p.list(|p| p.atom().map(str::to_ascii_uppercase))?;
    }
    Ok(option)
}

fn attributes(account: &Account, folder: &Folder, special: bool) -> String {
    let below = format!("{}/", folder.name);
    let parent = account.folders.iter().any(|f| f.name.starts_with(&below));
    let mut text = String::from(if parent {
        "\\HasChildren"
    } else {
        "\\HasNoChildren"
    });
    if let Some(usage) = folder.special.as_deref().filter(|_| special) {
        text.push(' ');
        text.push_str(usage);
    }
    text
}

fn status_items(folder: &Folder, items: &[String], condstore: bool) -> String {
    let one = |item: &String| {
        let value = match item.as_str() {
            "MESSAGES" => folder.messages.len().to_string(),
            "RECENT" | "DELETED" if item == "RECENT" => "0".to_owned(),
            "DELETED" => folder
                .messages
                .iter()
                .filter(|m| m.has("\\Deleted"))
                .count()
                .to_string(),
            "UIDNEXT" => folder.uid_next.to_string(),
            "UIDVALIDITY" => folder.uid_validity.to_string(),
            "UNSEEN" => folder.unseen().to_string(),
            "SIZE" => folder
                .messages
                .iter()
                .map(|m| m.bytes.len())
                .sum::<usize>()
                .to_string(),
            "HIGHESTMODSEQ" if condstore => folder.highest_modseq.to_string(),
            _ => return None,
        };
        Some(format!("{item} {value}"))
    };
    items.iter().filter_map(one).collect::<Vec<_>>().join(" ")
}

/// `*` is anything, `%` anything within one level; INBOX in any case.
fn matches(pattern: &str, name: &str) -> bool {
    fn inner(pattern: &[char], name: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', rest)) => (0..=name.len()).any(|n| inner(rest, &name[n..])),
            Some(('%', rest)) => {
                let level = name.iter().position(|&c| c == '/').unwrap_or(name.len());
                (0..=level).any(|n| inner(rest, &name[n..]))
            }
            Some((c, rest)) => name.first() == Some(c) && inner(rest, &name[1..]),
        }
    }
    let inbox = name == "INBOX" && pattern.eq_ignore_ascii_case("INBOX");
    // Runs of stars say no more than one, and would take exponential time.
    let mut pattern: Vec<char> = pattern.chars().collect();
    pattern.dedup_by(|a, b| *a == '*' && *b == '*');
    inbox || inner(&pattern, &name.chars().collect::<Vec<_>>())
}

fn wire_name(name: &str, raw: bool) -> String {
    if raw {
        quoted(name)
    } else {
        quoted(&utf7::encode(name))
    }
}

/// A quoted string.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(matches("*", "a/b"));
        assert!(matches("%", "a") && !matches("%", "a/b"));
        assert!(matches("a/%", "a/b") && !matches("a/%", "a"));
        assert!(matches("inbox", "INBOX") && !matches("inbox", "Inbox/x"));
        assert!(matches("Công*", "Công văn đến"));
    }
}
