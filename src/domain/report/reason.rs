//! Why a message was not delivered: from status codes (RFC 3463) and, because servers use them
//! loosely, from the words beside them.

use serde::{Deserialize, Serialize};

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The mailbox has no room left.
    MailboxFull,
    /// There is no such mailbox.
    NoSuchMailbox,
    /// There is no such domain, or it takes no mail.
    NoSuchDomain,
    /// The mailbox is locked or no longer used.
    MailboxDisabled,
    /// The message is larger than the server takes.
    TooLarge,
    /// The server takes a file or word in it for dangerous or for spam.
    ContentRefused,
    /// The recipient's side does not take mail from this sender or server.
    SenderRefused,
    /// The server could not be reached, or did not answer.
    Unreachable,
    /// It was tried for days.
    Expired,
    /// The message goes round in circles.
    Loop,
    /// The report does not say, or not in words that are known.
    Unknown,
}

/// Words in lower case and what they tell; the first that fits counts.
const WORDS: [(Reason, &[&str]); 10] = [
    (
        Reason::MailboxFull,
        &[
            "mailbox full",
            "mailbox is full",
            "quota",
            "over its",
            "insufficient storage",
            "insufficient system storage",
            "not enough space",
            "disk full",
            "storage allocation",
            "out of storage",
            "hộp thư đầy",
            "hết dung lượng",
        ],
    ),
    (
        Reason::MailboxDisabled,
        &[
            "account disabled",
            "account is disabled",
            "mailbox disabled",
            "mailbox is disabled",
            "account has been disabled",
            "mailbox unavailable for",
            "inactive",
            "account suspended",
            "suspended",
            "account locked",
            "mailbox is inactive",
        ],
    ),
    (
        Reason::Loop,
        &[
            "mail loop",
            "hop count",
            "too many hops",
            "loops back",
            "routing loop",
            "too many received",
        ],
    ),
    (
        Reason::TooLarge,
        &[
            "too large",
            "too big",
            "exceeds size",
            "exceeds the maximum",
            "size limit",
            "message size",
            "maximum size",
            "fixed maximum message size",
            "larger than",
        ],
    ),
    (
        Reason::NoSuchDomain,
        &[
            "host not found",
            "domain not found",
            "no such domain",
            "unrouteable address",
            "unrouteable mail domain",
            "name service error",
            "nxdomain",
            "no mx",
            "null mx",
            "does not accept mail",
            "couldn't find any host",
            "host or domain name not found",
            "bad destination system",
            "unable to find host",
            "can't find the host",
        ],
    ),
    (
        Reason::NoSuchMailbox,
        &[
            "user unknown",
            "unknown user",
            "no such user",
            "no such mailbox",
            "no such recipient",
            "no mailbox here",
            "mailbox not found",
            "mailbox unavailable",
            "recipient rejected",
            "recipient address rejected",
            "address rejected",
            "does not exist",
            "doesn't exist",
            "not exist",
            "invalid recipient",
            "invalid mailbox",
            "unknown recipient",
            "unknown e-mail",
            "unknown email",
            "unknown address",
            "recipient not found",
            "recipientnotfound",
            "user not found",
            "wasn't found",
            "couldn't be found",
            "not our customer",
            "not listed in",
            "no account by that name",
            "isn't in a list",
            "bad destination mailbox",
            "unknown local",
            "not a valid user",
            "resolver.adr",
        ],
    ),
    (
        Reason::ContentRefused,
        &[
            "virus",
            "spam",
            "content rejected",
            "attachment",
            "malware",
            "message content",
            "prohibited content",
            "banned",
            "message was rejected due to",
        ],
    ),
    (
        Reason::SenderRefused,
        &[
            "blocked",
            "blacklist",
            "blocklist",
            "block list",
            "access denied",
            "not allowed",
            "not authorized",
            "not permitted",
            "relay",
            "policy",
            "spf",
            "dmarc",
            "dkim",
            "rejected for",
            "permission",
            "reputation",
            "sender denied",
            "authentication",
            "greylist",
            "client host",
            "restricted",
        ],
    ),
    (
        Reason::Expired,
        &[
            "retry timeout exceeded",
            "delivery time expired",
            "too long in queue",
            "in the queue too long",
            "message expired",
        ],
    ),
    (
        Reason::Unreachable,
        &[
            "connection refused",
            "connection timed out",
            "timed out",
            "timeout",
            "no route to host",
            "network is unreachable",
            "not responding",
            "could not connect",
            "couldn't connect",
            "unable to connect",
            "lost connection",
            "try again later",
            "temporarily",
            "temporary",
            "sorry, i wasn't able to establish",
        ],
    ),
];

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::MailboxFull,
        Self::NoSuchMailbox,
        Self::NoSuchDomain,
        Self::MailboxDisabled,
        Self::TooLarge,
        Self::ContentRefused,
        Self::SenderRefused,
        Self::Unreachable,
        Self::Expired,
        Self::Loop,
        Self::Unknown,
    ];

    /// The word in JSON and in the keys of texts.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::MailboxFull => "mailbox-full",
            Self::NoSuchMailbox => "no-such-mailbox",
            Self::NoSuchDomain => "no-such-domain",
            Self::MailboxDisabled => "mailbox-disabled",
            Self::TooLarge => "too-large",
            Self::ContentRefused => "content-refused",
            Self::SenderRefused => "sender-refused",
            Self::Unreachable => "unreachable",
            Self::Expired => "expired",
            Self::Loop => "loop",
            Self::Unknown => "unknown",
        }
    }

    /// Why, by a status code and the words beside it.
    pub(super) fn of(status: &str, words: &str) -> Self {
        let lower = words.to_lowercase();
        let by_words = || {
            let fits =
                |(_, known): &&(Self, &[&str])| known.iter().any(|word| lower.contains(word));
            WORDS.iter().find(fits).map(|(reason, _)| *reason)
        };
        let by_code = Self::of_code(status);
        match by_code {
            // Codes of policy say that, words say what.
            Some(Self::SenderRefused | Self::Expired) | None => by_words().or(by_code),
            // Many servers say "no such mailbox" for all that is wrong with one.
            Some(Self::NoSuchMailbox) => match by_words() {
                Some(full @ (Self::MailboxFull | Self::MailboxDisabled | Self::NoSuchDomain)) => {
                    Some(full)
                }
                _ => by_code,
            },
            known => known,
        }
        .unwrap_or(Self::Unknown)
    }

    fn of_code(status: &str) -> Option<Self> {
        let (_, detail) = status.split_once('.')?;
        Some(match detail {
            "1.1" | "1.0" | "1.3" | "1.6" | "1.10" => Self::NoSuchMailbox,
            "1.2" | "4.4" => Self::NoSuchDomain,
            "1.7" | "1.8" => Self::SenderRefused,
            "2.1" => Self::MailboxDisabled,
            "2.2" | "3.1" => Self::MailboxFull,
            "2.3" | "3.4" => Self::TooLarge,
            "4.1" | "4.2" | "4.3" | "4.5" | "3.2" => Self::Unreachable,
            "4.6" => Self::Loop,
            "4.7" => Self::Expired,
            _ if detail.starts_with("6.") => Self::ContentRefused,
            _ if detail.starts_with("7.") => Self::SenderRefused,
            _ => return None,
        })
    }
}

/// The first status code (RFC 3463 §2) in a text.
pub(super) fn code(text: &str) -> Option<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .find_map(|word| {
            let word = word.trim_matches('.');
            let parts: Vec<&str> = word.split('.').collect();
            let [class, subject, detail] = parts.as_slice() else {
                return None;
            };
            let short = |part: &&str| (1..=3).contains(&part.len());
            let sound = matches!(*class, "2" | "4" | "5") && short(subject) && short(detail);
            sound.then(|| word.to_owned())
        })
}
