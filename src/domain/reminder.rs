//! When the user must be reminded to check the mailbox, and whether it was done.
//!
//! The duty is twice a working day, at the start of the morning and of the afternoon. Everything
//! is in the civil time of the office: a clock that is set forth or back changes only what `now`
//! is, and every answer is computed from `now` and the records afresh. Sleeping, showing the
//! notification and keeping the records are the engine's work.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};

use crate::calendar::{Half, NOON, WorkingCalendar, next_midnight};

/// A time of day at which the mailbox is to be checked; whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckTime(Time);

impl CheckTime {
    /// A check at an hour (0–23) and minute (0–59); `None` outside them.
    #[must_use]
    pub fn new(hour: i8, minute: i8) -> Option<Self> {
        Time::new(hour, minute, 0, 0).ok().map(Self)
    }

    /// The time of day.
    #[must_use]
    pub const fn time(self) -> Time {
        self.0
    }

    /// This check on a day: the key under which a notification is recorded as given.
    #[must_use]
    pub const fn on(self, date: Date) -> DateTime {
        DateTime::from_parts(date, self.0)
    }

    /// The half day it belongs to.
    #[must_use]
    pub fn half(self) -> Half {
        Half::of(self.0)
    }
}

impl fmt::Display for CheckTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

/// A text that is no time of day of the form `07:30`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time of the form 07:30")]
pub struct BadCheckTime(pub String);

impl FromStr for CheckTime {
    type Err = BadCheckTime;

    fn from_str(text: &str) -> Result<Self, BadCheckTime> {
        let number = |digits: &str| {
            let plain = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse::<i8>().ok()).flatten()
        };
        text.split_once(':')
            .filter(|(_, minute)| minute.len() == 2)
            .and_then(|(hour, minute)| Self::new(number(hour)?, number(minute)?))
            .ok_or_else(|| BadCheckTime(text.to_owned()))
    }
}

/// When an office checks its mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Check times, ascending, no repeats.
    pub check_times: Vec<CheckTime>,
    /// The days it works.
    pub calendar: WorkingCalendar,
}

impl Default for Schedule {
    /// 07:30 and 13:30, Monday to Friday.
    fn default() -> Self {
        Self {
            check_times: [(7, 30), (13, 30)]
                .into_iter()
                .filter_map(|(hour, minute)| CheckTime::new(hour, minute))
                .collect(),
            calendar: WorkingCalendar::default(),
        }
    }
}

impl Schedule {
    /// The check times of a half day; none on a day off.
    fn checks(&self, date: Date, half: Half) -> impl Iterator<Item = CheckTime> {
        let working = self.calendar.is_working(date);
        self.check_times
            .iter()
            .copied()
            .filter(move |check| working && check.half() == half)
    }
}

/// How a half day stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalfDay {
    /// The inbox was looked at, last at this time.
    Looked(Time),
    /// It is time, since this check.
    Due(CheckTime),
    /// The check is still to come.
    NotYet(CheckTime),
    /// The half day passed without a look.
    Missed,
    /// No check is asked for: a day off, or no check time in this half.
    Off,
}

/// Both halves of today, for the status line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The morning.
    pub morning: HalfDay,
    /// The afternoon.
    pub afternoon: HalfDay,
}

/// How today stands at `now`. `looked` are the moments the inbox was looked at, in any order and
/// of any day; one after `now` counts too, because then the clock was set back, not the duty.
#[must_use]
pub fn status(now: DateTime, schedule: &Schedule, looked: &[DateTime]) -> Status {
    let half = |half| half_status(now, schedule, looked, half);
    Status {
        morning: half(Half::Morning),
        afternoon: half(Half::Afternoon),
    }
}

fn half_status(now: DateTime, schedule: &Schedule, looked: &[DateTime], half: Half) -> HalfDay {
    if let Some(last) = last_look(now.date(), half, looked) {
        return HalfDay::Looked(last);
    }
    let Some(first) = schedule.checks(now.date(), half).next() else {
        return HalfDay::Off;
    };
    if half < Half::of(now.time()) {
        HalfDay::Missed
    } else if first.time() <= now.time() {
        HalfDay::Due(first)
    } else {
        HalfDay::NotYet(first)
    }
}

/// The last look in a half day.
fn last_look(date: Date, half: Half, looked: &[DateTime]) -> Option<Time> {
    looked
        .iter()
        .filter(|at| at.date() == date && Half::of(at.time()) == half)
        .map(|at| at.time())
        .max()
}

