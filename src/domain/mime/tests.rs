//! Tables for `mime`: what is read and what comes out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::message::UnixTime;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/mail")
        .join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A multipart with the boundary `b` of the given parts.
fn multipart(kind: &str, parts: &[&str]) -> String {
    let mut out = format!("Content-Type: multipart/{kind}; boundary=b\n\n");
    for part in parts {
        out.push_str(&format!("--b\n{part}\n"));
    }
    out + "--b--\n"
}

fn names(content: &Content) -> Vec<&str> {
    content
        .attachments
        .iter()
        .map(|a| a.name.as_str())
        .collect()
}

const PLAIN: &str = "Content-Type: text/plain\n\nplain";
const HTML: &str = "Content-Type: text/html\n\n<p>html</p>";
const PDF: &str = "Content-Type: application/pdf; name=a.pdf\n\npdf";

#[test]
fn chooses_what_to_show() {
    let calendar = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR";
    let empty = "Content-Type: text/html\n\n<p> </p>";
    let file = "Content-Type: text/plain\nContent-Disposition: attachment; filename=f.txt\n\nfile";
    let picture = "Content-Type: image/png\nContent-ID: <p>\n\npng";
    let signature = "Content-Type: application/pgp-signature\n\nsig";
    let forwarded = "Content-Type: message/rfc822\n\nSubject: =?utf-8?q?C=C5=A9?=\n\ninner";
    for (kind, parts, text, attached) in [
        ("alternative", vec![PLAIN, HTML], "html", vec![]),
        ("alternative", vec![PLAIN, empty], "plain", vec![]),
        (
            "alternative",
            vec![PLAIN, HTML, calendar],
            "html",
            vec!["text-1.ics"],
        ),
        ("alternative", vec![PLAIN, PDF], "plain", vec!["a.pdf"]),
        (
            "mixed",
            vec![PLAIN, PDF, HTML],
            "plain\n\nhtml",
            vec!["a.pdf"],
        ),
        ("mixed", vec![PLAIN, file], "plain", vec!["f.txt"]),
        ("related", vec![HTML, picture], "html", vec!["image-1.png"]),
        (
            "related; start=\"<x>\"",
            vec![picture, "Content-Type: text/html\nContent-ID: <x>\n\nroot"],
            "root",
            vec!["image-1.png"],
        ),
        (
            "signed",
            vec![PLAIN, signature],
            "plain",
            vec!["application-1.asc"],
        ),
        ("mixed", vec![PLAIN, forwarded], "plain", vec!["Cũ.eml"]),
        (
            "report",
            vec![PLAIN, "Content-Type: message/delivery-status\n\nx"],
            "plain",
            vec!["message-1.txt"],
        ),
        ("unheard-of", vec![PLAIN, PLAIN], "plain\n\nplain", vec![]),
    ] {
        let raw = multipart(kind, &parts);
        let content = parse(raw.as_bytes());
        assert_eq!(content.text, text, "{raw}");
        assert_eq!(names(&content), attached, "{raw}");
        for attachment in &content.attachments {
            let bytes = attachment_bytes(raw.as_bytes(), attachment.index).unwrap();
            assert_eq!(bytes.len() as u64, attachment.size);
        }
        assert_eq!(
            attachment_bytes(raw.as_bytes(), content.attachments.len()),
            None
        );
    }
}

#[test]
fn a_rejected_alternative_loses_no_attachment() {
    let mixed = "Content-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c\n\
        Content-Type: application/pdf; name=a.pdf\n\npdf\n--c--";
    let content = parse(multipart("alternative", &[mixed, HTML]).as_bytes());
    assert_eq!(
        (content.text.as_str(), names(&content)),
        ("html", vec!["a.pdf"])
    );
}

#[test]
fn the_worst_message_is_its_text() {
    for (raw, text) in [
        ("", ""),
        ("just text", "just text"),
        (
            "Content-Type: multipart/mixed; boundary=b\n\nno parts",
            "no parts",
        ),
        ("Content-Type: text/x-odd\n\nodd", "odd"),
        ("Content-Type: text/plain; name=a.txt\n\nnamed", "named"),
        (
            "Content-Transfer-Encoding: base64\n\nnot base64!",
            "not base64!",
        ),
        ("\u{0}\u{1}\r\r\n", ""),
    ] {
        let content = parse(raw.as_bytes());
        if text != "not base64!" {
            assert_eq!(content.text, text, "{raw:?}");
        }
    }
    let named = parse(b"Content-Type: text/plain; name=a.txt\n\nnamed");
    assert_eq!(names(&named), ["a.txt"]);
    assert!(
        parse(b"Content-Type: text/x-odd\n\nodd")
            .attachments
            .is_empty()
    );
    let pdf = parse(PDF.as_bytes());
    assert_eq!((pdf.text.as_str(), names(&pdf)), ("", vec!["a.pdf"]));
}

