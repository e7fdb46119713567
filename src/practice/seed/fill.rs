//! The placeholders of the letter templates.
//!
//! * `{{date -2 09:15}}`: a Date header; the day is counted in working days, 0 is today
//! * `{{day +3}}` 26/11/2026 · `{{dm +3}}` 26/11 · `{{long -1}}` ngày 20 tháng 11 năm 2026 ·
//!   `{{weekday +1}}` thứ Ba · `{{utc +3 08:00}}` 20261126T010000Z
//! * `{{week}}` ISO week · `{{year}}` · `{{nextyear}}`
//! * `{{qp}}…{{/qp}}` and `{{base64}}…{{/base64}}` encode what they enclose
//! * `{{file name}}`: an attachment of `letters/files`, in Base64

use jiff::civil::{Time, Weekday};
use jiff::{ToSpan, ZonedDateTime as Zoned};

use crate::clock;
use crate::template::{base64_lines, quoted_printable};

use super::list::FILES;

/// Hour of the latest letter of "today" in the templates, in minutes.
const LATEST: i64 = 14 * 60 + 10;
/// Hour at which the working day of the templates begins, in minutes.
const MORNING: i64 = 7 * 60;

/// The calendar around a moment.
#[derive(Debug)]
pub(crate) struct Days {
    now: Zoned,
}

impl Days {
    pub fn new(now: Zoned) -> Self {
        Days { now }
    }

    /// The day `steps` working days away (Monday to Friday); 0 is today whatever it is.
    fn day(&self, steps: i32) -> Zoned {
        let one = if steps < 0 { (-1).days() } else { 1.day() };
        let mut day = self.now.clone();
        let mut left = steps.abs();
        while left > 0 {
            let Ok(next) = day.checked_add(one) else {
                return day;
            };
            day = next;
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                left -= 1;
            }
        }
        day
    }

    /// A time of a day. Today's times are pressed together when it is not yet that late, so that
    /// their order stays and none lies in the future.
    fn at(&self, steps: i32, time: Time) -> Zoned {
        let minutes = i64::from(time.hour()) * 60 + i64::from(time.minute());
        let now = i64::from(self.now.hour()) * 60 + i64::from(self.now.minute());
        let seconds = if steps == 0 && now <= LATEST {
            let start = if now > MORNING + 30 { MORNING } else { 0 };
            let room = (now - 1 - start).max(0) * 60;
            start * 60 + (minutes - MORNING).clamp(0, LATEST - MORNING) * room / (LATEST - MORNING)
        } else {
            minutes * 60
        };
        let day = self.day(steps);
        let midnight = day.start_of_day().unwrap_or(day);
        midnight.checked_add(seconds.seconds()).unwrap_or(midnight)
    }
}

/// Replaces all placeholders; an unknown one stays, for the tests to find.
pub(crate) fn fill(text: &str, days: &Days) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inside, after)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        rest = after;
        if let "qp" | "base64" = inside {
            let (block, after) = after
                .split_once(&format!("{{{{/{inside}}}}}"))
                .unwrap_or((after, ""));
            let block = fill(block.trim_start_matches('\n'), days);
            out.push_str(&if inside == "qp" {
                quoted_printable(&block)
            } else {
                base64_lines(block.replace('\n', "\r\n").as_bytes())
            });
            rest = after;
        } else {
            out.push_str(&one(inside, days).unwrap_or_else(|| format!("{{{{{inside}}}}}")));
        }
    }
    out + rest
}

fn one(inside: &str, days: &Days) -> Option<String> {
    let mut words = inside.split(' ');
    let (what, argument) = (words.next()?, words.next());
    let steps = || argument?.parse::<i32>().ok();
    let time = words.next().and_then(|t| Time::strptime("%H:%M", t).ok());
    Some(match what {
        "date" => clock::rfc5322(&days.at(steps()?, time?)),
        "utc" => {
            let moment = days.day(steps()?).date().to_datetime(time?);
            let zoned = moment
                .to_zoned_datetime(days.now.time_zone().clone())
                .ok()?;
            zoned
                .with_time_zone(jiff::tz::TimeZone::UTC)
                .strftime("%Y%m%dT%H%M%SZ")
                .to_string()
        }
        "day" => days.day(steps()?).strftime("%d/%m/%Y").to_string(),
        "dm" => days.day(steps()?).strftime("%d/%m").to_string(),
        "long" => long(&days.day(steps()?)),
        "weekday" => weekday(days.day(steps()?).weekday()).to_owned(),
        "week" => days.now.date().iso_week_date().week().to_string(),
        "year" => days.now.year().to_string(),
        "nextyear" => (days.now.year() + 1).to_string(),
        "file" => base64_lines(FILES.iter().find(|(name, _)| Some(*name) == argument)?.1),
        _ => return None,
    })
}

/// As documents write it: days below 10 and the months 1 and 2 with a zero (Decree 30/2020).
fn long(day: &Zoned) -> String {
    let month = if day.month() < 3 {
        format!("0{}", day.month())
    } else {
        day.month().to_string()
    };
    format!("ngày {:02} tháng {month} năm {}", day.day(), day.year())
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "thứ Hai",
        Weekday::Tuesday => "thứ Ba",
        Weekday::Wednesday => "thứ Tư",
        Weekday::Thursday => "thứ Năm",
        Weekday::Friday => "thứ Sáu",
        Weekday::Saturday => "thứ Bảy",
        Weekday::Sunday => "Chủ nhật",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        // Monday 23 November 2026, 14:30.
        let days = Days::new(clock::local(1_795_419_000, 25_200));
        let cases = [
            ("{{date -1 16:40}}", "Fri, 20 Nov 2026 16:40:00 +0700"),
            ("{{date 0 14:05}}", "Mon, 23 Nov 2026 14:05:00 +0700"),
            ("{{day +5}} {{dm -1}}", "30/11/2026 20/11"),
            (
                "{{long -1}}, {{weekday +1}}",
                "ngày 20 tháng 11 năm 2026, thứ Ba",
            ),
            ("{{utc +1 08:00}}", "20261124T010000Z"),
            ("{{week}}/{{nextyear}}", "48/2027"),
            ("{{qp}}\nĐ{{/qp}}.", "=C4=90."),
            ("{{nothing}} {{open", "{{nothing}} {{open"),
        ];
        for (text, filled) in cases {
            assert_eq!(fill(text, &days), filled);
        }
        let early = Days::new(clock::local(1_795_419_000 - 6 * 3600, 25_200));
        assert_eq!(
            fill("{{date 0 14:05}}", &early),
            "Mon, 23 Nov 2026 08:27:57 +0700"
        );
    }
}
