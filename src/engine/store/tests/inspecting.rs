//! Examining the files and mending them.

use std::collections::BTreeSet;
use std::fs;

use tcv_domain::draft::DraftAttachment;

use super::super::{inspect, mend};
use super::keeping::{draft, outgoing};
use super::*;
use crate::health::{Check, Health, Step};

fn examined(dir: &TempDir) -> Health {
    inspect(dir.path(), Some(&CacheKey::new(KEY)), NOW).unwrap()
}

fn damage(health: &Health) -> BTreeSet<String> {
    let findings = health.files.iter().flat_map(|file| &file.findings);
    findings
        .filter(|finding| finding.is_damage)
        .map(|finding| format!("{:?} {}", finding.check, finding.count))
        .collect()
}

fn mended(dir: &TempDir, before: &Health) -> Vec<(Step, u64)> {
    let steps = mend(dir.path(), &CacheKey::new(KEY), before).unwrap();
    steps.iter().map(|step| (step.step, step.count)).collect()
}

/// A mailbox with something of everything.
fn in_use() -> Mailbox {
    let mail = Mailbox::new();
    let ids = mail.deliver(&(1..=30).collect::<Vec<_>>());
    let bodies: Vec<_> = ids[..20]
        .iter()
        .enumerate()
        .map(|(n, id)| {
            (
                *id,
                raw(
                    &format!("thu-{}@binhdinh.gov.vn", n + 1),
                    "Họp",
                    "giao ban tuần",
                ),
            )
        })
        .collect();
    mail.store.put_bodies(&bodies).unwrap();
    while mail.store.index_pending(100).unwrap() > 0 {}
    let written = mail.store.create_draft(&draft("Tờ trình"), NOW).unwrap();
    let file = DraftAttachment {
        blob: 0,
        name: "Tờ trình.pdf".into(),
        media_type: "application/pdf".into(),
        size: 4,
    };
    mail.store.attach(written, file, b"%PDF", NOW).unwrap();
    let sent = mail.store.create_draft(&draft("V/v họp"), NOW).unwrap();
    mail.store.draft_to_outbox(&outgoing(sent, "a@b")).unwrap();
    let copy = raw("moi@binhdinh.gov.vn", "Bản sao", "đã gửi");
    mail.store
        .queue_append(
            ACCOUNT,
            mail.sent,
            "moi@binhdinh.gov.vn",
            &copy,
            Flags::SEEN,
        )
        .unwrap();
    mail
}

#[test]
fn a_sound_mailbox_is_found_sound_and_left_as_it_is() {
    let mail = in_use();
    let files = || {
        let mut files: Vec<_> = fs::read_dir(mail.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| !path.to_string_lossy().ends_with("-shm"))
            .map(|path| (fs::read(&path).unwrap(), path))
            .collect();
        files.sort();
        files
    };
    let before = files();
    let health = examined(&mail.dir);
    assert!(health.is_sound(), "{health:?}");
    assert_eq!((health.messages, health.bodies), (31, 21));
    assert_eq!((health.drafts, health.outbox), (1, 1));
    assert!(before == files(), "examining changed a file");
}

#[test]
fn what_contradicts_itself_is_found_and_set_right() {
    let mail = in_use();
    mail.store
        .write(|c| {
            c.execute_batch(
                "PRAGMA defer_foreign_keys = ON;
                 UPDATE folders SET total = total + 1 WHERE role = 'inbox';
                 UPDATE bodies SET raw = x'789c00' WHERE message IN (30, 29);
                 DELETE FROM bodies WHERE message = 28;
                 UPDATE messages SET docid = docid + 100000 WHERE id = 27;",
            )?;
            Ok(())
        })
        .unwrap();
    mail.store
        .write_own(|c| Ok(c.execute_batch("DELETE FROM blobs; DELETE FROM outbox_mail")?))
        .unwrap();
    let before = examined(&mail.dir);
    let expected = [
        "Bodies 1",
        "Bodies 2",
        "Bytes 2",
        "Counters 1",
        "Index 1",
        "Writing 1",
    ];
    assert_eq!(damage(&before), expected.map(String::from).into());

    let steps = mended(&mail.dir, &before);
    let expected = [
        (Step::BodiesDropped, 3),
        (Step::IndexRebuilt, 31),
        (Step::CountersCorrected, 1),
        (Step::BytesRestored, 1),
        (Step::AttachmentsLost, 1),
        (Step::OutboxHeld, 1),
    ];
    assert_eq!(steps, expected);
    let after = examined(&mail.dir);
    assert!(after.is_sound(), "{after:?}");
    assert_eq!((after.messages, after.bodies), (31, 18));
    assert_eq!(mail.rows(mail.inbox).len(), 30);
    let missing = mail.store.missing_bodies(mail.inbox, None, 100).unwrap();
    assert_eq!(missing.len(), 13, "dropped ones are fetched again");
    let found = |words: &str| mail.search(words).total;
    assert_eq!(found("giao ban"), 17);
    assert_eq!(found("cong van so 3"), 1, "headers of those without a body");
}