#[test]
fn reads_an_official_letter() {
    let raw = fixture("cong-van.eml");
    let content = parse(&raw);
    let envelope = &content.envelope;
    assert_eq!(
        envelope.subject,
        "V/v báo cáo kết quả sử dụng thư điện tử công vụ quý III"
    );
    assert_eq!(
        envelope.from,
        [Address::new(
            "Sở Nội vụ tỉnh Gia Lai",
            "sonoivu@gialai.gov.vn"
        )]
    );
    assert_eq!(
        envelope.to[1],
        Address::new("Văn phòng, UBND xã", "vanphong@quynhon.gov.vn")
    );
    assert_eq!(envelope.message_id, "cv-1284@gialai.gov.vn");
    assert_eq!(
        envelope.references,
        ["goc@gialai.gov.vn", "truoc@gialai.gov.vn"]
    );
    assert_eq!(envelope.date, Some(UnixTime(1_787_641_500)));
    assert!(envelope.attachments_hint);
    assert_eq!(content.text_from, TextFrom::Html);
    assert!(
        content
            .text
            .starts_with("Kính gửi: Ủy ban nhân dân các xã, phường\n\nThực hiện")
    );
    assert!(content.text.contains("STT\tTên biểu\n1\tBiểu 01"));
    assert!(
        content
            .preview
            .starts_with("Kính gửi: Ủy ban nhân dân các xã, phường Thực hiện")
    );
    assert!(!content.text.contains("Xem trên trình duyệt"));
    assert_eq!(
        content.links,
        [Link {
            text: "Cổng thông tin".into(),
            target: "https://gialai.gov.vn/thu-cong-vu?quy=3".into(),
        }]
    );
    assert_eq!(
        names(&content),
        ["logo.png", "1284_SNV-CCHC.pdf", "Mẫu báo cáo quý III.xlsx"]
    );
    assert!(content.attachments[0].inline && !content.attachments[1].inline);
    assert!(content.attachments.iter().all(|a| a.held.is_none()));
    assert_eq!(
        attachment_bytes(&raw, 1).unwrap(),
        "%PDF-1.4\nbáo cáo\n".as_bytes()
    );
    assert!(content.remote_images && content.html_present && !content.has_invitation);
}

#[test]
fn reads_legacy_and_flowed_letters() {
    let content = parse(&fixture("windows-1258.eml"));
    assert_eq!(content.envelope.subject, "Giấy mời họp tiếng Việt");
    assert_eq!(content.text, "Kính mời đồng chí dự họp.\n\nTrân trọng./.");
    let content = parse(&fixture("flowed.eml"));
    assert_eq!(
        content.text,
        "Một đoạn dài được máy gửi ngắt dòng mềm.\n\n> trích dẫn cũng vậy\n\n-- \nAn"
    );
    assert_eq!(
        content.blocks.last().unwrap().kind,
        html::BlockKind::Signature
    );
    assert_eq!(content.preview, "Một đoạn dài được máy gửi ngắt dòng mềm.");
}

#[test]
fn holds_dangerous_attachments() {
    let content = parse(&fixture("phishing.eml"));
    let held: Vec<_> = content
        .attachments
        .iter()
        .map(|a| (a.name.as_str(), a.held.as_deref()))
        .collect();
    assert_eq!(
        held,
        [
            ("hoa don.pdf.exe", Some("disguised-name")),
            ("bang-luong-fdp.scr", Some("disguised-name")),
            ("tai-lieu.pdf", Some("executable")),
            ("du-toan.xlsm", Some("macro")),
            ("anh.jpg", None),
        ]
    );
    assert_eq!(content.sender, Some(Address::bare("bulk@example.com")));
    assert_eq!(content.links[0].text, "https://mail.gialai.gov.vn");
    assert_eq!(content.links[0].target, "http://203.0.113.7/zimbra");
}

#[test]
fn envelopes_of_partial_and_broken_headers() {
    let envelope = envelope(
        b"SUBJECT: a\r\n =?utf-8?q?b?=\r\nDate: nonsense\r\nTo: a@x\r\nTo: b@x\r\n\
          In-Reply-To: Your mail <1@x> of today\r\nReferences: <0@x>\r\n\t<1@x>\r\nMessage-Id: 7@x\r\n\r\n",
    );
    assert_eq!(envelope.subject, "a b");
    assert_eq!(envelope.date, None);
    assert_eq!(envelope.to.len(), 2);
    assert_eq!(envelope.references, ["0@x", "1@x"]);
    assert_eq!(envelope.message_id, "7@x");
    assert!(!envelope.attachments_hint);
}

#[test]
fn headers_are_decoded() {
    let raw = b"X-A: =?utf-8?q?=C4=91?=\r\nreceived: from\r\n\tx\r\n\r\nbody";
    let pairs = [
        ("X-A".to_owned(), "đ".to_owned()),
        ("received".to_owned(), "from x".to_owned()),
    ];
    assert_eq!(headers(raw), pairs);
}

