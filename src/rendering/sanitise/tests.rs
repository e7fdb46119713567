//! Attack lists and plain mail through the sanitiser.
#![allow(clippy::unwrap_used)]

use super::*;

fn clean(html: &str) -> String {
    let out = sanitise(html, &|_| true).html;
    out.strip_prefix("<!DOCTYPE html>").unwrap().to_owned()
}

#[test]
fn plain_mail_stays_as_it_is() {
    let html = "<p class=\"x\">Kính gửi: <b>UBND</b> xã</p>";
    assert_eq!(clean(html), html);
}
