//! Mail and files that nobody should send or have: nothing is lost, nothing fails, lists stay quick.

use std::fmt::Write as _;
use std::fs;

use tcv_domain::message::Flags;
use tcv_domain::mime;

use super::*;
use crate::error::Kind;
use crate::store::database::private_file;

fn told(mail: &Mailbox, uid: u32, head: &[u8]) -> MessageId {
    let one = FetchedHeader {
        envelope: mime::envelope(head),
        ..header(uid)
    };
    mail.arrive(mail.inbox, vec![one])[0]
}

fn found(mail: &Mailbox, words: &str) -> Vec<MessageId> {
    while mail.store.index_pending(100).unwrap() > 0 {}
    let hits = mail.ask(words, None, Typing::Ongoing);
    hits.hits.into_iter().map(|hit| hit.row.id).collect()
}

#[test]
fn a_header_of_ten_megabytes_is_a_row_like_others() {
    let mail = Mailbox::new();
    let long = |word: &str, bytes: usize| format!("{word} ").repeat(bytes / (word.len() + 1));
    let head = format!(
        "Message-ID: <{}@x>\r\nSubject: khẩn cấp {}\r\nReferences: {}\r\nFrom: {} <a@b>\r\n\r\n",
        "y".repeat(1_000_000),
        long("đề nghị", 10_000_000),
        long("<ref@x>", 1_000_000),
        long("Ủy ban", 500_000),
    );
    let id = told(&mail, 1, head.as_bytes());
    let row = mail.store.row(id).unwrap();
    assert!(row.subject.starts_with("khẩn cấp đề nghị") && row.subject.len() <= 4_096);
    assert!(row.message_id.len() <= 1_000 && row.conversation.len() <= 1_000);
    assert_eq!(found(&mail, "khan cap"), [id]);
    // Told again under its number it is the same message still.
    assert!(
        mail.arrive(
            mail.inbox,
            vec![FetchedHeader {
                envelope: mime::envelope(head.as_bytes()),
                ..header(1)
            }]
        )
        .is_empty()
    );
}

#[test]
fn a_hundred_thousand_recipients_are_no_burden() {
    let mail = Mailbox::new();
    let mut head = String::from("From: Lê An <an@x.gov.vn>\r\nSubject: toàn ngành\r\nTo: ");
    for number in 0..100_000 {
        write!(head, "Cán bộ {number} <cb{number}@x.gov.vn>,\r\n ").unwrap();
    }
    head.push_str("cuoi@x.gov.vn\r\n\r\n");
    let id = told(&mail, 1, head.as_bytes());
    let row = mail.store.row(id).unwrap();
    assert_eq!(
        (row.to.len(), row.to[0].address.as_str()),
        (1_000, "cb0@x.gov.vn")
    );
    assert_eq!(mail.store.seen_addresses().unwrap().len(), 1_000);
    // The message itself is whole.
    let whole = [head.as_bytes(), b"noi dung"].concat();
    mail.store.put_body(id, &whole).unwrap();
    let body = mail.store.body(id).unwrap().unwrap();
    assert_eq!(mime::parse(&body).envelope.to.len(), 100_001);
    assert_eq!(found(&mail, "cb99999"), [id]);
}

#[test]
fn nul_bytes_end_nothing_early() {
    let mail = Mailbox::new();
    let id = told(
        &mail,
        1,
        b"From: \"A\0n\" <a\0n@b>\r\nSubject: truoc\0sau het\r\nMessage-ID: <a\0b@c>\r\n\r\n",
    );
    let letter = b"From: an@b\r\nSubject: truoc\0sau het\r\nContent-Type: text/plain\r\n\r\ndau\0 giua \0cuoi\r\n";
    mail.store.put_body(id, letter).unwrap();
    assert_eq!(mail.store.body(id).unwrap().unwrap(), letter);
    let subject = mail.store.row(id).unwrap().subject;
    assert!(
        subject.starts_with("truoc") && subject.ends_with("sau het"),
        "{subject:?}"
    );
    for words in ["sau het", "cuoi", "dau"] {
        assert_eq!(found(&mail, words), [id], "{words}");
    }
    found(&mail, "a\0b \"c\0");
}