/// The check to notify of at `now`, if any: the latest one of this half day that has come, was
/// not notified of, while the inbox was not looked at in this half day. `notified` holds
/// [`CheckTime::on`] of the notifications given. One missed while the machine slept is made up
/// for as long as its half day lasts, never later.
#[must_use]
pub fn due_notification(
    now: DateTime,
    schedule: &Schedule,
    looked: &[DateTime],
    notified: &[DateTime],
) -> Option<CheckTime> {
    let half = Half::of(now.time());
    if last_look(now.date(), half, looked).is_some() {
        return None;
    }
    let due = schedule
        .checks(now.date(), half)
        .filter(|check| check.time() <= now.time())
        .last()?;
    // A later one given and the clock set back: the user has been told.
    let told = notified.iter().any(|given| {
        given.date() == now.date() && Half::of(given.time()) == half && *given >= due.on(now.date())
    });
    (!told).then_some(due)
}

/// When the answers above can next change by time alone: the next check, noon, or midnight,
/// always after `now`. A sleeper must also wake when the clock is set (an upper bound on each
/// sleep does it).
#[must_use]
pub fn next_wake(now: DateTime, schedule: &Schedule) -> DateTime {
    let today = now.date();
    let checks = [Half::Morning, Half::Afternoon]
        .into_iter()
        .flat_map(|half| schedule.checks(today, half))
        .map(|check| check.on(today));
    checks
        .chain([today.to_datetime(NOON), next_midnight(now)])
        .filter(|moment| *moment > now)
        .min()
        .unwrap_or(DateTime::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    fn moments(list: &[&str]) -> Vec<DateTime> {
        list.iter().map(|text| at(text)).collect()
    }

    fn check(text: &str) -> CheckTime {
        text.parse().unwrap()
    }

    fn schedule(times: &[&str]) -> Schedule {
        let check_times = times.iter().map(|text| check(text)).collect();
        Schedule {
            check_times,
            ..Schedule::default()
        }
    }

    // 2026-11-23 is a Monday, 2026-11-28 a Saturday.

    #[test]
    fn the_status_line_through_a_day() {
        use HalfDay::{Due, Looked, Missed, NotYet, Off};
        let time = |text: &str| at(&format!("2026-11-23T{text}")).time();
        let morning = check("07:30");
        let afternoon = check("13:30");
        for (now, looked, expected) in [
            (
                "2026-11-23T00:00",
                &[][..],
                (NotYet(morning), NotYet(afternoon)),
            ),
            (
                "2026-11-23T07:29:59",
                &[],
                (NotYet(morning), NotYet(afternoon)),
            ),
            ("2026-11-23T07:30", &[], (Due(morning), NotYet(afternoon))),
            ("2026-11-23T11:59", &[], (Due(morning), NotYet(afternoon))),
            ("2026-11-23T12:00", &[], (Missed, NotYet(afternoon))),
            ("2026-11-23T13:30", &[], (Missed, Due(afternoon))),
            ("2026-11-23T23:59:59", &[], (Missed, Due(afternoon))),
            // Looked at before the check time, and twice.
            (
                "2026-11-23T07:00",
                &["2026-11-23T06:50"],
                (Looked(time("06:50")), NotYet(afternoon)),
            ),
            (
                "2026-11-23T12:10",
                &["2026-11-23T08:02", "2026-11-23T07:31"],
                (Looked(time("08:02")), NotYet(afternoon)),
            ),
            // A look in the morning is none in the afternoon, and none of yesterday counts.
            (
                "2026-11-23T14:00",
                &["2026-11-23T11:59"],
                (Looked(time("11:59")), Due(afternoon)),
            ),
            (
                "2026-11-23T08:00",
                &["2026-11-22T08:00"],
                (Due(morning), NotYet(afternoon)),
            ),
            // Clock set back after the look.
            (
                "2026-11-23T07:10",
                &["2026-11-23T08:00"],
                (Looked(time("08:00")), NotYet(afternoon)),
            ),
            // Weekend: nothing is asked for, a look is still shown.
            ("2026-11-28T09:00", &[], (Off, Off)),
            (
                "2026-11-28T09:00",
                &["2026-11-28T08:00"],
                (Looked(time("08:00")), Off),
            ),
        ] {
            let found = status(at(now), &Schedule::default(), &moments(looked));
            assert_eq!(
                (found.morning, found.afternoon),
                expected,
                "{now} {looked:?}"
            );
        }
    }

    #[test]
    fn a_half_day_without_a_check_time_is_off() {
        let found = status(at("2026-11-23T14:00"), &schedule(&["08:00"]), &[]);
        assert_eq!(
            found,
            Status {
                morning: HalfDay::Missed,
                afternoon: HalfDay::Off
            }
        );
    }

    #[test]
    fn one_notification_for_each_check_not_done() {
        for (now, looked, notified, expected) in [
            ("2026-11-23T07:29", &[][..], &[][..], None),
            ("2026-11-23T07:30", &[], &[], Some("07:30")),
            ("2026-11-23T07:31", &[], &["2026-11-23T07:30"], None),
            // The machine slept through it, or the clock jumped forth within the half day.
            ("2026-11-23T11:58", &[], &[], Some("07:30")),
            // Through noon: the morning is over, the afternoon's check has not come.
            ("2026-11-23T12:30", &[], &[], None),
            (
                "2026-11-23T15:00",
                &[],
                &["2026-11-23T07:30"],
                Some("13:30"),
            ),
            // Looked at in this half day, or only in the other one.
            ("2026-11-23T07:30", &["2026-11-23T07:05"], &[], None),
            (
                "2026-11-23T13:30",
                &["2026-11-23T09:00"],
                &[],
                Some("13:30"),
            ),
            // The clock went back a little: told once is told. Back by a day: told anew.
            ("2026-11-23T07:30", &[], &["2026-11-23T07:30"], None),
            (
                "2026-11-20T07:45",
                &[],
                &["2026-11-23T07:30"],
                Some("07:30"),
            ),
            // The clock went forth by days.
            (
                "2026-11-25T13:30",
                &["2026-11-23T13:31"],
                &["2026-11-23T13:30"],
                Some("13:30"),
            ),
            // Midnight and weekend.
            ("2026-11-24T00:00", &[], &[], None),
            ("2026-11-28T07:30", &[], &[], None),
        ] {
            let found = due_notification(
                at(now),
                &Schedule::default(),
                &moments(looked),
                &moments(notified),
            );
            assert_eq!(found, expected.map(check), "{now} {looked:?} {notified:?}");
        }
    }

    #[test]
    fn several_checks_in_a_half_day() {
        let schedule = schedule(&["07:30", "10:00", "13:30"]);
        for (now, notified, expected) in [
            ("2026-11-23T09:59", &["2026-11-23T07:30"][..], None),
            ("2026-11-23T10:00", &["2026-11-23T07:30"], Some("10:00")),
            // Slept over both: only the later.
            ("2026-11-23T10:30", &[], Some("10:00")),
            // Told of the later, then the clock went back.
            ("2026-11-23T09:00", &["2026-11-23T10:00"], None),
        ] {
            let found = due_notification(at(now), &schedule, &[], &moments(notified));
            assert_eq!(found, expected.map(check), "{now}");
        }
    }

    #[test]
    fn holidays_and_exchanged_saturdays_are_heeded() {
        let mut schedule = Schedule::default();
        schedule
            .calendar
            .holidays
            .insert(at("2026-11-24T00:00").date());
        schedule
            .calendar
            .worked
            .insert(at("2026-11-28T00:00").date());
        assert_eq!(
            due_notification(at("2026-11-24T08:00"), &schedule, &[], &[]),
            None
        );
        let saturday = due_notification(at("2026-11-28T08:00"), &schedule, &[], &[]);
        assert_eq!(saturday, Some(check("07:30")));
    }

    #[test]
    fn the_next_wake_is_always_ahead() {
        for (now, wake) in [
            ("2026-11-23T00:00", "2026-11-23T07:30"),
            ("2026-11-23T07:29:59.999", "2026-11-23T07:30"),
            ("2026-11-23T07:30", "2026-11-23T12:00"),
            ("2026-11-23T12:00", "2026-11-23T13:30"),
            ("2026-11-23T13:30", "2026-11-24T00:00"),
            ("2026-11-27T20:00", "2026-11-28T00:00"),
            ("2026-11-28T00:00", "2026-11-28T12:00"),
            ("2026-12-31T23:59:59", "2027-01-01T00:00"),
        ] {
            assert_eq!(next_wake(at(now), &Schedule::default()), at(wake), "{now}");
        }
        let empty = schedule(&[]);
        assert_eq!(
            next_wake(at("2026-11-23T13:00"), &empty),
            at("2026-11-24T00:00")
        );
        assert_eq!(next_wake(DateTime::MAX, &empty), DateTime::MAX);
    }

    #[test]
    fn check_times_are_hours_and_minutes() {
        for (text, written) in [
            ("07:30", "07:30"),
            ("7:05", "07:05"),
            ("00:00", "00:00"),
            ("23:59", "23:59"),
        ] {
            assert_eq!(check(text).to_string(), written);
        }
        for text in [
            "", "7", "24:00", "12:60", "12:5", "+7:30", "07:30:00", "7h30", "-1:00",
        ] {
            assert_eq!(
                text.parse::<CheckTime>(),
                Err(BadCheckTime(text.to_owned()))
            );
        }
    }
}
