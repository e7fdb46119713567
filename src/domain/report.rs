//! Reports about mail one sent: that it could not be delivered (DSN, RFC 3464), that it was read
//! (MDN, RFC 8098), and requests for the latter.
//!
//! Servers that report in words of their own (qmail, Exchange, old Postfix and Exim) are read too,
//! as far as they name an address (`prose`). Which sent mail it is about is told by its
//! Message-ID; finding that mail is the engine's work, the words are in `i18n/*/report.ftl`.

mod prose;
mod reason;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::message::Envelope;
use crate::mime::{self, Content};

pub use reason::Reason;

/// What became of a message for one recipient (RFC 3464 §2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It will not arrive.
    Failed,
    /// It has not arrived yet; the server goes on trying.
    Delayed,
    /// It arrived.
    Delivered,
    /// It was passed on to a server that does not report.
    Relayed,
    /// It was passed on to several.
    Expanded,
}

/// How it stands for one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The address as the report names it.
    pub address: String,
    /// What became of it.
    pub action: Action,
    /// Why, as far as it can be told.
    pub reason: Reason,
    /// The status code (RFC 3463), such as `5.2.2`; empty where there is none.
    pub status: String,
    /// The words of the server that refused; often in English, sometimes empty.
    pub words: String,
}

/// The message a report is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// Its Message-ID, without brackets; empty where the report does not say.
    pub message_id: String,
    /// Its subject.
    pub subject: String,
}

/// What a recipient's program did with a message (RFC 8098 §3.2.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disposition {
    /// Shown to somebody; that it was read nobody can say.
    Displayed,
    /// Deleted, perhaps unread.
    Deleted,
    /// Passed on or printed without being shown.
    Processed,
    /// The recipient does not want to say.
    Denied,
    /// The report itself failed.
    Failed,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Report {
    /// About delivery.
    Delivery {
        /// Each recipient it speaks of.
        deliveries: Vec<Delivery>,
        /// What it is about.
        original: Original,
    },
    /// A read receipt.
    Receipt {
        /// Whose program sent it.
        recipient: String,
        /// What it did.
        disposition: Disposition,
        /// What it is about.
        original: Original,
    },
}

impl Report {
    /// What it is about.
    #[must_use]
    pub const fn original(&self) -> &Original {
        match self {
            Self::Delivery { original, .. } | Self::Receipt { original, .. } => original,
        }
    }
}

/// The report a message is, if it is one.
#[must_use]
pub fn read(raw: &[u8], content: &Content) -> Option<Report> {
    let part = |kinds: &[&str]| {
        let mut parts = content.attachments.iter();
        let found = parts
            .find(|part| kinds.contains(&part.media_type.as_str()) && part.inside.is_none())?;
        mime::attachment_bytes(raw, found.index)
    };
    if let Some(receipt) = part(&["message/disposition-notification"]) {
        return Some(receipt_of(&receipt, original(raw, content)));
    }
    let original = || original(raw, content);
    if let Some(status) = part(&["message/delivery-status", "message/global-delivery-status"]) {
        let mut deliveries = of_status(&status);
        if deliveries.is_empty() {
            deliveries = prose::deliveries(content);
        }
        return (!deliveries.is_empty()).then(|| Report::Delivery {
            deliveries,
            original: original(),
        });
    }
    let headers = mime::headers(raw);
    let told = prose::is_report(&headers, content).then(|| prose::read(&headers, content))?;
    (!told.is_empty()).then(|| Report::Delivery {
        deliveries: told,
        original: original(),
    })
}

