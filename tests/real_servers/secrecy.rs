//! What lies on the disk, and what the program says to those who maintain it, holds no password and no word of a mail.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tcv_support::{Finished, ServerSpec};

use crate::letters::{self, invitation};
use crate::office::{Office, TEXT, contains, id};

const SUBJECT: &str = "Danh sách khen thưởng đột xuất";

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn nothing_of_a_session_can_be_read_from_disk_or_logs() {
    let mut office = Office::empty(&ServerSpec::default());
    office.program = office.program.env("RUST_LOG", "trace");
    let (nva, binh) = (office.nva().clone(), office.binh().clone());
    office.add_nva();
    office
        .servers
        .deliver(&nva.address, &invitation(&binh.address))
        .unwrap();
    let mut said = Vec::new();
    let mut note = |what: &str, done: Finished| {
        said.push((format!("{what}, stderr"), done.stderr.into_bytes()))
    };
    let (imap, smtp) = (office.servers.imaps_url(), office.servers.smtps_url());
    note("account add", office.add(&nva, &imap, &smtp, &[]));
    note("sync", office.run(&["sync"]));
    note("show", office.run(&["show", &id(&office.list("inbox")[0])]));
    note("search", office.run(&["search", "giao ban"]));
    note("send", office.send(&binh.address, SUBJECT, &["--wait"]));
    note("sync", office.run(&["sync"]));
    note("doctor", office.run(&["doctor"]));
    // Not in order: what is left in write-ahead logs counts too.
    office.servers.kill_dovecot().unwrap();
    note("sync without a server", office.run(&["sync"]));
    assert!(
        said.iter().any(|(_, text)| !text.is_empty()),
        "there are logs"
    );

    let mut found = said;
    files(&office.program.data_dir(), &mut found);
    assert!(found.iter().any(|(name, _)| name.ends_with("cache.db")));
    let plain = format!("\0{}\0{}", nva.login, nva.password);
    let passphrase = fs::read(office.program.file("passphrase")).unwrap();
    let words: Vec<(&str, Vec<u8>)> = vec![
        ("the password", nva.password.clone().into_bytes()),
        (
            "the password in base64",
            BASE64_STANDARD.encode(&nva.password).into_bytes(),
        ),
        (
            "the sign-in of SMTP",
            BASE64_STANDARD.encode(plain).into_bytes(),
        ),
        ("the vault's passphrase", passphrase),
        ("a subject received", letters::SUBJECT.into()),
        ("a part of it", "giao ban".into()),
        ("a text received", letters::GREETING.into()),
        ("a subject sent", SUBJECT.into()),
        ("a text sent", TEXT[..40].into()),
        (
            "a text sent, folded for search",
            "phong da nhan duoc".into(),
        ),
        ("a file name", letters::FILE_NAME.into()),
        ("an attachment", letters::file()[..64].into()),
        ("a header field", "Message-ID: <".into()),
    ];
    for (place, bytes) in &found {
        for (what, word) in &words {
            assert!(!contains(bytes, word), "{what} in {place}");
        }
    }
}
