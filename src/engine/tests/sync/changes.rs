//! From the cache to the server.

use tcv_domain::message::{FlagChange, Flags};
use tcv_engine::Event;
use tcv_practice::{ADDRESS, Action, Protocol, Rule, Script, StoredMessage};

use crate::office::Office;

fn script(capabilities: &str) -> Script {
    Script {
        imap_capabilities: Some(capabilities.to_owned()),
        ..Script::default()
    }
}

/// What lies in a folder and is not marked for removal.
fn lying(office: &Office, folder: &str) -> Vec<StoredMessage> {
    let messages = office.practice.messages(ADDRESS, folder);
    messages
        .into_iter()
        .filter(|message| !message.has("\\Deleted"))
        .collect()
}

#[test]
fn flags_go_both_ways_and_strangers_stay() {
    let office = Office::open(Script::default());
    let uid = office.deliver(0..3)[1];
    office
        .practice
        .set_flags(ADDRESS, "INBOX", uid, &["viec-gap"])
        .unwrap();
    office.sync();
    let id = office.row("INBOX", 1).id;
    let change = FlagChange::set(Flags::SEEN.with(Flags::FLAGGED));
    office.wait(office.engine.flag(vec![id], change));
    assert_eq!(
        office.row("INBOX", 1).flags,
        Flags::SEEN.with(Flags::FLAGGED),
        "at once"
    );
    let report = office.sync();
    assert_eq!(report.pending_ops, 0);
    let message = &office.practice.messages(ADDRESS, "INBOX")[1];
    assert!(message.has("\\Seen") && message.has("\\Flagged") && message.has("viec-gap"));

    office
        .practice
        .set_flags(ADDRESS, "INBOX", uid, &["\\Answered"])
        .unwrap();
    office.sync();
    assert_eq!(office.row("INBOX", 1).flags, Flags::ANSWERED);
}

#[test]
fn a_move_arrives_once_on_every_make_of_server() {
    for capabilities in ["MOVE UIDPLUS IDLE", "UIDPLUS", Script::ZIMBRA, Script::BARE] {
        let office = Office::open(script(capabilities));
        office.deliver(0..4);
        office.sync();
        let id = office.row("INBOX", 2).id;
        let trash = office.folder("Trash").id;
        office.wait(office.engine.move_to(vec![id], trash));
        assert_eq!(office.rows("INBOX").len(), 3, "at once");
        office.sync();
        office.sync();
        assert_eq!(lying(&office, "INBOX").len(), 3, "{capabilities}");
        assert_eq!(lying(&office, "Trash").len(), 1, "{capabilities}");
        assert_eq!(office.rows("INBOX").len(), 3, "{capabilities}");
        assert_eq!(office.rows("Trash").len(), 1, "{capabilities}");
        assert!(office.rows("Trash")[0].uid.is_some(), "{capabilities}");
    }
}

#[test]
fn a_move_whose_answer_was_lost_is_not_done_twice() {
    let table = [
        ("UIDPLUS", "UID COPY"),
        ("", "UID COPY"),
        ("MOVE UIDPLUS", "UID MOVE"),
        ("UIDPLUS", "UID STORE"),
        ("UIDPLUS", "UID EXPUNGE"),
    ];
    for (capabilities, command) in table {
        let office = Office::open(script(capabilities));
        office.deliver(0..3);
        office.sync();
        let lost = Rule::new(Protocol::Imap, command, Action::DropAfterDoing).nth(1);
        office.practice.set_script(script(capabilities).and(lost));
        let trash = office.folder("Trash").id;
        office.wait(
            office
                .engine
                .move_to(vec![office.row("INBOX", 0).id], trash),
        );
        assert!(
            office.try_sync().accounts[0].error.is_some(),
            "{capabilities} {command}"
        );
        office.sync();
        office.sync();
        assert_eq!(lying(&office, "Trash").len(), 1, "{capabilities} {command}");
        assert_eq!(lying(&office, "INBOX").len(), 2, "{capabilities} {command}");
        assert_eq!(office.rows("Trash").len(), 1, "{capabilities} {command}");
        assert_eq!(office.rows("INBOX").len(), 2, "{capabilities} {command}");
    }
}

#[test]
fn removing_for_good_takes_only_what_was_meant() {
    let office = Office::open(script("UIDPLUS"));
    let uids = office.deliver(0..3);
    office.sync();
    // Another client's mark: an EXPUNGE without UIDs would take it along.
    office
        .practice
        .set_flags(ADDRESS, "INBOX", uids[0], &["\\Deleted"])
        .unwrap();
    office.sync();
    let trash = office.folder("Trash").id;
    office.wait(
        office
            .engine
            .move_to(vec![office.row("INBOX", 1).id], trash),
    );
    office.sync();
    let thrown = office.rows("Trash")[0].id;
    // Only the explicit wish removes what lies in Trash.
    office.wait(office.engine.delete(vec![thrown]));
    office.sync();
    assert_eq!(lying(&office, "Trash").len(), 1);
    office.wait(office.engine.expunge(vec![thrown]));
    office.sync();
    assert!(office.practice.messages(ADDRESS, "Trash").is_empty());
    let left: Vec<u32> = office
        .practice
        .messages(ADDRESS, "INBOX")
        .iter()
        .map(|message| message.uid)
        .collect();
    assert_eq!(left, [uids[0], uids[2]]);
}

#[test]
fn what_the_server_refuses_is_taken_back_with_its_words() {
    let office = Office::open(Script::default());
    office.deliver(0..2);
    office.sync();
    let refuse = Action::Refuse("[CANNOT] Không được phép".to_owned());
    office
        .practice
        .set_script(Script::once(Protocol::Imap, "UID MOVE", refuse));
    let mut events = office.engine.events();
    let id = office.row("INBOX", 0).id;
    office.wait(office.engine.move_to(vec![id], office.folder("Trash").id));
    let report = office.sync();
    assert_eq!(report.pending_ops, 0);
    assert_eq!(office.rows("INBOX").len(), 2);
    let refused = std::iter::from_fn(|| events.try_recv().ok()).find_map(|event| match event {
        Event::ChangeRefused { message, error } => Some((message, error.detail)),
        _ => None,
    });
    let (message, words) = refused.unwrap();
    assert_eq!(message, id);
    assert!(words.contains("Không được phép"), "{words}");
}

#[test]
fn changes_made_offline_survive_and_win() {
    let office = Office::open(Script::default());
    let uids = office.deliver(0..2);
    office.sync();
    let id = office.row("INBOX", 0).id;
    office
        .practice
        .set_script(Script::once(Protocol::Imap, "GREETING", Action::Drop));
    office.wait(
        office
            .engine
            .flag(vec![id], FlagChange::set(Flags::FLAGGED)),
    );
    assert_eq!(office.try_sync().pending_ops, 1);
    office.practice.set_script(Script::default());
    office
        .practice
        .set_flags(ADDRESS, "INBOX", uids[0], &["\\Seen"])
        .unwrap();
    office.sync();
    assert_eq!(
        office.row("INBOX", 0).flags,
        Flags::FLAGGED.with(Flags::SEEN)
    );
    let message = &office.practice.messages(ADDRESS, "INBOX")[0];
    assert!(message.has("\\Seen") && message.has("\\Flagged"));
}
