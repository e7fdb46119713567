//! Making, renaming, deleting and emptying.

use tcv_domain::message::FolderId;
use tcv_engine::{Done, Event, Kind, Undo};
use tcv_practice::{ADDRESS, Action, Protocol, Rule, Script};

use crate::office::{Office, letter};

fn on_server(office: &Office) -> Vec<String> {
    office.practice.folders(ADDRESS)
}

fn has(office: &Office, name: &str) -> bool {
    on_server(office).iter().any(|known| known == name)
}

fn shown(office: &Office) -> Vec<String> {
    let folders = office.wait(office.engine.folders(office.account.id));
    folders.into_iter().map(|folder| folder.name).collect()
}

fn is_shown(office: &Office, name: &str) -> bool {
    shown(office).iter().any(|known| known == name)
}

fn made(undo: &Undo) -> FolderId {
    match undo.done {
        Done::FolderCreated(folder) => folder,
        other => panic!("{other:?}"),
    }
}

fn create(office: &Office, name: &str) -> FolderId {
    made(&office.wait(office.engine.create_folder(office.account.id, None, name)))
}

/// An office that has synced once and lost the line.
fn offline() -> Office {
    let office = Office::open(Script::default());
    office.deliver(0..4);
    office.sync();
    office
        .practice
        .set_script(Script::once(Protocol::Imap, "GREETING", Action::Drop));
    office
}

#[test]
fn a_folder_made_offline_with_mail_in_it_arrives() {
    let office = offline();
    let folder = create(&office, "Năm 2026/Báo cáo & tổng kết");
    let id = office.row("INBOX", 2).id;
    office.wait(office.engine.move_to(vec![id], folder));
    assert_eq!(
        office.rows("Năm 2026/Báo cáo & tổng kết").len(),
        1,
        "at once"
    );
    assert_eq!(office.try_sync().pending_ops, 3);
    assert!(is_shown(&office, "Năm 2026/Báo cáo & tổng kết"));
    office.practice.set_script(Script::default());
    assert_eq!(office.sync().pending_ops, 0);
    assert!(has(&office, "Năm 2026"));
    let there = office
        .practice
        .messages(ADDRESS, "Năm 2026/Báo cáo & tổng kết");
    assert_eq!(there.len(), 1);
    let row = &office.rows("Năm 2026/Báo cáo & tổng kết")[0];
    assert_eq!((row.id, row.folder, row.uid.is_some()), (id, folder, true));
    office.sync();
    assert_eq!(office.rows("INBOX").len(), 3);
    let twice = shown(&office)
        .iter()
        .filter(|name| name.starts_with("Năm"))
        .count();
    assert_eq!(twice, 2);
}

#[test]
fn a_rename_takes_those_below_and_their_mail_along() {
    let office = Office::open(Script::default());
    office.deliver(0..3);
    office.sync();
    let below = create(&office, "Dự án/Cầu");
    let id = office.row("INBOX", 1).id;
    office.wait(office.engine.move_to(vec![id], below));
    office.sync();
    let top = office.folder("Dự án").id;
    office.wait(office.engine.rename_folder(top, "Công trình"));
    assert_eq!(office.rows("Công trình/Cầu").len(), 1, "at once");
    office.sync();
    assert!(has(&office, "Công trình/Cầu") && !has(&office, "Dự án/Cầu"));
    office.sync();
    assert!(!is_shown(&office, "Dự án"));
    assert_eq!(office.folder("Công trình").id, top);
    assert_eq!(office.rows("Công trình/Cầu")[0].id, id);
}

#[test]
fn an_answer_that_was_lost_is_not_asked_for_twice() {
    for command in ["CREATE", "SUBSCRIBE", "RENAME", "DELETE"] {
        let office = Office::open(Script::default());
        office.deliver(0..2);
        office.sync();
        let old = create(&office, "Cũ/Con");
        office.sync();
        let lost = Rule::new(Protocol::Imap, command, Action::DropAfterDoing).nth(1);
        office.practice.set_script(Script::default().and(lost));
        let new = create(&office, "Mới");
        let id = office.row("INBOX", 1).id;
        office.wait(office.engine.move_to(vec![id], new));
        office.wait(
            office
                .engine
                .rename_folder(office.folder("Cũ").id, "Đã đổi"),
        );
        office.wait(office.engine.delete_folder(old));
        assert!(office.try_sync().accounts[0].error.is_some(), "{command}");
        assert_eq!(office.sync().pending_ops, 0, "{command}");
        assert_eq!(
            office.practice.messages(ADDRESS, "Mới").len(),
            1,
            "{command}"
        );
        let names = on_server(&office);
        let expected: Vec<_> = names
            .iter()
            .filter(|n| n.contains("Cũ") || n.contains("Con"))
            .collect();
        assert!(
            expected.is_empty() && has(&office, "Đã đổi"),
            "{command} {names:?}"
        );
        office.sync();
        let mut shown = shown(&office);
        let mut names = names;
        shown.sort();
        names.sort();
        assert_eq!(shown, names, "{command}");
        assert_eq!(office.rows("Mới").len(), 1, "{command}");
    }
}

#[test]
fn what_is_there_already_is_as_good_as_made() {
    let office = offline();
    let folder = create(&office, "Dự án");
    office.wait(
        office
            .engine
            .move_to(vec![office.row("INBOX", 0).id], folder),
    );
    // Another client was faster; and it put something in.
    office.practice.set_script(Script::default());
    office.practice.create_folder(ADDRESS, "Dự án").unwrap();
    office
        .practice
        .deliver(ADDRESS, "Dự án", &letter(9), &[])
        .unwrap();
    office.sync();
    assert_eq!(office.folder("Dự án").id, folder);
    assert_eq!(office.subjects("Dự án"), ["Báo cáo 0", "Báo cáo 9"]);
}

