//! What the server tells, and what becomes of it here.

use tcv_domain::message::{FlagChange, Flags};

use super::super::{Change, SyncBatch};
use super::*;

#[test]
fn messages_arrive_newest_first_and_are_counted() {
    let mail = Mailbox::new();
    let new = mail.deliver(&[3, 1, 2]);
    assert_eq!(new.len(), 3);
    let uids: Vec<_> = mail
        .rows(mail.inbox)
        .iter()
        .map(|row| row.uid.unwrap())
        .collect();
    assert_eq!(uids, [3, 2, 1]);
    let inbox = mail.store.folders(ACCOUNT).unwrap().remove(0);
    assert_eq!((inbox.total, inbox.unread), (3, 3));
}

#[test]
fn a_batch_is_idempotent() {
    let mail = Mailbox::new();
    let batch = SyncBatch {
        headers: vec![header(1), header(2)],
        watermark: watermark(9, 3),
        ..SyncBatch::default()
    };
    assert_eq!(
        mail.store.apply_sync(mail.inbox, &batch).unwrap().new.len(),
        2
    );
    let again = mail.store.apply_sync(mail.inbox, &batch).unwrap();
    assert!(again.new.is_empty() && again.changed.is_empty());
    let sync = mail.store.folder_sync(mail.inbox).unwrap();
    assert_eq!(
        (sync.uidvalidity, sync.uidnext, sync.highestmodseq),
        (Some(9), Some(3), Some(1))
    );
}

#[test]
fn our_pending_flags_win_over_the_servers() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store
        .change(&[id], Change::Flag(FlagChange::set(Flags::SEEN)))
        .unwrap();
    let told = SyncBatch {
        flags: vec![(1, Flags::FLAGGED)],
        ..SyncBatch::default()
    };
    let applied = mail.store.apply_sync(mail.inbox, &told).unwrap();
    assert_eq!(applied.changed, [id]);
    assert_eq!(mail.flags(id), Flags::FLAGGED.with(Flags::SEEN));
    let local = mail.store.local_uids(mail.inbox).unwrap();
    assert_eq!((local[0].flags, local[0].pending), (Flags::FLAGGED, true));

    let op = mail.store.pending_ops(ACCOUNT).unwrap()[0].id;
    assert!(mail.begin(op));
    mail.store.finish_ops(&[op]).unwrap();
    assert_eq!(mail.flags(id), Flags::FLAGGED.with(Flags::SEEN));
    assert!(!mail.store.local_uids(mail.inbox).unwrap()[0].pending);
}

#[test]
fn a_message_moved_here_is_adopted_by_its_header() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    // The server does not know yet: its header in the old folder stays unseen.
    assert!(mail.deliver(&[1]).is_empty());
    assert_eq!(mail.ids(mail.inbox), []);
    let op = mail.store.pending_ops(ACCOUNT).unwrap()[0].id;
    assert!(mail.begin(op));
    // The move makes it vanish there, which must not take it from here.
    let gone = SyncBatch {
        vanished: vec![1],
        ..SyncBatch::default()
    };
    assert_eq!(
        mail.store.apply_sync(mail.inbox, &gone).unwrap().vanished,
        0
    );
    mail.store.finish_ops(&[op]).unwrap();
    let moved = FetchedHeader {
        uid: 77,
        ..header(1)
    };
    let batch = SyncBatch {
        headers: vec![moved],
        ..SyncBatch::default()
    };
    let applied = mail.store.apply_sync(mail.archive, &batch).unwrap();
    assert_eq!((applied.new.len(), applied.changed), (0, vec![id]));
    assert_eq!(mail.store.row(id).unwrap().uid, Some(77));
}

#[test]
fn a_copy_with_the_same_id_is_not_mistaken_for_a_move_not_begun() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    let copy = FetchedHeader {
        uid: 5,
        ..header(1)
    };
    assert_eq!(mail.arrive(mail.archive, vec![copy]).len(), 1);
    assert_eq!(mail.store.row(id).unwrap().uid, None);
    assert_eq!(mail.ops().len(), 1);
}

