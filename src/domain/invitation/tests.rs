//! Objects of several programs and what they tell.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jiff::civil::{date, datetime};

use super::*;
use crate::message::UnixTime;

fn unknown(_: &str) -> Option<TimeZone> {
    None
}

fn event(lines: &str) -> Event {
    let text = format!(
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"
    );
    let (method, mut events) = parse(&text, &unknown).unwrap();
    assert_eq!(method, Method::Request);
    events.remove(0)
}

/// 2026-08-24T01:00:00Z.
const EIGHT_IN_HANOI: Moment = Moment::At(UnixTime(1_787_533_200));

#[test]
fn moments() {
    for (line, moment) in [
        ("DTSTART:20260824T010000Z", EIGHT_IN_HANOI),
        (
            "DTSTART;TZID=Asia/Ho_Chi_Minh:20260824T080000",
            EIGHT_IN_HANOI,
        ),
        (
            "DTSTART;TZID=SE Asia Standard Time:20260824T0800",
            EIGHT_IN_HANOI,
        ),
        (
            "DTSTART;TZID=\"(UTC+07:00) Bangkok, Hanoi, Jakarta\":20260824T080000",
            EIGHT_IN_HANOI,
        ),
        (
            "DTSTART:20260824T080000",
            Moment::Local(datetime(2026, 8, 24, 8, 0, 0, 0)),
        ),
        (
            "DTSTART;TZID=Mars/Base:20260824T080000",
            Moment::Local(datetime(2026, 8, 24, 8, 0, 0, 0)),
        ),
        ("DTSTART;VALUE=DATE:20260902", Moment::Day(date(2026, 9, 2))),
    ] {
        assert_eq!(event(line).start, Some(moment), "{line}");
    }
    assert_eq!(event("UID:1\nDTSTART:soon").start, None);
    assert_eq!(event("UID:1\nDTSTART:20261399T080000").start, None);
}

#[test]
fn ends() {
    for (lines, end) in [
        ("DTSTART:20260824T010000Z\nDTEND:20260824T010000Z", None),
        (
            "DTSTART:20260824T000000Z\nDURATION:PT1H",
            Some(EIGHT_IN_HANOI),
        ),
        (
            "DTSTART;VALUE=DATE:20260902\nDTEND;VALUE=DATE:20260903",
            None,
        ),
        (
            "DTSTART;VALUE=DATE:20260902\nDTEND;VALUE=DATE:20260905",
            Some(Moment::Day(date(2026, 9, 4))),
        ),
        ("DTSTART;VALUE=DATE:20260902\nDURATION:P1D", None),
        ("DTSTART:20260824T010000Z\nDURATION:nonsense", None),
    ] {
        assert_eq!(event(lines).end, end, "{lines}");
    }
}

#[test]
fn zones_described_in_the_object() {
    let zone = "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:W. Europe\nBEGIN:STANDARD\nDTSTART:16010101T030000\n\
        TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n\
        BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
        RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:1\n\
        DTSTART;TZID=W. Europe:";
    for (local, utc) in [
        ("20260824T030000", 1_787_533_200), // summer
        ("20261224T030000", 1_798_077_600), // winter
        ("20260329T010000", 1_774_742_400), // an hour before summer time
        ("20260329T040000", 1_774_749_600), // an hour after
    ] {
        let text = format!("{zone}{local}\nEND:VEVENT\nEND:VCALENDAR");
        let (_, events) = parse(&text, &unknown).unwrap();
        assert_eq!(events[0].start, Some(Moment::At(UnixTime(utc))), "{local}");
    }
}