#[test]
fn a_refusal_takes_it_back_and_says_so() {
    let office = offline();
    let mut events = office.engine.events();
    let folder = create(&office, "Mới");
    let id = office.row("INBOX", 0).id;
    office.wait(office.engine.move_to(vec![id], folder));
    let refuse = Action::Refuse("[NOPERM] Không được phép".to_owned());
    office
        .practice
        .set_script(Script::once(Protocol::Imap, "CREATE", refuse));
    assert_eq!(office.sync().pending_ops, 0);
    assert!(!is_shown(&office, "Mới"));
    assert_eq!(office.rows("INBOX").len(), 4);
    let refused = std::iter::from_fn(|| events.try_recv().ok()).find_map(|event| match event {
        Event::FolderRefused { error, .. } => Some(error),
        _ => None,
    });
    let error = refused.unwrap();
    assert_eq!(error.kind, Kind::ServerRefused);
    assert!(error.detail.starts_with("Mới: "), "{}", error.detail);
    assert!(error.detail.contains("Không được phép"), "{}", error.detail);
}

#[test]
fn one_that_is_refused_for_now_keeps_its_place_in_the_order() {
    let office = Office::open(Script::default());
    office.sync();
    create(&office, "Cũ");
    office.sync();
    let wait = Action::Refuse("[UNAVAILABLE] Thử lại sau".to_owned());
    office
        .practice
        .set_script(Script::default().and(Rule::new(Protocol::Imap, "RENAME", wait).nth(1)));
    let old = office.folder("Cũ").id;
    office.wait(office.engine.rename_folder(old, "Lưu"));
    let new = create(&office, "Cũ");
    assert_eq!(office.sync().pending_ops, 2);
    assert!(is_shown(&office, "Lưu") && is_shown(&office, "Cũ"));
    assert_eq!(office.sync().pending_ops, 0);
    assert!(has(&office, "Lưu") && has(&office, "Cũ"));
    assert_eq!(
        (office.folder("Lưu").id, office.folder("Cũ").id),
        (old, new)
    );
}

#[test]
fn a_folder_with_mail_nobody_here_has_seen_is_not_deleted() {
    let office = Office::open(Script::default());
    office.deliver(0..2);
    office.sync();
    let folder = create(&office, "Dự án");
    office.wait(
        office
            .engine
            .move_to(vec![office.row("INBOX", 0).id], folder),
    );
    office.sync();
    let undo = office.wait(office.engine.delete_folder(folder));
    assert_eq!((undo.done, undo.count), (Done::FolderDeleted, 1));
    assert!(!is_shown(&office, "Dự án"));
    office
        .practice
        .deliver(ADDRESS, "Dự án", &letter(7), &[])
        .unwrap();
    assert_eq!(office.sync().pending_ops, 0);
    assert_eq!(office.rows("Trash").len(), 1);
    assert_eq!(office.subjects("Dự án"), ["Báo cáo 7"], "it is back");

    office.wait(office.engine.delete_folder(office.folder("Dự án").id));
    office.sync();
    assert!(!has(&office, "Dự án") && !is_shown(&office, "Dự án"));
    assert_eq!(office.practice.messages(ADDRESS, "Trash").len(), 2);
}

#[test]
fn emptying_goes_through_on_every_make_of_server() {
    for capabilities in ["MOVE UIDPLUS IDLE", Script::ZIMBRA, Script::BARE] {
        let office = Office::open(Script {
            imap_capabilities: Some(capabilities.to_owned()),
            ..Script::default()
        });
        office.deliver(0..6);
        office.sync();
        let trash = office.folder("Trash").id;
        let ids = (0..4).map(|n| office.row("INBOX", n).id).collect();
        office.wait(office.engine.move_to(ids, trash));
        office.sync();
        // One is still on its way.
        office.wait(
            office
                .engine
                .move_to(vec![office.row("INBOX", 4).id], trash),
        );
        let undo = office.wait(office.engine.empty_folder(trash));
        assert_eq!((undo.done, undo.count), (Done::Emptied, 5));
        assert!(office.rows("Trash").is_empty(), "at once");
        office.sync();
        assert_eq!(office.sync().pending_ops, 0, "{capabilities}");
        let left = office.practice.messages(ADDRESS, "Trash");
        let left = left.iter().filter(|message| !message.has("\\Deleted"));
        assert_eq!(left.count(), 0, "{capabilities}");
        assert!(office.rows("Trash").is_empty());
        assert_eq!(office.rows("INBOX").len(), 1);
    }
}

#[test]
fn the_workers_hold_back_what_can_be_taken_back() {
    let office = Office::open(Script::default());
    office.deliver(0..2);
    office.sync();
    let trash = office.folder("Trash").id;
    office.wait(
        office
            .engine
            .move_to(vec![office.row("INBOX", 0).id], trash),
    );
    office.sync();
    office.engine.start();
    let undo = office.wait(office.engine.empty_folder(trash));
    office.wait(office.engine.flag(
        vec![office.row("INBOX", 1).id],
        tcv_domain::message::FlagChange::set(tcv_domain::message::Flags::SEEN),
    ));
    office.until("the flag to be pushed past it", || {
        office.practice.messages(ADDRESS, "INBOX")[0].has("\\Seen")
    });
    assert_eq!(office.practice.messages(ADDRESS, "Trash").len(), 1);
    office.wait(office.engine.undo(undo));
    assert_eq!(office.rows("Trash").len(), 1);
    // This time it is left alone: it goes when its time has come, without being called.
    office.wait(office.engine.empty_folder(trash));
    office.until("Trash to be emptied on the server", || {
        office.practice.messages(ADDRESS, "Trash").is_empty()
    });
}
