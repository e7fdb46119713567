//! What happens elsewhere while the server is answering: the test meets the server amid a command.

use tcv_practice::{ADDRESS, Action, Meeting, Protocol, Rule, Script};

use crate::office::Office;

/// Opens the third letter, whose number becomes another's while the server is at `command`.
fn opened_while_renumbered(command: &str, synced: bool) {
    let office = Office::open(Script::default());
    let uids = office.deliver(0..6);
    office.sync();
    office.practice.expunge(ADDRESS, "INBOX", uids[0]).unwrap();
    let meeting = Meeting::default();
    let rule = Rule::new(Protocol::Imap, command, Action::Meet(meeting.clone())).nth(1);
    office.practice.set_script(Script::default().and(rule));
    let id = office.row("INBOX", 2).id;
    let engine = office.engine.clone();
    let opening = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(engine.open_message(id))
    });
    meeting.hold(|| {
        office
            .practice
            .renew_uid_validity(ADDRESS, "INBOX")
            .unwrap();
        if synced {
            office.sync();
        }
    });
    if let Ok(open) = opening.join().unwrap() {
        let text = &open.content.text;
        assert!(text.contains("thư số 2"), "{command}: {text}");
    }
    office.heal(command);
}

#[test]
fn a_letter_is_never_stored_under_the_number_of_another() {
    for command in ["SELECT", "UID FETCH"] {
        for synced in [false, true] {
            opened_while_renumbered(command, synced);
        }
    }
}
