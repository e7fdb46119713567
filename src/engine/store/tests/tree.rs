//! Changes of the tree of folders: shown at once, folded together, outliving the server's list.

use tcv_domain::op::Op;

use super::super::Change;
use super::*;
use crate::error::Kind;

fn names(mail: &Mailbox) -> Vec<String> {
    let folders = mail.store.folders(ACCOUNT).unwrap();
    folders.into_iter().map(|folder| folder.name).collect()
}

/// Those beyond the usual four.
fn further(mail: &Mailbox) -> Vec<String> {
    names(mail).split_off(4)
}

fn create(mail: &Mailbox, name: &str) -> FolderId {
    mail.store.create_folder(ACCOUNT, None, name).unwrap().0
}

/// The server lists the usual folders and these.
fn list(mail: &Mailbox, further: &[&str]) {
    let mut list = remote_folders();
    list.extend(further.iter().map(|name| RemoteFolder {
        name: (*name).into(),
        raw_name: (*name).into(),
        delimiter: Some('/'),
        role: None,
        selectable: true,
    }));
    mail.store.put_folders(ACCOUNT, &list).unwrap();
}

fn listed(mail: &Mailbox, name: &str) -> FolderId {
    let folders = mail.store.folders(ACCOUNT).unwrap();
    folders
        .iter()
        .find(|folder| folder.name == name)
        .unwrap()
        .id
}

/// The server does the oldest operation.
fn server_does(mail: &Mailbox, raw_name: &str) {
    let op = mail.store.pending_ops(ACCOUNT).unwrap()[0].id;
    assert!(mail.begin(op));
    mail.store.finish_tree_op(op, raw_name).unwrap();
}

fn server_refuses(mail: &Mailbox) {
    let op = mail.store.pending_ops(ACCOUNT).unwrap()[0].id;
    assert!(mail.begin(op));
    mail.store.fail_op(op, "NO").unwrap();
}

#[test]
fn a_folder_made_here_is_shown_and_outlives_the_servers_list() {
    let mail = Mailbox::new();
    let id = create(&mail, "Năm 2026/Báo cáo");
    assert_eq!(further(&mail), ["Năm 2026", "Năm 2026/Báo cáo"]);
    list(&mail, &[]);
    assert_eq!(further(&mail), ["Năm 2026", "Năm 2026/Báo cáo"]);
    let parent = listed(&mail, "Năm 2026");
    let wanted = |folder, parent, leaf: &str| Op::CreateFolder {
        folder,
        parent,
        leaf: leaf.into(),
    };
    let (first, second) = (
        wanted(parent, None, "Năm 2026"),
        wanted(id, Some(parent), "Báo cáo"),
    );
    assert_eq!(mail.ops(), [first, second]);
    let waits = |mail: &Mailbox| {
        let ops = mail.store.pending_ops(ACCOUNT).unwrap();
        ops.iter().map(|op| op.waits).collect::<Vec<_>>()
    };
    assert_eq!(waits(&mail), [false, true]);
    let server = |mail: &Mailbox| mail.store.server_folders(ACCOUNT).unwrap().len();
    assert_eq!(server(&mail), 4);
    server_does(&mail, "N&AQM-m 2026");
    assert_eq!((waits(&mail), server(&mail)), (vec![false], 5));
    server_does(&mail, "N&AQM-m 2026/B&AOE-o c&AOE-o");
    assert_eq!((mail.ops().len(), server(&mail)), (0, 6));
    assert_eq!(listed(&mail, "Năm 2026/Báo cáo"), id);
}

#[test]
fn names_that_are_taken_or_cannot_be_are_refused() {
    let mail = Mailbox::new();
    list(&mail, &["Dự án"]);
    for name in [
        "Dự án",
        "Du\u{31b}\u{323} a\u{301}n",
        "inbox",
        "a*",
        "",
        "a//b",
    ] {
        let error = mail.store.create_folder(ACCOUNT, None, name).unwrap_err();
        assert_eq!(error.kind, Kind::BadRequest, "{name:?}");
    }
    let other = mail.store.create_folder(ACCOUNT, Some(FolderId(99)), "a");
    assert_eq!(other.unwrap_err().kind, Kind::NotFound);
    for (folder, name) in [
        (mail.inbox, "Khác"),
        (mail.trash, "Khác"),
        (listed(&mail, "Dự án"), "Đã gửi"),
        (listed(&mail, "Dự án"), "a/b"),
    ] {
        let error = mail.store.rename_folder(folder, name).unwrap_err();
        assert_eq!(error.kind, Kind::BadRequest);
    }
    for folder in [mail.inbox, mail.trash] {
        let error = mail.store.delete_folder(folder, NOW).unwrap_err();
        assert_eq!(error.kind, Kind::BadRequest);
    }
    let error = mail.store.empty_folder(mail.inbox, NOW).unwrap_err();
    assert_eq!(error.kind, Kind::BadRequest);
    assert_eq!(mail.ops(), []);
}

