//! HTML through the sanitiser, laid out and painted: what the renderer's process does with a letter.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use tcv_rendering::page::{Pictures, Press, Setting};
use tcv_rendering::sanitise::{Source, sanitise};

thread_local! {
    /// Made once, as in the process: reading the fonts takes longer than most pages.
    static PRESS: RefCell<Press> = RefCell::default();
}

const SETTING: Setting = Setting {
    width: 600.0,
    scale: 1.0,
    dark: true,
};

fuzz_target!(|raw: &[u8]| {
    let html = String::from_utf8_lossy(raw);
    let shows_parts = |source: &Source| matches!(source, Source::Part(_));
    let once = sanitise(&html, &shows_parts);
    // What is harmless stays harmless when it is read again: no token appears that was not written.
    let twice = sanitise(&once.html, &|_| true);
    let none_new = twice.pictures.is_empty();
    assert!(none_new, "a picture appeared: {:?}", twice.pictures);
    PRESS.with_borrow(|press| {
        if let Ok(mut page) = press.lay_out(&html, &Pictures::default(), SETTING) {
            let outline = page.outline();
            let everything = outline.text(outline.everything());
            assert!(!everything.contains('\0'));
            let _ = page.paint(0, 0, 64, 64);
        }
    });
});