#[test]
fn an_index_damaged_inside_is_made_again() {
    let mail = in_use();
    mail.store
        .write(|c| {
            let sql = "UPDATE search_data SET block = zeroblob(length(block)) WHERE id > 10";
            assert!(c.execute(sql, [])? > 0);
            Ok(())
        })
        .unwrap();
    let before = examined(&mail.dir);
    let cache = before.files.iter().find(|file| file.name == "cache.db");
    assert!(cache.unwrap().fails(&[Check::Index]), "{before:?}");
    assert_eq!(mended(&mail.dir, &before), [(Step::IndexRebuilt, 31)]);
    let after = examined(&mail.dir);
    assert!(after.is_sound(), "{after:?}");
    assert_eq!(mail.search("giao ban").total, 20);
}

#[test]
fn bad_pages_are_counted_and_the_file_replaced() {
    let mail = in_use();
    let Mailbox { dir, store, .. } = mail;
    drop(store);
    let path = dir.path().join("cache.db");
    let mut bytes = fs::read(&path).unwrap();
    for page in [7, 9, 12] {
        bytes[page * 4096 + 100] ^= 1;
    }
    fs::write(&path, &bytes).unwrap();
    let before = examined(&dir);
    assert_eq!(damage(&before), ["Pages 3".to_owned()].into());
    assert!(
        fs::read(&path).unwrap() == bytes,
        "examining set nothing aside"
    );
    assert_eq!(mended(&dir, &before)[0], (Step::CacheReplaced, 1));
    let after = examined(&dir);
    assert!(after.is_sound(), "{after:?}");
    assert_eq!((after.drafts, after.outbox), (1, 1));
    let (store, notices) = Store::open(dir.path(), CacheKey::new(KEY)).unwrap();
    assert!(notices.is_empty());
    assert_eq!(
        store.pending_count(ACCOUNT).unwrap(),
        1,
        "the copy waits on"
    );
}

#[test]
fn a_file_without_its_key_is_told_from_none_at_all() {
    let empty = tempfile::tempdir().unwrap();
    assert!(inspect(empty.path(), None, NOW).unwrap().is_sound());
    let mail = in_use();
    for key in [None, Some(CacheKey::new([8; 32]))] {
        let health = inspect(mail.dir.path(), key.as_ref(), NOW).unwrap();
        assert_eq!(damage(&health), ["Key 1".to_owned()].into());
    }
}

/// What a power cut leaves: the log ends in the middle of a page.
#[test]
fn a_truncated_log_is_no_damage() {
    let mail = in_use();
    let copy = tempfile::tempdir().unwrap();
    for name in ["own.db", "own.db-wal", "cache.db", "cache.db-wal"] {
        let mut bytes = fs::read(mail.dir.path().join(name)).unwrap();
        if name.ends_with("-wal") {
            bytes.truncate(bytes.len() * 2 / 3 + 17);
        }
        fs::write(copy.path().join(name), bytes).unwrap();
    }
    let health = examined(&copy);
    assert!(health.is_sound(), "{health:?}");
    let store = open(&copy);
    assert!(store.put_folders(ACCOUNT, &remote_folders()).is_ok());
}