#[test]
fn new_folders_lie_where_all_others_lie() {
    let mail = Mailbox::new();
    let below = ["INBOX", "INBOX/Trash", "INBOX/Dự án"].map(|name| RemoteFolder {
        name: name.into(),
        raw_name: name.replace('/', "."),
        delimiter: Some('.'),
        role: (name == "INBOX").then_some(Role::Inbox),
        selectable: true,
    });
    mail.store.put_folders(AccountId(2), &below).unwrap();
    mail.store.create_folder(AccountId(2), None, "Mới").unwrap();
    let folders = mail.store.folders(AccountId(2)).unwrap();
    assert_eq!(folders[3].name, "INBOX/Mới");
    let dotted = mail.store.create_folder(AccountId(2), None, "07.CT");
    assert_eq!(dotted.unwrap_err().kind, Kind::BadRequest);
}

#[test]
fn wishes_before_the_push_are_one_operation() {
    let mail = Mailbox::new();
    let id = create(&mail, "Mới");
    mail.store.rename_folder(id, "Mới hơn").unwrap();
    let made = Op::CreateFolder {
        folder: id,
        parent: None,
        leaf: "Mới hơn".into(),
    };
    assert_eq!(mail.ops(), [made]);
    assert_eq!(further(&mail), ["Mới hơn"]);

    mail.store.delete_folder(id, NOW.plus(10)).unwrap();
    assert!(further(&mail).is_empty());
    assert!(!mail.store.forget_stillborn(ACCOUNT, NOW).unwrap());
    assert!(mail.store.forget_stillborn(ACCOUNT, NOW.plus(10)).unwrap());
    assert_eq!(mail.ops(), []);

    list(&mail, &["A"]);
    let id = listed(&mail, "A");
    mail.store.rename_folder(id, "B").unwrap();
    mail.store.rename_folder(id, "C").unwrap();
    let renamed = Op::RenameFolder {
        folder: id,
        leaf: "C".into(),
    };
    assert_eq!(mail.ops(), [renamed]);
    mail.store.rename_folder(id, "A").unwrap();
    assert_eq!(mail.ops(), []);
}

#[test]
fn a_name_given_up_can_be_taken_and_the_order_stays() {
    let mail = Mailbox::new();
    list(&mail, &["A", "A/x"]);
    let old = listed(&mail, "A");
    mail.store.rename_folder(old, "B").unwrap();
    let new = create(&mail, "A");
    // Not folded into the first: the name must be free before it is taken.
    mail.store.rename_folder(old, "C").unwrap();
    assert_eq!(mail.ops().len(), 3);
    list(&mail, &["A", "A/x", "A/y"]);
    assert_eq!(further(&mail), ["C", "C/x", "A", "C/y"]);
    server_does(&mail, "B");
    list(&mail, &["B", "B/x", "B/y"]);
    assert_eq!(further(&mail), ["C", "C/x", "A", "C/y"]);
    server_does(&mail, "A");
    server_does(&mail, "C");
    list(&mail, &["A", "C", "C/x", "C/y"]);
    assert_eq!(further(&mail), ["C", "C/x", "A", "C/y"]);
    assert_eq!((listed(&mail, "C"), listed(&mail, "A")), (old, new));
}

#[test]
fn a_rename_the_server_did_and_we_do_not_know_of_shows_nothing_twice() {
    let mail = Mailbox::new();
    list(&mail, &["A", "A/x"]);
    let ids = (listed(&mail, "A"), listed(&mail, "A/x"));
    mail.store.rename_folder(ids.0, "B").unwrap();
    list(&mail, &["B", "B/x"]);
    assert_eq!(further(&mail), ["B", "B/x"]);
    server_does(&mail, "B");
    list(&mail, &["B", "B/x"]);
    assert_eq!((listed(&mail, "B"), listed(&mail, "B/x")), ids);
    // The same for one that was made.
    let id = create(&mail, "Mới");
    list(&mail, &["B", "B/x", "Mới"]);
    assert_eq!(further(&mail), ["B", "B/x", "Mới"]);
    server_does(&mail, "Mới");
    assert_eq!(listed(&mail, "Mới"), id);
}

