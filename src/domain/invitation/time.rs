//! Times of iCalendar: whole days, local times, UTC, and local times of a zone, which the object
//! describes (RFC 5545 §3.6.5) or only names.

use jiff::SignedDuration;
use jiff::Span;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use super::line::Line;
use super::rule::{self, Every, Repeat};
use crate::message::UnixTime;

/// A point in time, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A whole day, wherever one is.
    Day(Date),
    /// This moment.
    At(UnixTime),
    /// This time of day wherever one is; also of a zone nobody knows.
    Local(DateTime),
}

impl Moment {
    /// The moment a duration (RFC 5545 §3.3.6) later.
    pub(super) fn after(&self, duration: &str) -> Option<Self> {
        let text = duration.trim().trim_start_matches('+');
        let span: Span = text.parse().ok()?;
        Some(match self {
            // A day of one day ends the day after it begins; `Event` takes that day off again.
            Self::Day(day) => Self::Day(day.checked_add(span).ok()?),
            Self::Local(time) => Self::Local(time.checked_add(span).ok()?),
            Self::At(moment) => {
                let length = span.to_duration(Date::constant(2026, 1, 1)).ok()?;
                Self::At(moment.plus(length.as_secs()))
            }
        })
    }
}

/// Zones of one offset all year round that mail of this country names, by the names of the tz
/// database and of Windows. Others are for a database to know.
const FIXED: [(&str, i8); 14] = [
    ("Asia/Ho_Chi_Minh", 7),
    ("Asia/Saigon", 7),
    ("Asia/Hanoi", 7),
    ("Asia/Bangkok", 7),
    ("Asia/Jakarta", 7),
    ("SE Asia Standard Time", 7),
    ("Asia/Singapore", 8),
    ("Asia/Shanghai", 8),
    ("Singapore Standard Time", 8),
    ("China Standard Time", 8),
    ("Asia/Tokyo", 9),
    ("Tokyo Standard Time", 9),
    ("Asia/Seoul", 9),
    ("Korea Standard Time", 9),
];

/// Windows' names of zones, a tab, the name in the tz database.
const WINDOWS: &str = include_str!("../../../assets/lists/windows-zones.txt");

/// The tz database's name of a zone of Windows, which Exchange and Outlook write.
#[must_use]
pub fn windows_zone(name: &str) -> Option<&'static str> {
    let pairs = WINDOWS.lines().filter_map(|line| line.split_once('\t'));
    let mut pairs = pairs.filter(|(windows, _)| windows.eq_ignore_ascii_case(name));
    pairs.next().map(|(_, known)| known)
}

/// A zone everybody here knows.
#[must_use]
pub fn well_known_zone(name: &str) -> Option<TimeZone> {
    if ["UTC", "GMT", "Etc/UTC", "Z"].contains(&name) {
        return Some(TimeZone::UTC);
    }
    // Outlook: "(UTC+07:00) Bangkok, Hanoi, Jakarta"; some programs put their own path before.
    let fits = |(known, _): &&(&str, i8)| name == *known || name.ends_with(&format!("/{known}"));
    let hours = FIXED
        .iter()
        .find(fits)
        .map(|(_, hours)| *hours)
        .or_else(|| {
            let rest = name.split_once("UTC").or_else(|| name.split_once("GMT"))?.1;
            let rest = rest.split(')').next()?;
            let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
            (minutes == "00").then(|| hours.parse().ok())?
        })?;
    let offset = Offset::from_hours(hours).ok()?;
    Some(offset.to_time_zone())
}

/// The zones an object describes.
pub(super) struct Zones<'a> {
    described: Vec<Described>,
    database: &'a super::Zones,
}

struct Described {
    name: String,
    observances: Vec<Observance>,
}

/// Standard or summer time: from when on it is observed, in each year its rule says.
#[derive(Default)]
struct Observance {
    from: Option<DateTime>,
    before: Option<Offset>,
    offset: Option<Offset>,
    rule: Option<Repeat>,
}

impl<'a> Zones<'a> {
    pub(super) fn of(lines: &[Line], database: &'a super::Zones) -> Self {
        let mut zones = Self {
            described: Vec::new(),
            database,
        };
        let mut inside = false;
        for line in lines {
            match line.name.as_str() {
                "BEGIN" if line.is_value("VTIMEZONE") => {
                    inside = true;
                    zones.described.push(Described {
                        name: String::new(),
                        observances: Vec::new(),
                    });
                }
                "END" if line.is_value("VTIMEZONE") => inside = false,
                _ if inside => {
                    if let Some(zone) = zones.described.last_mut() {
                        zone.take(line);
                    }
                }
                _ => {}
            }
        }
        zones
    }

