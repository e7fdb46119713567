//! What the user changes, how changes fold together, and what takes them back.

use tcv_domain::message::{FlagChange, Flags};
use tcv_domain::op::Op;

use super::super::Change;
use super::*;
use crate::error::Kind;

const SEEN: Change = Change::Flag(FlagChange::set(Flags::SEEN));
const UNSEEN: Change = Change::Flag(FlagChange::clear(Flags::SEEN));
const STAR: Change = Change::Flag(FlagChange::set(Flags::FLAGGED));

fn begin(mail: &Mailbox) -> i64 {
    let op = mail.store.pending_ops(ACCOUNT).unwrap()[0].id;
    assert!(mail.begin(op));
    op
}

#[test]
fn flag_changes_fold_together_and_opposites_cancel() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store.change(&[id], SEEN).unwrap();
    mail.store.change(&[id], STAR).unwrap();
    let change = FlagChange::set(Flags::SEEN.with(Flags::FLAGGED));
    assert_eq!(
        mail.ops(),
        [Op::Flag {
            message: id,
            change
        }]
    );
    mail.store.change(&[id], UNSEEN).unwrap();
    assert_eq!(
        mail.ops(),
        [Op::Flag {
            message: id,
            change: FlagChange::set(Flags::FLAGGED)
        }]
    );
    mail.store
        .change(&[id], Change::Flag(FlagChange::clear(Flags::FLAGGED)))
        .unwrap();
    assert_eq!(mail.ops(), []);
    assert_eq!(mail.flags(id), Flags::empty());
}

#[test]
fn a_change_under_way_is_not_touched_any_more() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store.change(&[id], SEEN).unwrap();
    let first = begin(&mail);
    mail.store.change(&[id], UNSEEN).unwrap();
    assert_eq!(mail.flags(id), Flags::empty());
    mail.store.finish_ops(&[first]).unwrap();
    assert_eq!(
        mail.ops(),
        [Op::Flag {
            message: id,
            change: FlagChange::clear(Flags::SEEN)
        }]
    );
    assert_eq!(mail.flags(id), Flags::empty());
}

#[test]
fn undo_restores_only_what_was_changed() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1, 2]);
    mail.store.change(&[ids[0]], SEEN).unwrap();
    let both = mail.store.change(&ids, SEEN).unwrap();
    assert_eq!(both.count(), 1, "one was read already");
    mail.store.undo(&both.undo).unwrap();
    assert_eq!(mail.flags(ids[0]), Flags::SEEN);
    assert_eq!(mail.flags(ids[1]), Flags::empty());
}

#[test]
fn a_second_move_changes_where_the_first_goes() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    mail.store.change(&[id], Change::Move(mail.sent)).unwrap();
    let expected = Op::Move {
        message: id,
        from: mail.inbox,
        to: mail.sent,
        uid: 1,
    };
    assert_eq!(mail.ops(), [expected]);
    assert_eq!(mail.ids(mail.sent), [id]);
}

#[test]
fn moving_back_leaves_nothing_to_do() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    let first = mail
        .store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    let second = mail.store.change(&[id], Change::Delete).unwrap();
    assert_eq!(mail.ids(mail.trash), [id]);
    mail.store.undo(&second.undo).unwrap();
    assert_eq!(mail.ids(mail.archive), [id]);
    mail.store.undo(&first.undo).unwrap();
    assert_eq!(mail.ops(), []);
    let row = mail.store.row(id).unwrap();
    assert_eq!((row.folder, row.uid), (mail.inbox, Some(1)));
}

#[test]
fn a_move_under_way_is_followed_by_another() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    let moved = mail
        .store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    let first = begin(&mail);
    mail.store.undo(&moved.undo).unwrap();
    assert_eq!(mail.ids(mail.inbox), [id]);
    assert_eq!(
        mail.ops().len(),
        1,
        "the way back waits for the UID in between"
    );
    mail.store.set_uid(id, 55).unwrap();
    mail.store.finish_ops(&[first]).unwrap();
    let back = Op::Move {
        message: id,
        from: mail.archive,
        to: mail.inbox,
        uid: 55,
    };
    assert_eq!(mail.ops(), [back]);
}