#[test]
fn an_invitation_is_read_and_answered() {
    let event = event(
        "UID:abc@x\nSEQUENCE:2\nSUMMARY:Họp giao ban\\, tuần 35\nLOCATION:Phòng 2\\nTầng 3\n\
         ORGANIZER;CN=\"Trần Thị Bình\":MAILTO:binh@gialai.gov.vn\n\
         ATTENDEE;CN=An;PARTSTAT=NEEDS-ACTION;ROLE=OPT-PARTICIPANT:mailto:an@gialai.gov.vn\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:chi@gialai.gov.vn\nDTSTART;TZID=Asia/Ho_Chi_Minh:20260824T080000\n\
         RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231T000000Z\nBEGIN:VALARM\nDESCRIPTION:no\nEND:VALARM",
    );
    assert_eq!(
        (event.summary.as_str(), event.location.as_str()),
        ("Họp giao ban, tuần 35", "Phòng 2\nTầng 3")
    );
    assert_eq!(
        event.organizer,
        Some(Address::new("Trần Thị Bình", "binh@gialai.gov.vn"))
    );
    assert!(event.attendees[0].optional && event.description.is_empty());
    assert_eq!(event.attendees[1].attendance, Attendance::Accepted);
    let repeat = event.repeat.clone().unwrap();
    assert_eq!(
        (repeat.every, repeat.interval, repeat.until),
        (Some(Every::Week), 1, Some(date(2026, 12, 31)))
    );
    assert_eq!(
        repeat.weekdays.iter().map(|w| w.day).collect::<Vec<_>>(),
        [1, 3]
    );

    let me = Address::new(
        "Nguyễn Văn An, Phòng Tổng hợp và Kiểm soát",
        "an@gialai.gov.vn",
    );
    let text = answer(&event, &me, Answer::Decline, UnixTime(1_787_533_200));
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    let (method, events) = parse(&text, &unknown).unwrap();
    assert_eq!(method, Method::Reply);
    let reply = &events[0];
    assert_eq!((reply.uid.as_str(), reply.sequence), ("abc@x", 2));
    assert_eq!(reply.attendees[0].address, me);
    assert_eq!(reply.attendees[0].attendance, Attendance::Declined);
    assert_eq!(
        (&reply.start, &reply.organizer),
        (&event.start, &event.organizer)
    );
}

#[test]
fn rules_that_need_a_calendar_are_only_known_to_repeat() {
    for (rule, every) in [
        ("FREQ=DAILY;INTERVAL=2;COUNT=5", Some(Every::Day)),
        ("FREQ=MONTHLY;BYDAY=-1FR", Some(Every::Month)),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", None),
        ("FREQ=YEARLY;BYMONTH=1,2", None),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", None),
        ("FREQ=HOURLY", None),
        ("nonsense", None),
    ] {
        let event = event(&format!("UID:1\nRRULE:{rule}"));
        assert_eq!(event.repeat.unwrap().every, every, "{rule}");
    }
}

#[test]
fn damage_brings_nothing_down() {
    let whole = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+07\r\n\
        END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=x:20260824T080000\r\nRRULE:FREQ=YEARLY;BYDAY=9XX,-1SU\r\nDURATION:PT99999999999H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    for cut in (0..whole.len()).filter(|cut| whole.is_char_boundary(*cut)) {
        let _ = parse(&whole[..cut], &unknown);
        let _ = parse(&whole[cut..], &unknown);
    }
    assert!(parse("", &unknown).is_none());
    assert!(parse(&"BEGIN:VEVENT\n".repeat(10_000), &unknown).is_none());
}

#[test]
fn zones_of_windows_are_known_by_the_database() {
    let database = |name: &str| (name == "Europe/Berlin").then_some(TimeZone::UTC);
    let text =
        "BEGIN:VEVENT\nUID:1\nDTSTART;TZID=W. Europe Standard Time:20260824T010000\nEND:VEVENT";
    let (_, events) = parse(text, &database).unwrap();
    assert_eq!(events[0].start, Some(EIGHT_IN_HANOI));
    assert_eq!(windows_zone("se asia standard time"), Some("Asia/Bangkok"));
    assert_eq!(windows_zone("Mars Standard Time"), None);
}

#[test]
fn a_file_named_like_a_calendar_is_one() {
    let raw = b"Content-Type: application/octet-stream; name=\"moi.ICS\"\r\n\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTAMP:20260824T010000Z\r\nX-GOOGLE-CONFERENCE:https://meet.google.com/a\r\nEND:VEVENT\r\n";
    let found = read(raw, &mime::parse(raw), &unknown).unwrap();
    assert_eq!(found.events[0].stamp, Some(UnixTime(1_787_533_200)));
    assert_eq!(
        found.events[0].link.as_deref(),
        Some("https://meet.google.com/a")
    );
}
