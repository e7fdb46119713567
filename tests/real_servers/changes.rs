//! Changes on either side reach the other: flags, moves, deletions, taking back, and new mail the moment it comes.

use serde_json::Value;
use tcv_support::wait_until;

use crate::letters::numbered;
use crate::office::{LONG, Office, has_flag, id, message, rows};

/// An office with so many letters in the inbox, synced.
fn with_letters(count: usize) -> Office {
    let office = Office::new();
    let letters: Vec<_> = (0..count).map(|number| numbered(number, 300)).collect();
    office.receive(&letters);
    office
}

/// A doveadm command of so many words on nva's mailbox.
fn doveadm(office: &Office, words: usize, args: &[&str]) {
    let (command, rest) = args.split_at(words);
    office
        .servers
        .doveadm(&[command, &["-u", &office.nva().address], rest].concat())
        .unwrap();
}

fn find(rows: &[Value], number: usize) -> Value {
    let wanted = format!("bao-cao-{number}@xa.test.gov.vn");
    rows.iter()
        .find(|row| row["message_id"] == wanted)
        .cloned()
        .unwrap_or(Value::Null)
}

#[test]
fn flags_go_both_ways() {
    let office = with_letters(3);
    let list = office.list("inbox");
    office.json(&[
        "flag",
        &id(&find(&list, 0)),
        &id(&find(&list, 1)),
        "+seen",
        "+flagged",
    ]);
    assert!(
        has_flag(&find(&office.list("inbox"), 0), "\\Flagged"),
        "seen at once"
    );
    assert!(
        !office.server_flags("INBOX")[0].contains("\\Flagged"),
        "the server is told with the sync"
    );
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    let flags = office.server_flags("INBOX");
    assert!(
        flags[..2]
            .iter()
            .all(|one| one.contains("\\Seen") && one.contains("\\Flagged")),
        "{flags:?}"
    );
    assert!(!flags[2].contains("\\Seen"), "{flags:?}");

    // On the server meanwhile: one flag taken away, another message answered by another program.
    doveadm(
        &office,
        2,
        &[
            "flags",
            "remove",
            "\\Flagged",
            "mailbox",
            "INBOX",
            "uid",
            "1",
        ],
    );
    doveadm(
        &office,
        2,
        &[
            "flags",
            "add",
            "\\Answered \\Seen",
            "mailbox",
            "INBOX",
            "uid",
            "3",
        ],
    );
    let report = office.json(&["sync"]);
    let folders = rows(&report["accounts"][0]["folders"]);
    assert_eq!(
        folders.iter().find(|f| f["name"] == "INBOX").unwrap()["flags_changed"],
        2,
        "{report}"
    );
    let list = office.list("inbox");
    assert!(!has_flag(&find(&list, 0), "\\Flagged") && has_flag(&find(&list, 0), "\\Seen"));
    assert!(has_flag(&find(&list, 2), "\\Answered") && has_flag(&find(&list, 2), "\\Seen"));
    assert!(rows(&office.json(&["list", "--folder", "inbox", "--unread"])).is_empty());

    // Both at once: what the user did last here stands.
    office.json(&["flag", &id(&find(&list, 1)), "-flagged"]);
    doveadm(
        &office,
        2,
        &["flags", "add", "$Forwarded", "mailbox", "INBOX", "uid", "2"],
    );
    office.json(&["sync"]);
    let row = find(&office.list("inbox"), 1);
    assert!(
        !has_flag(&row, "\\Flagged") && has_flag(&row, "$Forwarded"),
        "{row}"
    );
    assert!(!office.server_flags("INBOX")[1].contains("\\Flagged"));
}

#[test]
fn letters_are_moved_deleted_and_taken_back() {
    let office = with_letters(4);
    let nva = office.nva().address.clone();
    doveadm(&office, 2, &["mailbox", "create", "Công văn đến/Năm 2026"]);
    office.json(&["sync"]);
    let list = office.list("inbox");

    office.json(&["move", &id(&find(&list, 0)), "cong van den/nam 2026"]);
    office.json(&["delete", &id(&find(&list, 1))]);
    assert_eq!(office.list("inbox").len(), 2, "seen at once");
    assert_eq!(
        office.servers.messages(&nva, "INBOX").len(),
        4,
        "the server is told with the sync"
    );
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    let in_folder = |name: &str| {
        office
            .list(name)
            .iter()
            .map(|row| row["message_id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        in_folder("Công văn đến/Năm 2026"),
        ["bao-cao-0@xa.test.gov.vn"]
    );
    assert_eq!(in_folder("trash"), ["bao-cao-1@xa.test.gov.vn"]);
    let on_server = ["INBOX", "Trash"].map(|folder| office.servers.messages(&nva, folder).len());
    assert_eq!(on_server, [2, 1]);
    // From Trash it goes for good.
    office.json(&["delete", &id(&office.list("trash")[0])]);
    office.json(&["sync"]);
    assert_eq!(
        (
            office.list("trash").len(),
            office.servers.messages(&nva, "Trash").len()
        ),
        (0, 0)
    );

    // Taken back before the server heard of it, and after.
    let row = find(&office.list("inbox"), 2);
    for synced_between in [false, true] {
        let inside = office.engine();
        let undo = inside.wait(inside.engine.delete(vec![message(&row)]));
        if synced_between {
            inside.wait(inside.engine.sync(Default::default()));
            assert_eq!(office.servers.messages(&nva, "INBOX").len(), 1);
        }
        inside.wait(inside.engine.undo(undo));
        drop(inside);
        assert_eq!(office.list("inbox").len(), 2);
        office.json(&["sync"]);
        assert_eq!(office.servers.messages(&nva, "INBOX").len(), 2);
        assert_eq!(
            (office.list("inbox").len(), office.list("trash").len()),
            (2, 0)
        );
    }

    // Gone on the server: gone here.
    doveadm(&office, 1, &["expunge", "mailbox", "INBOX", "all"]);
    office.json(&["sync"]);
    assert!(office.list("inbox").is_empty());
}

#[test]
fn new_mail_is_seen_as_it_comes_and_goes() {
    let office = with_letters(1);
    let watching = office
        .program
        .spawn(&["sync", "--watch", "--json"])
        .unwrap();
    // The first report is out, then it listens.
    wait_until(LONG, "the first report", || {
        watching.stdout().contains("pending_ops")
    });
    let inbox = || office.list("inbox").len();
    // Without IDLE it would look again after minutes.
    for number in 1..4 {
        office
            .servers
            .deliver(&office.nva().address, &numbered(number, 300))
            .unwrap();
        wait_until(LONG, "the new letter", || inbox() == number + 1);
    }
    doveadm(&office, 1, &["expunge", "mailbox", "INBOX", "uid", "1"]);
    wait_until(LONG, "the deleted letter to go", || inbox() == 3);
    assert!(!watching.stderr().is_empty(), "arrivals are told");
    watching.kill().unwrap();
}
