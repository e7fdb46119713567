//! Pushing where the answer was lost or the letter is odd: nothing twice, nothing missing.

use tcv_practice::{ADDRESS, Action, Protocol, Rule, Script};

use crate::cutting::with_copies_waiting;
use crate::office::{Office, letter};

#[test]
fn a_copy_that_is_moved_after_its_append_was_cut_is_there_once() {
    let office = with_copies_waiting(1);
    let lost = Rule::new(Protocol::Imap, "APPEND", Action::DropAfterDoing).nth(1);
    office.practice.set_script(Script::default().and(lost));
    assert!(office.try_sync().accounts[0].error.is_some());
    let id = office.rows("Sent")[0].id;
    let trash = office.folder("Trash").id;
    office.wait(office.engine.move_to(vec![id], trash));
    office.heal("after the append was cut");
    assert!(office.practice.messages(ADDRESS, "Sent").is_empty());
    assert_eq!(office.practice.messages(ADDRESS, "Trash").len(), 1);
}

#[test]
fn a_copy_that_is_removed_after_its_append_was_cut_does_not_come_back() {
    let office = with_copies_waiting(1);
    let lost = Rule::new(Protocol::Imap, "APPEND", Action::DropAfterDoing).nth(1);
    office.practice.set_script(Script::default().and(lost));
    assert!(office.try_sync().accounts[0].error.is_some());
    let id = office.rows("Sent")[0].id;
    office.wait(office.engine.expunge(vec![id]));
    office.heal("after the append was cut");
    assert!(office.practice.messages(ADDRESS, "Sent").is_empty());
    assert!(office.rows("Sent").is_empty());
}

#[test]
fn a_letter_whose_date_is_not_believed_is_moved_where_copies_must_be_found() {
    let office = Office::open(Script::bare());
    for (number, date) in [
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "Tue, 02 Jan 2080 08:00:00 +0700",
    ]
    .iter()
    .enumerate()
    {
        let text = String::from_utf8(letter(number)).unwrap();
        let text = text.replace("Mon, 23 Nov 2026 08:00:00 +0700", date);
        office
            .practice
            .deliver(ADDRESS, "INBOX", text.as_bytes(), &[])
            .unwrap();
    }
    office.sync();
    let trash = office.folder("Trash").id;
    let ids = office.rows("INBOX").iter().map(|row| row.id).collect();
    office.wait(office.engine.move_to(ids, trash));
    office.sync();
    assert_eq!(office.sync().pending_ops, 0);
    assert!(office.rows("INBOX").is_empty());
    assert_eq!(office.rows("Trash").len(), 2);
    assert_eq!((office.copies(0), office.copies(1)), (1, 1));
}
