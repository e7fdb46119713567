//! Which of the backups of many days are kept: the newest of each of the last days, weeks and
//! months that have one.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};

/// How many days, weeks and months back a backup is kept of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days.
    pub daily: u32,
    /// Weeks, Monday to Sunday.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
}

/// A week of days, four weeks, a year of months.
impl Default for Keep {
    fn default() -> Self {
        Self {
            daily: 7,
            weekly: 4,
            monthly: 12,
        }
    }
}

/// The first day of the period a moment is in.
type Period = fn(&DateTime) -> Date;

/// Those of some moments that are not kept. The newest always is.
#[must_use]
pub fn expired(made: &[DateTime], keep: Keep) -> Vec<DateTime> {
    let mut newest_first = made.to_vec();
    newest_first.sort_unstable();
    newest_first.reverse();
    let mut kept: BTreeSet<DateTime> = newest_first.first().copied().into_iter().collect();
    let periods: [(u32, Period); 3] = [
        (keep.daily, |at| at.date()),
        (keep.weekly, |at| {
            let monday = i64::from(at.weekday().to_monday_zero_offset());
            at.date().saturating_sub(jiff::Span::new().days(monday))
        }),
        (keep.monthly, |at| at.date().first_of_month()),
    ];
    for (count, period) in periods {
        let mut seen = BTreeSet::new();
        for at in &newest_first {
            if seen.len() < usize::try_from(count).unwrap_or(usize::MAX) && seen.insert(period(at))
            {
                kept.insert(*at);
            }
        }
    }
    newest_first.retain(|at| !kept.contains(at));
    newest_first
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::datetime;

    use super::*;

    #[test]
    fn two_years_of_daily_backups_come_to_a_few() {
        let last = datetime(2026, 11, 24, 8, 0, 0, 0);
        let made: Vec<DateTime> = (0..730)
            .map(|days| last.checked_sub(jiff::Span::new().days(days)).unwrap())
            .collect();
        let gone = expired(&made, Keep::default());
        let kept: Vec<_> = made.iter().filter(|at| !gone.contains(at)).collect();
        let days: Vec<String> = kept.iter().map(|at| at.date().to_string()).collect();
        assert_eq!(days[..7].last().unwrap(), "2026-11-18", "a week of days");
        // 24 November 2026 is a Tuesday: the Sundays before end three further weeks.
        assert!(days.contains(&"2026-11-15".to_owned()) && days.contains(&"2026-11-08".to_owned()));
        assert!(days.contains(&"2026-10-31".to_owned()) && days.contains(&"2025-12-31".to_owned()));
        assert!(!days.contains(&"2025-11-30".to_owned()), "twelve months");
        assert_eq!(kept.len(), 7 + 2 + 11);
    }

    #[test]
    fn the_newest_is_kept_whatever_is_asked_for() {
        let none = Keep {
            daily: 0,
            weekly: 0,
            monthly: 0,
        };
        let made = [1, 3, 2].map(|hour| datetime(2026, 11, 24, hour, 0, 0, 0));
        let gone = expired(&made, none);
        assert_eq!(gone.len(), 2);
        assert!(!gone.contains(&made[1]));
        assert!(expired(&[], none).is_empty());
    }
}
