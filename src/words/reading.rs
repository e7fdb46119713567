//! Sentences about received mail: what speaks against it, what a report says, when an invitation
//! is for. Knows no clock: local times come from the caller.

use jiff::civil::DateTime;
use tcv_domain::invitation::{Event, Every, Moment, Repeat, Weekday};
use tcv_domain::message::UnixTime;
use tcv_domain::report::{Action, Delivery, Disposition, Report};
use tcv_domain::trust::Finding;

use crate::Words;

/// What a finding says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingWords {
    /// What was found.
    pub sentence: String,
    /// What to do.
    pub advice: String,
}

impl Words {
    /// The sentences of a finding about who a message is from.
    #[must_use]
    pub fn finding(&self, finding: &Finding) -> FindingWords {
        let key = format!("trust-{}", finding.sign.id());
        let args = [
            ("evidence", (&finding.evidence).into()),
            ("other", (&finding.other).into()),
        ];
        FindingWords {
            sentence: self.with(&key, &args),
            advice: self.text(&format!("{key}.advice")),
        }
    }

    /// What a report says, a line for each recipient, and what to do about each.
    #[must_use]
    pub fn report(&self, report: &Report) -> Vec<FindingWords> {
        match report {
            Report::Delivery { deliveries, .. } => {
                deliveries.iter().map(|one| self.delivery(one)).collect()
            }
            Report::Receipt {
                recipient,
                disposition,
                ..
            } => {
                let key = match disposition {
                    Disposition::Displayed => "receipt-displayed",
                    Disposition::Deleted => "receipt-deleted",
                    Disposition::Processed => "receipt-processed",
                    Disposition::Denied => "receipt-denied",
                    Disposition::Failed => "receipt-failed",
                };
                vec![FindingWords {
                    sentence: self.with(key, &[("address", recipient.into())]),
                    advice: String::new(),
                }]
            }
        }
    }

    fn delivery(&self, delivery: &Delivery) -> FindingWords {
        let key = match delivery.action {
            Action::Failed => "report-failed",
            Action::Delayed => "report-delayed",
            Action::Delivered => "report-delivered",
            Action::Relayed => "report-relayed",
            Action::Expanded => "report-expanded",
        };
        let reason = format!("reason-{}", delivery.reason.id());
        let args = [
            ("address", (&delivery.address).into()),
            ("reason", self.text(&reason).into()),
        ];
        let advice = match delivery.action {
            Action::Failed => self.text(&format!("{reason}.advice")),
            _ => String::new(),
        };
        FindingWords {
            sentence: self.with(key, &args),
            advice,
        }
    }

    /// When an event takes place: `08:00–09:30, Thứ Hai, 24 tháng 8 năm 2026`. `local` gives local
    /// time.
    #[must_use]
    pub fn event_time(&self, event: &Event, local: &dyn Fn(UnixTime) -> DateTime) -> String {
        let Some(start) = &event.start else {
            return self.text("invitation-time-unknown");
        };
        let civil = |moment: &Moment| match moment {
            Moment::Day(day) => day.to_datetime(jiff::civil::Time::midnight()),
            Moment::At(moment) => local(*moment),
            Moment::Local(time) => *time,
        };
        let from = civil(start);
        let to = event.end.as_ref().map(civil);
        let day = |at: DateTime| self.full_day(at.date());
        if matches!(start, Moment::Day(_)) {
            return match to {
                None => self.with("invitation-all-day", &[("day", day(from).into())]),
                Some(to) => self.spanning(day(from), day(to)),
            };
        }
        let whole = |at: DateTime| {
            let args = [("time", self.time(at).into()), ("day", day(at).into())];
            self.with("date-long", &args)
        };
        match to {
            None => whole(from),
            Some(to) if to.date() == from.date() => self.with(
                "invitation-span",
                &[
                    ("from", self.time(from).into()),
                    ("to", self.time(to).into()),
                    ("day", day(from).into()),
                ],
            ),
            Some(to) => self.spanning(whole(from), whole(to)),
        }
    }

    fn spanning(&self, from: String, to: String) -> String {
        let args = [("from", from.into()), ("to", to.into())];
        self.with("invitation-from-to", &args)
    }

