//! Moments on the command line: written in RFC 3339 for programs, read as people type them for `--at`.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use tcv_domain::message::UnixTime;
use tcv_engine::Clock;

/// A moment for programs: `2026-08-25T07:05:00Z`.
pub fn iso(at: UnixTime) -> String {
    Timestamp::from_second(at.0).unwrap_or_default().to_string()
}

/// The moment a text names: RFC 3339 with an offset, `2026-08-25 14:30` in local time, or `14:30`, which is the next
/// one. `None` where it is none of these.
pub fn parse(text: &str, clock: &dyn Clock) -> Option<UnixTime> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(UnixTime(at.as_second()));
    }
    if text.len() > 5 {
        return text
            .parse::<DateTime>()
            .ok()
            .map(|civil| clock.moment(civil));
    }
    let (hour, minute) = text.split_once(':')?;
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    let now = clock.local(clock.now());
    let day = if time > now.time() {
        now.date()
    } else {
        now.date().tomorrow().ok()?
    };
    Some(clock.moment(DateTime::from_parts(day, time)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use tcv_engine::ManualClock;

    use super::*;

    fn parse_iso(text: &str) -> UnixTime {
        UnixTime(text.parse::<Timestamp>().unwrap().as_second())
    }

    #[test]
    fn moments_are_read_as_people_type_them() {
        let clock = ManualClock::new(parse_iso("2026-08-25T14:00:00+07:00"));
        let said = |text: &str| parse(text, &clock).map(iso);
        assert_eq!(
            said("2026-08-25T14:30:00+07:00").unwrap(),
            "2026-08-25T07:30:00Z"
        );
        assert_eq!(said("2026-08-26 08:00").unwrap(), "2026-08-26T01:00:00Z");
        assert_eq!(said("14:30").unwrap(), "2026-08-25T07:30:00Z");
        assert_eq!(
            said("07:30").unwrap(),
            "2026-08-26T00:30:00Z",
            "the next one is tomorrow"
        );
        assert_eq!(said("mai"), None);
        assert_eq!(said("25:00"), None);
    }
}
