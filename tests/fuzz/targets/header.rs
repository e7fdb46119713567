//! Header repair: a header block to who, to whom, when, what.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tcv_domain::mime;

fuzz_target!(|raw: &[u8]| {
    let envelope = mime::envelope(raw);
    assert!(!envelope.subject.contains(['\r', '\n']));
    for (name, value) in mime::headers(raw) {
        assert!(!name.is_empty() && !value.contains(['\r', '\n']));
    }
});
