//! What a new mailbox holds: the usual folders, and the letters of the practice agency.
//!
//! Letters are `.eml` templates under `letters/`, written to be read; dates in them are relative,
//! so that the mailbox always looks like this week's. All people and places are made up.

mod fill;
mod list;

use std::collections::BTreeSet;

use crate::clock;
use crate::folder::{Account, NewMessage};
use crate::store::StoreError;
use crate::{ADDRESS, DOMAIN, template};

/// The moment the letters are dated around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedTime {
    /// Seconds since 1970-01-01 UTC; no letter is dated later.
    pub now_unix: i64,
    /// Offset of local time from UTC, in seconds.
    pub utc_offset_secs: i32,
}

/// A letter ready to be put into a folder.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Name of the template, without its ending.
    pub name: &'static str,
    /// Whose mailbox.
    pub account: &'static str,
    /// Which folder.
    pub folder: &'static str,
    /// Flags, separated by spaces.
    pub flags: &'static str,
    /// When it arrived, seconds since 1970.
    pub date: i64,
    /// The message.
    pub bytes: Vec<u8>,
}

/// Folders every mailbox has, with their use (RFC 6154). Names are English, as on most servers.
const USUAL: [(&str, Option<&str>); 6] = [
    ("INBOX", None),
    ("Drafts", Some("\\Drafts")),
    ("Sent", Some("\\Sent")),
    ("Junk", Some("\\Junk")),
    ("Trash", Some("\\Trash")),
    ("Archive", Some("\\Archive")),
];

/// Folders the practice official has made.
const OWN: [&str; 4] = [
    "Công văn đến",
    "Lịch công tác",
    "Giấy mời",
    "Báo cáo quý III",
];

/// All letters, oldest first.
pub fn letters(time: SeedTime) -> Vec<Letter> {
    let days = fill::Days::new(clock::local(time.now_unix, time.utc_offset_secs));
    let mut all: Vec<Letter> = list::LETTERS
        .iter()
        .map(|entry| letter(entry, &days, time))
        .collect();
    all.sort_by_key(|l| l.date);
    all
}

fn letter(entry: &list::Entry, days: &fill::Days, time: SeedTime) -> Letter {
    let bytes = template::to_wire(&fill::fill(entry.text, days));
    let parsed = mail_parser::MessageParser::default().parse_headers(&bytes);
    let sent = parsed.and_then(|m| m.date().map(mail_parser::DateTime::to_timestamp));
    Letter {
        name: entry.name,
        account: entry.account,
        folder: entry.folder,
        flags: entry.flags,
        // A letter takes a moment to arrive.
        date: sent.map_or(time.now_unix, |s| (s + 4).min(time.now_unix)),
        bytes,
    }
}

/// Fills a new account with its share of the letters.
pub(crate) fn fill(account: &mut Account, letters: &[Letter]) -> Result<(), StoreError> {
    for (name, usage) in USUAL {
        account.create(name, usage)?;
    }
    if account.address == ADDRESS && !letters.is_empty() {
        for name in OWN {
            account.create(name, None)?;
        }
    }
    let address = account.address.clone();
    for letter in letters.iter().filter(|l| l.account == address) {
        let flags = letter.flags.split_whitespace().map(str::to_owned);
        let message = NewMessage {
            bytes: letter.bytes.as_slice().into(),
            flags: flags.collect(),
            date: letter.date,
        };
        account.add(letter.folder, message)?;
    }
    Ok(())
}

/// People of the agency who write or get letters but have no account here: mail to them is
/// taken and answered like mail to outsiders, or a reply to their letters would be refused.
pub(crate) fn colleagues() -> BTreeSet<String> {
    let domain = format!("@{DOMAIN}");
    let mut found = BTreeSet::new();
    for entry in list::LETTERS {
        let header = entry.text.split("\n\n").next().unwrap_or_default();
        let people = header
            .lines()
            .filter(|l| ["From: ", "To: ", "Cc: "].iter().any(|f| l.starts_with(f)));
        for word in people.flat_map(str::split_whitespace) {
            let address = word.trim_matches(['<', '>', ',']).to_lowercase();
            if address.ends_with(&domain) {
                found.insert(address);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;

    /// Monday 23 November 2026, 14:30 in Vietnam.
    const MONDAY: SeedTime = SeedTime {
        now_unix: 1_795_419_000,
        utc_offset_secs: 25_200,
    };

    #[test]
    fn every_letter_is_whole() {
        let all = letters(MONDAY);
        assert!(all.len() >= 40, "{} letters", all.len());
        let mut ids = std::collections::HashSet::new();
        for letter in &all {
            let name = letter.name;
            let text = String::from_utf8_lossy(&letter.bytes);
            assert!(!text.contains("{{"), "{name}: placeholder left");
            assert!(
                !text.replace("\r\n", "").contains(['\n', '\r']),
                "{name}: bare line end"
            );
            let header = text.split("\r\n\r\n").next().unwrap();
            assert!(header.is_ascii(), "{name}: raw header");
            let message = MessageParser::default().parse(&letter.bytes).unwrap();
            // The parser does not join words cut inside a character: that letter is there for the program.
            let cut = name == "tieu-de-bi-cat";
            assert!(
                cut == message.subject().unwrap_or_default().contains('\u{fffd}'),
                "{name}: subject"
            );
            assert!(
                message.date().is_some() && message.from().is_some(),
                "{name}"
            );
            assert!(
                ids.insert(message.message_id().unwrap().to_owned()),
                "{name}: Message-ID twice"
            );
            let body = message.body_text(0).unwrap_or_default();
            assert!(
                body.chars().count() > 20 && !body.contains('\u{fffd}'),
                "{name}: {body}"
            );
        }
    }

    #[test]
    fn whoever_writes_can_be_answered() {
        let people = colleagues();
        assert!(
            people.contains("lqc@tanphong.thuchanh.gov.vn"),
            "{people:?}"
        );
        assert!(
            people
                .iter()
                .all(|p| p.matches('@').count() == 1 && !p.contains('<'))
        );
    }

    #[test]
    fn attachments_are_what_they_say() {
        let mut seen = 0;
        for letter in letters(MONDAY) {
            let message = MessageParser::default().parse(&letter.bytes).unwrap();
            for part in message.attachments() {
                let Some(name) = part.attachment_name() else {
                    continue;
                };
                let start: &[u8] = match name.rsplit('.').next().unwrap() {
                    "pdf" => b"%PDF-",
                    "xlsx" | "docx" | "zip" => b"PK\x03\x04",
                    "png" => b"\x89PNG",
                    "ics" => b"BEGIN:VCALENDAR",
                    _ => continue,
                };
                assert!(
                    part.contents().starts_with(start),
                    "{}: {name}",
                    letter.name
                );
                seen += 1;
            }
        }
        assert!(seen >= 10, "{seen} attachments");
    }

    #[test]
    fn nothing_is_dated_later_than_now_at_any_hour() {
        for hour in (0..72).step_by(3) {
            let time = SeedTime {
                now_unix: MONDAY.now_unix - 14 * 3600 + hour * 3600,
                ..MONDAY
            };
            let all = letters(time);
            assert!(all.iter().all(|l| l.date <= time.now_unix), "hour {hour}");
            let today = all
                .iter()
                .rfind(|l| l.folder == "INBOX" && l.account == ADDRESS)
                .unwrap();
            assert_eq!(today.name, "bao-cao-quy-3", "hour {hour}");
        }
    }
}
