//! Files of every kind: whole, and made to do harm. What breaks a library outright is tried through
//! the child process, in `tests/attachments.rs` of the program.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;

use super::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/documents")
}

fn words(text: &str) -> BTreeSet<String> {
    nfc(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn file(name: &str) -> Outcome {
    let bytes = fs::read(fixtures().join(name)).unwrap();
    text_of(name, "application/octet-stream", &bytes)
}

#[test]
fn every_word_of_the_letter_is_found_in_every_format() {
    let letter = words(&fs::read_to_string(fixtures().join("letter.txt")).unwrap());
    assert!(letter.len() > 100);
    let mut read = 0;
    for entry in fs::read_dir(fixtures()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with("letter") || name.contains("password") {
            continue;
        }
        let outcome = file(&name);
        assert_eq!(outcome.state, ExtractState::Text, "{name}");
        assert_eq!(nfc(&outcome.text), outcome.text, "{name} is not composed");
        let found = words(&outcome.text);
        let missing: Vec<_> = letter.difference(&found).collect();
        assert!(
            missing.is_empty(),
            "{name} lacks {missing:?}:\n{}",
            outcome.text
        );
        read += 1;
    }
    assert!(read > 25, "{read}");
}

#[test]
fn what_stands_beside_the_text_is_found_too() {
    let slides = file("letter.pptx").text;
    assert!(slides.contains("Ghi chú của người trình bày"), "{slides}");
    for book in ["letter.xlsx", "letter.xls", "letter.ods"] {
        let text = file(book).text;
        for found in ["Kinh phí", "Tổng hợp", "1250000000"] {
            // LibreOffice keeps the names of sheets beside the text.
            let shown = (book.ends_with("ods") && found == "Kinh phí")
                || text.contains(found)
                || text.replace(['.', ','], "").contains(found);
            assert!(shown, "{book} lacks {found}:\n{text}");
        }
    }
    assert!(file("letter.xlsx").text.contains("1.250.000.000"));
    assert!(file("letter.xlsx").text.contains("15/08/2026"));
}

#[test]
fn lines_and_cells_stay_apart() {
    for name in [
        "letter.docx",
        "letter.odt",
        "letter.pdf",
        "letter.doc",
        "letter.rtf",
    ] {
        let text = file(name).text;
        let lines = |line: &str| text.lines().any(|found| found.trim() == line);
        assert!(lines("ỦY BAN NHÂN DÂN TỈNH MẪU"), "{name}:\n{text}");
        assert!(text.contains("Số: 5598/VPUB-KGVX"), "{name}:\n{text}");
    }
}

#[test]
fn what_has_no_text_says_why() {
    assert_eq!(file("scan.pdf").state, ExtractState::NoText);
    assert_eq!(
        file("letter-enc-password.pdf").state,
        ExtractState::Protected
    );
    for (name, bytes, state) in [
        (
            "a.docx",
            b"PK\x03\x04 and nothing else".as_slice(),
            ExtractState::Damaged,
        ),
        ("a.docx", b"\x01 no archive at all", ExtractState::Damaged),
        ("a.pdf", b"%PDF-1.7\n", ExtractState::Damaged),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            ExtractState::Damaged,
        ),
        ("a.txt", b" \r\n\t", ExtractState::NoText),
        ("a.png", b"\x89PNG\r\n", ExtractState::OtherKind),
        ("a.pdf", b"", ExtractState::Damaged),
    ] {
        assert_eq!(text_of(name, "", bytes).state, state, "{name} {bytes:?}");
    }
    let manifest = "<manifest><encryption-data/></manifest>";
    let parts = [
        ("mimetype", "x"),
        ("content.xml", "?"),
        ("META-INF/manifest.xml", manifest),
    ];
    assert_eq!(
        text_of("a.odt", "", &archive(&parts)).state,
        ExtractState::Protected
    );
    assert_eq!(
        text_of("a.xlsx", "", &encrypted()).state,
        ExtractState::Protected
    );
}

/// What Office makes of a document with a password.
fn encrypted() -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut stream = file.create_stream("/EncryptedPackage").unwrap();
    stream.write_all(&[7; 5000]).unwrap();
    drop(stream);
    file.into_inner().into_inner()
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn word(document: &str) -> Outcome {
    let parts = [
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", document),
    ];
    text_of("a.docx", "", &archive(&parts))
}

#[test]
fn text_kinds_by_name_and_type() {
    let calendar = "BEGIN:VCALENDAR\r\nSUMMARY:Họp gi\r\n ao ban\\, tuần 35\r\nEND:VCALENDAR\r\n";
    let message =
        "Subject: =?UTF-8?Q?Gi=E1=BA=A5y_m=E1=BB=9Di?=\r\nFrom: Lan <lan@a.gov.vn>\r\n\r\nKính mời";
    for (name, media_type, bytes, found) in [
        ("a.csv", "", "họ tên;đơn vị".as_bytes(), "đơn vị"),
        ("a.md", "", "# Báo cáo".as_bytes(), "Báo cáo"),
        ("nameless", "text/plain", "chữ thường".as_bytes(), "chữ thường"),
        ("a.json", "", "{\"tên\": \"Lan\"}".as_bytes(), "tên"),
        ("a.html", "", "<style>x{}</style><p>Xin&nbsp;<b>ch\u{e0}o</b>".as_bytes(), "chào"),
        ("a.xls", "", "<html><table><tr><td>bảng lương".as_bytes(), "bảng lương"),
        ("a.xls", "", "họ tên\tchức vụ".as_bytes(), "chức vụ"),
        ("a.ics", "", calendar.as_bytes(), "Họp giao ban, tuần 35"),
        ("a.eml", "message/rfc822", message.as_bytes(), "Giấy mời"),
        ("a.eml", "message/rfc822", message.as_bytes(), "lan@a.gov.vn"),
        ("a.txt", "", b"C\xe9ng h\xdfa x\xb7 h\xe9i ch\xf1 ngh\xdca Vi\xd6t Nam, \xae\xd2 ngh\xde c\xb8c c\xac quan", "đề nghị các cơ quan"),
        ("scan.pdf.txt", "", b"%PDF-1.4 is what it begins with".as_slice(), ""),
    ] {
        let outcome = text_of(name, media_type, bytes);
        assert!(outcome.text.contains(found), "{name}: {outcome:?}");
    }
}

#[test]
fn archives_tell_the_names_in_them() {
    let zip = archive(&[("Hồ sơ/Quyết định 07.pdf", "x"), ("Phụ lục.docx", "y")]);
    let outcome = text_of("a.zip", "", &zip);
    assert!(
        outcome
            .text
            .contains("Hồ sơ/Quyết định 07.pdf\nPhụ lục.docx"),
        "{outcome:?}"
    );
}

#[test]
fn letters_with_changes_fields_and_boxes() {
    let document = "<w:document><w:body><w:p><w:r><w:t>một </w:t></w:r><w:del><w:r><w:delText>BỎ</w:delText></w:r></w:del>\
        <w:r><w:instrText>PAGE BỎ</w:instrText></w:r><w:r><w:t>h</w:t><w:t>ai &amp; ba&#7841;</w:t><w:tab/><w:t>bốn</w:t></w:r></w:p>\
        <mc:AlternateContent><mc:Choice><w:p><w:t>hộp</w:t></w:p></mc:Choice><mc:Fallback><w:p><w:t>BỎ</w:t></w:p></mc:Fallback></mc:AlternateContent>\
        <w:p><w:t>cuối</w:t></w:p></w:body></w:document>";
    assert_eq!(word(document).text, "một hai & baạ bốn\nhộp\ncuối");
    // Cut in the middle: what stood before it is as good as any.
    assert_eq!(word("<w:p><w:t>đầu</w:t></w:p><w:p").text, "đầu");
}

#[test]
fn slides_of_old() {
    let wide: Vec<u8> = "Báo cáo\rquý II"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut records = vec![0x0f, 0, 0xe8, 0x03, 0xff, 0xff, 0xff, 0x7f];
    records.extend([0, 0, 0xa0, 0x0f, u8::try_from(wide.len()).unwrap(), 0, 0, 0]);
    records.extend(wide);
    records.extend([0, 0, 0xa8, 0x0f, 4, 0, 0, 0]);
    records.extend(b"2026");
    records.extend([0, 0, 0xa8, 0x0f, 0xff, 0xff, 0xff, 0xff]);
    records.extend(b"cut");
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut stream = file.create_stream("/PowerPoint Document").unwrap();
    stream.write_all(&records).unwrap();
    drop(stream);
    let outcome = text_of("a.ppt", "", &file.into_inner().into_inner());
    assert_eq!(outcome.text, "Báo cáo\nquý II\n2026\ncut");
}

#[test]
fn bombs_do_not_go_off() {
    // Ten entities, each ten of the one before.
    let mut laughs = String::from("<!DOCTYPE x [<!ENTITY a0 \"ha\">");
    for n in 1..10 {
        let ten = format!("&a{};", n - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY a{n} \"{ten}\">"));
    }
    laughs.push_str("]><w:p><w:t>xin &a9; chào</w:t></w:p>");
    assert_eq!(word(&laughs).text, "xin  chào");
    // As deep as a thread's stack could never follow.
    let deep = "<a>".repeat(1_000_000) + "<w:t>đáy</w:t>";
    assert_eq!(word(&deep).text, "đáy");
    // Small outside, 400 MB inside.
    let zeros = " ".repeat(100 << 20);
    let parts: Vec<_> = [
        "word/document.xml",
        "word/header1.xml",
        "word/footer1.xml",
        "word/comments.xml",
    ]
    .iter()
    .map(|name| (*name, zeros.as_str()))
    .chain([("[Content_Types].xml", "")])
    .collect();
    let bomb = archive(&parts);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(text_of("a.docx", "", &bomb).state, ExtractState::Failed);
    let book: Vec<_> = [
        ("xl/workbook.xml", ""),
        ("xl/a", zeros.as_str()),
        ("xl/b", zeros.as_str()),
    ]
    .into_iter()
    .chain([("[Content_Types].xml", "")])
    .collect();
    assert_eq!(
        text_of("a.xlsx", "", &archive(&book)).state,
        ExtractState::Failed
    );
}

#[test]
fn the_text_is_bounded() {
    let long = "tiếng Việt ".repeat(MOST_TEXT / 8);
    for outcome in [
        text_of("a.txt", "", long.as_bytes()),
        word(&format!("<w:p><w:t>{long}</w:t></w:p>")),
    ] {
        assert_eq!(outcome.state, ExtractState::Text);
        assert!(outcome.text.len() <= MOST_TEXT && outcome.text.len() > MOST_TEXT - 32);
    }
}
