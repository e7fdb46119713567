//! From a draft to the bytes that are sent: MIME, once, then frozen.
//!
//! The same draft, time and identifiers always give the same bytes; where those come from is
//! [`Stamp::now`]. Everything leaves as 7-bit ASCII, so that no server on the way has to
//! understand more. Whether a draft may be sent at all is `domain::policy`'s.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use tcv_domain::address::{Address, ascii_domain};
use tcv_domain::draft::{Draft, DraftAttachment, Form};
use tcv_domain::message::UnixTime;
use tcv_domain::text::nfc;

use crate::clock::Clock;
use crate::error::{Error, Kind, Result};

/// More identifiers than this are cut out of the middle of `References`: the first names the
/// conversation, the last its end.
const MOST_REFERENCES: usize = 30;
/// Bytes of text in an encoded word that just stays within 75 characters (RFC 2047 §2).
const ENCODED_BYTES: usize = 45;
/// Words up to this length are left to the builder.
const LONGEST_WORD: usize = 200;
/// A name is cut there: no person's is longer, and lines have an end.
const LONGEST_NAME: usize = 250;
/// No line may be longer (RFC 5322 §2.1.1), so no identifier either.
const LONGEST_ID: usize = 900;

/// What makes a message unique and dates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// `Message-ID` without brackets.
    pub(crate) message_id: String,
    /// Separates the parts.
    pub(crate) boundary: String,
    /// `Date`.
    pub(crate) date: UnixTime,
    /// Local time's lead on UTC in seconds.
    pub(crate) offset_seconds: i32,
}

impl Stamp {
    /// A new stamp of this moment for a message from `address`.
    pub(crate) fn now(clock: &dyn Clock, address: &str) -> Result<Self> {
        let date = clock.now();
        let domain = ascii_domain(&tcv_domain::address::domain_of(address));
        // 128 random bits: unique without telling the machine's name or the time.
        Ok(Self {
            message_id: format!("{}@{domain}", random_hex()?),
            boundary: format!("=_{}", random_hex()?),
            date,
            offset_seconds: clock.offset_seconds(date),
        })
    }
}