#[test]
fn moves_into_a_new_folder_wait_for_it() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    let folder = create(&mail, "Mới");
    mail.store.change(&[id], Change::Move(folder)).unwrap();
    assert_eq!(mail.ids(folder), [id]);
    let waits = |mail: &Mailbox| {
        let ops = mail.store.pending_ops(ACCOUNT).unwrap();
        ops.iter().map(|op| op.waits).collect::<Vec<_>>()
    };
    assert_eq!(waits(&mail), [false, true]);
    server_does(&mail, "Mới");
    assert_eq!(waits(&mail), [false]);
}

#[test]
fn a_refused_folder_gives_its_messages_back() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    let own = mail
        .store
        .queue_append(
            ACCOUNT,
            mail.sent,
            "a@b",
            &raw("a@b", "x", "y"),
            Flags::SEEN,
        )
        .unwrap();
    let folder = create(&mail, "Mới/Con");
    mail.store.change(&[id, own], Change::Move(folder)).unwrap();
    assert_eq!(mail.ids(folder).len(), 2);
    // The append stands first in the queue.
    let op = mail.store.pending_ops(ACCOUNT).unwrap()[1].id;
    let taken = mail.store.fail_op(op, "NO").unwrap();
    assert_eq!(taken.name.as_deref(), Some("Mới"));
    assert!(further(&mail).is_empty());
    let row = mail.store.row(id).unwrap();
    assert_eq!((row.folder, row.uid), (mail.inbox, Some(1)));
    assert_eq!(
        mail.store.row(own).unwrap().folder,
        mail.inbox,
        "never lost"
    );
    assert_eq!(mail.ops().len(), 1, "the append");
}

#[test]
fn a_refused_rename_shows_the_old_name_again() {
    let mail = Mailbox::new();
    list(&mail, &["A", "A/x"]);
    mail.store.rename_folder(listed(&mail, "A"), "B").unwrap();
    server_refuses(&mail);
    assert_eq!(further(&mail), ["A", "A/x"]);

    mail.store.rename_folder(listed(&mail, "A"), "B").unwrap();
    let op = mail.store.pending_ops(ACCOUNT).unwrap()[0].id;
    assert!(mail.begin(op));
    let later = mail.store.rename_folder(listed(&mail, "B"), "C").unwrap();
    mail.store.fail_op(op, "NO").unwrap();
    assert_eq!(further(&mail), ["C", "C/x"], "the later wish stands");
    server_refuses(&mail);
    assert_eq!(further(&mail), ["A", "A/x"]);
    drop(later);
}

#[test]
fn deleting_moves_the_mail_to_trash_and_can_be_taken_back() {
    let mail = Mailbox::new();
    list(&mail, &["A", "A/x", "AB"]);
    let (top, below) = (listed(&mail, "A"), listed(&mail, "A/x"));
    let ids = mail.arrive(below, vec![header(1), header(2)]);
    let done = mail.store.delete_folder(top, NOW.plus(10)).unwrap();
    assert_eq!(done.count(), 2);
    assert_eq!(further(&mail), ["AB"]);
    assert_eq!(mail.rows(mail.trash).len(), 2);
    list(&mail, &["A", "A/x", "AB"]);
    assert_eq!(further(&mail), ["AB"], "not back with the next list");
    let error = mail.store.change(&ids, Change::Move(below)).unwrap_err();
    assert_eq!(error.kind, Kind::BadRequest);
    let ops = mail.store.pending_ops(ACCOUNT).unwrap();
    let deletes = ops.iter().filter(|op| op.op.is_of_the_tree());
    let deletes: Vec<_> = deletes
        .map(|op| (op.op.clone(), op.due, op.waits))
        .collect();
    let wanted = |folder, waits| (Op::DeleteFolder { folder }, Some(NOW.plus(10)), waits);
    assert_eq!(deletes, [wanted(below, true), wanted(top, false)]);
    assert_eq!(
        mail.store.held_until(ACCOUNT, NOW).unwrap(),
        Some(NOW.plus(10))
    );

    mail.store.undo(&done.undo).unwrap();
    assert_eq!(further(&mail), ["A", "A/x", "AB"]);
    assert_eq!(mail.ops(), []);
    assert_eq!(mail.rows(below).len(), 2);

    // Once it is being pushed it cannot be taken back, and nothing is taken back by halves.
    let done = mail.store.delete_folder(top, NOW).unwrap();
    let ops = mail.store.pending_ops(ACCOUNT).unwrap();
    assert!(mail.begin(ops.last().unwrap().id));
    let error = mail.store.undo(&done.undo).unwrap_err();
    assert_eq!(error.kind, Kind::BadRequest);
    assert_eq!(mail.rows(mail.trash).len(), 2);
    assert_eq!(further(&mail), ["AB"]);
}