#[test]
fn what_another_client_took_away_first_is_gone() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    let gone = SyncBatch {
        vanished: vec![1],
        ..SyncBatch::default()
    };
    assert_eq!(
        mail.store.apply_sync(mail.inbox, &gone).unwrap().vanished,
        1
    );
    assert_eq!(mail.ids(mail.archive), []);
    assert_eq!(mail.ops(), []);
}

#[test]
fn new_uidvalidity_keeps_bodies_and_finds_the_messages_again() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1, 2, 3]);
    mail.store
        .put_body(ids[0], &raw("thu-1@binhdinh.gov.vn", "x", "nội dung"))
        .unwrap();
    mail.store
        .change(&[ids[1]], Change::Move(mail.archive))
        .unwrap();
    mail.store.reset_folder(mail.inbox, 42).unwrap();
    assert_eq!(
        mail.ops(),
        [],
        "a UID of the old numbering must not be used"
    );
    let renumbered = |uid, old| FetchedHeader { uid, ..header(old) };
    assert!(
        mail.arrive(mail.inbox, vec![renumbered(101, 1), renumbered(102, 2)])
            .is_empty()
    );
    assert_eq!(mail.store.drop_unmatched(mail.inbox).unwrap(), 1);
    assert_eq!(mail.ids(mail.inbox), [ids[0]]);
    assert_eq!(mail.store.row(ids[0]).unwrap().uid, Some(101));
    assert!(mail.store.body(ids[0]).unwrap().is_some());
    let [tcv_domain::op::Op::Move { uid, .. }] = mail.ops()[..] else {
        panic!("{:?}", mail.ops())
    };
    assert_eq!(uid, 102);
}

#[test]
fn absurd_dates_give_way_to_the_arrival() {
    let mail = Mailbox::new();
    let arrived = NOW.plus(-60);
    for (uid, date, shown) in [
        (1, Some(NOW.plus(400 * 86_400)), arrived),
        (2, Some(UnixTime(5)), arrived),
        (3, None, arrived),
        (4, Some(NOW.plus(-3600)), NOW.plus(-3600)),
    ] {
        let mut one = header(uid);
        one.envelope.date = date;
        one.internal_date = Some(arrived);
        let id = mail.arrive(mail.inbox, vec![one])[0];
        assert_eq!(mail.store.row(id).unwrap().date, shown, "{date:?}");
    }
}

#[test]
fn folders_follow_the_server() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1]);
    assert!(!mail.store.put_folders(ACCOUNT, &remote_folders()).unwrap());
    mail.store
        .apply_sync(
            mail.inbox,
            &SyncBatch {
                watermark: watermark(1, 2),
                ..SyncBatch::default()
            },
        )
        .unwrap();
    mail.store.change(&ids, Change::Move(mail.archive)).unwrap();
    let without_archive: Vec<_> = remote_folders()
        .into_iter()
        .filter(|one| one.name != "Lưu trữ")
        .collect();
    assert!(mail.store.put_folders(ACCOUNT, &without_archive).unwrap());
    assert_eq!(mail.ops(), []);
    // The message is still in the inbox on the server: the folder is to be looked through anew.
    assert_eq!(mail.store.folder_sync(mail.inbox).unwrap().uidnext, None);
    assert_eq!(mail.ids(mail.inbox), ids);
    assert_eq!(mail.deliver(&[1]), []);
}

#[test]
fn bodies_that_are_missing_are_asked_for_newest_first() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1, 2, 3, 4]);
    mail.store
        .put_body(ids[3], &raw("thu-4@binhdinh.gov.vn", "x", "y"))
        .unwrap();
    mail.store.mark_unfetchable(ids[1]).unwrap();
    let missing = mail.store.missing_bodies(mail.inbox, None, 10).unwrap();
    assert_eq!(missing, [(ids[2], 3, 1003), (ids[0], 1, 1001)]);
    let since = header(2).internal_date;
    assert_eq!(
        mail.store
            .missing_bodies(mail.inbox, since, 10)
            .unwrap()
            .len(),
        1
    );
}