/// What is compared of a message with the file `NAME.json` beside it.
fn summary(content: &Content) -> serde_json::Value {
    let people = |list: &[Address]| -> Vec<String> {
        let one = |who: &Address| format!("{} <{}>", who.name, who.address);
        list.iter().map(one).collect()
    };
    let files: Vec<_> = content
        .attachments
        .iter()
        .map(|a| serde_json::json!([a.name, a.media_type, a.size, a.inside, a.held]))
        .collect();
    let forwarded: Vec<_> = content
        .forwarded
        .iter()
        .map(|f| summary(&f.content))
        .collect();
    serde_json::json!({
        "from": people(&content.envelope.from),
        "to": people(&content.envelope.to),
        "cc": people(&content.envelope.cc),
        "subject": content.envelope.subject,
        "text": content.text,
        "preview": content.preview,
        "attachments": files,
        "forwarded": forwarded,
    })
}

/// Each message of the fixtures that has an expectation beside it. What differs is written beside
/// it too, as `NAME.json.failed`: look at it, and rename it where it is right.
#[test]
fn reads_as_expected() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mail");
    let mut files = Vec::new();
    collect(&own, &mut files);
    let mut failed = Vec::new();
    for file in files
        .iter()
        .filter(|f| f.extension().is_some_and(|e| e == "json"))
    {
        let raw = fs::read(file.with_extension("eml")).unwrap();
        let found = summary(&parse(&raw));
        let expected: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        if found != expected {
            let text = serde_json::to_string_pretty(&found).unwrap();
            fs::write(file.with_extension("json.failed"), text + "\n").unwrap();
            failed.push(file.file_name().unwrap().to_owned());
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn a_reader_may_name_the_charset() {
    let raw = fixture("tcvn3-unlabelled.eml");
    assert_ne!(parse(&raw).envelope.subject, "Báo cáo quý");
    let how = How {
        charset: Some("tcvn3"),
        ..How::default()
    };
    let content = parse_as(&raw, &how);
    assert_eq!(content.envelope.subject, "Báo cáo quý");
    assert_eq!(content.text, "đề nghị gửi báo cáo.");
    for label in CHARSETS {
        let how = How {
            charset: Some(label),
            ..How::default()
        };
        let plain = parse_as(b"Subject: a\n\nChao ba.n", &how);
        let wide = label.starts_with("utf-16") || label == "viqr";
        assert!(wide || plain.text == "Chao ba.n", "{label}: {}", plain.text);
    }
}

/// Runs over a directory of sample mail named by `TCV_CORPORA`; where none is named, over our own.
#[test]
fn no_sample_brings_it_down() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mail");
    let root = std::env::var_os("TCV_CORPORA").map_or(own, PathBuf::from);
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(!files.is_empty());
    for file in files {
        let raw = fs::read(&file).unwrap();
        let content = parse(&raw);
        for attachment in &content.attachments {
            let bytes = attachment_bytes(&raw, attachment.index).unwrap();
            assert_eq!(bytes.len() as u64, attachment.size, "{}", file.display());
            assert_eq!(sanitize_file_name(&attachment.name), attachment.name);
        }
        let html = html::read(&String::from_utf8_lossy(&raw));
        assert!(
            html.blocks
                .iter()
                .all(|b| b.kind == html::BlockKind::Rule || !b.spans.is_empty())
        );
        assert!(headers(&raw).iter().all(|(name, _)| !name.is_empty()));
        // Every prefix is a message that was cut off.
        for cut in [raw.len() / 3, raw.len() / 2, raw.len().saturating_sub(2)] {
            assert!(parse(&raw[..cut]).preview.chars().count() <= preview::LONGEST);
        }
    }
}

/// Mutated fixtures, always the same ones: what a fuzzer found must stay mended, and much of what
/// it would find is found here in a second.
#[test]
fn no_mutation_brings_it_down() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mail");
    let mut files = Vec::new();
    collect(&own, &mut files);
    files.retain(|file| file.extension().is_some_and(|e| e == "eml"));
    let samples: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for round in 0..600 {
        let mut raw = samples[round % samples.len()].clone();
        for _ in 0..=chance.below(8) {
            chance.mutate(&mut raw, &samples);
        }
        let content = parse(&raw);
        for attachment in &content.attachments {
            let bytes = attachment_bytes(&raw, attachment.index).unwrap();
            assert_eq!(bytes.len() as u64, attachment.size);
        }
        assert!(content.preview.chars().count() <= preview::LONGEST);
        let _ = crate::report::read(&raw, &content);
        let _ = crate::invitation::read(&raw, &content, &|_| None);
    }
}

/// A small generator of numbers (xorshift): the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0) % limit.max(1)
    }

    fn mutate(&mut self, raw: &mut Vec<u8>, samples: &[Vec<u8>]) {
        let at = self.below(raw.len());
        let length = self.below(40).min(raw.len() - at);
        match self.below(6) {
            0 => raw.truncate(at),
            1 => drop(raw.drain(at..at + length)),
            2 if !raw.is_empty() => raw[at] = u8::try_from(self.below(256)).unwrap(),
            3 => {
                let again = raw[at..at + length].to_vec();
                raw.splice(at..at, again);
            }
            4 => {
                let other = &samples[self.below(samples.len())];
                let from = self.below(other.len());
                let to = (from + self.below(400)).min(other.len());
                raw.splice(at..at, other[from..to].iter().copied());
            }
            _ => drop(raw.splice(at..at, *b"\r\n--b\r\n")),
        }
    }
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
    files.sort();
}
