//! Damaged files: set aside, replaced, and what is left of them carried over.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tcv_domain::message::{FlagChange, Flags};
use tcv_domain::op::Op;

use super::super::Change;
use super::keeping::{account, draft, outgoing};
use super::*;
use crate::error::Kind;
use crate::types::{Notice, OutboxState};

const PAGE: usize = 4096;

fn reopen(dir: &TempDir, key: u8) -> (Store, Vec<Notice>) {
    Store::open(dir.path(), CacheKey::new([key; 32])).unwrap()
}

/// Closes the store, so that everything is in the file, and hands out the folder.
fn closed(mail: Mailbox) -> TempDir {
    let Mailbox { dir, store, .. } = mail;
    drop(store);
    assert!(
        !dir.path().join("cache.db-wal").exists(),
        "the file was not closed in order"
    );
    dir
}

fn change_file(path: &PathBuf, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn one_set_aside(notices: &[Notice]) -> PathBuf {
    let [Notice::CacheSetAside(aside)] = notices else {
        panic!("{notices:?}")
    };
    assert!(aside.exists());
    aside.clone()
}

#[test]
fn a_cache_with_a_broken_header_is_set_aside() {
    for damage in [0..100, 16..17, 4000..4096] {
        let mail = Mailbox::new();
        mail.store.put_setting("kept", "yes").unwrap();
        let dir = closed(mail);
        change_file(&dir.path().join("cache.db"), |bytes| {
            bytes[damage].iter_mut().for_each(|byte| *byte ^= 0x55);
        });
        let (store, notices) = reopen(&dir, 7);
        one_set_aside(&notices);
        assert!(store.folders(ACCOUNT).unwrap().is_empty());
        assert!(store.put_folders(ACCOUNT, &remote_folders()).unwrap());
        assert_eq!(store.setting("kept").unwrap().as_deref(), Some("yes"));
    }
}

#[test]
fn a_cut_cache_is_set_aside_and_its_pending_changes_are_saved() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&(1..=20).collect::<Vec<_>>());
    mail.store
        .change(&ids[..1], Change::Flag(FlagChange::set(Flags::SEEN)))
        .unwrap();
    mail.store
        .change(&ids[1..2], Change::Move(mail.archive))
        .unwrap();
    let ops = mail.ops();
    // Much that comes later, to be lost.
    let bodies: Vec<_> = (0..20_u8)
        .map(|n| {
            let noise: String = (0..9000_u32)
                .map(|i| char::from(b'a' + ((i * i + u32::from(n)) % 23) as u8))
                .collect();
            (ids[usize::from(n)], raw("a@b", "x", &noise))
        })
        .collect();
    mail.store.put_bodies(&bodies).unwrap();
    let (inbox, archive) = (mail.inbox, mail.archive);
    let dir = closed(mail);
    change_file(&dir.path().join("cache.db"), |bytes| {
        let keep = bytes.len() / PAGE * 3 / 4;
        bytes.truncate(keep * PAGE);
    });
    let (store, notices) = reopen(&dir, 7);
    one_set_aside(&notices);
    let saved: Vec<Op> = store
        .pending_ops(ACCOUNT)
        .unwrap()
        .into_iter()
        .map(|op| op.op)
        .collect();
    assert_eq!(saved, ops);
    assert_eq!(store.row(ids[0]).unwrap().flags, Flags::SEEN);
    assert_eq!(store.row(ids[1]).unwrap().folder, archive);
    assert_eq!(store.row(ids[5]).unwrap_err().kind, Kind::NotFound);
    assert_eq!(store.folder_sync(inbox).unwrap().uidnext, None);
    let counts: Vec<_> = store
        .folders(ACCOUNT)
        .unwrap()
        .iter()
        .map(|one| (one.total, one.unread))
        .collect();
    assert_eq!(counts[..2], [(1, 0), (1, 1)]);

    // What the server brings again gets numbers that never stood for anything else.
    let batch = SyncBatch {
        headers: (1..=20).map(header).collect(),
        ..SyncBatch::default()
    };
    let new = store.apply_sync(inbox, &batch).unwrap().new;
    assert_eq!(new.len(), 18, "the two saved ones are known");
    assert!(new.iter().all(|id| id.0 > 1_000_000_000));
}

