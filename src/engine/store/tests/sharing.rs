//! Several on one folder, a full disk, and what lies on the disk.

use std::fs;

use tcv_domain::message::{FlagChange, Flags};

use super::super::Change;
use super::keeping::draft;
use super::*;
use crate::error::Kind;

#[test]
fn two_may_work_on_one_folder_at_once() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&(1..=40).collect::<Vec<_>>());
    let path = mail.dir.path();
    std::thread::scope(|scope| {
        for half in ids.chunks(20) {
            scope.spawn(move || {
                // As another process: connections of its own.
                let (store, notices) = Store::open(path, CacheKey::new(KEY)).unwrap();
                assert!(notices.is_empty());
                for id in half {
                    store
                        .change(&[*id], Change::Flag(FlagChange::set(Flags::SEEN)))
                        .unwrap();
                    store.create_draft(&draft("x"), NOW).unwrap();
                    store.row(*id).unwrap();
                }
            });
        }
    });
    assert_eq!(mail.store.folders(ACCOUNT).unwrap()[0].unread, 0);
    assert_eq!(mail.store.drafts().unwrap().len(), 40);
    assert_eq!(mail.ops().len(), 40);
}

#[test]
fn many_may_open_a_new_folder_at_once() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let (store, notices) = Store::open(dir.path(), CacheKey::new(KEY)).unwrap();
                assert!(notices.is_empty(), "{notices:?}");
                store.put_setting("x", "y").unwrap();
            });
        }
    });
}

#[test]
fn readers_do_not_wait_for_a_writer() {
    let mail = Mailbox::new();
    mail.deliver(&[1, 2]);
    let seen = mail.store.write(|c| {
        c.execute("DELETE FROM messages /* test */", [])?;
        // In the middle of the transaction others still see what was.
        Ok(mail.ids(mail.inbox).len())
    });
    assert_eq!(seen.unwrap(), 2);
    assert!(mail.ids(mail.inbox).is_empty());
}

#[test]
fn readers_cannot_write() {
    let mail = Mailbox::new();
    let result = mail
        .store
        .read(|c| Ok(c.execute("DELETE FROM folders /* test */", [])?));
    assert!(result.is_err());
    assert_eq!(mail.store.folders(ACCOUNT).unwrap().len(), 4);
}

#[test]
fn a_full_disk_leaves_nothing_half_done() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1, 2, 3]);
    let before = (mail.rows(mail.inbox), mail.ops());
    mail.store.cache.limit_pages(2).unwrap();
    let big: String = (0..200_000_u32)
        .map(|n| format!("{} ", n.wrapping_mul(2_654_435_761)))
        .collect();
    let bodies = [
        (ids[0], raw("a@b", "nho", "nho")),
        (ids[1], raw("a@b", "to", &big)),
    ];
    assert_eq!(
        mail.store.put_bodies(&bodies).unwrap_err().kind,
        Kind::DiskFull
    );
    assert!(mail.store.body(ids[0]).unwrap().is_none());
    let headers = (10..3000).map(header).collect();
    let batch = SyncBatch {
        headers,
        watermark: watermark(1, 3000),
        ..SyncBatch::default()
    };
    let error = mail.store.apply_sync(mail.inbox, &batch).unwrap_err();
    assert_eq!(error.kind, Kind::DiskFull);
    assert_eq!((mail.rows(mail.inbox), mail.ops()), before);
    assert_eq!(mail.store.folder_sync(mail.inbox).unwrap().uidnext, None);
    // Space again: everything goes on.
    mail.store.cache.limit_pages(1_000_000).unwrap();
    assert_eq!(
        mail.store.apply_sync(mail.inbox, &batch).unwrap().new.len(),
        2990
    );
}

#[test]
fn a_full_disk_keeps_the_draft_as_it_was() {
    let mail = Mailbox::new();
    let id = mail.store.create_draft(&draft("trước"), NOW).unwrap();
    mail.store.own.limit_pages(1).unwrap();
    let mut large = draft("sau");
    large.body = "dài ".repeat(50_000);
    assert_eq!(
        mail.store.save_draft(id, &large, NOW).unwrap_err().kind,
        Kind::DiskFull
    );
    assert_eq!(mail.store.draft(id).unwrap().unwrap().subject, "trước");
}

#[test]
fn nothing_readable_lies_on_the_disk() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store
        .put_body(id, &raw("a@b", "x", "MAT-KHAU-BI-MAT"))
        .unwrap();
    for entry in fs::read_dir(mail.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for secret in ["binhdinh", "MAT-KHAU", "SQLite format 3"] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let mail = Mailbox::new();
    mail.deliver(&[1]);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(mail.dir.path()), 0o700);
    for entry in fs::read_dir(mail.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}
