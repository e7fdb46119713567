//! Folders that go, here or elsewhere, while something of ours is on its way in or out.

use tcv_domain::op::Op;

use super::super::Change;
use super::*;

/// The server lists the usual folders, without these, and these further ones.
fn list(mail: &Mailbox, without: &str, further: &[&str]) {
    let mut list = remote_folders();
    list.retain(|folder| folder.name != without);
    list.extend(further.iter().map(|name| RemoteFolder {
        name: (*name).into(),
        raw_name: (*name).into(),
        delimiter: Some('/'),
        role: None,
        selectable: true,
    }));
    mail.store.put_folders(ACCOUNT, &list).unwrap();
}

fn shown(mail: &Mailbox, name: &str) -> Option<FolderId> {
    let folders = mail.store.folders(ACCOUNT).unwrap();
    Some(folders.iter().find(|folder| folder.name == name)?.id)
}

fn copy(mail: &Mailbox) -> MessageId {
    let raw = b"Message-ID: <a@b>\r\nSubject: x\r\n\r\ny".to_vec();
    mail.store
        .queue_append(ACCOUNT, mail.sent, "a@b", &raw, Flags::SEEN)
        .unwrap()
}

#[test]
fn a_copy_waiting_for_a_folder_that_goes_elsewhere_goes_to_its_heir() {
    let mail = Mailbox::new();
    let id = copy(&mail);
    list(&mail, "Đã gửi", &[]);
    assert_eq!(mail.store.row(id).unwrap().folder, mail.inbox);
    assert!(matches!(mail.ops()[..], [Op::Append { folder, .. }] if folder == mail.inbox));

    // One the server calls Sent now is nearer.
    let mail = Mailbox::new();
    let id = copy(&mail);
    let mut folders = remote_folders();
    folders.retain(|folder| folder.name != "Đã gửi");
    folders.push(RemoteFolder {
        name: "Sent".into(),
        raw_name: "Sent".into(),
        delimiter: Some('/'),
        role: Some(Role::Sent),
        selectable: true,
    });
    mail.store.put_folders(ACCOUNT, &folders).unwrap();
    assert_eq!(
        mail.store.row(id).unwrap().folder,
        shown(&mail, "Sent").unwrap()
    );
}

#[test]
fn a_copy_that_failed_is_not_lost_with_its_folder() {
    let mail = Mailbox::new();
    let id = copy(&mail);
    let op = mail.store.pending_ops(ACCOUNT).unwrap()[0].id;
    mail.store.fail_op(op, "NO").unwrap();
    list(&mail, "Đã gửi", &[]);
    assert_eq!(mail.store.row(id).unwrap().folder, mail.inbox);
}

#[test]
fn messages_on_their_way_into_a_folder_that_goes_elsewhere_turn_back() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    list(&mail, "", &["A"]);
    let folder = shown(&mail, "A").unwrap();
    mail.store.change(&[id], Change::Move(folder)).unwrap();
    list(&mail, "", &[]);
    let row = mail.store.row(id).unwrap();
    assert_eq!((row.folder, row.uid), (mail.inbox, Some(1)));
    assert_eq!(mail.ops(), []);
}

#[test]
fn a_folder_made_anew_before_its_deletion_began_just_stays() {
    let mail = Mailbox::new();
    list(&mail, "", &["A", "A/x"]);
    let (top, below) = (shown(&mail, "A").unwrap(), shown(&mail, "A/x").unwrap());
    let ids = mail.arrive(below, vec![header(1)]);
    mail.store.delete_folder(top, NOW).unwrap();
    let (made, done) = mail.store.create_folder(ACCOUNT, None, "A/x").unwrap();
    assert_eq!(made, below);
    assert_eq!(
        (shown(&mail, "A"), shown(&mail, "A/x")),
        (Some(top), Some(below))
    );
    assert_eq!(mail.ids(mail.trash), ids, "emptied, as the user saw it");
    assert!(matches!(mail.ops()[..], [Op::Move { .. }]));
    mail.store.undo(&done.undo).unwrap();
    assert_eq!((shown(&mail, "A"), shown(&mail, "A/x")), (None, None));
    // One that the server does not know either.
    let (folder, _) = mail.store.create_folder(ACCOUNT, None, "B").unwrap();
    mail.store.delete_folder(folder, NOW).unwrap();
    assert_eq!(
        mail.store.create_folder(ACCOUNT, None, "B").unwrap().0,
        folder
    );
    assert!(!mail.store.forget_stillborn(ACCOUNT, NOW).unwrap());
    assert_eq!(shown(&mail, "B"), Some(folder));
}

#[test]
fn what_leaves_a_folder_waits_for_none_that_is_to_be_made() {
    let mail = Mailbox::new();
    list(&mail, "", &["A", "B"]);
    let (a, b) = (shown(&mail, "A").unwrap(), shown(&mail, "B").unwrap());
    let id = mail.arrive(a, vec![header(1)])[0];
    mail.store.delete_folder(a, NOW).unwrap();
    mail.store.rename_folder(b, "A").unwrap();
    let new = mail.store.create_folder(ACCOUNT, None, "B").unwrap().0;
    // Out of Trash again: the deleting of A would wait for this, this for the making of B, that
    // for the renaming, and the renaming for the deleting.
    mail.store.change(&[id], Change::Move(new)).unwrap();
    let ready = mail.store.pending_ops(ACCOUNT).unwrap();
    let first = ready.iter().find(|op| !op.op.is_of_the_tree()).unwrap();
    assert!(matches!(first.op, Op::Move { from, to, .. } if from == a && to == mail.trash));
    assert!(!first.waits);
    assert_eq!(mail.ids(new), [id], "shown where it is wanted");
}

#[test]
fn a_folder_is_looked_through_until_it_is_left() {
    let mail = Mailbox::new();
    list(&mail, "", &["A"]);
    let folder = shown(&mail, "A").unwrap();
    let pulled = || {
        let folders = mail.store.pulled_folders(ACCOUNT).unwrap();
        folders.iter().any(|one| one.id == folder)
    };
    let id = mail.arrive(folder, vec![header(1)])[0];
    mail.store.delete_folder(folder, NOW).unwrap();
    assert!(pulled());
    assert!(mail.store.is_leaving(ACCOUNT, "A").unwrap());
    let op = mail.store.pending_ops(ACCOUNT).unwrap()[0].id;
    assert!(mail.begin(op));
    mail.store.finish_ops(&[op]).unwrap();
    assert!(!pulled());
    assert_eq!(mail.ids(mail.trash), [id]);
}

#[test]
fn the_bytes_of_a_copy_that_is_removed_before_it_was_pushed_go_too() {
    let mail = Mailbox::new();
    let id = copy(&mail);
    let Op::Append { blob, .. } = mail.ops()[0] else {
        panic!("no append")
    };
    assert!(mail.store.blob(blob).unwrap().is_some());
    mail.store.change(&[id], Change::Expunge).unwrap();
    assert!(mail.store.blob(blob).unwrap().is_none());
}
