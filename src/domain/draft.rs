//! A message being written; how replies, forwards and continued drafts begin is `draft::reply`.
//!
//! Turning a draft into bytes is the engine's work (`compose`), because it takes a clock and
//! random identifiers; what may be sent to whom is `policy`.

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::message::MessageId;
use crate::text::fold;

mod reply;

pub use reply::{QuoteWords, continued, forwarded_attachments, reply};

/// What people write when they mean to attach something, folded: Vietnamese, then English.
const ATTACHMENT_WORDS: [&str; 10] = [
    "dinh kem",
    "gui kem",
    "kem theo",
    "kem thu",
    "tep kem",
    "file kem",
    "attached",
    "attachment",
    "attaching",
    "enclosed",
];

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

/// What a message is besides a letter; remembered when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The answer to an invitation; its calendar is attached.
    Answer {
        /// Which event.
        uid: String,
        /// Which time of it; empty for all.
        recurrence: String,
        /// Which version of it.
        sequence: i64,
        /// What is answered: [`crate::invitation::Answer::id`].
        answer: String,
    },
    /// A read receipt.
    Receipt {
        /// What tells the message it is about from others of the account.
        about: String,
        /// The fields for machines ([`crate::receipt::fields`]).
        fields: String,
    },
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
    /// What it is besides a letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// The message in a folder of drafts this goes on writing, to be thrown away when sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<MessageId>,
}

impl Draft {
    /// Everybody it goes to.
    pub fn recipients(&self) -> impl Iterator<Item = &Address> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }

    /// Whether nothing has been written, so that it can be thrown away unasked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.recipients().next().is_none()
            && self.subject.trim().is_empty()
            && self.body.trim().is_empty()
            && self.attachments.is_empty()
    }
}

/// Whether `text` speaks of an attachment, in Vietnamese (with or without accents) or English.
/// Quoted lines, which speak of somebody else's attachments, do not count.
#[must_use]
pub fn mentions_attachment(text: &str) -> bool {
    let own: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('>'))
        .flat_map(|line| [line, " "])
        .collect();
    let folded = fold(&own);
    // A phrase may be broken over two lines, and typed with several spaces.
    let flat = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    ATTACHMENT_WORDS
        .iter()
        .any(|phrase| contains_words(&flat, phrase))
}

/// Whether `phrase` stands in `text` as whole words.
fn contains_words(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn notices_promised_attachments() {
        for (text, mentioned) in [
            ("Xin gửi báo cáo đính kèm.", true),
            ("Gui kem theo cong van", true),
            ("tài liệu kèm\n  theo", true),
            ("Please find attached", true),
            ("> Xem tệp đính kèm\nĐã nhận.", false),
            ("Tôi không gửi gì cả.", false),
            ("unattached", false),
            ("kèm cặp theo dõi", false),
            ("", false),
        ] {
            assert_eq!(mentions_attachment(text), mentioned, "{text}");
        }
    }

    #[test]
    fn knows_an_empty_draft() {
        let mut draft = Draft {
            from: Address::bare("a@gov.vn"),
            ..Draft::default()
        };
        draft.body = " \n ".into();
        assert!(draft.is_empty());
        draft.bcc.push(Address::bare("b@gov.vn"));
        assert!(!draft.is_empty());
    }
}