#[test]
fn undoing_a_new_folder_leaves_nothing() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[1])[0];
    let (folder, made) = mail.store.create_folder(ACCOUNT, None, "A/B").unwrap();
    mail.store.change(&[id], Change::Move(folder)).unwrap();
    mail.store.undo(&made.undo).unwrap();
    assert_eq!(mail.ops(), []);
    assert!(further(&mail).is_empty());
    assert_eq!(mail.ids(mail.inbox), [id]);

    let (folder, made) = mail.store.create_folder(ACCOUNT, None, "A").unwrap();
    server_does(&mail, "A");
    mail.store.undo(&made.undo).unwrap();
    assert_eq!(mail.ops(), [Op::DeleteFolder { folder }]);
}

#[test]
fn ten_thousand_messages_are_emptied_at_once_and_come_back() {
    let mail = Mailbox::new();
    let ids = mail.arrive(mail.trash, (1..=10_000).map(header).collect());
    mail.store
        .change(
            &ids[..1],
            Change::Flag(tcv_domain::message::FlagChange::set(Flags::SEEN)),
        )
        .unwrap();
    let late = mail.deliver(&[1])[0];
    mail.store
        .change(&[late], Change::Move(mail.trash))
        .unwrap();
    let done = mail.store.empty_folder(mail.trash, NOW.plus(10)).unwrap();
    assert_eq!(done.count(), 10_001);
    assert!(mail.rows(mail.trash).is_empty());
    let folders = mail.store.folders(ACCOUNT).unwrap();
    let trash = folders.iter().find(|one| one.id == mail.trash).unwrap();
    assert_eq!((trash.total, trash.unread), (0, 0));
    assert_eq!(mail.store.pending_count(ACCOUNT).unwrap(), 10_003);
    let again = mail.store.empty_folder(mail.trash, NOW).unwrap();
    assert_eq!(again.count(), 0);

    mail.store.undo(&done.undo).unwrap();
    assert_eq!(mail.rows(mail.trash).len(), 1000, "a page");
    assert_eq!(mail.store.pending_count(ACCOUNT).unwrap(), 2);
    let folders = mail.store.folders(ACCOUNT).unwrap();
    let trash = folders.iter().find(|one| one.id == mail.trash).unwrap();
    assert_eq!((trash.total, trash.unread), (10_001, 10_000));
    let error = mail.store.undo(&done.undo).unwrap_err();
    assert_eq!(error.kind, Kind::BadRequest, "nothing is left to take back");
}

#[test]
fn changes_of_the_tree_are_saved_from_a_damaged_cache() {
    let mail = Mailbox::new();
    list(&mail, &["A"]);
    let id = mail.deliver(&[1])[0];
    mail.store.rename_folder(listed(&mail, "A"), "B").unwrap();
    let folder = create(&mail, "Mới");
    mail.store.change(&[id], Change::Move(folder)).unwrap();
    let (ops, shown) = (mail.ops(), names(&mail));
    let Mailbox { dir, store, .. } = mail;
    drop(store);
    let path = dir.path().join("cache.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // The header: the file cannot be opened, its pages can be read.
    bytes.truncate(bytes.len() - 4096);
    std::fs::write(&path, bytes).unwrap();
    let (store, notices) = Store::open(dir.path(), CacheKey::new(KEY)).unwrap();
    assert_eq!(notices.len(), 1);
    let saved: Vec<Op> = store
        .pending_ops(ACCOUNT)
        .unwrap()
        .into_iter()
        .map(|op| op.op)
        .collect();
    assert_eq!(saved, ops);
    let folders = store.folders(ACCOUNT).unwrap();
    assert_eq!(
        folders.iter().map(|f| f.name.clone()).collect::<Vec<_>>(),
        shown
    );
    assert_eq!(store.row(id).unwrap().folder, folder);
}