#[test]
fn without_copyuid_the_header_in_between_tells() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    let first = begin(&mail);
    mail.store.change(&[id], Change::Move(mail.sent)).unwrap();
    mail.store.finish_ops(&[first]).unwrap();
    assert_eq!(mail.ops(), []);
    assert_eq!(mail.store.pending_count(ACCOUNT).unwrap(), 1);
    assert!(
        mail.arrive(
            mail.archive,
            vec![FetchedHeader {
                uid: 9,
                ..header(1)
            }]
        )
        .is_empty()
    );
    assert_eq!(
        mail.ops(),
        [Op::Move {
            message: id,
            from: mail.archive,
            to: mail.sent,
            uid: 9
        }]
    );
}

#[test]
fn a_refused_move_goes_back() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    let op = begin(&mail);
    assert_eq!(
        mail.store.fail_op(op, "NO [NOPERM]").unwrap().messages,
        [id]
    );
    let row = mail.store.row(id).unwrap();
    assert_eq!((row.folder, row.uid), (mail.inbox, Some(1)));
    assert_eq!(mail.store.pending_count(ACCOUNT).unwrap(), 0);
}

#[test]
fn a_refused_flag_is_taken_back() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store.change(&[id], STAR).unwrap();
    let op = begin(&mail);
    mail.store.fail_op(op, "NO").unwrap();
    assert_eq!(mail.flags(id), Flags::empty());
}

#[test]
fn what_lies_in_trash_goes_for_good_only_on_request_and_hides_at_once() {
    let mail = Mailbox::new();
    let id = mail.arrive(mail.trash, vec![header(4)])[0];
    let letter = mail.deliver(&[1])[0];
    let changed = mail.store.change(&[id, letter], Change::Delete).unwrap();
    assert_eq!((changed.expunged, changed.count()), (0, 1));
    mail.store.undo(&changed.undo).unwrap();
    assert_eq!(mail.ids(mail.trash), [id]);
    assert_eq!(mail.ops(), []);
    let changed = mail.store.change(&[id], Change::Expunge).unwrap();
    assert_eq!((changed.expunged, changed.undo.len()), (1, 0));
    assert_eq!(mail.ids(mail.trash), []);
    assert_eq!(
        mail.ops(),
        [Op::Expunge {
            folder: mail.trash,
            uid: 4
        }]
    );
    // A sync in between does not bring it back.
    assert!(mail.arrive(mail.trash, vec![header(4)]).is_empty());
    let op = begin(&mail);
    mail.store.finish_ops(&[op]).unwrap();
    assert_eq!(mail.store.row(id).unwrap_err().kind, Kind::NotFound);
}

#[test]
fn expunging_what_is_on_its_way_to_trash_happens_where_the_server_has_it() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store.change(&[id], Change::Delete).unwrap();
    mail.store.change(&[id], Change::Expunge).unwrap();
    assert_eq!(
        mail.ops(),
        [Op::Expunge {
            folder: mail.inbox,
            uid: 1
        }]
    );
    assert!(mail.ids(mail.trash).is_empty() && mail.ids(mail.inbox).is_empty());
    let op = begin(&mail);
    assert_eq!(mail.store.fail_op(op, "NO").unwrap().messages, [id]);
    assert_eq!(mail.ids(mail.inbox), [id]);
}

#[test]
fn without_a_trash_deleting_marks_and_can_be_undone() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    let without: Vec<_> = remote_folders()
        .into_iter()
        .filter(|one| one.role != Some(Role::Trash))
        .collect();
    mail.store.put_folders(ACCOUNT, &without).unwrap();
    let deleted = mail.store.change(&[id], Change::Delete).unwrap();
    assert_eq!(mail.ids(mail.inbox), []);
    mail.store.undo(&deleted.undo).unwrap();
    assert_eq!(mail.ids(mail.inbox), [id]);
    assert_eq!(mail.ops(), []);
}

#[test]
fn messages_stay_in_their_account() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    let other = AccountId(2);
    mail.store.put_folders(other, &remote_folders()).unwrap();
    let foreign = mail
        .store
        .folder_role(other, Role::Archive)
        .unwrap()
        .unwrap();
    let error = mail.store.change(&[id], Change::Move(foreign)).unwrap_err();
    assert_eq!(error.kind, Kind::BadRequest);
    assert_eq!(mail.ids(mail.inbox), [id]);
}

