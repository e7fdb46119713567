//! A day on each make of server: what one announces is used, what it does not announce is not
//! needed. The practice server really refuses what its script leaves out.

use std::collections::BTreeMap;

use tcv_domain::address::Address;
use tcv_domain::message::{FlagChange, Flags};
use tcv_domain::profile::{Protocol as Speaks, ServerUrl, Transport};
use tcv_engine::{NewAccount, Secret, SyncPhase};
use tcv_practice::{ADDRESS, AGENCY, Action, PASSWORD, Protocol, Rule, Script};

use crate::office::Office;

fn makes() -> [(&'static str, Script); 5] {
    [
        ("all", Script::default()),
        ("zimbra", Script::zimbra()),
        ("bare", Script::bare()),
        ("rev2", Script::rev2()),
        ("compressing", compressing()),
    ]
}

fn compressing() -> Script {
    Script::default().announcing("COMPRESS=DEFLATE")
}

/// UIDs and flags of a folder on the server, without what is marked for removal.
fn there(office: &Office, folder: &str) -> BTreeMap<u32, Flags> {
    let messages = office.practice.messages(ADDRESS, folder);
    messages
        .iter()
        .filter(|message| !message.has("\\Deleted"))
        .map(|message| {
            let flags = message.flags.iter().map(|flag| Flags::from_imap(flag));
            (message.uid, flags.fold(Flags::empty(), Flags::with))
        })
        .collect()
}

/// The same here.
fn here(office: &Office, folder: &str) -> BTreeMap<u32, Flags> {
    let rows = office.rows(folder);
    let count = rows.len();
    let held: BTreeMap<_, _> = rows
        .into_iter()
        .map(|row| (row.uid.unwrap(), row.flags))
        .collect();
    assert_eq!(held.len(), count, "a UID twice in {folder}");
    held
}

fn assert_equal(office: &Office, make: &str) {
    for folder in office.practice.folders(ADDRESS) {
        assert_eq!(
            here(office, &folder),
            there(office, &folder),
            "{make} {folder}"
        );
    }
}

/// Sets another account up while the script is in force.
fn set_up(office: &Office) {
    let server = |protocol, port| {
        ServerUrl::new(protocol, Transport::Implicit, office.practice.host()).at_port(port)
    };
    let new = NewAccount {
        identity: Address::new("Văn phòng", AGENCY),
        login: None,
        imap: Some(server(Speaks::Imap, office.practice.imap_addr().port())),
        smtp: Some(server(Speaks::Smtp, office.practice.smtp_addr().port())),
        password: Secret::new(PASSWORD),
    };
    let (steps, _heard) = tokio::sync::mpsc::unbounded_channel();
    office.wait(office.engine.add_account(new, steps));
}

#[test]
fn a_day_on_each_make_of_server_ends_with_equal_mailboxes() {
    for (make, script) in makes() {
        let office = Office::open(script);
        set_up(&office);
        office.deliver(0..8);
        office.sync();
        let row = |number| office.row("INBOX", number).id;
        let seen = FlagChange::set(Flags::SEEN.with(Flags::FLAGGED));
        office.wait(office.engine.flag(vec![row(0), row(1)], seen));
        let [drafts, junk] = ["Drafts", "Junk"].map(|name| office.folder(name).id);
        office.wait(office.engine.move_to(vec![row(2), row(3)], junk));
        office.wait(office.engine.move_to(vec![row(4)], drafts));
        office.wait(office.engine.delete(vec![row(5), row(6)]));
        office.deliver(8..10);
        office.sync();
        let thrown = office.rows("Trash")[0].id;
        office.wait(office.engine.expunge(vec![thrown]));
        office.sync();
        assert_equal(&office, make);
        let count = |folder: &str| there(&office, folder).len();
        let counts = ["INBOX", "Junk", "Drafts", "Trash"].map(count);
        assert_eq!(counts, [5, 2, 1, 1], "{make}");
    }
}

#[test]
fn command_lines_stay_below_what_the_shortest_server_takes() {
    for script in [Script::zimbra(), Script::bare()] {
        let office = Office::open(script);
        let uids = office.deliver(0..3_600);
        // Every second one: no range helps.
        for uid in uids.iter().step_by(2) {
            office.practice.expunge(ADDRESS, "INBOX", *uid).unwrap();
        }
        office.sync();
        assert_eq!(office.folder("INBOX").total, 1_800);
    }
}

#[test]
fn a_folder_without_modseqs_is_looked_at_whole() {
    let script = Script::zimbra();
    let search = script.without_modseq[0].clone();
    let office = Office::open(script);
    office.practice.create_folder(ADDRESS, &search).unwrap();
    let deliver = |number| {
        let letter = crate::office::letter(number);
        office
            .practice
            .deliver(ADDRESS, &search, &letter, &[])
            .unwrap()
    };
    let (first, second) = (deliver(0), deliver(1));
    office.sync();
    assert_equal(&office, "before");
    office
        .practice
        .set_flags(ADDRESS, &search, first, &["\\Flagged"])
        .unwrap();
    office.practice.expunge(ADDRESS, &search, second).unwrap();
    deliver(2);
    office.sync();
    assert_equal(&office, "after");
}

#[test]
fn cut_anywhere_in_a_compressed_answer_the_next_round_makes_it_good() {
    let office = Office::open(compressing());
    office.deliver(0..30);
    for (round, cut) in (0_usize..).zip([0, 1, 2, 3, 5, 9, 40, 200, 600, 1_500]) {
        let command = ["SELECT", "UID FETCH", "FETCH", "LIST"][round % 4];
        let rule = Rule::new(Protocol::Imap, command, Action::DropAfterBytes(cut)).nth(1);
        office.practice.set_script(compressing().and(rule));
        office.deliver(30 + round..31 + round);
        // Whether this one fails depends on how long the answer is.
        office.try_sync();
        office.practice.set_script(compressing());
        office.sync();
        assert_equal(&office, &format!("{command} cut after {cut}"));
    }
}

#[test]
fn idle_tells_of_new_mail_within_compression() {
    let office = Office::open(compressing());
    office.deliver(0..3);
    office.engine.start();
    office.until("both connections", || {
        let status = office.engine.sync_status(office.account.id);
        status.phase == SyncPhase::Connected && office.practice.connections() >= 2
    });
    for number in 3..6 {
        let mut events = office.engine.events();
        office.deliver(number..number + 1);
        assert_eq!(
            office.arrived(&mut events),
            [office.row("INBOX", number).id]
        );
    }
}
