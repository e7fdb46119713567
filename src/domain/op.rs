//! A change the user made that the server must still learn of.
//!
//! Each operation has a local half, done at once in the same transaction that queues it, and a
//! remote half, replayed until the server has it. Replaying twice must do no more than once.

use serde::{Deserialize, Serialize};

use crate::message::{FlagChange, FolderId, MessageId};

/// A queued change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Op {
    /// Set and clear flags. If the message is gone, done.
    Flag {
        /// The message.
        message: MessageId,
        /// What to change.
        change: FlagChange,
    },
    /// Move to another folder of the account. If the message is gone from `from`, done.
    Move {
        /// The message, already shown in `to`.
        message: MessageId,
        /// Where the server still has it.
        from: FolderId,
        /// Where it goes.
        to: FolderId,
        /// Its UID in `from`.
        uid: u32,
    },
    /// Remove for good. If the message is gone, done.
    Expunge {
        /// Where the server still has it.
        folder: FolderId,
        /// Its UID there.
        uid: u32,
    },
    /// Put a message that only we hold into a folder (the copy in Sent, a draft). Before it is
    /// repeated after a doubtful failure the folder is searched for the Message-ID.
    Append {
        /// Where it goes.
        folder: FolderId,
        /// `Message-ID` without brackets, by which a finished append is recognised.
        message_id: String,
        /// Key of the stored bytes.
        blob: i64,
        /// Flags the copy gets.
        flags: crate::message::Flags,
        /// For a message brought in from elsewhere: when it arrived there, its INTERNALDATE here.
        /// It is put beside another of its Message-ID whose size is not its own.
        arrived: Option<crate::message::UnixTime>,
    },
    /// Create a folder (RFC 9051 §6.3.4) and subscribe to it. If it is there, done.
    CreateFolder {
        /// The folder, shown already.
        folder: FolderId,
        /// The folder it goes into; `None` is the top.
        parent: Option<FolderId>,
        /// Its level of the name, as people read it.
        leaf: String,
    },
    /// Give a folder another last level of its name (RFC 9051 §6.3.6); those below follow. If the
    /// old name is gone and the new one is there, done.
    RenameFolder {
        /// The folder, shown under its new name.
        folder: FolderId,
        /// The new last level, as people read it.
        leaf: String,
    },
    /// Delete an empty folder (RFC 9051 §6.3.5). If it is gone, done.
    DeleteFolder {
        /// The folder, hidden already.
        folder: FolderId,
    },
}

impl Op {
    /// Whether it changes the tree of folders. These are done strictly in their order: a name
    /// may have to be given up before it is taken again.
    #[must_use]
    pub const fn is_of_the_tree(&self) -> bool {
        matches!(
            self,
            Self::CreateFolder { .. } | Self::RenameFolder { .. } | Self::DeleteFolder { .. }
        )
    }
}
