//! Dates the way people say them, from two civil times: now, and the moment spoken of. Reads no clock and knows no time
//! zone; the caller has both.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};

use crate::Words;

/// The heading under which a list groups a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayGroup {
    /// Later than today: a wrong clock somewhere.
    Later,
    /// Today.
    Today,
    /// Yesterday.
    Yesterday,
    /// Earlier in this week, which begins on Monday.
    ThisWeek,
    /// In the week before.
    LastWeek,
    /// Earlier in this month.
    ThisMonth,
    /// In another month.
    Month {
        /// The year.
        year: i16,
        /// 1 to 12.
        month: i8,
    },
}

impl DayGroup {
    /// The group of a moment as seen from now.
    #[must_use]
    pub fn of(now: DateTime, at: DateTime) -> Self {
        let (today, day) = (now.date(), at.date());
        let monday = monday_of(today);
        if day > today {
            Self::Later
        } else if day == today {
            Self::Today
        } else if is_yesterday(today, day) {
            Self::Yesterday
        } else if day >= monday {
            Self::ThisWeek
        } else if day >= monday.saturating_sub(1.week()) {
            Self::LastWeek
        } else if (day.year(), day.month()) == (today.year(), today.month()) {
            Self::ThisMonth
        } else {
            Self::Month {
                year: day.year(),
                month: day.month(),
            }
        }
    }
}

fn monday_of(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
}

fn is_yesterday(today: Date, day: Date) -> bool {
    today.yesterday().is_ok_and(|yesterday| yesterday == day)
}

impl Words {
    /// For the row of a list: `14:05`, `Hôm qua`, `13/08`, `13/08/2025`.
    #[must_use]
    pub fn short_date(&self, now: DateTime, at: DateTime) -> String {
        let (today, day) = (now.date(), at.date());
        if day == today {
            self.time(at)
        } else if is_yesterday(today, day) {
            self.text("date-yesterday")
        } else if day.year() == today.year() {
            self.day_with("date-short", day)
        } else {
            self.date(day)
        }
    }

    /// For the head of a letter: `14:05 hôm nay`, `16:40 hôm qua`, `09:12, Thứ Ba, 25 tháng 8 năm 2026`.
    #[must_use]
    pub fn long_date(&self, now: DateTime, at: DateTime) -> String {
        let (today, day) = (now.date(), at.date());
        let time = self.time(at);
        if day == today {
            self.with("date-long-today", &[("time", time.into())])
        } else if is_yesterday(today, day) {
            self.with("date-long-yesterday", &[("time", time.into())])
        } else {
            self.with(
                "date-long",
                &[("time", time.into()), ("day", self.full_day(day).into())],
            )
        }
    }

    /// A day in full: `Thứ Ba, 25 tháng 8 năm 2026`. As in official documents (Decree 30/2020/NĐ-CP, appendix I)
    /// days below 10 and the months 1 and 2 have a zero in Vietnamese.
    #[must_use]
    pub fn full_day(&self, day: Date) -> String {
        let weekday = self.weekday(day);
        let month = self.text(&format!("month-{}", day.month()));
        self.with(
            "date-full",
            &[
                ("weekday", weekday.into()),
                ("day", two_digits(day.day()).into()),
                ("month", month.into()),
                ("year", day.year().to_string().into()),
            ],
        )
    }

    /// The day of the week: `Thứ Ba`.
    #[must_use]
    pub fn weekday(&self, day: Date) -> String {
        self.text(weekday_key(day.weekday()))
    }

    /// A day with its year: `13/08/2025`.
    #[must_use]
    pub fn date(&self, day: Date) -> String {
        self.day_with("date-with-year", day)
    }

    /// Time and day: `14:05 13/08/2025`.
    #[must_use]
    pub fn date_time(&self, at: DateTime) -> String {
        self.with(
            "date-time",
            &[
                ("time", self.time(at).into()),
                ("date", self.date(at.date()).into()),
            ],
        )
    }

    /// Hour and minute on the 24-hour clock: `07:30`.
    #[must_use]
    pub fn time(&self, at: DateTime) -> String {
        format!("{:02}:{:02}", at.hour(), at.minute())
    }

