//! A cache that is to keep within a size drops the oldest bodies, and none that would be missed.

use tcv_domain::message::{FlagChange, Flags};

use super::super::{Budget, Change};
use super::keeping::draft;
use super::*;
use tcv_domain::draft::ReplyKind;

/// Text that no compression makes small.
fn noise(seed: u32) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let word = |state: &mut u32| {
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        format!("{state:08x} ")
    };
    (0..2_000).map(|_| word(&mut state)).collect()
}

fn has_body(mail: &Mailbox, id: MessageId) -> bool {
    mail.store.body(id).unwrap().is_some()
}

#[test]
fn the_oldest_bodies_make_room_and_come_back_when_opened() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&(1..=60).collect::<Vec<_>>());
    let letter = |n: u32| {
        raw(
            &format!("thu-{n}@binhdinh.gov.vn"),
            "x",
            &format!("riêng{n}x {}", noise(n)),
        )
    };
    for (n, id) in (1..).zip(&ids) {
        mail.store.put_body(*id, &letter(n)).unwrap();
    }
    let flag = Change::Flag(FlagChange::set(Flags::FLAGGED));
    mail.store.change(&[ids[0]], flag).unwrap();
    mail.store
        .change(&[ids[1]], Change::Move(mail.archive))
        .unwrap();
    let mut answer = draft("Trả lời");
    answer.source = Some((ids[2], ReplyKind::Reply));
    mail.store.create_draft(&answer, NOW).unwrap();

    let all = Budget {
        bytes: None,
        recent: NOW,
    };
    assert_eq!(mail.store.shed(&all).unwrap(), 0);
    let roomy = Budget {
        bytes: Some(1 << 30),
        ..all.clone()
    };
    assert_eq!(mail.store.shed(&roomy).unwrap(), 0);

    // The last ten are recent.
    let recent = mail.store.row(ids[50]).unwrap().date;
    let tight = Budget {
        bytes: Some(1),
        recent,
    };
    assert_eq!(mail.store.shed(&tight).unwrap(), 47);
    let kept: Vec<_> = (0..60).filter(|n| has_body(&mail, ids[*n])).collect();
    assert_eq!(
        kept,
        [&[0, 1, 2][..], &(50..60).collect::<Vec<_>>()].concat()
    );

    // They are listed and found, and not fetched by themselves.
    assert_eq!(mail.store.row(ids[5]).unwrap().subject, "Công văn số 6");
    assert_eq!(
        mail.ask("rieng6x", None, Typing::Ongoing).hits[0].row.id,
        ids[5]
    );
    assert!(
        mail.store
            .missing_bodies(mail.inbox, None, 100)
            .unwrap()
            .is_empty()
    );
    mail.store.put_body(ids[5], &letter(6)).unwrap();
    assert!(has_body(&mail, ids[5]));
}

#[test]
fn no_more_goes_than_must() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&(1..=300).collect::<Vec<_>>());
    // What fills the file is attachments, not words to look for.
    let letter = |n: u32| {
        format!(
            "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nxem\r\n\
             --b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n{}\r\n--b--\r\n",
            noise(n)
        )
    };
    for (n, id) in (1..).zip(&ids) {
        mail.store.put_body(*id, letter(n).as_bytes()).unwrap();
    }
    let used = |c: &rusqlite::Connection| {
        let pages: i64 = c.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        let free: i64 = c.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
        Ok(u64::try_from((pages - free) * 4096).unwrap())
    };
    let before = mail.store.read(used).unwrap();
    let budget = Budget {
        bytes: Some(before / 4 * 3),
        recent: NOW,
    };
    let dropped = mail.store.shed(&budget).unwrap();
    assert!(mail.store.read(used).unwrap() <= before / 4 * 3);
    assert!(dropped < 300, "{dropped}");
    assert!(!has_body(&mail, ids[0]) && has_body(&mail, ids[299]));
}
