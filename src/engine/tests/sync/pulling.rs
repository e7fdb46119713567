//! From the server to the cache.

use tcv_domain::message::Flags;
use tcv_engine::Bodies;
use tcv_practice::{ADDRESS, Action, Protocol, Quirks, Rule, Script};

use crate::office::{Office, letter};

#[test]
fn a_first_sync_brings_all_and_a_second_nothing() {
    let office = Office::open(Script::default());
    office.deliver(0..120);
    let report = office.sync_bodies(Bodies::All);
    let inbox = report.accounts[0]
        .folders
        .iter()
        .find(|f| f.name == "INBOX")
        .unwrap();
    assert_eq!((inbox.new, inbox.bodies, inbox.vanished), (120, 120, 0));
    assert_eq!(office.rows("INBOX").len(), 120);
    let row = office.row("INBOX", 7);
    assert_eq!(row.from[0].name, "Trần Bình");
    assert!(row.preview.contains("thư số 7"), "{}", row.preview);

    let again = office.sync_bodies(Bodies::All);
    assert!(
        again.accounts[0]
            .folders
            .iter()
            .all(|f| f.new + f.bodies + f.flags_changed == 0)
    );
    assert!(
        again.accounts[0].round_trips <= 8,
        "{}",
        again.accounts[0].round_trips
    );
}

#[test]
fn the_same_on_servers_of_every_make() {
    let quirky = Quirks {
        uid_last: true,
        raw_utf8_names: true,
        negative_size: true,
        stale_capabilities: true,
        raw_utf8_envelope: true,
    };
    let scripts = [
        Script {
            imap_capabilities: Some(Script::ZIMBRA.to_owned()),
            ..Script::default()
        },
        Script {
            imap_capabilities: Some(Script::BARE.to_owned()),
            ..Script::default()
        },
        Script {
            quirks: quirky,
            ..Script::default()
        },
    ];
    for script in scripts {
        let office = Office::open(script.clone());
        let uids = office.deliver(0..60);
        office.sync();
        office.deliver(60..63);
        office.practice.expunge(ADDRESS, "INBOX", uids[3]).unwrap();
        office
            .practice
            .set_flags(ADDRESS, "INBOX", uids[5], &["\\Seen", "$Forwarded"])
            .unwrap();
        office.sync();
        assert_eq!(office.rows("INBOX").len(), 62, "{script:?}");
        assert!(!office.subjects("INBOX").contains(&"Báo cáo 3".to_owned()));
        let flags = office.row("INBOX", 5).flags;
        assert_eq!(flags, Flags::SEEN.with(Flags::FORWARDED), "{script:?}");
    }
}

#[test]
fn what_was_committed_stays_when_the_server_goes_away() {
    // The newest fifty come in the first FETCH; the line breaks amid a later one.
    let rule = Rule::new(Protocol::Imap, "UID FETCH", Action::DropAfterBytes(9_000)).nth(2);
    let office = Office::open(Script::default().and(rule));
    office.deliver(0..300);
    let broken = office.try_sync();
    assert!(broken.accounts[0].error.is_some());
    let held = office.rows("INBOX").len();
    assert!((50..300).contains(&held), "{held}");
    let newest = office.rows("INBOX").iter().filter_map(|row| row.uid).max();
    assert_eq!(
        newest,
        office
            .practice
            .messages(ADDRESS, "INBOX")
            .last()
            .map(|m| m.uid)
    );
    office.sync();
    let mut subjects = office.subjects("INBOX");
    subjects.dedup();
    assert_eq!(subjects.len(), 300);
}

#[test]
fn a_folder_numbered_anew_keeps_its_rows_and_bodies() {
    let office = Office::open(Script::default());
    office.deliver(0..30);
    office.sync_bodies(Bodies::All);
    let before = office.row("INBOX", 12);
    office
        .practice
        .renew_uid_validity(ADDRESS, "INBOX")
        .unwrap();
    office
        .practice
        .deliver(ADDRESS, "INBOX", &letter(30), &[])
        .unwrap();
    let report = office.sync_bodies(Bodies::All);
    let inbox = report.accounts[0]
        .folders
        .iter()
        .find(|f| f.name == "INBOX")
        .unwrap();
    assert_eq!(inbox.bodies, 1, "the others were here");
    assert_eq!(office.rows("INBOX").len(), 31);
    assert_eq!(office.row("INBOX", 12).id, before.id);
}

#[test]
fn opening_a_message_fetches_what_is_not_here() {
    let office = Office::open(Script::default());
    office.deliver(0..3);
    office.sync();
    let id = office.row("INBOX", 1).id;
    let open = office.wait(office.engine.open_message(id));
    assert!(open.content.text.contains("thư số 1"));
    office.practice.cut_connections();
    let other = office.wait(office.engine.open_message(office.row("INBOX", 2).id));
    assert!(
        other.content.text.contains("thư số 2"),
        "a dead kept connection is replaced"
    );
}
