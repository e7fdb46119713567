//! The line is cut within every reply of a session, byte after byte; afterwards an honest sync finds server and cache
//! the same, nothing lost, nothing doubled, no change of the user's forgotten or done twice.

use std::collections::VecDeque;
use std::time::Duration;

use tcv_domain::address::Address;
use tcv_domain::draft::Draft;
use tcv_domain::message::{FlagChange, Flags};
use tcv_engine::{Bodies, OutboxState, Pace, SendOptions};
use tcv_practice::{ADDRESS, Action, COLLEAGUE, Protocol, Rule, Script};

use crate::office::{Office, letter};

/// Bytes from one cut to the next. Odd, and no length of a line: over the rounds of a test every
/// part of every reply is met, the borders of lines and literals among them.
const STEP: u64 = 31;

/// Letters in the inbox while cuts are tried.
const LETTERS: usize = 5;

fn server(capabilities: &str) -> Script {
    Script {
        imap_capabilities: Some(capabilities.to_owned()),
        ..Script::default()
    }
}

/// An office in which each round has something of everything to do.
struct Bustle {
    office: Office,
    honest: Script,
    /// The letters that are there, oldest first.
    letters: VecDeque<usize>,
    next: usize,
}

impl Bustle {
    fn open(honest: Script) -> Self {
        let office = Office::open(honest.clone());
        let bustle = Self {
            letters: (0..LETTERS).collect(),
            next: LETTERS,
            office,
            honest,
        };
        bustle.office.deliver(0..LETTERS);
        bustle.heal("at first");
        bustle
    }

    fn heal(&self, why: &str) {
        self.office.heal_on(self.honest.clone(), why);
        for number in &self.letters {
            assert_eq!(self.office.copies(*number), 1, "{why}: letter {number}");
        }
    }

    /// On the server a letter comes, one is read and one goes; here one is flagged, one moved, one removed for good.
    fn stir(&mut self) {
        let Self { office, .. } = self;
        office.deliver(self.next..self.next + 1);
        self.letters.push_back(self.next);
        self.next += 1;
        // Without UIDPLUS what was moved or removed only stays marked.
        for folder in ["INBOX", "Trash"] {
            for message in office.practice.messages(ADDRESS, folder) {
                if message.has("\\Deleted") {
                    let gone = office.practice.expunge(ADDRESS, folder, message.uid);
                    gone.unwrap();
                }
            }
        }
        let there = office.practice.messages(ADDRESS, "INBOX");
        let seen = there.iter().find(|message| !message.has("\\Seen"));
        if let Some(message) = seen {
            let set = office
                .practice
                .set_flags(ADDRESS, "INBOX", message.uid, &["\\Seen"]);
            set.unwrap();
        }
        let here = office.rows("INBOX");
        let trash = office.folder("Trash").id;
        if let Some(row) = here.first() {
            office.wait(
                office
                    .engine
                    .flag(vec![row.id], FlagChange::set(Flags::FLAGGED)),
            );
        }
        if let Some(row) = here.last().filter(|_| here.len() > 2) {
            office.wait(office.engine.move_to(vec![row.id], trash));
        }
        let thrown = office.rows("Trash");
        if let Some(row) = thrown.iter().rfind(|row| row.uid.is_some()) {
            let gone = self
                .letters
                .iter()
                .position(|number| row.subject == format!("Báo cáo {number}"));
            self.letters.remove(gone.unwrap());
            office.wait(office.engine.expunge(vec![row.id]));
        }
    }

    /// Cuts the whole session after ever more bytes until one is not cut; how many were.
    fn cut_everywhere(&mut self, mut prepare: impl FnMut(&Office)) -> usize {
        let mut cuts = 0;
        for byte in (1..100_000).step_by(STEP as usize) {
            self.stir();
            prepare(&self.office);
            let cut = Rule::new(Protocol::Imap, "GREETING", Action::DropAfterBytes(byte)).nth(1);
            self.office
                .practice
                .set_script(self.honest.clone().and(cut));
            let report = self.office.sync_bodies(Bodies::All);
            let whole = report.accounts[0].error.is_none();
            self.heal(&format!("cut after {byte} bytes"));
            if whole {
                break;
            }
            cuts += 1;
        }
        cuts
    }
}

#[test]
fn every_reply_of_a_sync_cut_anywhere() {
    let cuts = Bustle::open(Script::default()).cut_everywhere(|_| {});
    assert!(
        cuts as u64 * STEP > 2_000,
        "{cuts} cuts were a whole session"
    );
}

#[test]
fn every_reply_of_a_bare_server_cut_anywhere() {
    let cuts = Bustle::open(server(Script::BARE)).cut_everywhere(|_| {});
    assert!(
        cuts as u64 * STEP > 2_000,
        "{cuts} cuts were a whole session"
    );
}

#[test]
fn every_reply_of_a_server_without_move_cut_anywhere() {
    let cuts = Bustle::open(server(Script::ZIMBRA)).cut_everywhere(|_| {});
    assert!(
        cuts as u64 * STEP > 2_000,
        "{cuts} cuts were a whole session"
    );
}

