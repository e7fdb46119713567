//! mbox: messages one after the other in a file, each behind a line `From sender date` (RFC 4155).
//!
//! Written is the kind called *mboxrd*: lines of a message that begin with `From `, behind any
//! number of `>`, get one more `>`; so every message comes out as it went in. Line ends are LF, as
//! RFC 4155 has them. Read are the other kinds too: *mboxo* (only `From ` itself is quoted) and
//! *mboxcl* (`Content-Length`), with either line end, and files whose `From ` lines nobody quoted.

use crate::message::{Flags, UnixTime};

/// What RFC 4155 has for a sender that is not known.
const NOBODY: &str = "MAILER-DAEMON";

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The line before a message, with its line end. `sender` is a bare address; the date is in UTC.
#[must_use]
pub fn separator(sender: &str, arrived: UnixTime) -> String {
    let clean: String = sender
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .collect();
    let sender = if clean.is_empty() { NOBODY } else { &clean };
    let at = jiff::Timestamp::from_second(arrived.0).unwrap_or_default();
    let date = jiff::tz::TimeZone::UTC.to_datetime(at);
    format!("From {sender} {}\n", date.strftime("%a %b %e %H:%M:%S %Y"))
}

/// A message as it stands in the file, quoted, with the empty line behind it.
#[must_use]
pub fn quoted(message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(message.len() + 64);
    for line in lines(message) {
        if is_quotable(line) {
            text.push(b'>');
        }
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.push(b'\n');
    text
}

/// The lines of a message without their ends, LF or CRLF.
fn lines(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    let body = message.strip_suffix(b"\n").unwrap_or(message);
    body.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// `From ` behind any number of `>`.
fn is_quotable(line: &[u8]) -> bool {
    let rest = line.iter().position(|byte| *byte != b'>');
    rest.and_then(|at| line.get(at..))
        .is_some_and(|rest| rest.starts_with(b"From "))
}

/// A line of a message without one level of quoting.
#[must_use]
pub fn unquoted(line: &[u8]) -> &[u8] {
    match line.split_first() {
        Some((b'>', rest)) if is_quotable(rest) => rest,
        _ => line,
    }
}

/// Whether a line, without its end, separates messages: `From `, and a date as `asctime` writes
/// it at the place a date has. Sentences that begin with "From " have none.
#[must_use]
pub fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"From ") && date_words(line).is_some()
}

/// When the message behind a separator arrived. A zone behind the year is heeded where it is a
/// number; without one it is UTC (RFC 4155).
#[must_use]
pub fn arrived(line: &[u8]) -> Option<UnixTime> {
    let words = date_words(line)?;
    let zone = words.zone.unwrap_or("+0000");
    let text = [words.day, words.month, words.year, words.time, zone].join(" ");
    crate::mime::date(&text)
}

struct DateWords<'a> {
    month: &'a str,
    day: &'a str,
    time: &'a str,
    year: &'a str,
    zone: Option<&'a str>,
}

/// Finds `Www Mmm dd hh:mm[:ss] [zone] yyyy [zone]` at the end of a separator.
fn date_words(line: &[u8]) -> Option<DateWords<'_>> {
    let text = std::str::from_utf8(line).ok()?;
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let at = words.windows(2).rposition(
        |pair| matches!(pair, [day, month] if DAYS.contains(day) && MONTHS.contains(month)),
    )?;
    let rest = words.get(at + 1..)?;
    let (month, day, time) = (*rest.first()?, *rest.get(1)?, *rest.get(2)?);
    let day_is_one = day.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day));
    let time_is_one = time.len() >= 4 && time.split(':').all(|part| part.parse::<u8>().is_ok());
    if !day_is_one || !time_is_one || !time.contains(':') {
        return None;
    }
    let is_year = |word: &&str| word.len() == 4 && word.parse::<u16>().is_ok();
    let behind = rest.get(3..)?;
    let year = behind.iter().take(2).copied().find(is_year)?;
    let zone = behind
        .iter()
        .copied()
        .take(3)
        .find(|word| word.starts_with(['+', '-']) && word.len() == 5);
    Some(DateWords {
        month,
        day,
        time,
        year,
        zone,
    })
}

/// What a program kept of a message in header fields of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Flags.
    pub flags: Flags,
    /// Whether it was deleted and only not removed from the file yet.
    pub is_removed: bool,
}

/// Header fields that mail programs add to messages in a file of theirs: no part of the message.
/// `X-Mozilla-*` is Thunderbird's; the others are those of mutt, Dovecot, Pine and c-client.
const ADDED: [&str; 9] = [
    "x-mozilla-status",
    "x-mozilla-status2",
    "x-mozilla-keys",
    "status",
    "x-status",
    "x-uid",
    "x-imap",
    "x-imapbase",
    "x-keywords",
];

/// Takes the fields programs added out of a message with CRLF line ends, and reads its flags from
/// them.
#[must_use]
pub fn without_added_fields(message: &[u8]) -> (Vec<u8>, Kept) {
    let mut kept = Kept::default();
    let mut clean = Vec::with_capacity(message.len());
    let mut rest = message;
    let mut skipping = false;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, behind) = rest.split_at(end + 1);
        if line == b"\r\n" || line == b"\n" {
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            skipping = field(line).is_some_and(|(name, value)| kept.take(&name, value));
        }
        if !skipping {
            clean.extend_from_slice(line);
        }
        rest = behind;
    }
    clean.extend_from_slice(rest);
    (clean, kept)
}

/// Name in small letters, and value.
fn field(line: &[u8]) -> Option<(String, &str)> {
    let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
    Some((name.trim().to_ascii_lowercase(), value.trim()))
}

