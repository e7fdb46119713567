//! iCalendar to an invitation and its answer.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tcv_domain::address::Address;
use tcv_domain::invitation::{self, Answer};
use tcv_domain::message::UnixTime;

fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    if let Some((_, events)) = invitation::parse(&text, &|_| None) {
        for event in &events {
            let me = Address::new("An", "an@gialai.gov.vn");
            let answer = invitation::answer(event, &me, Answer::Accept, UnixTime(0));
            assert!(answer.ends_with("END:VCALENDAR\r\n"));
        }
    }
});