#[test]
fn every_reply_of_a_first_sync_cut_anywhere() {
    let mut bustle = Bustle::open(Script::default());
    let cuts = bustle.cut_everywhere(|office| {
        office
            .practice
            .renew_uid_validity(ADDRESS, "INBOX")
            .unwrap();
    });
    assert!(
        cuts as u64 * STEP > 2_000,
        "{cuts} cuts were a whole session"
    );
}

/// Letters sent whose copies wait for their place in Sent, because the server would not have them yet.
pub fn with_copies_waiting(count: usize) -> Office {
    let later = Action::Refuse("[UNAVAILABLE] later".to_owned());
    let mut office = Office::open_lasting(Script::once(Protocol::Imap, "APPEND", later));
    office.sync();
    office.engine.start();
    for number in 0..count {
        let draft = Draft {
            from: Address::new("Nguyễn Văn An", ADDRESS),
            to: vec![Address::new("", COLLEAGUE)],
            subject: format!("Trả lời {number}"),
            body: "Đã nhận.\n".to_owned(),
            ..Draft::default()
        };
        let id = office.wait(office.engine.create_draft(draft));
        let options = SendOptions {
            hold_seconds: 0,
            at: None,
        };
        let sent = office.wait(office.engine.send(id, Vec::new(), options));
        let item = office.wait(office.engine.wait_outbox(sent.outbox_id));
        assert_eq!(item.state, OutboxState::Sent);
    }
    // Its workers would try again by themselves.
    office.reopen();
    office
}

#[test]
fn the_reply_to_an_append_cut_at_every_byte() {
    const REPLY: usize = 60;
    let office = with_copies_waiting(REPLY);
    for byte in 0..REPLY as u64 {
        let cut = Rule::new(Protocol::Imap, "APPEND", Action::DropAfterBytes(byte)).nth(1);
        office.practice.set_script(Script::default().and(cut));
        office.try_sync();
    }
    office.heal("after the last cut");
    let sent = office.practice.messages(ADDRESS, "Sent");
    let mut subjects = office.subjects("Sent");
    subjects.dedup();
    assert_eq!((sent.len(), subjects.len()), (REPLY, REPLY));
}

#[test]
fn the_reply_to_idle_cut_at_every_byte() {
    let office = Office::open(Script::default());
    office.engine.set_pace(Pace {
        retry_least: Duration::from_millis(1),
        ..Pace::default()
    });
    office.deliver(0..1);
    office.engine.start();
    office.until("the first sync", || {
        !office
            .wait(office.engine.folders(office.account.id))
            .is_empty()
            && office.rows("INBOX").len() == 1
    });
    // `+ idling`, `* 12 EXISTS`, and what a change of flags says.
    for byte in 0..60 {
        let cut = Rule::new(Protocol::Imap, "IDLE", Action::DropAfterBytes(byte));
        office.practice.set_script(Script::default().and(cut));
        let number = usize::try_from(byte).unwrap() + 1;
        let uid = office.deliver(number..number + 1)[0];
        office.until("the letter", || office.rows("INBOX").len() == number + 1);
        let set = office
            .practice
            .set_flags(ADDRESS, "INBOX", uid, &["\\Seen"]);
        set.unwrap();
        office.until("its flag", || {
            office.row("INBOX", number).flags.contains(Flags::SEEN)
        });
    }
    office.heal("after the last cut");
}

#[test]
fn a_reply_that_does_not_come_or_comes_late_is_waited_for_and_given_up() {
    let office = Office::open(Script::default());
    office.deliver(0..60);
    office.sync();
    let commands = [
        "AUTHENTICATE",
        "ENABLE",
        "LIST",
        "SELECT",
        "UID FETCH",
        "UID STORE",
        "UID MOVE",
        "UID SEARCH",
    ];
    for (round, command) in commands.into_iter().enumerate() {
        for (action, patience) in [
            (
                Action::Delay(Duration::from_millis(20)),
                Duration::from_secs(20),
            ),
            (Action::Hang, Duration::from_millis(60)),
        ] {
            office.engine.set_pace(Pace {
                read: patience,
                ..Pace::default()
            });
            let number = 60 + round * 2 + usize::from(action == Action::Hang);
            office
                .practice
                .deliver(ADDRESS, "INBOX", &letter(number), &[])
                .unwrap();
            let rows = office.rows("INBOX");
            let (first, last) = (rows[0].id, rows[rows.len() - 1].id);
            office.wait(
                office
                    .engine
                    .flag(vec![first], FlagChange::set(Flags::FLAGGED)),
            );
            office.wait(
                office
                    .engine
                    .move_to(vec![last], office.folder("Archive").id),
            );
            office
                .practice
                .set_script(Script::once(Protocol::Imap, command, action.clone()));
            let report = office.sync_bodies(Bodies::All);
            if action != Action::Hang {
                assert!(report.accounts[0].error.is_none(), "{command}: {report:?}");
            }
            office.engine.set_pace(Pace::default());
            office.heal(command);
            assert_eq!(office.copies(number), 1);
        }
    }
}
