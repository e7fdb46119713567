//! What a message is to the program: identifiers, flags, the row of a list.
//!
//! Parsing a message's bytes is `mime`; its place in a conversation is `thread`.

use serde::{Deserialize, Serialize};

use crate::address::Address;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// An account on this machine; never reused.
    AccountId
);
id!(
    /// A folder of an account; never reused.
    FolderId
);
id!(
    /// A message in the local cache; never reused. Not the IMAP UID, which a server may change.
    MessageId
);
id!(
    /// A draft being written; becomes an [`OutboxId`] only by sending.
    DraftId
);
id!(
    /// A message accepted for sending.
    OutboxId
);

/// Seconds since 1970-01-01T00:00:00Z. The domain never asks what time it is; it is told.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// This moment moved by `seconds` (negative: earlier), clamped at the ends of time.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

/// Message flags: the system flags of RFC 9051 §2.3.2 and the registered keywords the program
/// reads or sets. Keywords it does not know stay on the server untouched, because changes are
/// always sent as differences (`+FLAGS`/`-FLAGS`), never as a whole set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(pub u16);

impl Flags {
    /// Opened by the user.
    pub const SEEN: Self = Self(1);
    /// Answered.
    pub const ANSWERED: Self = Self(1 << 1);
    /// Marked with a star.
    pub const FLAGGED: Self = Self(1 << 2);
    /// Marked for removal by an IMAP client; hidden from lists.
    pub const DELETED: Self = Self(1 << 3);
    /// A draft.
    pub const DRAFT: Self = Self(1 << 4);
    /// `$Forwarded`.
    pub const FORWARDED: Self = Self(1 << 5);
    /// `$Junk`.
    pub const JUNK: Self = Self(1 << 6);
    /// `$MDNSent`: a read receipt was answered or declined.
    pub const MDN_SENT: Self = Self(1 << 7);

    /// Every flag with the name IMAP gives it.
    pub const NAMES: [(Self, &'static str); 8] = [
        (Self::SEEN, "\\Seen"),
        (Self::ANSWERED, "\\Answered"),
        (Self::FLAGGED, "\\Flagged"),
        (Self::DELETED, "\\Deleted"),
        (Self::DRAFT, "\\Draft"),
        (Self::FORWARDED, "$Forwarded"),
        (Self::JUNK, "$Junk"),
        (Self::MDN_SENT, "$MDNSent"),
    ];

    /// No flag at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self(0)
    }

    /// Whether every flag of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set less `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no flag is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The flag an IMAP atom names, without regard to case; unknown keywords give the empty set.
    #[must_use]
    pub fn from_imap(name: &str) -> Self {
        Self::NAMES
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map_or(Self::empty(), |(flag, _)| *flag)
    }

    /// The IMAP names of the set, in a fixed order.
    pub fn imap_names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .iter()
            .filter(move |(flag, _)| self.contains(*flag))
            .map(|(_, name)| *name)
    }
}

/// A change of flags: what is added and what is taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagChange {
    /// Flags to set.
    pub add: Flags,
    /// Flags to clear.
    pub remove: Flags,
}

impl FlagChange {
    /// Sets `flags`.
    #[must_use]
    pub const fn set(flags: Flags) -> Self {
        Self {
            add: flags,
            remove: Flags::empty(),
        }
    }

    /// Clears `flags`.
    #[must_use]
    pub const fn clear(flags: Flags) -> Self {
        Self {
            add: Flags::empty(),
            remove: flags,
        }
    }

    /// The set that results when this change is applied to `flags`.
    #[must_use]
    pub const fn apply(self, flags: Flags) -> Flags {
        flags.with(self.add).without(self.remove)
    }

    /// The change that takes this one back.
    #[must_use]
    pub const fn inverse(self) -> Self {
        Self {
            add: self.remove,
            remove: self.add,
        }
    }
}

/// One row of a message list: what the list shows, and nothing that needs the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Local identifier.
    pub id: MessageId,
    /// Folder the message lies in.
    pub folder: FolderId,
    /// IMAP UID; `None` while a local move or append has not reached the server.
    pub uid: Option<u32>,
    /// `Message-ID` without angle brackets; empty where the message has none.
    pub message_id: String,
    /// When it was sent (its `Date`), or arrived where that is missing or absurd.
    pub date: UnixTime,
    /// Authors.
    pub from: Vec<Address>,
    /// Primary recipients.
    pub to: Vec<Address>,
    /// Decoded subject (trích yếu).
    pub subject: String,
    /// Current flags, pending local changes included.
    pub flags: Flags,
    /// Size on the server in bytes (RFC822.SIZE).
    pub size: u64,
    /// Whether a real attachment (not an inline picture) is known or announced.
    pub has_attachments: bool,
    /// Whether it carries an invitation (text/calendar).
    pub has_invitation: bool,
    /// First words of the readable text; empty until the body is here.
    pub preview: String,
    /// Conversation key, equal for messages of one conversation.
    pub conversation: String,
}

/// The headers of a message as far as lists, threading and search need them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// `Message-ID` without angle brackets.
    pub message_id: String,
    /// `In-Reply-To` and `References`, oldest first, without brackets, no repeats.
    pub references: Vec<String>,
    /// `Date`, where present and readable.
    pub date: Option<UnixTime>,
    /// `From`.
    pub from: Vec<Address>,
    /// `Reply-To`.
    pub reply_to: Vec<Address>,
    /// `To`.
    pub to: Vec<Address>,
    /// `Cc`.
    pub cc: Vec<Address>,
    /// `Bcc` (own drafts and sent mail only).
    pub bcc: Vec<Address>,
    /// Decoded `Subject`.
    pub subject: String,
    /// Whether the top `Content-Type` announces attachments (multipart/mixed) — a hint until the body is read.
    pub attachments_hint: bool,
}
