//! Dates of header fields (RFC 5322 §3.3, §4.3), read as they are written: with and without
//! weekday, seconds and zone, with month names in full, in the order of C's `asctime` or of
//! ISO 8601.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::message::UnixTime;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Zones with names, in hours east of Greenwich (RFC 5322 §4.3). All others are unknown, which
/// means UTC.
const ZONES: [(&str, i64); 9] = [
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
    ("ict", 7),
];

#[derive(Default)]
struct Date {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    time: Option<(i8, i8, i8)>,
    /// Seconds east of Greenwich.
    zone: i64,
}

/// The moment `text` names; `None` where it names none after 1970.
pub(super) fn parse(text: &str) -> Option<UnixTime> {
    let mut date = Date::default();
    for word in without_comments(text)
        .split([' ', '\t', ','])
        .filter(|word| !word.is_empty())
    {
        date.take(word);
    }
    let (hour, minute, second) = date.time.unwrap_or_default();
    // A leap second is no second of Unix time.
    let local = DateTime::new(
        date.year?,
        date.month?,
        date.day?,
        hour,
        minute,
        second.min(59),
        0,
    )
    .ok()?;
    let seconds = TimeZone::UTC.to_timestamp(local).ok()?.as_second() - date.zone;
    (seconds > 0).then_some(UnixTime(seconds))
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    let outside = |c: &char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(outside).collect()
}

impl Date {
    fn take(&mut self, word: &str) {
        if let Some((day, time)) = word.split_once(['T', 't']).filter(|(_, t)| t.contains(':')) {
            // ISO 8601: 2026-08-25T07:05:00Z
            self.take(day);
            let end = time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len());
            self.take(&time[..end]);
            self.take(&time[end..]);
        } else if word.contains(':') && !word.starts_with(['+', '-']) {
            self.time = self.time.or_else(|| clock(word));
        } else if word.starts_with(['+', '-']) {
            self.zone = offset(word).unwrap_or(self.zone);
        } else if word.contains('-') {
            word.split('-').for_each(|piece| self.take(piece));
        } else if word.starts_with(|c: char| c.is_ascii_digit()) {
            self.number(word);
        } else {
            self.name(word);
        }
    }

    fn number(&mut self, word: &str) {
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        let Ok(number) = digits.parse::<i16>() else {
            return;
        };
        let short = digits.len() <= 2;
        if digits.len() == 4 || (self.day.is_some() && self.month.is_some()) {
            // RFC 5322 §4.3: two digits below 50 lie in this century, three count from 1900.
            self.year = self.year.or(Some(match number {
                0..=49 if short => number + 2000,
                50..=999 => number + 1900,
                year => year,
            }));
        } else if self.year.is_some() && self.month.is_none() {
            self.month = i8::try_from(number).ok();
        } else if short && self.day.is_none() {
            self.day = i8::try_from(number).ok();
        }
    }

    fn name(&mut self, word: &str) {
        let word = word.to_ascii_lowercase();
        let month = word
            .get(..3)
            .and_then(|start| MONTHS.iter().position(|m| *m == start));
        if let Some(month) = month.filter(|_| self.month.is_none()) {
            self.month = i8::try_from(month + 1).ok();
        } else if let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == word) {
            self.zone = hours * 3600;
        } else if let Some(at) = word.find(['+', '-']) {
            self.zone = offset(&word[at..]).unwrap_or(self.zone);
        }
    }
}

/// `07:05` or `07:05:09.5`.
fn clock(word: &str) -> Option<(i8, i8, i8)> {
    let mut numbers = word.split([':', '.']).map(|n| n.parse::<i8>().ok());
    Some((
        numbers.next()??,
        numbers.next()??,
        numbers.next().flatten().unwrap_or(0),
    ))
}

/// `+0700` or `-07:00` in seconds.
fn offset(word: &str) -> Option<i64> {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let number = digits
        .get(..4)
        .or(Some(digits.as_str()))
        .and_then(|n| n.parse::<i64>().ok())?;
    let (hours, minutes) = if digits.len() <= 2 {
        (number, 0)
    } else {
        (number / 100, number % 100)
    };
    let seconds = hours * 3600 + minutes * 60;
    (hours < 24).then_some(if word.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        const MOMENT: Option<i64> = Some(1_787_641_500);
        for (text, seconds) in [
            ("Tue, 25 Aug 2026 14:05:00 +0700", MOMENT),
            ("25 Aug 26 07:05 GMT", MOMENT),
            ("Tue, 25 Aug 2026 07:05:00 -0000 (UTC)", MOMENT),
            (
                "Tue,25 August 2026 14:05:00 +07:00 (Giờ (Đông Dương))",
                MOMENT,
            ),
            ("Tue Aug 25 07:05:00 2026", MOMENT),
            ("25-Aug-2026 03:05:00 EDT", MOMENT),
            ("2026-08-25T14:05:00+07:00", MOMENT),
            ("2026-08-25 07:05:00", MOMENT),
            ("Tue, 25 Aug 2026 14:05:00 GMT+0700", MOMENT),
            ("Tue, 25 Aug 126 07:05:00 GMT", MOMENT),
            ("Fri, 30 Jun 2017 23:59:60 +0000", Some(1_498_867_199)),
            ("Thu, 1 Jan 0001 00:00:00 +0000", None),
            ("31 Feb 2026 00:00:00 +0000", None),
            ("25 Aug 2026 25:00:00 +0000", None),
            ("nonsense", None),
            ("9999999999 - : + T:", None),
            ("", None),
        ] {
            assert_eq!(parse(text), seconds.map(UnixTime), "{text}");
        }
    }
}