#[test]
fn damage_in_the_middle_shows_in_use_and_is_mended_there() {
    let mail = Mailbox::new();
    mail.deliver(&(1..=300).collect::<Vec<_>>());
    let inbox = mail.inbox;
    let dir = closed(mail);
    change_file(&dir.path().join("cache.db"), |bytes| {
        let half = bytes.len() / PAGE / 2;
        for page in bytes.chunks_mut(PAGE).skip(half) {
            page[200] ^= 0xff;
        }
    });
    let (store, notices) = reopen(&dir, 7);
    assert!(
        notices.is_empty(),
        "opening does not read the whole file: {notices:?}"
    );
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    store.on_notice(move |notice| listener.lock().unwrap().push(notice));
    let request = ListRequest {
        folder: inbox,
        offset: 0,
        limit: 300,
        unread_only: false,
    };
    assert_eq!(store.list(&request).unwrap_err().kind, Kind::CacheDamaged);
    one_set_aside(&told.lock().unwrap());
    // From here on it works, without a restart.
    store.put_folders(ACCOUNT, &remote_folders()).unwrap();
    let inbox = store.folder_role(ACCOUNT, Role::Inbox).unwrap().unwrap();
    let batch = SyncBatch {
        headers: vec![header(1)],
        ..SyncBatch::default()
    };
    assert_eq!(store.apply_sync(inbox, &batch).unwrap().new.len(), 1);
}

#[test]
fn only_the_newest_wreck_of_the_cache_is_kept() {
    let mail = Mailbox::new();
    let dir = closed(mail);
    for _ in 0..3 {
        change_file(&dir.path().join("cache.db"), |bytes| bytes[30] ^= 1);
        let (store, notices) = reopen(&dir, 7);
        one_set_aside(&notices);
        drop(store);
    }
    let wrecks = fs::read_dir(dir.path())
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with("cache.db.damaged")
        })
        .count();
    assert_eq!(wrecks, 1);
}

/// A folder with own data of many pages: returns what should be in it.
fn filled() -> (TempDir, usize, usize) {
    let mail = Mailbox::new();
    mail.store.put_account(&account()).unwrap();
    mail.store.put_setting("window", "{}").unwrap();
    let (drafts, letters) = (60, 12);
    for n in 0..drafts + letters {
        let mut one = draft(&format!("Dự thảo {n}"));
        one.body = "Nội dung cần giữ. ".repeat(60);
        let id = mail.store.create_draft(&one, NOW).unwrap();
        if n >= drafts {
            mail.store
                .draft_to_outbox(&outgoing(id, &format!("{n}@x")))
                .unwrap();
        }
    }
    (closed(mail), drafts, letters)
}

#[test]
fn own_data_is_saved_row_by_row() {
    let (dir, drafts, letters) = filled();
    let path = dir.path().join("own.db");
    change_file(&path, |bytes| {
        let pages = bytes.len() / PAGE;
        assert!(pages > 20, "{pages}");
        // A few bytes in the middle.
        bytes[pages / 2 * PAGE + 100..][..8].fill(0);
    });
    let (store, mut notices) = reopen(&dir, 7);
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    store.on_notice(move |notice| listener.lock().unwrap().push(notice));
    // Wherever the bad page is, reading everything meets it.
    let _ = store.drafts();
    let _ = store.outbox();
    let _ = store.outbox_copy_pending();
    let _ = store.next_due(NOW.plus(1000));
    notices.extend(told.lock().unwrap().drain(..));
    let [
        Notice::OwnDataSalvaged {
            aside,
            drafts: saved,
            outbox,
        },
    ] = &notices[..]
    else {
        panic!("{notices:?}")
    };
    assert!(aside.exists());
    assert!(
        *saved + *outbox >= drafts + letters - 10,
        "{saved} and {outbox} saved"
    );
    assert!(*saved <= drafts && *outbox <= letters);
    assert_eq!(store.drafts().unwrap().len(), *saved);
    assert_eq!(store.accounts().unwrap().len(), 1);
    // The cache beside it is untouched.
    assert_eq!(store.folders(ACCOUNT).unwrap().len(), 4);
}

