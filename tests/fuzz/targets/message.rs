//! A message from its bytes to what is read, its attachments, its report.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tcv_domain::{invitation, mime, report};

fuzz_target!(|raw: &[u8]| {
    let content = mime::parse(raw);
    for attachment in &content.attachments {
        let bytes = mime::attachment_bytes(raw, attachment.index).expect("it is listed");
        assert_eq!(bytes.len() as u64, attachment.size);
        assert!(!attachment.name.is_empty() && attachment.name.len() <= 200);
    }
    assert!(content.preview.chars().count() <= 160);
    let _ = report::read(raw, &content);
    let _ = invitation::read(raw, &content, &|_| None);
    let _ = mime::parse_as(raw, &mime::How { is_excerpt: true, charset: Some("tcvn3") });
});
