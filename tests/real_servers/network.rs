//! The line breaks, the server dies, two processes work at once: nothing is lost, doubled or hung.

use std::collections::BTreeMap;

use tcv_engine::{Bodies, Error, SyncScope};
use tcv_support::{Proxy, ServerSpec, wait_until};

use crate::letters::numbered;
use crate::office::{LONG, Office, assert_failure, id, message};

/// Every letter of the inbox by Message-ID, as the program has it.
fn bodies(office: &Office) -> BTreeMap<String, Vec<u8>> {
    let list = office.list("inbox");
    let inside = office.engine();
    let raw = |row| inside.wait(inside.engine.raw(message(row)));
    list.iter()
        .map(|row| (row["message_id"].as_str().unwrap().to_owned(), raw(row)))
        .collect()
}

#[test]
fn a_line_cut_mid_fetch_again_and_again_ends_in_the_same_mailbox() {
    let office = Office::empty(&ServerSpec::default());
    let proxy = Proxy::to(office.servers.imaps_port()).unwrap();
    let through = format!("imaps://127.0.0.1:{}", proxy.port());
    office
        .add(office.nva(), &through, &office.servers.smtps_url(), &[])
        .expect_code(0)
        .unwrap();
    let letters: BTreeMap<_, _> = (0..80)
        .map(|number| {
            (
                format!("bao-cao-{number}@xa.test.gov.vn"),
                numbered(number, 500 * (number % 40)),
            )
        })
        .collect();
    for letter in letters.values() {
        office
            .servers
            .drop_in(&office.nva().address, "INBOX", letter)
            .unwrap();
    }

    let mut broken = 0;
    // In the greeting, among the folders, in the headers, in the bodies.
    for bytes in [100, 5_000, 12_000, 40_000, 150_000, 400_000] {
        proxy.cut_after(bytes);
        let done = office.run(&["sync", "--bodies", "all"]);
        match done.code {
            Some(0) => {}
            _ => {
                assert_failure(done, 4, "server-unreachable");
                broken += 1;
            }
        }
        proxy.resume();
    }
    assert!(broken >= 4, "{broken} cuts were felt");
    office.json(&["sync", "--bodies", "all"]);
    assert_eq!(office.list("inbox").len(), letters.len());
    assert!(
        bodies(&office) == letters,
        "bodies differ from the server's"
    );
}

#[test]
fn a_server_killed_and_back_is_no_matter() {
    let office = Office::new();
    office.receive(&[numbered(0, 300), numbered(1, 300)]);
    office.servers.kill_dovecot().unwrap();

    // Without the server everything that was fetched is there, and what is done waits.
    let list = office.list("inbox");
    assert_eq!(list.len(), 2);
    assert!(
        office.json(&["show", &id(&list[0])])["text"]
            .as_str()
            .unwrap()
            .contains("Báo cáo 1")
    );
    assert_eq!(office.json(&["search", "bao cao"])["total"], 2);
    assert!(!office.json(&["folders"]).as_array().unwrap().is_empty());
    office.json(&["flag", &id(&list[0]), "+flagged"]);
    let answer = assert_failure(office.run(&["sync"]), 4, "server-unreachable");
    assert_eq!(answer["pending_ops"], 1);

    office.servers.start_dovecot().unwrap();
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    assert!(office.server_flags("INBOX")[1].contains("\\Flagged"));
}

#[test]
fn two_processes_share_a_mailbox() {
    let office = Office::new();
    office.receive(&[numbered(0, 300)]);
    let first = office
        .program
        .spawn(&["sync", "--watch", "--json"])
        .unwrap();
    wait_until(LONG, "the first report", || {
        first.stdout().contains("pending_ops")
    });

    // While one works the other reads, changes and hands in; the one that works sends.
    let row = &office.list("inbox")[0];
    office.json(&["flag", &id(row), "+seen"]);
    let sent = office
        .send(&office.binh().address, "Báo cáo", &["--wait"])
        .expect_code(0)
        .unwrap();
    let sent = sent.json().unwrap();
    assert_eq!(sent["state"], "sent");
    let message_id = sent["message_id"].as_str().unwrap();
    // Both pull at the same time.
    for number in 1..6 {
        office
            .servers
            .deliver(&office.nva().address, &numbered(number, 300))
            .unwrap();
    }
    let pulls = [0; 2].map(|_| office.program.spawn(&["sync", "--json"]).unwrap());
    for mut pull in pulls {
        pull.wait(LONG).unwrap().expect_code(0).unwrap();
    }
    assert_eq!(office.list("inbox").len(), 6);

    // The worker dies; the next one goes on where it stood.
    first.kill().unwrap();
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    assert!(office.server_flags("INBOX")[0].contains("\\Seen"));
    office
        .servers
        .wait_for_message(&office.binh().address, "INBOX", message_id);
    assert_eq!(
        office.copies(&office.binh().address, "INBOX", message_id),
        1
    );
    assert_eq!(office.copies(&office.nva().address, "Sent", message_id), 1);
}

#[test]
fn a_body_that_is_not_here_is_said_to_be_on_the_server() {
    let office = Office::new();
    office
        .servers
        .deliver(&office.nva().address, &numbered(0, 300))
        .unwrap();
    office.json(&["sync", "--bodies", "none"]);
    let row = office.list("inbox")[0].clone();
    office.servers.stop_dovecot().unwrap();
    let answer = office
        .run(&["show", &id(&row)])
        .expect_code(4)
        .unwrap()
        .json()
        .unwrap();
    let kind = answer["error"]["kind"].as_str().unwrap();
    assert!(
        ["not-cached", "server-unreachable"].contains(&kind),
        "{answer}"
    );
    office.servers.start_dovecot().unwrap();
    let inside = office.engine();
    let scope = SyncScope {
        bodies: Bodies::All,
        ..SyncScope::default()
    };
    let report = inside.wait(inside.engine.sync(scope));
    assert_eq!(report.accounts[0].error, None::<Error>);
    assert_eq!(
        inside
            .wait(inside.engine.raw(message(&row)))
            .ends_with(b"\r\n"),
        true
    );
}
