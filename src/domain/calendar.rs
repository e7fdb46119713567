//! Which days are worked, and which half of a day a moment belongs to.
//!
//! First cut: the days of the week, and two tables for what is announced each year (days off,
//! Saturdays worked in exchange). Lunar holidays are not computed here; the profile lists them.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time, Weekday};

/// A half of a day. Noon belongs to the afternoon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Half {
    /// From midnight to noon.
    Morning,
    /// From noon to midnight.
    Afternoon,
}

/// Where the halves meet.
pub const NOON: Time = Time::constant(12, 0, 0, 0);

impl Half {
    /// The half a time of day lies in.
    #[must_use]
    pub fn of(time: Time) -> Self {
        if time < NOON {
            Self::Morning
        } else {
            Self::Afternoon
        }
    }
}

/// The days an office works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingCalendar {
    /// Days of the week, Monday first.
    pub weekdays: [bool; 7],
    /// Days off whatever day of the week they are.
    pub holidays: BTreeSet<Date>,
    /// Days worked whatever day of the week they are; they win over `holidays`.
    pub worked: BTreeSet<Date>,
}

impl Default for WorkingCalendar {
    /// Monday to Friday, no holidays.
    fn default() -> Self {
        Self {
            weekdays: [true, true, true, true, true, false, false],
            holidays: BTreeSet::new(),
            worked: BTreeSet::new(),
        }
    }
}

impl WorkingCalendar {
    /// Whether the office works on `date`.
    #[must_use]
    pub fn is_working(&self, date: Date) -> bool {
        self.worked.contains(&date)
            || (!self.holidays.contains(&date) && self.weekdays[weekday_index(date.weekday())])
    }

    /// The first working day after `date`; `None` if there is none within ten years (a profile
    /// that lists no working day at all).
    #[must_use]
    pub fn next_working_day(&self, date: Date) -> Option<Date> {
        const TEN_YEARS: usize = 3653;
        let days = std::iter::successors(date.tomorrow().ok(), |day| day.tomorrow().ok());
        days.take(TEN_YEARS).find(|day| self.is_working(*day))
    }
}

/// Monday 0 … Sunday 6.
fn weekday_index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}

/// The beginning of the day after `moment`'s; the last moment there is at the end of time.
#[must_use]
pub fn next_midnight(moment: DateTime) -> DateTime {
    moment
        .date()
        .tomorrow()
        .map_or(DateTime::MAX, |day| day.to_datetime(Time::midnight()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    /// 2026-08-31 is off (joined to 2 September), Saturday 2026-08-22 is worked for it.
    fn year_2026() -> WorkingCalendar {
        WorkingCalendar {
            holidays: [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2)].into(),
            worked: [date(2026, 8, 22)].into(),
            ..WorkingCalendar::default()
        }
    }

    #[test]
    fn days_off_and_exchanged_days() {
        for (day, working) in [
            (date(2026, 8, 21), true),
            (date(2026, 8, 22), true),
            (date(2026, 8, 23), false),
            (date(2026, 8, 29), false),
            (date(2026, 8, 31), false),
            (date(2026, 9, 2), false),
            (date(2026, 9, 3), true),
        ] {
            assert_eq!(year_2026().is_working(day), working, "{day}");
        }
    }

    #[test]
    fn the_next_working_day_skips_what_is_off() {
        let calendar = year_2026();
        for (from, next) in [
            (date(2026, 8, 20), Some(date(2026, 8, 21))),
            (date(2026, 8, 21), Some(date(2026, 8, 22))),
            (date(2026, 8, 22), Some(date(2026, 8, 24))),
            (date(2026, 8, 28), Some(date(2026, 9, 3))),
            (Date::MAX, None),
        ] {
            assert_eq!(calendar.next_working_day(from), next, "{from}");
        }
        let never = WorkingCalendar {
            weekdays: [false; 7],
            ..WorkingCalendar::default()
        };
        assert_eq!(never.next_working_day(date(2026, 8, 20)), None);
    }

    #[test]
    fn noon_begins_the_afternoon() {
        for (at, half) in [
            (time(0, 0, 0, 0), Half::Morning),
            (time(11, 59, 59, 999_999_999), Half::Morning),
            (time(12, 0, 0, 0), Half::Afternoon),
            (time(23, 59, 0, 0), Half::Afternoon),
        ] {
            assert_eq!(Half::of(at), half);
        }
    }
}
