//! The answer to an invitation: an object with the method REPLY (RFC 5546 §3.2.3), about one
//! event and from one attendee.

use super::{Attendance, Event};
use crate::address::Address;
use crate::message::UnixTime;

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Comes.
    Accept,
    /// Comes perhaps.
    Tentative,
    /// Does not come.
    Decline,
}

impl Answer {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Tentative, Self::Decline];

    /// The answer of a word.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.id() == id)
    }

    /// The word for texts' keys.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Tentative => "tentative",
            Self::Decline => "decline",
        }
    }

    /// What it says of the one who answers.
    #[must_use]
    pub const fn attendance(self) -> Attendance {
        match self {
            Self::Accept => Attendance::Accepted,
            Self::Tentative => Attendance::Tentative,
            Self::Decline => Attendance::Declined,
        }
    }

    const fn written(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPTED",
            Self::Tentative => "TENTATIVE",
            Self::Decline => "DECLINED",
        }
    }
}

/// No line is longer, in octets (RFC 5545 §3.1).
const LONGEST_LINE: usize = 75;

/// The object that answers `event` for `attendee`, who says so at `now`. Lines end in CRLF.
#[must_use]
pub fn answer(event: &Event, attendee: &Address, answer: Answer, now: UnixTime) -> String {
    let stamp = jiff::Timestamp::from_second(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "PRODID:-//Thu Cong Vu//VI".to_owned(),
        "VERSION:2.0".to_owned(),
        "METHOD:REPLY".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", event.uid),
        format!("SEQUENCE:{}", event.sequence),
        format!("DTSTAMP:{}", stamp.strftime("%Y%m%dT%H%M%SZ")),
    ];
    lines.extend(event.organizer.as_ref().map(|who| person("ORGANIZER", who)));
    let status = format!("ATTENDEE;PARTSTAT={}", answer.written());
    lines.push(person(&status, attendee));
    lines.push(format!("SUMMARY:{}", escaped(&event.summary)));
    // Zones are named as in the invitation, which described them.
    lines.extend(event.written.iter().cloned());
    lines.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
    lines.iter().map(|line| folded(line)).collect()
}

fn person(head: &str, who: &Address) -> String {
    let name: String = who
        .name
        .chars()
        .filter(|c| !c.is_control() && *c != '"')
        .collect();
    match name.is_empty() {
        true => format!("{head}:mailto:{}", who.address),
        false => format!("{head};CN=\"{name}\":mailto:{}", who.address),
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    text.replace(';', "\\;").replace(',', "\\,")
}

/// A line cut where it is too long, never inside a character.
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut length = 0;
    for c in line.chars().filter(|c| !matches!(c, '\r' | '\n')) {
        if length + c.len_utf8() > LONGEST_LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}
