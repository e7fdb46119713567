//! Folders that are deleted while the server has not told, or not heard, everything yet.

use tcv_domain::message::FolderId;
use tcv_engine::Done;
use tcv_practice::{ADDRESS, Action, Protocol, Rule, Script};

use crate::office::Office;

fn imap(when: &str, action: Action) -> Rule {
    Rule::new(Protocol::Imap, when, action)
}

fn offline(office: &Office) {
    let drop = Script::once(Protocol::Imap, "GREETING", Action::Drop);
    office.practice.set_script(drop);
}

fn on_server(office: &Office, name: &str) -> bool {
    office
        .practice
        .folders(ADDRESS)
        .iter()
        .any(|known| known == name)
}

fn move_to(office: &Office, from: &str, number: usize, folder: FolderId) {
    let id = office.row(from, number).id;
    office.wait(office.engine.move_to(vec![id], folder));
}

/// Servers that do not tell the UID a moved message gets.
fn silent() -> [Script; 2] {
    ["MOVE IDLE", Script::BARE].map(|capabilities| Script {
        imap_capabilities: Some(capabilities.to_owned()),
        ..Script::default()
    })
}

/// A folder `Kho` with a letter whose UID there nobody has told; it is deleted.
fn deleted_with_a_nameless_letter(honest: &Script) -> Office {
    let office = Office::open(honest.clone());
    office.deliver(0..3);
    office.practice.create_folder(ADDRESS, "Kho").unwrap();
    office.practice.create_folder(ADDRESS, "Khác").unwrap();
    office.heal_on(honest.clone(), "at first");
    move_to(&office, "INBOX", 0, office.folder("Kho").id);
    // The move arrives; then the line is cut.
    let cut = imap("LIST", Action::Drop);
    office.practice.set_script(honest.clone().and(cut));
    office.try_sync();
    assert_eq!(office.practice.messages(ADDRESS, "Kho").len(), 1);
    let row = &office.rows("Kho")[0];
    assert_eq!(row.uid, None, "nobody told");
    office.wait(office.engine.delete_folder(office.folder("Kho").id));
    office
}

#[test]
fn a_deleted_folder_does_not_wait_for_uids_for_ever() {
    for honest in silent() {
        let office = deleted_with_a_nameless_letter(&honest);
        office.practice.set_script(honest.clone());
        assert_eq!(office.sync().pending_ops, 0, "in one go");
        assert!(!on_server(&office, "Kho"));
        office.heal_on(honest, "deleted");
        assert_eq!(office.subjects("Trash"), ["Báo cáo 0"]);
    }
}

#[test]
fn its_name_is_not_taken_before_it_is_free() {
    for honest in silent() {
        let office = deleted_with_a_nameless_letter(&honest);
        let other = office.folder("Khác").id;
        office.wait(office.engine.rename_folder(other, "Kho"));
        office.heal_on(honest, "renamed");
        assert_eq!(office.folder("Kho").id, other);
        assert!(on_server(&office, "Kho") && !on_server(&office, "Khác"));
        assert_eq!(office.subjects("Trash"), ["Báo cáo 0"]);
    }
}

#[test]
fn nor_for_a_message_that_another_client_took() {
    for honest in silent() {
        let office = deleted_with_a_nameless_letter(&honest);
        let uid = office.practice.messages(ADDRESS, "Kho")[0].uid;
        office.practice.expunge(ADDRESS, "Kho", uid).unwrap();
        office.heal_on(honest, "taken");
        assert!(!on_server(&office, "Kho"));
    }
}

#[test]
fn a_line_of_the_list_that_cannot_be_read_calls_no_deletion_off() {
    let office = Office::open(Script::default());
    office.deliver(0..2);
    let kho = office.practice.create_folder(ADDRESS, "Kho");
    kho.unwrap();
    office.sync();
    move_to(&office, "INBOX", 0, office.folder("Kho").id);
    office.sync();
    office.wait(office.engine.delete_folder(office.folder("Kho").id));
    let later = Action::Refuse("[UNAVAILABLE] later".to_owned());
    let garbled = Action::replace("\"Kho\"", "\"Kho");
    office.practice.set_script(
        Script::default()
            .and(imap("LIST", garbled))
            .and(imap("UID MOVE", later)),
    );
    office.sync();
    office.heal("an honest list");
    assert!(!on_server(&office, "Kho"));
    assert_eq!(office.subjects("Trash"), ["Báo cáo 0"]);
}

#[test]
fn deleted_and_made_anew_offline_it_is_there_with_what_was_put_in() {
    let office = Office::open(Script::default());
    office.deliver(0..3);
    office.practice.create_folder(ADDRESS, "Kho").unwrap();
    office.sync();
    let old = office.folder("Kho").id;
    move_to(&office, "INBOX", 0, old);
    office.sync();
    offline(&office);
    office.wait(office.engine.delete_folder(old));
    let made = office.wait(office.engine.create_folder(office.account.id, None, "Kho"));
    let Done::FolderCreated(new) = made.done else {
        panic!("{made:?}")
    };
    move_to(&office, "INBOX", 1, new);
    office.heal("on line again");
    assert_eq!(office.subjects("Kho"), ["Báo cáo 1"]);
    assert_eq!(office.subjects("Trash"), ["Báo cáo 0"]);
}

#[test]
fn made_anew_after_the_deletion_began_it_is_there_all_the_same() {
    for action in [Action::DropAfterDoing, Action::Drop] {
        let office = Office::open(Script::default());
        office.deliver(0..2);
        office.practice.create_folder(ADDRESS, "Kho").unwrap();
        office.practice.create_folder(ADDRESS, "Khác").unwrap();
        office.sync();
        office.wait(office.engine.delete_folder(office.folder("Kho").id));
        office.wait(office.engine.delete_folder(office.folder("Khác").id));
        let cut = Script::default().and(imap("DELETE", action.clone()));
        office.practice.set_script(cut);
        assert!(office.try_sync().accounts[0].error.is_some());
        // Its deletion is refused for now, once more: until then nothing can be put there.
        let later = Action::Refuse("[INUSE] later".to_owned());
        let busy = Script::default().and(imap("DELETE", later).first(1));
        office.practice.set_script(busy);
        let made = office.wait(office.engine.create_folder(office.account.id, None, "Kho"));
        let Done::FolderCreated(new) = made.done else {
            panic!("{made:?}")
        };
        move_to(&office, "INBOX", 1, new);
        office.sync();
        office.heal("done in the end");
        assert_eq!(office.subjects("Kho"), ["Báo cáo 1"], "{action:?}");
        assert_eq!(office.folder("Kho").id, new);
        assert!(!on_server(&office, "Khác"));
    }
}
