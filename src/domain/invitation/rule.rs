//! Repetitions (RFC 5545 §3.3.10), as far as they can be told in a sentence: every day, week,
//! month or year, on which weekdays, how often or until when. Others are only known to repeat.

use jiff::civil::Date;

use super::time;

/// The step of a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Every {
    /// Each day.
    Day,
    /// Each week.
    Week,
    /// Each month.
    Month,
    /// Each year.
    Year,
}

/// A weekday of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weekday {
    /// Which of the month or year: 2 is the second, -1 the last, 0 each one.
    pub nth: i8,
    /// Monday is 1, Sunday 7.
    pub day: i8,
}

/// A repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeat {
    /// The step; `None` for one that cannot be told in a sentence.
    pub every: Option<Every>,
    /// So many steps at once, usually one.
    pub interval: u32,
    /// On these weekdays only.
    pub weekdays: Vec<Weekday>,
    /// On this day of the month; negative ones count from its end.
    pub month_day: Option<i8>,
    /// In this month.
    pub month: Option<i8>,
    /// So often in all.
    pub count: Option<u32>,
    /// Not after this day.
    pub until: Option<Date>,
}

/// A rule.
pub(super) fn read(value: &str) -> Repeat {
    let mut rule = Repeat {
        interval: 1,
        ..Repeat::default()
    };
    let mut simple = true;
    for part in value.trim().split(';') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name.trim().to_ascii_uppercase().as_str() {
            "FREQ" => rule.every = every(value),
            "INTERVAL" => rule.interval = value.parse().unwrap_or(1).max(1),
            "COUNT" => rule.count = value.parse().ok(),
            "UNTIL" => rule.until = time::date(value.trim()),
            "BYDAY" => rule.weekdays = value.split(',').filter_map(weekday).collect(),
            "BYMONTHDAY" => {
                simple &= !value.contains(',');
                rule.month_day = value.parse().ok();
            }
            "BYMONTH" => {
                simple &= !value.contains(',');
                rule.month = value.parse().ok();
            }
            "WKST" | "" => {}
            _ => simple = false,
        }
    }
    // "On weekdays 1 to 5, each month" and its like need a calendar, not a sentence.
    let weekly = matches!(rule.every, Some(Every::Day | Every::Week));
    simple &= weekly || rule.weekdays.len() <= 1;
    if !simple {
        rule.every = None;
    }
    rule
}

fn every(value: &str) -> Option<Every> {
    match value.trim().to_ascii_uppercase().as_str() {
        "DAILY" => Some(Every::Day),
        "WEEKLY" => Some(Every::Week),
        "MONTHLY" => Some(Every::Month),
        "YEARLY" => Some(Every::Year),
        _ => None,
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    let text = text.trim();
    let (nth, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let day = names
        .iter()
        .position(|known| name.eq_ignore_ascii_case(known))?;
    Some(Weekday {
        nth: nth.trim_start_matches('+').parse().unwrap_or(0),
        day: i8::try_from(day + 1).ok()?,
    })
}

impl Repeat {
    /// The day a yearly rule means in a year; `first` is where it began.
    pub(super) fn day_of_year(&self, year: i16, first: Date) -> Option<Date> {
        let month = self.month.unwrap_or_else(|| first.month());
        if let Some(Weekday { nth, day }) = self.weekdays.first() {
            let weekday = jiff::civil::Weekday::from_monday_one_offset(*day).ok()?;
            let start = Date::new(year, month, 1).ok()?;
            let nth = if *nth == 0 { 1 } else { *nth };
            return start.nth_weekday_of_month(nth, weekday).ok();
        }
        let day = self.month_day.unwrap_or_else(|| first.day());
        match day {
            1.. => Date::new(year, month, day).ok(),
            _ => Some(Date::new(year, month, 1).ok()?.last_of_month()),
        }
    }
}
