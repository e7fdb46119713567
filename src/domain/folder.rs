//! A folder of a mailbox and the part it plays.

use serde::{Deserialize, Serialize};

use crate::message::{AccountId, FolderId};

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