fn random_hex() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|fault| Error::new(Kind::Internal, fault.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A message ready to be handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Composed {
    /// The bytes.
    pub(crate) raw: Vec<u8>,
    /// Envelope sender.
    pub(crate) from: String,
    /// Envelope recipients, each mailbox once, blind copies among them.
    pub(crate) recipients: Vec<String>,
}

/// Turns a draft into bytes. `files` are its attachments with their contents.
///
/// # Errors
/// [`Kind::BadAddress`] with the address, [`Kind::BadRequest`] without recipients.
pub(crate) fn compose(
    draft: &Draft,
    files: &[(DraftAttachment, Vec<u8>)],
    stamp: &Stamp,
) -> Result<Composed> {
    let from = mailbox(&draft.from)?;
    let mut recipients: Vec<lettre::Address> = Vec::new();
    for recipient in draft.recipients() {
        let address = mailbox(recipient)?.email;
        let known = |one: &lettre::Address| {
            AsRef::<str>::as_ref(one).eq_ignore_ascii_case(address.as_ref())
        };
        if !recipients.iter().any(known) {
            recipients.push(address);
        }
    }
    let envelope = lettre::address::Envelope::new(Some(from.email.clone()), recipients.clone())
        .map_err(|error| Error::new(Kind::BadRequest, error.to_string()))?;

    let moment = UNIX_EPOCH + Duration::from_secs(u64::try_from(stamp.date.0).unwrap_or(0));
    // Replaced below by the local form: the builder only knows UTC, and dates a message anew
    // that has a date it does not know.
    let mut builder = Message::builder()
        .envelope(envelope)
        .date(moment)
        .from(from.clone());
    for recipient in &draft.to {
        builder = builder.to(mailbox(recipient)?);
    }
    for recipient in &draft.cc {
        builder = builder.cc(mailbox(recipient)?);
    }
    if draft.to.is_empty() && draft.cc.is_empty() {
        builder = builder.raw_header(written("To", "undisclosed-recipients:;"));
    }
    builder = builder.raw_header(subject(&one_line(&draft.subject)));
    builder = builder.raw_header(written("Message-ID", &format!("<{}>", stamp.message_id)));
    if let Some(id) = draft.in_reply_to.as_deref().and_then(identifier) {
        builder = builder.raw_header(written("In-Reply-To", &id));
    }
    if let Some(ids) = references(draft) {
        builder = builder.raw_header(written("References", &ids));
    }

    let text = text_part(&draft.body);
    let receipt = match &draft.form {
        Some(Form::Receipt { fields, .. }) => Some(fields),
        _ => None,
    };
    let built = if let Some(fields) = receipt {
        builder.multipart(report(text, fields, stamp)?)
    } else if files.is_empty() {
        builder.singlepart(text)
    } else if let [answer] = files
        && is_answer(answer)
    {
        // To programs the answer is the other wording of the text (RFC 6047 §2.4).
        let both = MultiPart::alternative()
            .boundary(&stamp.boundary)
            .singlepart(text);
        builder.multipart(both.singlepart(answer_part(answer)))
    } else {
        let mixed = MultiPart::mixed()
            .boundary(&stamp.boundary)
            .singlepart(text);
        builder.multipart(
            files
                .iter()
                .fold(mixed, |parts, file| parts.singlepart(file_part(file))),
        )
    };
    let mut message = built.map_err(|error| Error::new(Kind::BadRequest, error.to_string()))?;
    message
        .headers_mut()
        .insert_raw(written("Date", &local_date(stamp)));
    Ok(Composed {
        raw: message.formatted(),
        // A receipt that does not arrive is not worth a report (RFC 8098 §2).
        from: match receipt {
            Some(_) => String::new(),
            None => from.email.to_string(),
        },
        recipients: recipients.iter().map(ToString::to_string).collect(),
    })
}

/// A header whose value is already in the form it is sent in.
fn written(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}

fn mailbox(address: &Address) -> Result<Mailbox> {
    let bad = |why: &str| Error::new(Kind::BadAddress, format!("{}: {why}", address.address));
    let (local, domain) = address
        .address
        .trim()
        .rsplit_once('@')
        .ok_or_else(|| bad("no @ in it"))?;
    let email = lettre::Address::new(local, ascii_domain(domain))
        .map_err(|error| bad(&error.to_string()))?;
    let name: String = one_line(&address.name).chars().take(LONGEST_NAME).collect();
    Ok(Mailbox::new((!name.is_empty()).then_some(name), email))
}

/// `Subject`. The builder folds between words only; a text with an endless word is cut into
/// encoded words of its own (RFC 2047 §2), whole characters each, so that no line grows too long.
fn subject(text: &str) -> HeaderValue {
    if text.split(' ').all(|word| word.len() <= LONGEST_WORD) {
        return HeaderValue::new(HeaderName::new_from_ascii_str("Subject"), text.to_owned());
    }
    let mut pieces = vec![String::new()];
    for letter in text.chars() {
        match pieces.last_mut() {
            Some(piece) if piece.len() + letter.len_utf8() <= ENCODED_BYTES => piece.push(letter),
            _ => pieces.push(letter.to_string()),
        }
    }
    let encoded: Vec<String> = pieces
        .iter()
        .map(|piece| format!("=?utf-8?b?{}?=", BASE64_STANDARD.encode(piece)))
        .collect();
    written("Subject", &encoded.join("\r\n "))
}

/// Text for a header: no line ends or other control characters, which could begin a header of
/// their own, no spaces around it.
fn one_line(text: &str) -> String {
    let flat: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    nfc(flat.trim()).into_owned()
}

/// An identifier in brackets, if it can stand in a header.
fn identifier(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let sound = !id.is_empty()
        && id.len() <= LONGEST_ID
        && id
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
    sound.then(|| format!("<{id}>"))
}

/// `References`, one identifier a line: only the first may stand beside the header's name.
fn references(draft: &Draft) -> Option<String> {
    let mut ids: Vec<String> = draft
        .references
        .iter()
        .filter_map(|id| identifier(id))
        .collect();
    if ids.len() > MOST_REFERENCES {
        let kept = ids.split_off(ids.len() - (MOST_REFERENCES - 1));
        ids.truncate(1);
        ids.extend(kept);
    }
    (!ids.is_empty()).then(|| ids.join("\r\n "))
}

/// `Date` as RFC 5322 §3.3 has it, in the sender's own time.
fn local_date(stamp: &Stamp) -> String {
    let zone = jiff::tz::Offset::from_seconds(stamp.offset_seconds)
        .unwrap_or(jiff::tz::Offset::UTC)
        .to_time_zone();
    let moment = jiff::Timestamp::from_second(stamp.date.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment
        .to_zoned_datetime(zone)
        .strftime("%a, %d %b %Y %H:%M:%S %z")
        .to_string()
}

fn text_part(body: &str) -> SinglePart {
    let lines = body.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = nfc(&lines)
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .body(text.replace('\n', "\r\n"))
}

/// A read receipt (RFC 8098 §3): words for people, fields for machines.
fn report(text: SinglePart, fields: &str, stamp: &Stamp) -> Result<MultiPart> {
    let media_type = |text: &str| {
        let wrong = |error| Error::new(Kind::Internal, format!("{text}: {error}"));
        ContentType::parse(text).map_err(wrong)
    };
    let boundary = &stamp.boundary;
    let whole =
        format!("multipart/report; report-type=disposition-notification; boundary=\"{boundary}\"");
    let notice = SinglePart::builder()
        .header(media_type("message/disposition-notification")?)
        .body(fields.to_owned());
    Ok(MultiPart::builder()
        .header(media_type(&whole)?)
        .build()
        .singlepart(text)
        .singlepart(notice))
}

/// Whether a file is the answer to an invitation, made by the program itself.
fn is_answer((file, _): &(DraftAttachment, Vec<u8>)) -> bool {
    file.media_type.starts_with("text/calendar; method=REPLY")
}

fn answer_part((file, bytes): &(DraftAttachment, Vec<u8>)) -> SinglePart {
    let media_type = ContentType::parse(&file.media_type).unwrap_or(ContentType::TEXT_PLAIN);
    let body = Body::new_with_encoding(bytes.clone(), ContentTransferEncoding::Base64)
        .unwrap_or_else(Body::new);
    SinglePart::builder().header(media_type).body(body)
}

/// An attachment, always base64: its bytes arrive as they are, whatever they claim to be.
fn file_part((file, bytes): &(DraftAttachment, Vec<u8>)) -> SinglePart {
    // A message or a multipart may not be in base64 (RFC 2046 §5): it travels as a file.
    let composite = ["message/", "multipart/"].iter().any(|kind| {
        file.media_type
            .get(..kind.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(kind))
    });
    let octets =
        || ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
    let media_type = match ContentType::parse(&file.media_type) {
        Ok(media_type) if !composite => media_type,
        _ => octets(),
    };
    let body = Body::new_with_encoding(bytes.clone(), ContentTransferEncoding::Base64)
        .unwrap_or_else(Body::new);
    Attachment::new(one_line(&file.name)).body(body, media_type)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use tcv_domain::mime;

    fn stamp() -> Stamp {
        Stamp {
            message_id: "0011@x.gov.vn".into(),
            boundary: "=_b".into(),
            date: UnixTime(1_795_418_100),
            offset_seconds: 7 * 3600,
        }
    }

    fn draft() -> Draft {
        Draft {
            from: Address::new("Nguyễn Văn Long", "longnv@x.gov.vn"),
            to: vec![Address::new(
                "Trần Thị Ánh, \"Nội vụ\" (phòng)",
                "anhtt@y.gov.vn",
            )],
            cc: vec![Address::bare("z@gov.vn")],
            bcc: vec![Address::bare("kin@gov.vn"), Address::bare("Z@gov.vn")],
            subject: "V/v báo cáo tình hình sử dụng hộp thư điện tử công vụ quý IV năm 2026".into(),
            body: "Kính gửi: Phòng Nội vụ\n\n.Đề nghị xem xét.\nTrân trọng./.\n".into(),
            in_reply_to: Some("a@b".into()),
            references: vec!["r@b".into(), "a@b".into()],
            ..Draft::default()
        }
    }

    fn file(name: &str, media_type: &str, bytes: &[u8]) -> (DraftAttachment, Vec<u8>) {
        let size = bytes.len() as u64;
        let attachment = DraftAttachment {
            blob: 1,
            name: name.into(),
            media_type: media_type.into(),
            size,
        };
        (attachment, bytes.to_vec())
    }

    fn raw(draft: &Draft, files: &[(DraftAttachment, Vec<u8>)]) -> Vec<u8> {
        compose(draft, files, &stamp()).unwrap().raw
    }

    fn well_formed(raw: &[u8]) {
        assert!(raw.is_ascii());
        let text = std::str::from_utf8(raw).unwrap();
        for line in text.split_inclusive("\r\n") {
            assert!(line.len() <= 1000, "a line of {} bytes", line.len());
            let inner = line.strip_suffix("\r\n").expect("every line ends in CRLF");
            assert!(!inner.contains(['\r', '\n']));
        }
    }

    #[test]
    fn an_answer_to_an_invitation_is_the_other_wording_of_the_text() {
        let media_type = "text/calendar; method=REPLY; charset=utf-8";
        let sent = raw(
            &draft(),
            &[file("reply.ics", media_type, b"BEGIN:VCALENDAR")],
        );
        well_formed(&sent);
        let text = String::from_utf8(sent.clone()).unwrap();
        assert!(text.contains("multipart/alternative"), "{text}");
        assert!(text.contains("text/calendar; method=REPLY"), "{text}");
        let read = mime::parse(&sent);
        assert!(read.text.starts_with("Kính gửi") && read.has_invitation);
        assert_eq!(
            mime::attachment_bytes(&sent, 0).unwrap(),
            b"BEGIN:VCALENDAR"
        );
    }

    #[test]
    fn a_receipt_is_a_report_from_nobody() {
        let fields = tcv_domain::receipt::fields("longnv@x.gov.vn", None, "m@y.gov.vn");
        let about = "m@y.gov.vn".to_owned();
        let receipt = Draft {
            form: Some(Form::Receipt { about, fields }),
            ..draft()
        };
        let composed = compose(&receipt, &[], &stamp()).unwrap();
        assert_eq!(composed.from, "");
        well_formed(&composed.raw);
        let content = mime::parse(&composed.raw);
        assert!(content.text.starts_with("Kính gửi"));
        let report = tcv_domain::report::read(&composed.raw, &content).unwrap();
        assert_eq!(report.original().message_id, "m@y.gov.vn");
        let text = String::from_utf8(composed.raw).unwrap();
        assert!(
            text.contains("report-type=disposition-notification"),
            "{text}"
        );
        assert!(
            text.contains("\r\nOriginal-Message-ID: <m@y.gov.vn>\r\n"),
            "{text}"
        );
    }

    #[test]
    fn the_bytes_are_exactly_these() {
        let small = Draft {
            from: Address::bare("a@x.gov.vn"),
            to: vec![Address::new("B", "b@x.gov.vn")],
            bcc: vec![Address::bare("c@x.gov.vn")],
            subject: "Hello".into(),
            body: "one\ntwo\n".into(),
            ..Draft::default()
        };
        let composed = compose(&small, &[], &stamp()).unwrap();
        assert_eq!(
            String::from_utf8(composed.raw).unwrap(),
            "Date: Mon, 23 Nov 2026 14:15:00 +0700\r\n\
             From: a@x.gov.vn\r\n\
             To: B <b@x.gov.vn>\r\n\
             Subject: Hello\r\n\
             Message-ID: <0011@x.gov.vn>\r\n\
             MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 7bit\r\n\
             \r\n\
             one\r\ntwo\r\n\r\n"
        );
        assert_eq!(composed.recipients, ["b@x.gov.vn", "c@x.gov.vn"]);
    }

    #[test]
    fn vietnamese_text_names_and_files_come_back_equal() {
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(5000).collect();
        let files = [
            file("Báo cáo quý IV – số 07.pdf", "application/pdf", &bytes),
            file("ghi chú.txt", "text/plain", "một\nhai\r\nba".as_bytes()),
            file("thư.eml", "message/rfc822", b"Subject: x\r\n\r\ny"),
        ];
        let raw = raw(&draft(), &files);
        well_formed(&raw);
        let read = mime::parse(&raw);
        assert_eq!(read.envelope.from, [draft().from]);
        assert_eq!(read.envelope.to, draft().to);
        assert_eq!(read.envelope.subject, draft().subject);
        assert_eq!(read.envelope.message_id, "0011@x.gov.vn");
        assert_eq!(read.envelope.references, ["r@b", "a@b"]);
        assert_eq!(read.envelope.date, Some(stamp().date));
        assert_eq!(read.text.trim_end(), draft().body.trim_end());
        for (index, (attachment, bytes)) in files.iter().enumerate() {
            assert_eq!(read.attachments[index].name, attachment.name);
            assert_eq!(mime::attachment_bytes(&raw, index).as_ref(), Some(bytes));
        }
    }

    #[test]
    fn names_of_files_from_macos_are_composed() {
        let decomposed = "ba\u{301}o ca\u{301}o.pdf";
        let raw = raw(&draft(), &[file(decomposed, "application/pdf", b"x")]);
        let value = String::from_utf8(raw).unwrap();
        assert!(
            value.contains("filename*0*=utf-8''b%C3%A1o%20c%C3%A1o.pdf"),
            "{value}"
        );
    }

    #[test]
    fn blind_copies_are_in_the_envelope_only() {
        let composed = compose(&draft(), &[], &stamp()).unwrap();
        let text = String::from_utf8(composed.raw).unwrap();
        assert!(!text.contains("kin@gov.vn") && !text.to_lowercase().contains("bcc"));
        assert_eq!(
            composed.recipients,
            ["anhtt@y.gov.vn", "z@gov.vn", "kin@gov.vn"]
        );
        let hidden = Draft {
            to: vec![],
            cc: vec![],
            ..draft()
        };
        let text = String::from_utf8(raw(&hidden, &[])).unwrap();
        assert!(text.contains("To: undisclosed-recipients:;\r\n"));
    }

    #[test]
    fn nothing_in_a_header_can_begin_another() {
        let mut sly = draft();
        sly.subject = "x\r\nBcc: thief@example.com\n\ny".into();
        sly.from.name = "A\r\nX-Evil: 1".into();
        sly.in_reply_to = Some("a@b>\r\nX-Evil: 2".into());
        sly.references = vec!["ok@b".into(), "é@b".into(), "a b".into()];
        let raw = raw(
            &sly,
            &[file("a\r\nX-Evil: 3\".pdf", "a/b\r\nX-Evil: 4", b"x")],
        );
        well_formed(&raw);
        let text = String::from_utf8(raw).unwrap();
        assert!(
            !text
                .lines()
                .any(|line| line.starts_with("X-Evil") || line.starts_with("Bcc"))
        );
        assert!(text.contains("References: <ok@b>\r\n"));
        assert!(!text.contains("In-Reply-To"));
    }

    #[test]
    fn no_line_grows_too_long() {
        let long = Draft {
            subject: format!("Về {}", "a".repeat(3000)),
            to: vec![Address::new("n".repeat(3000), "anhtt@y.gov.vn")],
            body: "b".repeat(5000),
            references: (0..200)
                .map(|n| format!("{n}-{}@b", "r".repeat(120)))
                .collect(),
            ..draft()
        };
        let raw = raw(&long, &[file(&"ố".repeat(300), "x/y", b"z")]);
        well_formed(&raw);
        let read = mime::parse(&raw);
        assert_eq!(read.envelope.subject, long.subject);
        assert_eq!(read.text.trim_end(), long.body);
        assert!(
            read.envelope
                .references
                .iter()
                .any(|id| id.starts_with("0-"))
        );
        assert!(
            read.envelope
                .references
                .iter()
                .any(|id| id.starts_with("199-"))
        );
    }

    #[test]
    fn bad_addresses_and_no_recipients_are_refused() {
        let mut bad = draft();
        bad.cc = vec![Address::bare("không phải địa chỉ")];
        assert_eq!(
            compose(&bad, &[], &stamp()).unwrap_err().kind,
            Kind::BadAddress
        );
        let nobody = Draft {
            to: vec![],
            cc: vec![],
            bcc: vec![],
            ..draft()
        };
        assert_eq!(
            compose(&nobody, &[], &stamp()).unwrap_err().kind,
            Kind::BadRequest
        );
    }

    #[test]
    fn stamps_differ() {
        let clock = crate::clock::ManualClock::new(UnixTime(0));
        let stamps = [0, 1].map(|_| Stamp::now(&clock, "a@X.gov.vn").unwrap());
        assert_ne!(stamps[0].message_id, stamps[1].message_id);
        assert_ne!(stamps[0].boundary, stamps[1].boundary);
        assert!(stamps[0].message_id.ends_with("@x.gov.vn"));
    }
}
