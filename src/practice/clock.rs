//! Time as the server tells it: seconds since 1970, shown in Vietnamese time.
//!
//! The seed does not use this clock: it is given its moment.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::ZonedDateTime as Zoned;
use jiff::tz::{Offset, TimeZone};

/// Indochina time, seconds east of Greenwich. Servers in Vietnam keep it all year.
pub const VIETNAM: i32 = 7 * 3600;

/// Seconds since 1970-01-01 UTC.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

/// The moment in a zone of the given offset; an impossible moment or offset becomes 1970 or UTC.
pub fn local(unix: i64, offset_secs: i32) -> Zoned {
    let offset = Offset::from_seconds(offset_secs).unwrap_or(Offset::UTC);
    jiff::Timestamp::from_second(unix)
        .unwrap_or_default()
        .to_zoned_datetime(TimeZone::fixed(offset))
}

/// `Mon, 23 Nov 2026 14:05:00 +0700` (RFC 5322, 3.3).
pub fn rfc5322(at: &Zoned) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

/// `23-Nov-2026 14:05:00 +0700` (RFC 3501, date-time).
pub fn imap(unix: i64) -> String {
    local(unix, VIETNAM)
        .strftime("%d-%b-%Y %H:%M:%S %z")
        .to_string()
}

/// Reads an IMAP date-time; the day may be padded with a space.
pub fn parse_imap(text: &str) -> Option<i64> {
    let padded = text.trim_start();
    jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", padded)
        .ok()?
        .to_timestamp()
        .ok()
        .map(jiff::Timestamp::as_second)
}

/// Days since 1970 of an IMAP `1-Feb-2026` or of the local day of a moment: what SINCE compares.
pub fn day_of(unix: i64) -> i64 {
    (unix + i64::from(VIETNAM)).div_euclid(86_400)
}

/// Reads an IMAP date (RFC 3501, `date-text`) as days since 1970.
pub fn parse_day(text: &str) -> Option<i64> {
    days(
        jiff::fmt::strtime::parse("%d-%b-%Y", text)
            .ok()?
            .to_date()
            .ok()?,
    )
}

/// Days since 1970 of a calendar day.
pub fn days(date: jiff::civil::Date) -> Option<i64> {
    let midnight = date
        .to_zoned_datetime(TimeZone::UTC)
        .ok()?
        .timestamp()
        .as_second();
    Some(midnight.div_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imap_dates_go_there_and_back() {
        let unix = 1_795_417_500;
        assert_eq!(parse_imap(&imap(unix)), Some(unix));
        assert_eq!(
            parse_imap(" 1-Feb-2026 00:00:00 +0700"),
            Some(1_769_878_800)
        );
        assert_eq!(parse_imap("yesterday"), None);
    }

    #[test]
    fn a_day_is_the_local_one() {
        // 18:00 UTC of 31 January is already 1 February in Vietnam.
        assert_eq!(day_of(1_769_882_400), 20_485);
        assert_eq!(parse_day("1-Feb-2026"), Some(20_485));
    }
}
