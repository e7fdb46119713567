//! A message being written, and how replies and forwards begin.
//!
//! Turning a draft into bytes is the engine's work (`compose`), because it takes a clock and
//! random identifiers; what may be sent to whom is `policy`.

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::message::MessageId;

/// How a draft came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// To the author (or `Reply-To`).
    Reply,
    /// To the author and all recipients, less oneself.
    ReplyAll,
    /// To somebody else, attachments kept.
    Forward,
}

/// An attached file. The bytes live in the engine's store so that a draft survives the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftAttachment {
    /// Key of the stored bytes.
    pub blob: i64,
    /// File name shown and sent, NFC.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Size in bytes.
    pub size: u64,
}

/// A message being written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Sending identity.
    pub from: Address,
    /// Primary recipients.
    pub to: Vec<Address>,
    /// Copies.
    pub cc: Vec<Address>,
    /// Blind copies.
    pub bcc: Vec<Address>,
    /// Subject (trích yếu).
    pub subject: String,
    /// Plain text with `\n` line ends.
    pub body: String,
    /// Attached files.
    pub attachments: Vec<DraftAttachment>,
    /// `In-Reply-To`, without brackets.
    pub in_reply_to: Option<String>,
    /// `References`, oldest first, without brackets.
    pub references: Vec<String>,
    /// The local message this answers or forwards, to be flagged when sent.
    pub source: Option<(MessageId, ReplyKind)>,
}

impl Draft {
    /// Everybody it goes to.
    pub fn recipients(&self) -> impl Iterator<Item = &Address> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}