#[test]
fn names_of_attachments_in_any_form_are_found() {
    let mail = Mailbox::new();
    let with_file = |uid: u32, name: &str| {
        let id = mail.deliver(&[uid])[0];
        let letter = format!(
            "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nxem tep\r\n\
             --b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; {name}\r\n\r\n%PDF\r\n--b--\r\n"
        );
        mail.store.put_body(id, letter.as_bytes()).unwrap();
        let content = mime::parse(letter.as_bytes());
        (id, content.attachments[0].name.clone())
    };
    // As macOS writes it: letters and marks apart.
    let (id, name) = with_file(1, "filename*=utf-8''ba%CC%81o%20ca%CC%81o%20qu%C3%BD.pdf");
    assert_eq!(name, "báo cáo quý.pdf");
    for words in ["báo cáo quý", "bao cao quy", "ba\u{301}o ca\u{301}o"] {
        assert_eq!(found(&mail, words), [id], "{words}");
    }
    // Halves of UTF-16 pairs, as bytes of a broken UTF-8 and in UTF-16 itself.
    for (uid, broken) in [
        (2, "filename*=utf-8''tepmot%ED%A0%80.pdf"),
        (
            3,
            "filename=\"=?utf-16be?B?AHQAZQBw2AAAaABhAGkALgBwAGQAZg==?=\"",
        ),
    ] {
        let (_, name) = with_file(uid, broken);
        assert!(name.ends_with(".pdf") && name.len() > 8, "{name:?}");
    }
    assert_eq!(found(&mail, "tepmot").len(), 1);
}

#[test]
fn pieces_of_the_index_fit_the_pages_of_the_file() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&(1..=40).collect::<Vec<_>>());
    for (n, id) in ids.iter().enumerate() {
        let words: String = (0..500).map(|w| format!("x{n}y{w} ")).collect();
        mail.store.put_body(*id, &raw("x@y", "x", &words)).unwrap();
    }
    let largest: i64 = mail
        .store
        .read(|c| {
            let sql = "SELECT max(length(block)) FROM search_data WHERE id > 10";
            Ok(c.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    // Of 4,096 bytes SQLCipher takes 80; what does not fit beside the rest is put on a page of its own.
    assert!((3_000..=3_980).contains(&largest), "{largest}");
}

/// Copies the files of a store in use to where a crash would have left them, with so much of the
/// write-ahead log.
fn crashed(dir: &TempDir, wal: impl Fn(&mut Vec<u8>)) -> TempDir {
    let left = tempfile::tempdir().unwrap();
    for name in ["own.db", "cache.db"] {
        fs::copy(dir.path().join(name), left.path().join(name)).unwrap();
        let mut log = fs::read(dir.path().join(format!("{name}-wal"))).unwrap();
        if name == "own.db" {
            wal(&mut log);
        }
        let path = left.path().join(format!("{name}-wal"));
        drop(private_file(&path).unwrap());
        fs::write(path, log).unwrap();
    }
    left
}

#[test]
fn a_write_ahead_log_cut_short_keeps_every_change_before_the_cut() {
    let mail = Mailbox::new();
    let length = || {
        fs::metadata(mail.dir.path().join("own.db-wal"))
            .unwrap()
            .len()
    };
    let mut ends = Vec::new();
    for number in 0..8 {
        mail.store.put_setting("a", &number.to_string()).unwrap();
        ends.push(length());
    }
    let kept = |left: &TempDir| {
        let value = open(left).setting("a").unwrap();
        value.map_or(0, |value| value.parse::<usize>().unwrap() + 1)
    };
    let whole = *ends.last().unwrap();
    for cut in (0..whole).step_by(1_777).chain(ends.iter().copied()) {
        let left = crashed(&mail.dir, |log| log.truncate(usize::try_from(cut).unwrap()));
        let expected = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(kept(&left), expected, "cut at {cut} of {whole}");
    }
    // A page torn in it ends it there.
    let torn = usize::try_from(ends[3] + 200).unwrap();
    let left = crashed(&mail.dir, |log| log[torn] ^= 0x40);
    assert_eq!(kept(&left), 4);
}

#[test]
fn a_folder_that_cannot_be_used_is_said_to_be_the_disks_fault() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    for place in [file.clone(), file.join("below")] {
        let error = Store::open(&place, CacheKey::new(KEY)).err().unwrap();
        assert_eq!(error.kind, Kind::Disk, "{error:?}");
    }
    assert_eq!(fs::read(file).unwrap(), b"x");
}

#[test]
fn a_clock_set_back_loses_nothing() {
    let mail = Mailbox::new();
    let at = |uid, days: i64| {
        let date = NOW.plus(days * 86_400);
        let mut one = header(uid);
        one.envelope.date = Some(date);
        one.internal_date = Some(date);
        one.flags = Flags::SEEN;
        one
    };
    // The server's clock, then ours, ran years ahead for a while.
    mail.arrive(mail.inbox, vec![at(1, 0), at(2, 4_000)]);
    mail.arrive(mail.inbox, vec![at(3, 1), at(4, -4_000)]);
    let uids: Vec<_> = mail
        .rows(mail.inbox)
        .iter()
        .map(|row| row.uid.unwrap())
        .collect();
    assert_eq!(uids, [2, 3, 1, 4]);
    let kept = mail
        .store
        .create_draft(&super::keeping::draft("mới"), NOW.plus(4_000 * 86_400))
        .unwrap();
    let saved = super::keeping::draft("sau");
    mail.store.save_draft(kept, &saved, NOW).unwrap();
    assert_eq!(mail.store.draft(kept).unwrap().unwrap().subject, "sau");
}
