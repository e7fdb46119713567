//! Read receipts others ask for (message disposition notifications, RFC 8098), and the text of
//! one. Receipts that come are `report`'s.
//!
//! Nothing is sent from here. A receipt tells a stranger that an address is alive and when its
//! owner reads; so none goes unasked.

use crate::address::Address;
use crate::mime::{self, Content};

/// A receipt that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where it is to go.
    pub to: Vec<Address>,
    /// `Original-Recipient` of the message, to be given back (RFC 8098 §2.3).
    pub original_recipient: Option<String>,
    /// Why it must not be sent without asking the reader, if so (RFC 8098 §2.1).
    pub doubt: Option<Doubt>,
}

/// Why a receipt must not go unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// It is to go somewhere else than where the mail came from.
    Elsewhere,
    /// Nothing tells where the mail came from.
    NoReturnPath,
    /// It is to go to several.
    Several,
}

impl Doubt {
    /// Its name, for keys of texts and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Elsewhere => "elsewhere",
            Self::NoReturnPath => "no-return-path",
            Self::Several => "several",
        }
    }
}

/// What a message asks for; `None` where it asks for nothing, or may not: mass mail and messages
/// of programs get no receipts, nor do receipts and bounces themselves (RFC 8098 §2.1, §3).
#[must_use]
pub fn request(raw: &[u8], content: &Content) -> Option<Request> {
    let fields = mime::headers(raw);
    let field = |name: &str| {
        let mut fields = fields.iter();
        let found = fields.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    };
    let asked = field("disposition-notification-to")?;
    let mut to: Vec<Address> = Vec::new();
    for address in mime::envelope(format!("To: {asked}\r\n\r\n").as_bytes()).to {
        let sound = address.address.contains('@');
        if sound && !to.iter().any(|known| known.same_mailbox(&address)) {
            to.push(address);
        }
    }
    if to.is_empty() || is_bulk(&field) || is_report(&field) {
        return None;
    }
    let path = field("return-path").map(|path| path.trim_matches(['<', '>', ' ']));
    let doubt = match (to.as_slice(), path) {
        ([_, _, ..], _) => Some(Doubt::Several),
        (_, None | Some("")) => Some(Doubt::NoReturnPath),
        ([one], Some(path)) if !one.same_mailbox(&Address::bare(path)) => Some(Doubt::Elsewhere),
        _ => None,
    };
    // Who is told must also be who seems to have written.
    let by_author = content
        .envelope
        .from
        .iter()
        .any(|from| to.iter().all(|to| to.same_mailbox(from)));
    Some(Request {
        doubt: doubt.or((!by_author).then_some(Doubt::Elsewhere)),
        original_recipient: field("original-recipient").map(str::to_owned),
        to,
    })
}

fn is_bulk<'a>(field: &impl Fn(&str) -> Option<&'a str>) -> bool {
    let is = |name: &str, values: &[&str]| {
        field(name).is_some_and(|value| values.iter().any(|one| value.eq_ignore_ascii_case(one)))
    };
    ["list-id", "list-unsubscribe", "list-post", "feedback-id"]
        .iter()
        .any(|name| field(name).is_some())
        || is("precedence", &["bulk", "list", "junk"])
        || field("auto-submitted").is_some_and(|value| !value.eq_ignore_ascii_case("no"))
}

fn is_report<'a>(field: &impl Fn(&str) -> Option<&'a str>) -> bool {
    let media = field("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    media.starts_with("multipart/report")
}

/// What a receipt says, for machines (RFC 8098 §3.1): the fields of its second part.
#[must_use]
pub fn fields(reader: &str, original_recipient: Option<&str>, about: &str) -> String {
    let clean = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_ascii_graphic() || *c == ' ')
            .collect()
    };
    let mut out = String::from("Reporting-UA: Thu Cong Vu\r\n");
    if let Some(original) = original_recipient {
        out.push_str(&format!("Original-Recipient: {}\r\n", clean(original)));
    }
    out.push_str(&format!("Final-Recipient: rfc822;{}\r\n", clean(reader)));
    let about = clean(about);
    if !about.is_empty() {
        out.push_str(&format!("Original-Message-ID: <{about}>\r\n"));
    }
    out.push_str("Disposition: manual-action/MDN-sent-manually; displayed\r\n");
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn asked(header: &str) -> Option<Request> {
        let raw = format!("From: Long <longnv@x.gov.vn>\r\n{header}\r\n\r\nThư\r\n");
        request(raw.as_bytes(), &mime::parse(raw.as_bytes()))
    }

    #[test]
    fn who_may_ask_for_a_receipt() {
        const ASK: &str = "Disposition-Notification-To: <longnv@x.gov.vn>\r\n";
        for (header, doubt) in [
            ("Return-Path: <LongNV@x.gov.vn>", Some(None)),
            ("X: y", Some(Some(Doubt::NoReturnPath))),
            ("Return-Path: <>", Some(Some(Doubt::NoReturnPath))),
            (
                "Return-Path: <spy@evil.example>",
                Some(Some(Doubt::Elsewhere)),
            ),
            (
                "Return-Path: <longnv@x.gov.vn>\r\nDisposition-Notification-To: z@z.vn",
                Some(None),
            ),
            ("List-Id: <tin.x.vn>", None),
            ("Precedence: bulk", None),
            ("Auto-Submitted: auto-generated", None),
            (
                "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--",
                None,
            ),
        ] {
            assert_eq!(
                asked(&format!("{ASK}{header}")).map(|one| one.doubt),
                doubt,
                "{header}"
            );
        }
        let several = "Disposition-Notification-To: a@x.vn, b@x.vn\r\nReturn-Path: <a@x.vn>";
        assert_eq!(asked(several).unwrap().doubt, Some(Doubt::Several));
        let other = "Disposition-Notification-To: spy@z.vn\r\nReturn-Path: <spy@z.vn>";
        assert_eq!(asked(other).unwrap().doubt, Some(Doubt::Elsewhere));
        for none in [
            "X: y",
            "Disposition-Notification-To: ",
            "Disposition-Notification-To: rubbish",
        ] {
            assert_eq!(asked(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let text = fields("anhtt@x.gov.vn", Some("rfc822;anhtt@x.gov.vn"), "1@x");
        let raw = format!(
            "From: anhtt@x.gov.vn\nContent-Type: multipart/report; boundary=b\n\n--b\n\nĐã xem\n\
             --b\nContent-Type: message/disposition-notification\n\n{text}\n--b--\n"
        );
        let report = crate::report::read(raw.as_bytes(), &mime::parse(raw.as_bytes())).unwrap();
        assert_eq!(report.original().message_id, "1@x");
        assert!(!fields("a@x\r\nBcc: z@z", None, "1\r\n2").contains("\r\nBcc"));
    }
}
