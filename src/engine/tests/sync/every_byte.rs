//! The reply to each kind of command cut after every one of its bytes, literals included, and each time something for
//! the command to do. After each cut an honest sync follows; in the end both sides are the same.

use tcv_domain::message::{FlagChange, Flags};
use tcv_engine::Bodies;
use tcv_practice::{ADDRESS, Action, Protocol, Rule, Script};

use crate::office::Office;

/// Gives the command something to do; told how often it was called.
type Work<'w> = &'w dyn Fn(&Office, usize);

fn nothing(_: &Office, _: usize) {}

/// One comes and one of before goes.
fn letter_comes(office: &Office, count: usize) {
    if let [_, second, _, ..] = &office.practice.messages(ADDRESS, "INBOX")[..] {
        office
            .practice
            .expunge(ADDRESS, "INBOX", second.uid)
            .unwrap();
    }
    office.deliver(1000 + count..1001 + count);
}

fn letter_is_flagged(office: &Office, count: usize) {
    let id = office.row("INBOX", count).id;
    let change = FlagChange::set(Flags::FLAGGED);
    office.wait(office.engine.flag(vec![id], change));
}

fn letter_is_moved(office: &Office, count: usize) {
    let id = office.row("INBOX", count).id;
    let archive = office.folder("Archive").id;
    office.wait(office.engine.move_to(vec![id], archive));
}

/// What is cut, and after how many bytes at most.
struct Cut {
    command: &'static str,
    /// Which of them in a session.
    nth: u32,
    bytes: usize,
}

impl Cut {
    const fn new(command: &'static str, nth: u32, bytes: usize) -> Self {
        Self {
            command,
            nth,
            bytes,
        }
    }
}

/// Cuts ever later, until a sync goes through or the reply is known to have ended.
fn at_every_byte(cut: &Cut, letters: usize, work: Work<'_>) {
    let (command, honest) = (cut.command, Script::default());
    let office = Office::open(honest.clone());
    office.deliver(0..letters);
    office.heal_on(honest.clone(), "at first");
    let mut byte = 0;
    while byte < cut.bytes {
        work(&office, byte);
        let after = Action::DropAfterBytes(byte as u64);
        let rule = Rule::new(Protocol::Imap, command, after).nth(cut.nth);
        office.practice.set_script(honest.clone().and(rule));
        let whole = office.sync_bodies(Bodies::All).accounts[0].error.is_none();
        if whole {
            break;
        }
        office.practice.set_script(honest.clone());
        office.sync();
        byte += 1;
    }
    assert!(byte > 20, "{command}: only {byte} bytes");
    office.heal_on(honest.clone(), command);
    for number in 0..letters {
        assert_eq!(office.copies(number), 1, "{command}: letter {number}");
    }
    let on_server = |folder| office.practice.messages(ADDRESS, folder).len();
    assert_eq!(office.rows("INBOX").len(), on_server("INBOX"));
}

#[test]
fn a_session_in_which_nothing_happened() {
    at_every_byte(&Cut::new("GREETING", 1, 5_000), 1, &nothing);
}

#[test]
fn opening_with_qresync() {
    at_every_byte(&Cut::new("SELECT", 1, 600), 1, &letter_comes);
}

#[test]
fn headers() {
    at_every_byte(&Cut::new("UID FETCH", 1, 800), 1, &letter_comes);
}

#[test]
fn bodies() {
    at_every_byte(&Cut::new("UID FETCH", 2, 600), 1, &letter_comes);
}

#[test]
fn flags() {
    at_every_byte(&Cut::new("UID STORE", 1, 60), 60, &letter_is_flagged);
}

#[test]
fn moving() {
    at_every_byte(&Cut::new("UID MOVE", 1, 120), 120, &letter_is_moved);
}