#[test]
fn every_page_of_own_data_may_break() {
    let (dir, drafts, letters) = filled();
    let path = dir.path().join("own.db");
    let sound = fs::read(&path).unwrap();
    let pages = sound.len() / PAGE;
    let mut best = 0;
    for page in (0..pages).step_by(5) {
        for name in ["own.db-wal", "own.db-shm"] {
            let _ = fs::remove_file(dir.path().join(name));
        }
        let mut broken = sound.clone();
        broken[page * PAGE + 50] ^= 0x10;
        fs::write(&path, &broken).unwrap();
        let (store, _) = reopen(&dir, 7);
        for _ in 0..2 {
            let _ = store.drafts();
            let _ = store.outbox();
            let _ = store.accounts();
            let _ = store.next_due(NOW.plus(1000));
        }
        let left = store.drafts().unwrap().len() + store.outbox().unwrap().len();
        assert!(left <= drafts + letters);
        best = best.max(left);
        // What is left can be worked with.
        store.create_draft(&draft("mới"), NOW).unwrap();
        for item in store.outbox().unwrap() {
            assert!(
                matches!(item.state, OutboxState::Held | OutboxState::Doubtful),
                "{:?}",
                item.state
            );
        }
    }
    assert!(best >= drafts, "{best}");
}

#[test]
fn own_data_wholly_unreadable_is_told_with_zeros() {
    let (dir, ..) = filled();
    let path = dir.path().join("own.db");
    let length = fs::metadata(&path).unwrap().len();
    fs::write(&path, vec![0x5a; usize::try_from(length).unwrap()]).unwrap();
    let (store, notices) = reopen(&dir, 7);
    let [
        Notice::OwnDataSalvaged {
            drafts: 0,
            outbox: 0,
            ..
        },
    ] = notices[..]
    else {
        panic!("{notices:?}")
    };
    assert!(store.drafts().unwrap().is_empty());
}

#[test]
fn a_lost_key_sets_both_aside_and_the_old_key_still_opens_them() {
    let (dir, drafts, _) = filled();
    let (store, notices) = reopen(&dir, 8);
    let mut own = None;
    for notice in &notices {
        if let Notice::OwnDataSalvaged {
            aside,
            drafts: 0,
            outbox: 0,
        } = notice
        {
            own = Some(aside.clone());
        }
    }
    assert_eq!(notices.len(), 2);
    drop(store);
    // The help desk finds the key: the files go back.
    fs::remove_file(dir.path().join("own.db")).unwrap();
    fs::rename(own.unwrap(), dir.path().join("own.db")).unwrap();
    fs::remove_file(dir.path().join("cache.db")).unwrap();
    let (store, notices) = reopen(&dir, 7);
    assert!(notices.is_empty(), "{notices:?}");
    assert_eq!(store.drafts().unwrap().len(), drafts);
}

#[test]
fn data_of_a_newer_program_is_left_alone() {
    let mail = Mailbox::new();
    mail.store
        .write_own(|c| Ok(c.execute_batch("PRAGMA user_version = 999")?))
        .unwrap();
    let dir = closed(mail);
    let error = Store::open(dir.path(), CacheKey::new(KEY)).err().unwrap();
    assert_eq!(error.kind, Kind::Disk);
    assert!(error.detail.contains("999"), "{error}");
    assert_eq!(
        fs::read_dir(dir.path())
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .contains("damaged")
            })
            .count(),
        0
    );
}