    /// How an event repeats: `hằng tuần vào Thứ Hai, Thứ Tư, đến 31/12/2026`.
    #[must_use]
    pub fn repeat(&self, repeat: &Repeat) -> String {
        let key = match repeat.every {
            None => return self.text("repeat-some"),
            Some(Every::Day) => "repeat-day",
            Some(Every::Week) => "repeat-week",
            Some(Every::Month) => "repeat-month",
            Some(Every::Year) => "repeat-year",
        };
        let mut words = self.with(key, &[("interval", repeat.interval.into())]);
        if !repeat.weekdays.is_empty() {
            let days: Vec<String> = repeat
                .weekdays
                .iter()
                .map(|day| self.nth_day(*day))
                .collect();
            let args = [("step", words.into()), ("days", days.join(", ").into())];
            words = self.with("repeat-on", &args);
        } else if let Some(day) = repeat.month_day.filter(|day| *day > 0) {
            let args = [("step", words.into()), ("day", day.to_string().into())];
            words = self.with("repeat-month-day", &args);
        }
        if let Some(count) = repeat.count {
            let args = [("step", words.into()), ("count", count.into())];
            words = self.with("repeat-count", &args);
        }
        if let Some(until) = repeat.until {
            let args = [("step", words.into()), ("date", self.date(until).into())];
            words = self.with("repeat-until", &args);
        }
        words
    }

    fn nth_day(&self, weekday: Weekday) -> String {
        let monday = jiff::civil::date(2026, 8, 24);
        let step = jiff::Span::new().days(i64::from(weekday.day) - 1);
        let day = self.weekday(monday.saturating_add(step));
        match weekday.nth {
            0 => day,
            ..0 => self.with("repeat-last", &[("day", day.into())]),
            nth => {
                let args = [("day", day.into()), ("nth", nth.to_string().into())];
                self.with("repeat-nth", &args)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use tcv_domain::invitation;
    use tcv_domain::report::Reason;
    use tcv_domain::trust::{Level, Sign};

    use super::*;
    use crate::Language;

    #[test]
    fn every_finding_and_reason_has_words_in_both_languages() {
        for language in Language::ALL {
            let words = Words::new(language);
            for sign in Sign::ALL {
                let finding = Finding {
                    sign: *sign,
                    level: Level::Danger,
                    evidence: "EVIDENCE".to_owned(),
                    other: "OTHER".to_owned(),
                };
                let said = words.finding(&finding);
                assert!(!said.sentence.starts_with("trust-"), "{sign:?}");
                assert!(!said.advice.starts_with("trust-"), "{sign:?}");
            }
            for reason in Reason::ALL {
                let key = format!("reason-{}", reason.id());
                assert!(words.knows(&key), "{key}");
                assert!(!words.text(&format!("{key}.advice")).starts_with("reason-"));
            }
        }
    }

    #[test]
    fn times_are_said_the_vietnamese_way() {
        let words = Words::new(Language::Vi);
        let local = |moment: UnixTime| {
            let moment = jiff::Timestamp::from_second(moment.0).unwrap();
            jiff::tz::Offset::constant(7).to_datetime(moment)
        };
        let said = |lines: &str| {
            let text = format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT");
            let (_, events) = invitation::parse(&text, &|_| None).unwrap();
            words.event_time(&events[0], &local)
        };
        assert_eq!(
            said("DTSTART:20260824T010000Z\nDTEND:20260824T023000Z"),
            "08:00–09:30, Thứ Hai, 24 tháng 8 năm 2026"
        );
        assert_eq!(
            said("DTSTART;VALUE=DATE:20260902"),
            "cả ngày Thứ Tư, 02 tháng 9 năm 2026"
        );
        assert!(said("DTSTART:20260824T010000Z\nDTEND:20260825T010000Z").starts_with("từ 08:00"));
        assert_eq!(said("SUMMARY:x"), "(không ghi thời gian)");
    }

    #[test]
    fn repetitions_are_said_in_a_sentence() {
        let words = Words::new(Language::Vi);
        for (rule, said) in [
            ("FREQ=DAILY;COUNT=3", "hằng ngày, 3 lần"),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20261231",
                "2 tuần một lần vào Thứ Hai, Thứ Tư, đến 31/12/2026",
            ),
            ("FREQ=MONTHLY;BYDAY=-1FR", "hằng tháng vào Thứ Sáu cuối"),
            ("FREQ=MONTHLY;BYMONTHDAY=15", "hằng tháng vào ngày 15"),
            ("FREQ=SECONDLY", "có lặp lại; xem tệp lịch"),
        ] {
            let text = format!("BEGIN:VEVENT\nUID:1\nRRULE:{rule}\nEND:VEVENT");
            let (_, events) = invitation::parse(&text, &|_| None).unwrap();
            assert_eq!(words.repeat(events[0].repeat.as_ref().unwrap()), said);
        }
    }
}