    /// The moment a line tells; `None` where it tells none.
    pub(super) fn moment(&self, line: &Line) -> Option<Moment> {
        let value = line.value.trim();
        if let Some(utc) = value.strip_suffix(['Z', 'z']) {
            return at(date_time(utc)?, Offset::UTC);
        }
        if !value.contains(['T', 't']) {
            return date(value).map(Moment::Day);
        }
        let local = date_time(value)?;
        let Some(name) = line
            .parameter("TZID")
            .map(|name| name.trim_start_matches('/'))
        else {
            return Some(Moment::Local(local));
        };
        let described = self.described.iter().find(|zone| zone.name == name);
        if let Some(offset) = described.and_then(|zone| zone.offset(local)) {
            return at(local, offset);
        }
        // Some programs put a path of their own before the name.
        let parts: Vec<&str> = name.rsplitn(3, '/').collect();
        let tail = match parts.as_slice() {
            [city, region, _] => format!("{region}/{city}"),
            _ => String::new(),
        };
        let database = self.database;
        let zone = well_known_zone(name)
            .or_else(|| database(name))
            .or_else(|| database(&tail))
            .or_else(|| database(windows_zone(name)?));
        let Some(zone) = zone else {
            return Some(Moment::Local(local));
        };
        let moment = zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(Moment::At(UnixTime(moment.as_second())))
    }
}

fn at(local: DateTime, offset: Offset) -> Option<Moment> {
    let moment = offset.to_timestamp(local).ok()?;
    Some(Moment::At(UnixTime(moment.as_second())))
}

impl Described {
    fn take(&mut self, line: &Line) {
        match line.name.as_str() {
            "TZID" => line
                .value
                .trim()
                .trim_start_matches('/')
                .clone_into(&mut self.name),
            "BEGIN" => self.observances.push(Observance::default()),
            _ => {
                let Some(open) = self.observances.last_mut() else {
                    return;
                };
                match line.name.as_str() {
                    "DTSTART" => open.from = date_time(line.value.trim().trim_end_matches('Z')),
                    "TZOFFSETFROM" => open.before = offset(&line.value),
                    "TZOFFSETTO" => open.offset = offset(&line.value),
                    "RRULE" => open.rule = Some(rule::read(&line.value)),
                    _ => {}
                }
            }
        }
    }

    /// What is observed at a local time: what began last before it.
    fn offset(&self, local: DateTime) -> Option<Offset> {
        let begun = self.observances.iter().filter_map(|observance| {
            let began = observance.began(local)?;
            Some((began, observance.offset?))
        });
        let last = begun
            .max_by_key(|(began, _)| *began)
            .map(|(_, offset)| offset);
        // Before all of them the first's own past holds.
        last.or_else(|| {
            let first = self
                .observances
                .iter()
                .min_by_key(|observance| observance.from)?;
            first.before.or(first.offset)
        })
    }
}

impl Observance {
    /// When it last began, not after `local`.
    fn began(&self, local: DateTime) -> Option<DateTime> {
        let first = self.from?;
        let Some(rule) = self
            .rule
            .as_ref()
            .filter(|rule| rule.every == Some(Every::Year))
        else {
            return (first <= local).then_some(first);
        };
        let in_year = |year: i16| {
            let day = rule.day_of_year(year, first.date())?;
            let began = day.to_datetime(first.time());
            let past = rule.until.is_some_and(|until| day > until);
            (began >= first && began <= local && !past).then_some(began)
        };
        let until = rule.until.map(|until| until.year());
        [Some(local.year()), Some(local.year() - 1), until]
            .into_iter()
            .flatten()
            .filter_map(in_year)
            .max()
            .or_else(|| (first <= local).then_some(first))
    }
}

/// `+0700`, `-033015`.
fn offset(text: &str) -> Option<Offset> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.trim_start_matches('+')),
    };
    let two = |at: usize| {
        digits
            .get(at..at + 2)
            .map_or(Some(0), |two| two.parse::<i32>().ok())
    };
    let seconds = two(0)? * 3600 + two(2)? * 60 + two(4)?;
    Offset::from_seconds(sign * seconds).ok()
}

/// `20260824`.
pub(super) fn date(text: &str) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse().ok();
    let digits = text.get(..8)?.bytes().all(|b| b.is_ascii_digit());
    let year: i16 = number(0..4)?;
    let (month, day) = (number(4..6)?, number(6..8)?);
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    digits.then(|| Date::new(year, month, day).ok())?
}

/// `20260824T080000`, also without seconds.
fn date_time(text: &str) -> Option<DateTime> {
    let day = date(text)?;
    let clock = text.get(9..).unwrap_or_default();
    let two = |at: usize| -> Option<i64> {
        match clock.get(at..at + 2) {
            Some(two) => two.parse().ok(),
            None => Some(0),
        }
    };
    let seconds = two(0)? * 3600 + two(2)? * 60 + two(4)?.min(59);
    let length = SignedDuration::from_secs(seconds);
    day.to_datetime(jiff::civil::Time::midnight())
        .checked_add(length)
        .ok()
}
