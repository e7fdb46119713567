//! Invitations: iCalendar objects (RFC 5545) that come by mail (iTIP, RFC 5546, RFC 6047), and the
//! answers to them.
//!
//! What a reader needs is read: what, when, where, by whom, whether it repeats, whether it was
//! changed or called off. Calendars are not kept, repetitions are not unrolled. The kept libraries
//! refuse files many programs write and bring a clock and a second time zone database; what is
//! needed here is small. Lines are `line`'s, times `time`'s, repetitions `rule`'s.

mod answer;
mod line;
mod link;
mod rule;
mod standing;
#[cfg(test)]
mod tests;
mod time;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::message::UnixTime;
use crate::mime::{self, Attachment, Content};

pub use answer::{Answer, answer};
use line::Line;
pub use rule::{Every, Repeat, Weekday};
pub use standing::{Known, Mention, Standing, heard, mention, standing};
pub use time::{Moment, well_known_zone, windows_zone};

/// What the object is for (RFC 5546 §1.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// For information: nobody is asked.
    #[default]
    Publish,
    /// An invitation, or a change of one.
    Request,
    /// The answer to one.
    Reply,
    /// Called off.
    Cancel,
    /// An attendee proposes something else.
    Counter,
    /// Anything else: a proposal declined, requests for a fresh copy.
    Other,
}

/// Whether somebody comes (RFC 5545 §3.2.12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attendance {
    /// Has not answered.
    #[default]
    NeedsAction,
    /// Comes.
    Accepted,
    /// Does not come.
    Declined,
    /// Comes perhaps.
    Tentative,
    /// Sends somebody else.
    Delegated,
}

/// Somebody who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// Who.
    pub address: Address,
    /// Whether they come.
    pub attendance: Attendance,
    /// Whether they need not come.
    pub optional: bool,
}

/// What takes place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its identifier, the same in all mails about it.
    pub uid: String,
    /// Grows with every change (RFC 5545 §3.8.7.4).
    pub sequence: i64,
    /// The one of a series it is about, as written; `None` for the series or a single one.
    pub recurrence_id: Option<String>,
    /// What.
    pub summary: String,
    /// Where.
    pub location: String,
    /// More words.
    pub description: String,
    /// By whom.
    pub organizer: Option<Address>,
    /// Who is asked.
    pub attendees: Vec<Attendee>,
    /// From when.
    pub start: Option<Moment>,
    /// Until when; of whole days the last one. `None` where it is not said.
    pub end: Option<Moment>,
    /// Whether and how it repeats.
    pub repeat: Option<Repeat>,
    /// Whether it is called off.
    pub cancelled: bool,
    /// When this version was made.
    pub stamp: Option<UnixTime>,
    /// Where to join from afar.
    pub link: Option<String>,
    /// Properties an answer repeats, as written: `DTSTART` and `RECURRENCE-ID` with their zones.
    written: Vec<String>,
}

/// An invitation or what became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The attachment it stands in.
    pub attachment: usize,
    /// What it is for.
    pub method: Method,
    /// What it is about; never empty.
    pub events: Vec<Event>,
}

impl Invitation {
    /// The key of the text for what it is.
    #[must_use]
    pub fn heading(&self) -> &'static str {
        let changed = self.events.iter().any(|event| event.sequence > 0);
        let off = self.events.iter().all(|event| event.cancelled);
        match self.method {
            Method::Cancel => "invitation-cancel",
            _ if off => "invitation-cancel",
            Method::Request if changed => "invitation-changed",
            Method::Request => "invitation-request",
            Method::Publish => "invitation-publish",
            Method::Reply => "invitation-reply",
            Method::Counter => "invitation-counter",
            Method::Other => "invitation-other",
        }
    }
}

/// Finds a time zone by its name, where the object does not describe it: the domain itself reads
/// no database.
pub type Zones = dyn Fn(&str) -> Option<TimeZone>;

/// The invitation in a message, if there is one that can be read.
#[must_use]
pub fn read(raw: &[u8], content: &Content, zones: &Zones) -> Option<Invitation> {
    let is_calendar = |part: &&Attachment| {
        let media = part.media_type.as_str();
        // Gateways call them bytes and leave the name.
        let named = || part.name.to_lowercase().ends_with(".ics");
        matches!(media, "text/calendar" | "application/ics") || named()
    };
    let fits = |part: &&Attachment| !part.on_server && part.size <= LONGEST_OBJECT;
    let mut calendars: Vec<&Attachment> = content
        .attachments
        .iter()
        .filter(is_calendar)
        .filter(fits)
        .collect();
    calendars.sort_by_key(|part| part.media_type != "text/calendar");
    calendars.into_iter().find_map(|part| {
        let text = mime::attachment_text(raw, part.index)?;
        let (method, events) = parse(&text, zones)?;
        Some(Invitation {
            attachment: part.index,
            method,
            events,
        })
    })
}

/// Larger objects are not read.
const LONGEST_OBJECT: u64 = 2 << 20;

/// So many events of one object are read.
const MOST_EVENTS: usize = 50;

/// So many people of one event are read.
const MOST_PEOPLE: usize = 500;

