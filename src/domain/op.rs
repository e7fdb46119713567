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
    },
}
