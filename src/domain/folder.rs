//! A folder of a mailbox, the part it plays, and its place in the tree.
//!
//! Which names a folder may bear is `folder::name`; asking a server for its folders and creating
//! them is the engine's work.

pub mod name;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::message::{AccountId, FolderId};
use crate::text::{fold, vi_sort_key};

/// The part a folder plays (RFC 6154 special use), or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Where mail arrives.
    Inbox,
    /// Drafts.
    Drafts,
    /// Copies of what was sent.
    Sent,
    /// Kept, out of sight.
    Archive,
    /// Spam.
    Junk,
    /// Deleted mail.
    Trash,
}

/// Names servers and mail programs give to folders with a part, folded (so that *Đã xóa* and
/// *Đã xoá* are one). The Inbox is not among them: only the server's INBOX is one.
const NAMES: [(Role, &[&str]); 5] = [
    (
        Role::Drafts,
        &[
            "drafts", "draft", "nhap", "thu nhap", "ban nhap", "ban thao",
        ],
    ),
    (
        Role::Sent,
        &[
            "sent",
            "sent items",
            "sent mail",
            "sent messages",
            "da gui",
            "thu da gui",
            "thu di",
            "muc da gui",
            "hop thu di",
        ],
    ),
    (
        Role::Archive,
        &[
            "archive",
            "archives",
            "all mail",
            "luu tru",
            "thu luu tru",
            "kho luu tru",
        ],
    ),
    (
        Role::Junk,
        &[
            "junk",
            "spam",
            "junk e-mail",
            "junk email",
            "bulk mail",
            "thu rac",
            "email rac",
            "thu spam",
        ],
    ),
    (
        Role::Trash,
        &[
            "trash",
            "deleted items",
            "deleted messages",
            "deleted",
            "bin",
            "thung rac",
            "da xoa",
            "thu da xoa",
            "muc da xoa",
        ],
    ),
];

impl Role {
    /// The part a folder probably plays by its name (levels joined by `/`), where the server does
    /// not say so itself (RFC 6154): a folder at the top or directly below INBOX that is called
    /// what servers and mail programs call such folders, in Vietnamese or English.
    #[must_use]
    pub fn guess(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("INBOX") {
            return Some(Self::Inbox);
        }
        let leaf = match name.split_once('/') {
            None => name,
            // Servers with one namespace below INBOX, and Gmail's.
            Some((top, rest)) => match top.to_ascii_uppercase().as_str() {
                "INBOX" | "[GMAIL]" => rest,
                _ => return None,
            },
        };
        let leaf = fold(leaf.trim());
        NAMES
            .iter()
            .find(|(_, names)| names.contains(&leaf.as_str()))
            .map(|(role, _)| *role)
    }
}

/// Puts folders in the order of the tree: those with a part first, in the order of [`Role`], then
/// the others by name as Vietnamese dictionaries sort; each folder directly after its parent.
pub fn sort_for_tree(folders: &mut [Folder]) {
    let roles: HashMap<(AccountId, String), Role> = folders
        .iter()
        .filter_map(|folder| Some(((folder.account, folder.name.clone()), folder.role?)))
        .collect();
    folders.sort_by_cached_key(|folder| {
        let ends = folder
            .name
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([folder.name.len()]);
        let mut start = 0;
        let levels: Vec<_> = ends
            .map(|end| {
                let path = folder.name.get(..end).unwrap_or_default().to_owned();
                let level = folder.name.get(start..end).unwrap_or_default();
                start = end + 1;
                let role = roles.get(&(folder.account, path)).copied();
                // Some sorts after None, so what has no part is told by a flag before it.
                (role.is_none(), role, vi_sort_key(level), level.to_owned())
            })
            .collect();
        (folder.account, levels)
    });
}

/// A folder as the tree shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Local identifier.
    pub id: FolderId,
    /// Whose it is.
    pub account: AccountId,
    /// Full decoded name on the server, levels joined by `/` whatever the server's delimiter.
    pub name: String,
    /// The part it plays.
    pub role: Option<Role>,
    /// Whether messages can lie in it (`\Noselect` and `\NonExistent` folders only hold others).
    pub selectable: bool,
    /// Messages known.
    pub total: u32,
    /// Messages without `\Seen`.
    pub unread: u32,
    /// The server's UIDVALIDITY (RFC 9051 §2.3.1.1); `None` before the first sync.
    pub uidvalidity: Option<u32>,
}

impl Folder {
    /// The last level of the name.
    #[must_use]
    pub fn leaf(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_guessed_from_the_name() {
        for (name, role) in [
            ("INBOX", Some(Role::Inbox)),
            ("Inbox", Some(Role::Inbox)),
            ("Sent", Some(Role::Sent)),
            ("Sent Items", Some(Role::Sent)),
            ("INBOX/Sent", Some(Role::Sent)),
            ("[Gmail]/All Mail", Some(Role::Archive)),
            ("Thư đã gửi", Some(Role::Sent)),
            ("THƯ NHÁP", Some(Role::Drafts)),
            ("Thùng rác", Some(Role::Trash)),
            ("Đã xóa", Some(Role::Trash)),
            ("Đã xoá", Some(Role::Trash)),
            ("Thư rác", Some(Role::Junk)),
            ("Junk E-mail", Some(Role::Junk)),
            ("Lưu trữ", Some(Role::Archive)),
            ("Thư đến", None),
            ("Công văn/Sent", None),
            ("INBOX/Công văn", None),
            ("Sent 2024", None),
            ("", None),
        ] {
            assert_eq!(Role::guess(name), role, "{name}");
        }
    }

    fn folder(account: i64, name: &str) -> Folder {
        Folder {
            id: FolderId(0),
            account: AccountId(account),
            name: name.to_owned(),
            role: Role::guess(name),
            selectable: true,
            total: 0,
            unread: 0,
            uidvalidity: None,
        }
    }

    #[test]
    fn the_tree_is_sorted_by_part_and_vietnamese_name() {
        let sorted = [
            "INBOX",
            "INBOX/Chỉ đạo",
            "INBOX/Đảng ủy",
            "INBOX/Em",
            "Drafts",
            "Sent",
            "Sent/2025",
            "Sent/2026",
            "Archive",
            "Junk",
            "Trash",
            "Báo cáo",
            "Công văn",
            "Công văn/Đến",
            "Công văn/Đi",
            "Công văn 2025",
            "Dự án",
            "Đào tạo",
        ];
        let mut folders: Vec<Folder> = sorted.iter().rev().map(|name| folder(1, name)).collect();
        folders.push(folder(0, "Trash"));
        sort_for_tree(&mut folders);
        let names: Vec<&str> = folders.iter().map(|folder| folder.name.as_str()).collect();
        assert_eq!(names[0], "Trash");
        assert_eq!(names[1..], sorted);
    }
}