    /// The heading of a group of days: `Hôm nay`, `Tuần này`, `Tháng 8 năm 2026`.
    #[must_use]
    pub fn day_group(&self, group: DayGroup) -> String {
        match group {
            DayGroup::Later => self.text("date-group-later"),
            DayGroup::Today => self.text("date-today"),
            DayGroup::Yesterday => self.text("date-yesterday"),
            DayGroup::ThisWeek => self.text("date-group-this-week"),
            DayGroup::LastWeek => self.text("date-group-last-week"),
            DayGroup::ThisMonth => self.text("date-group-this-month"),
            DayGroup::Month { year, month } => {
                let month = self.text(&format!("month-heading-{month}"));
                self.with(
                    "date-group-month",
                    &[("month", month.into()), ("year", year.to_string().into())],
                )
            }
        }
    }

    fn day_with(&self, key: &str, day: Date) -> String {
        let month = self.text(&format!("month-short-{}", day.month()));
        let mut args = vec![
            ("day", two_digits(day.day()).into()),
            ("month", month.into()),
        ];
        if key == "date-with-year" {
            args.push(("year", day.year().to_string().into()));
        }
        self.with(key, &args)
    }
}

fn two_digits(number: i8) -> String {
    format!("{number:02}")
}

const fn weekday_key(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "weekday-monday",
        Weekday::Tuesday => "weekday-tuesday",
        Weekday::Wednesday => "weekday-wednesday",
        Weekday::Thursday => "weekday-thursday",
        Weekday::Friday => "weekday-friday",
        Weekday::Saturday => "weekday-saturday",
        Weekday::Sunday => "weekday-sunday",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use super::*;
    use crate::Language;

    /// A Tuesday afternoon.
    fn now() -> DateTime {
        datetime(2026, 8, 25, 14, 30, 0, 0)
    }

    fn vi() -> Words {
        Words::new(Language::Vi)
    }

    #[test]
    fn short_dates() {
        let table = [
            (datetime(2026, 8, 25, 9, 5, 0, 0), "09:05"),
            (datetime(2026, 8, 24, 23, 59, 0, 0), "Hôm qua"),
            (datetime(2026, 8, 13, 8, 0, 0, 0), "13/08"),
            (datetime(2025, 12, 31, 8, 0, 0, 0), "31/12/2025"),
            (datetime(2026, 8, 26, 8, 0, 0, 0), "26/08"),
        ];
        for (at, expected) in table {
            assert_eq!(vi().short_date(now(), at), expected);
        }
        let new_year = datetime(2026, 1, 1, 8, 0, 0, 0);
        assert_eq!(
            vi().short_date(new_year, datetime(2025, 12, 31, 8, 0, 0, 0)),
            "Hôm qua"
        );
        let en = Words::new(Language::En);
        assert_eq!(
            en.short_date(now(), datetime(2026, 8, 3, 8, 0, 0, 0)),
            "03 Aug"
        );
        assert_eq!(
            en.short_date(now(), datetime(2025, 8, 13, 8, 0, 0, 0)),
            "13 Aug 2025"
        );
    }

    #[test]
    fn long_dates() {
        assert_eq!(
            vi().long_date(now(), datetime(2026, 8, 25, 14, 5, 0, 0)),
            "14:05 hôm nay"
        );
        assert_eq!(
            vi().long_date(now(), datetime(2026, 8, 24, 16, 40, 0, 0)),
            "16:40 hôm qua"
        );
        assert_eq!(
            vi().long_date(now(), datetime(2026, 2, 4, 9, 12, 0, 0)),
            "09:12, Thứ Tư, 04 tháng 02 năm 2026"
        );
        assert_eq!(vi().full_day(now().date()), "Thứ Ba, 25 tháng 8 năm 2026");
        assert_eq!(
            Words::new(Language::En).full_day(now().date()),
            "Tuesday, 25 August 2026"
        );
        assert_eq!(vi().date_time(now()), "14:30 25/08/2026");
    }

    #[test]
    fn groups_of_days() {
        let group = |day, month, year| {
            vi().day_group(DayGroup::of(now(), datetime(year, month, day, 8, 0, 0, 0)))
        };
        assert_eq!(group(25, 8, 2026), "Hôm nay");
        assert_eq!(group(24, 8, 2026), "Hôm qua");
        assert_eq!(group(23, 8, 2026), "Tuần trước");
        assert_eq!(group(17, 8, 2026), "Tuần trước");
        assert_eq!(group(16, 8, 2026), "Tháng này");
        assert_eq!(group(31, 7, 2026), "Tháng 7 năm 2026");
        assert_eq!(group(26, 8, 2026), "Sắp tới");
        let friday = datetime(2026, 8, 28, 8, 0, 0, 0);
        assert_eq!(DayGroup::of(friday, now()), DayGroup::ThisWeek);
    }
}