impl Kept {
    /// Reads a field if it is one of those that are added; whether it is.
    fn take(&mut self, name: &str, value: &str) -> bool {
        if !ADDED.contains(&name) {
            return false;
        }
        match name {
            "x-mozilla-status" => self.take_mozilla(u32::from_str_radix(value, 16).unwrap_or(0)),
            "status" | "x-status" => value.chars().for_each(|letter| self.take_letter(letter)),
            _ => {}
        }
        true
    }

    /// `nsMsgMessageFlags`, as Thunderbird writes them.
    fn take_mozilla(&mut self, bits: u32) {
        for (bit, flag) in [
            (0x0001, Flags::SEEN),
            (0x0002, Flags::ANSWERED),
            (0x0004, Flags::FLAGGED),
            (0x1000, Flags::FORWARDED),
        ] {
            if bits & bit != 0 {
                self.flags = self.flags.with(flag);
            }
        }
        self.is_removed |= bits & 0x0008 != 0;
    }

    fn take_letter(&mut self, letter: char) {
        self.flags = self.flags.with(match letter {
            'R' => Flags::SEEN,
            'A' => Flags::ANSWERED,
            'F' => Flags::FLAGGED,
            'T' => Flags::DRAFT,
            _ => Flags::empty(),
        });
        self.is_removed |= letter == 'D';
    }
}

/// Whether a message is the one some programs keep their own notes in.
#[must_use]
pub fn is_internal(message: &[u8]) -> bool {
    let head = message.get(..message.len().min(2048)).unwrap_or_default();
    let text = String::from_utf8_lossy(head);
    text.contains("FOLDER INTERNAL DATA") && text.contains("X-IMAP")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const AT: UnixTime = UnixTime(1_795_392_000);

    #[test]
    fn separators_are_as_rfc_4155_has_them() {
        let line = separator("nva@binhdinh.gov.vn", AT);
        assert_eq!(line, "From nva@binhdinh.gov.vn Mon Nov 23 00:00:00 2026\n");
        let line = line.trim_end().as_bytes();
        assert!(is_separator(line));
        assert_eq!(arrived(line), Some(AT));
        let odd = separator("", UnixTime(1_793_491_200));
        assert_eq!(odd, "From MAILER-DAEMON Sun Nov  1 00:00:00 2026\n");
    }

    #[test]
    fn separators_in_the_wild() {
        for line in [
            "From - Mon Nov 23 08:00:00 2026",
            "From nva@binhdinh.gov.vn Mon Nov 23 08:00:00 2026 +0700",
            "From \"a b\"@c.vn Mon Nov  2 08:00 2026",
            "From a@b Thu Jan  1 00:00:00 UTC 1998",
            "From a@b Thu Jan  1 00:00:00 1998 remote from x",
        ] {
            assert!(is_separator(line.as_bytes()), "{line}");
            assert!(arrived(line.as_bytes()).is_some(), "{line}");
        }
        for line in [
            "From now on",
            "From Monday Nov 23 on we meet at 08:00 in 2026",
            "From the desk of Mon",
            "From: a@b Mon Nov 23 08:00:00 2026",
            ">From a@b Mon Nov 23 08:00:00 2026",
            "From a@b Mon Nov 99 08:00:00 2026",
            "",
        ] {
            assert!(!is_separator(line.as_bytes()), "{line}");
        }
        let zoned = arrived(b"From a@b Mon Nov 23 07:00:00 2026 +0700");
        assert_eq!(zoned, Some(AT));
    }

    #[test]
    fn quoting_is_undone_line_by_line() {
        let message = b"A: b\r\n\r\nFrom here\r\n>From there\r\n>>From\r\nFromage\r\nend\r\n";
        let text = quoted(message);
        assert_eq!(
            String::from_utf8(text.clone()).unwrap(),
            "A: b\n\n>From here\n>>From there\n>>From\nFromage\nend\n\n"
        );
        let back: Vec<u8> = text
            .strip_suffix(b"\n")
            .unwrap()
            .split_inclusive(|byte| *byte == b'\n')
            .flat_map(|line| {
                let line = unquoted(line.strip_suffix(b"\n").unwrap());
                [line, b"\r\n"].concat()
            })
            .collect();
        assert_eq!(back, message);
        assert_eq!(
            quoted(b"A: b"),
            b"A: b\n\n",
            "a last line without an end gets one"
        );
    }

    #[test]
    fn flags_of_other_programs_are_read_and_their_fields_taken_out() {
        let message = b"X-Mozilla-Status: 1007\r\nX-Mozilla-Status2: 00000000\r\n\
            X-Mozilla-Keys: a\r\n  b\r\nSubject: x\r\nStatus: RO\r\nX-Status: A\r\n\r\nStatus: y\r\n";
        let (clean, kept) = without_added_fields(message);
        assert_eq!(clean, b"Subject: x\r\n\r\nStatus: y\r\n");
        let flags = [
            Flags::SEEN,
            Flags::ANSWERED,
            Flags::FLAGGED,
            Flags::FORWARDED,
        ];
        assert_eq!(
            kept.flags,
            flags.into_iter().fold(Flags::empty(), Flags::with)
        );
        assert!(!kept.is_removed);
        let (_, gone) = without_added_fields(b"X-Mozilla-Status: 0009\r\n\r\n");
        assert!(gone.is_removed);
        let (same, none) = without_added_fields(b"no colon here");
        assert_eq!(
            (same.as_slice(), none),
            (&b"no colon here"[..], Kept::default())
        );
    }
}
