//! Which folder a name on the command line means: the full name, a role, the last part, or any of them without accents.

use tcv_domain::folder::{Folder, Role};
use tcv_domain::text::{fold, nfc};
use tcv_words::{Language, Words};

const ROLES: [(Role, &str); 6] = [
    (Role::Inbox, "inbox"),
    (Role::Drafts, "drafts"),
    (Role::Sent, "sent"),
    (Role::Archive, "archive"),
    (Role::Junk, "junk"),
    (Role::Trash, "trash"),
];

/// The name of a role in JSON.
pub fn role_name(role: Role) -> &'static str {
    ROLES
        .into_iter()
        .find_map(|(known, name)| (known == role).then_some(name))
        .unwrap_or_default()
}

/// The folders a name means. The first way of reading it that finds any decides; several are for the caller to report.
pub fn find<'a>(folders: &'a [Folder], name: &str) -> Vec<&'a Folder> {
    let name = nfc(name.trim().trim_end_matches('/'));
    let plain = fold(&name);
    let role = role_of(&plain);
    let readings: [&dyn Fn(&Folder) -> bool; 5] = [
        &|folder| folder.name == name,
        &|folder| role.is_some() && folder.role == role,
        &|folder| folder.leaf() == name,
        &|folder| fold(&folder.name) == plain,
        &|folder| fold(folder.leaf()) == plain,
    ];
    readings
        .into_iter()
        .map(|means| {
            folders
                .iter()
                .filter(|folder| folder.selectable && means(folder))
                .collect::<Vec<_>>()
        })
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The role a folded name means in either language.
fn role_of(plain: &str) -> Option<Role> {
    let catalogues = Language::ALL.map(Words::new);
    ROLES.into_iter().find_map(|(role, name)| {
        let key = format!("cli-folder-names-{name}");
        let known = name == plain
            || catalogues.iter().any(|words| {
                words
                    .text(&key)
                    .split(';')
                    .any(|known| fold(known.trim()) == plain)
            });
        known.then_some(role)
    })
}

#[cfg(test)]
mod tests {
    use tcv_domain::message::{AccountId, FolderId};

    use super::*;

    fn folder(id: i64, name: &str, role: Option<Role>) -> Folder {
        Folder {
            id: FolderId(id),
            account: AccountId(1),
            name: name.into(),
            role,
            selectable: true,
            total: 0,
            unread: 0,
            uidvalidity: None,
        }
    }

    #[test]
    fn names_roles_and_words_without_accents() {
        let folders = [
            folder(1, "INBOX", Some(Role::Inbox)),
            folder(2, "Sent Items", Some(Role::Sent)),
            folder(3, "Công văn đến", None),
            folder(4, "Lưu/Báo cáo", None),
            folder(5, "Năm 2025/Báo cáo", None),
            folder(6, "Trash", None),
            folder(7, "Deleted", Some(Role::Trash)),
        ];
        let ids = |name: &str| {
            find(&folders, name)
                .iter()
                .map(|folder| folder.id.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids("inbox"), [1]);
        assert_eq!(ids("thu den"), [1]);
        assert_eq!(ids("Thư đến"), [1]);
        assert_eq!(ids("sent"), [2]);
        assert_eq!(ids("da gui"), [2]);
        assert_eq!(ids("cong van den"), [3]);
        assert_eq!(ids("Lưu/Báo cáo"), [4]);
        assert_eq!(ids("luu/bao cao"), [4]);
        assert_eq!(ids("Báo cáo"), [4, 5], "the caller says it is ambiguous");
        assert_eq!(ids("Trash"), [6], "an exact name comes before a role");
        assert_eq!(ids("thùng rác"), [7]);
        assert_eq!(ids("Không có"), [0_i64; 0]);
    }

    #[test]
    fn a_folder_that_only_holds_others_is_not_meant() {
        let mut holder = folder(1, "Lưu", None);
        holder.selectable = false;
        assert!(find(&[holder], "Lưu").is_empty());
    }
}