#[test]
fn a_copy_for_sent_is_shown_at_once_and_adopted() {
    let mail = Mailbox::new();
    let bytes = raw("moi-1@binhdinh.gov.vn", "Thu moi", "Kính gửi");
    let append = |id: &str| {
        mail.store
            .queue_append(ACCOUNT, mail.sent, id, &bytes, Flags::SEEN)
    };
    let id = append("moi-1@binhdinh.gov.vn").unwrap();
    assert_eq!(
        append("moi-1@binhdinh.gov.vn").unwrap(),
        id,
        "a repeat does nothing"
    );
    assert_eq!(mail.ids(mail.sent), [id]);
    let [
        Op::Append {
            folder,
            ref message_id,
            blob,
            flags,
            arrived: None,
        },
    ] = mail.ops()[..]
    else {
        panic!("{:?}", mail.ops())
    };
    assert_eq!(
        (folder, message_id.as_str(), flags),
        (mail.sent, "moi-1@binhdinh.gov.vn", Flags::SEEN)
    );
    assert_eq!(
        mail.store.blob(blob).unwrap().as_deref(),
        Some(bytes.as_slice())
    );
    assert_eq!(mail.store.drop_unmatched(mail.sent).unwrap(), 0);

    let op = begin(&mail);
    mail.store.set_uid(id, 12).unwrap();
    mail.store.finish_ops(&[op]).unwrap();
    assert_eq!(mail.store.row(id).unwrap().uid, Some(12));
    assert_eq!(mail.store.blob(blob).unwrap(), None);
}

#[test]
fn a_refused_append_keeps_its_bytes() {
    let mail = Mailbox::new();
    let bytes = raw("a@b", "x", "y");
    mail.store
        .queue_append(ACCOUNT, mail.sent, "a@b", &bytes, Flags::SEEN)
        .unwrap();
    let [Op::Append { blob, .. }] = mail.ops()[..] else {
        panic!()
    };
    let op = begin(&mail);
    mail.store.fail_op(op, "NO message contains NUL").unwrap();
    assert_eq!(mail.ops(), []);
    mail.store.sweep(NOW.plus(10 * 366 * 86_400)).unwrap();
    assert!(mail.store.blob(blob).unwrap().is_some());
    assert_eq!(mail.ids(mail.sent).len(), 1);
}

#[test]
fn a_retried_op_counts_its_tries() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    mail.store.change(&[id], SEEN).unwrap();
    let op = begin(&mail);
    mail.store.retry_op(op, false).unwrap();
    assert_eq!(mail.store.pending_ops(ACCOUNT).unwrap()[0].attempts, 1);
    // Not under way any more: the opposite cancels it again.
    mail.store.change(&[id], UNSEEN).unwrap();
    assert_eq!(mail.ops(), []);
    assert!(!mail.begin(op));
}

#[test]
fn a_worker_gets_only_what_is_as_it_has_read_it() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1, 2, 3, 4]);
    mail.store
        .change(&[ids[0]], Change::Move(mail.archive))
        .unwrap();
    mail.store.change(&ids[1..], SEEN).unwrap();
    let read = mail.store.pending_ops(ACCOUNT).unwrap();
    // Another way to go, a flag more, a place without a UID yet; and one as it was.
    mail.store
        .change(&[ids[0]], Change::Move(mail.sent))
        .unwrap();
    mail.store.change(&[ids[1]], STAR).unwrap();
    mail.store
        .change(&[ids[2]], Change::Move(mail.archive))
        .unwrap();
    assert_eq!(mail.store.begin_ops(&read).unwrap(), read[3..]);
    // The others are still the user's to change.
    mail.store
        .change(&[ids[0], ids[2]], Change::Move(mail.inbox))
        .unwrap();
    mail.store
        .change(&[ids[1]], Change::Flag(FlagChange::clear(Flags::FLAGGED)))
        .unwrap();
    assert_eq!(mail.store.begin_ops(&read).unwrap(), read[1..]);
}
