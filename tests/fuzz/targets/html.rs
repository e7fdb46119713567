//! HTML to readable text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tcv_domain::html;

fuzz_target!(|raw: &[u8]| {
    let read = html::read(&String::from_utf8_lossy(raw));
    let _ = html::to_text(&read.blocks);
});
