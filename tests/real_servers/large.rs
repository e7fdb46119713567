//! A large message: its text comes by itself, its attachments when they are asked for.

use base64::Engine as _;
use serde_json::json;

use crate::letters;
use crate::office::{Office, assert_failure, id, rows};

const TEXT: &str =
    "Kính gửi anh An,\r\n\r\nBản đồ quy hoạch kèm theo, mật khẩu tra cứu: hoa-phượng.\r\n";

/// Eight megabytes of a file nobody could compress away, and a small one behind it.
fn plan(from: &str) -> (Vec<u8>, Vec<u8>) {
    let mut state = 1_u32;
    let file: Vec<u8> = (0..6_000_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&file);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let raw = format!(
        "From: <{from}>\r\nSubject: =?UTF-8?Q?B=E1=BA=A3n_=C4=91=E1=BB=93?=\r\nMessage-ID: <ban-do@quynhon.test.gov.vn>\r\n\
         Date: Mon, 23 Nov 2026 08:00:00 +0700\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"m\"\r\n\r\n\
         --m\r\nContent-Type: multipart/alternative; boundary=\"a\"\r\n\r\n\
         --a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{TEXT}\r\n\
         --a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{TEXT}</p>\r\n--a--\r\n\
         --m\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"ban-do.zip\"\r\n\r\n{}\r\n\
         --m\r\nContent-Type: application/pdf; name=\"ghi-chu.pdf\"\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\nJVBERi0xLjQK\r\n--m--\r\n",
        lines.join("\r\n"),
    );
    (raw.into_bytes(), file)
}

#[test]
fn the_text_is_read_offline_and_the_file_comes_on_demand() {
    let office = Office::new();
    let (raw, file) = plan(&office.binh().address);
    office
        .servers
        .drop_in(&office.nva().address, "INBOX", &raw)
        .unwrap();
    office.receive(&[letters::numbered(1, 100)]);
    let report = office.json(&["sync"]);
    assert!(
        report["accounts"][0]["bytes_in"].as_u64().unwrap() < 1_000_000,
        "{report}"
    );

    office.servers.stop_dovecot().unwrap();
    let found = rows(&office.json(&["search", "hoa phuong"])["hits"]);
    assert_eq!(found.len(), 1, "{found:?}");
    let number = id(&found[0]);
    assert_eq!(found[0]["has_attachments"], json!(true));
    let shown = office.json(&["show", &number]);
    assert!(
        shown["text"]
            .as_str()
            .unwrap()
            .contains("mật khẩu tra cứu: hoa-phượng")
    );
    let files = rows(&shown["attachments"]);
    let names: Vec<_> = files.iter().map(|file| file["name"].clone()).collect();
    assert_eq!(names, ["ban-do.zip", "ghi-chu.pdf"]);
    assert_eq!(files[0]["on_server"], true);
    assert!(
        files[0]["sha256"].is_null(),
        "no checksum of what is not here"
    );
    let dir = office.program.file("attachments");
    let save = [
        "show",
        number.as_str(),
        "--save-attachments",
        dir.to_str().unwrap(),
    ];
    assert_failure(office.run(&save), 4, "not-cached");

    office.servers.start_dovecot().unwrap();
    office.json(&save);
    assert_eq!(std::fs::read(dir.join("ban-do.zip")).unwrap(), file);
    // From now on it is here.
    office.servers.stop_dovecot().unwrap();
    office.json(&save);
}

#[test]
fn everything_is_fetched_when_everything_is_asked_for() {
    let office = Office::new();
    let (raw, file) = plan(&office.binh().address);
    office
        .servers
        .drop_in(&office.nva().address, "INBOX", &raw)
        .unwrap();
    office.json(&["sync"]);
    office.json(&["sync", "--bodies", "all"]);
    office.servers.stop_dovecot().unwrap();
    let dir = office.program.file("attachments");
    let number = id(&office.list("INBOX")[0]);
    office.json(&["show", &number, "--save-attachments", dir.to_str().unwrap()]);
    assert_eq!(std::fs::read(dir.join("ban-do.zip")).unwrap(), file);
}