/// Whom a message asks to be told that it was opened (RFC 8098 §2.1); empty where it does not ask.
#[must_use]
pub fn receipt_wanted_by(raw: &[u8]) -> Vec<Address> {
    let wanted = |(name, _): &&(String, String)| {
        ["disposition-notification-to", "x-confirm-reading-to"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    let headers = mime::headers(raw);
    let Some((_, value)) = headers.iter().find(wanted) else {
        return Vec::new();
    };
    let to = mime::envelope(format!("To: {value}\r\n\r\n").as_bytes()).to;
    to.into_iter()
        .filter(|address| address.address.contains('@'))
        .collect()
}

/// The groups of fields of a status part: that of the message, then one for each recipient.
fn of_status(status: &[u8]) -> Vec<Delivery> {
    let text = String::from_utf8_lossy(status).replace("\r\n", "\n");
    let mut deliveries: Vec<Delivery> = Vec::new();
    for group in text.split("\n\n") {
        let fields = mime::headers(group.trim_start().as_bytes());
        let get = |name: &str| {
            let mut known = fields
                .iter()
                .filter(|(field, _)| field.eq_ignore_ascii_case(name));
            known.next().map_or("", |(_, value)| value.as_str())
        };
        let address = match (
            typed(get("Final-Recipient")),
            typed(get("Original-Recipient")),
        ) {
            ("", original) => original,
            // The address the user wrote tells more than the one it was turned into.
            (_, original) if original.contains('@') => original,
            (last, _) => last,
        };
        if address.is_empty() || deliveries.iter().any(|known| known.address == address) {
            continue;
        }
        let words = typed(get("Diagnostic-Code")).to_owned();
        let status = reason::code(get("Status"))
            .filter(|code| !code.ends_with(".0.0"))
            .or_else(|| reason::code(&words))
            .or_else(|| reason::code(get("Status")))
            .unwrap_or_default();
        let action = match get("Action").to_ascii_lowercase().as_str() {
            "delayed" => Action::Delayed,
            "delivered" => Action::Delivered,
            "relayed" => Action::Relayed,
            "expanded" => Action::Expanded,
            "" if status.starts_with('4') => Action::Delayed,
            "" if status.starts_with('2') => Action::Delivered,
            _ => Action::Failed,
        };
        deliveries.push(Delivery {
            address: address.trim_matches(['<', '>']).to_owned(),
            action,
            reason: Reason::of(&status, &words),
            status,
            words,
        });
    }
    deliveries
}

/// The value of a typed field: `rfc822; a@b` without its type.
fn typed(value: &str) -> &str {
    value
        .split_once(';')
        .map_or(value, |(_, value)| value)
        .trim()
}

fn receipt_of(receipt: &[u8], mut original: Original) -> Report {
    let fields = mime::headers(receipt);
    let get = |name: &str| {
        let mut known = fields
            .iter()
            .filter(|(field, _)| field.eq_ignore_ascii_case(name));
        known.next().map_or("", |(_, value)| value.as_str())
    };
    let id = get("Original-Message-ID").trim().trim_matches(['<', '>']);
    if !id.is_empty() {
        id.clone_into(&mut original.message_id);
    }
    let disposition = get("Disposition").to_ascii_lowercase();
    let kind = disposition
        .split_once(';')
        .map_or("", |(_, kind)| kind)
        .trim();
    let disposition = match kind.split(['/', ',', ' ']).next().unwrap_or_default() {
        "deleted" => Disposition::Deleted,
        "dispatched" | "processed" => Disposition::Processed,
        "denied" => Disposition::Denied,
        "failed" => Disposition::Failed,
        _ => Disposition::Displayed,
    };
    let recipient = match typed(get("Final-Recipient")) {
        "" => typed(get("Original-Recipient")),
        last => last,
    };
    Report::Receipt {
        recipient: recipient.to_owned(),
        disposition,
        original,
    }
}

/// What a report says of the message it is about: the returned message, its header, or the
/// header as the server quotes it in its words.
fn original(raw: &[u8], content: &Content) -> Original {
    let returned = content.attachments.iter().find(|part| {
        let kind = part.media_type.as_str();
        let message = [
            "message/rfc822",
            "message/global",
            "text/rfc822-headers",
            "message/rfc822-headers",
        ];
        message.contains(&kind) && part.inside.is_none()
    });
    let of = |envelope: Envelope| Original {
        message_id: envelope.message_id,
        subject: envelope.subject,
    };
    if let Some(bytes) = returned.and_then(|part| mime::attachment_bytes(raw, part.index)) {
        return of(mime::envelope(&bytes));
    }
    let quoted = prose::quoted_header(&content.text);
    let found = quoted.map(|header| of(mime::envelope(header.as_bytes())));
    found.unwrap_or_else(|| Original {
        message_id: content
            .envelope
            .references
            .last()
            .cloned()
            .unwrap_or_default(),
        subject: String::new(),
    })
}