/// An object's method and events; `None` where there is no event in it.
#[must_use]
pub fn parse(text: &str, zones: &Zones) -> Option<(Method, Vec<Event>)> {
    let lines = line::lines(text);
    let known = time::Zones::of(&lines, zones);
    let mut method = Method::default();
    let mut events = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut event: Option<Event> = None;
    for line in &lines {
        match line.name.as_str() {
            "BEGIN" => {
                open.push(&line.value);
                if line.is_value("VEVENT") && event.is_none() {
                    event = Some(Event::default());
                }
            }
            "END" => {
                open.pop();
                if line.is_value("VEVENT") {
                    events.extend(event.take().map(Event::finished));
                }
            }
            "METHOD" if event.is_none() => method = method_of(&line.value),
            // An alarm in an event has a description of its own.
            _ => {
                let direct = open
                    .last()
                    .is_some_and(|name| name.eq_ignore_ascii_case("VEVENT"));
                if let Some(event) = event.as_mut().filter(|_| direct) {
                    event.take(line, &known);
                }
            }
        }
    }
    // A file that was cut off still tells what it tells.
    events.extend(event.map(Event::finished));
    events.retain(|event| {
        event.start.is_some() || !event.summary.is_empty() || !event.uid.is_empty()
    });
    events.truncate(MOST_EVENTS);
    (!events.is_empty()).then_some((method, events))
}

fn method_of(value: &str) -> Method {
    match value.trim().to_ascii_uppercase().as_str() {
        "REQUEST" => Method::Request,
        "REPLY" => Method::Reply,
        "CANCEL" => Method::Cancel,
        "COUNTER" => Method::Counter,
        "PUBLISH" | "" => Method::Publish,
        _ => Method::Other,
    }
}

impl Event {
    fn take(&mut self, line: &Line, zones: &time::Zones<'_>) {
        let text = || line.text();
        match line.name.as_str() {
            "UID" => self.uid = line.value.trim().to_owned(),
            "SEQUENCE" => self.sequence = line.value.trim().parse().unwrap_or(0),
            "SUMMARY" => self.summary = text().split_whitespace().collect::<Vec<_>>().join(" "),
            "LOCATION" => self.location = text().trim().to_owned(),
            "DESCRIPTION" => self.description = text().trim().to_owned(),
            "STATUS" => self.cancelled = line.is_value("CANCELLED"),
            "ORGANIZER" => self.organizer = person(line),
            "ATTENDEE" if self.attendees.len() < MOST_PEOPLE => {
                self.attendees.extend(person(line).map(|address| {
                    Attendee {
                        address,
                        attendance: attendance(line.parameter("PARTSTAT").unwrap_or_default()),
                        optional: line
                            .parameter("ROLE")
                            .is_some_and(|role| role.eq_ignore_ascii_case("OPT-PARTICIPANT")),
                    }
                }));
            }
            "DTSTART" => {
                self.start = zones.moment(line);
                self.written.push(line.written.clone());
            }
            "DTSTAMP" => {
                self.stamp = match zones.moment(line) {
                    Some(Moment::At(at)) => Some(at),
                    _ => None,
                };
            }
            "CONFERENCE" | "X-GOOGLE-CONFERENCE" | "X-MICROSOFT-SKYPETEAMSMEETINGURL" => {
                self.link = link::first_in(&line.value);
            }
            "DTEND" => self.end = zones.moment(line),
            "DURATION" => {
                let start = self.start.clone();
                self.end = start.and_then(|start| start.after(&line.value));
            }
            "RECURRENCE-ID" => {
                self.recurrence_id = Some(line.value.trim().to_owned());
                self.written.push(line.written.clone());
            }
            "RRULE" => self.repeat = Some(rule::read(&line.value)),
            "RDATE" if self.repeat.is_none() => self.repeat = Some(Repeat::default()),
            _ => {}
        }
    }

    /// The end of whole days is the day after the last (RFC 5545 §3.6.1).
    fn finished(mut self) -> Self {
        let told = self.link.take().or_else(|| link::first_in(&self.location));
        self.link = told.or_else(|| link::of_meeting_in(&self.description));
        self.end = match (&self.start, self.end.take()) {
            (Some(Moment::Day(first)), Some(Moment::Day(after))) => {
                let last = after.yesterday().unwrap_or(after);
                (last > *first).then_some(Moment::Day(last))
            }
            (start, end) if *start == end => None,
            (_, end) => end,
        };
        self
    }
}

fn attendance(value: &str) -> Attendance {
    match value.to_ascii_uppercase().as_str() {
        "ACCEPTED" => Attendance::Accepted,
        "DECLINED" => Attendance::Declined,
        "TENTATIVE" => Attendance::Tentative,
        "DELEGATED" => Attendance::Delegated,
        _ => Attendance::NeedsAction,
    }
}

/// A calendar address: `mailto:` and the name beside it.
fn person(line: &Line) -> Option<Address> {
    let value = line.value.trim();
    let mailto = value
        .get(..7)
        .filter(|start| start.eq_ignore_ascii_case("mailto:"));
    let address = match mailto {
        Some(_) => value.get(7..).unwrap_or_default(),
        // Some write other URLs and the address beside it.
        None => line.parameter("EMAIL").unwrap_or(value),
    };
    let address = address.split('?').next().unwrap_or(address).trim();
    let name = line.parameter("CN").unwrap_or_default().trim();
    if !address.contains('@') && name.is_empty() {
        return None;
    }
    let name = if name.eq_ignore_ascii_case(address) {
        ""
    } else {
        name
    };
    Some(Address::new(
        name,
        if address.contains('@') { address } else { "" },
    ))
}
