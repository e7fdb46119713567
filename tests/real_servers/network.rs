//! The line breaks, the server dies, two processes work at once: nothing is lost, doubled or hung.

use std::collections::BTreeMap;

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
    // Without compression, so that the cuts fall where they shall.
    let office = Office::empty(&ServerSpec {
        dovecot: "protocol imap {\n mail_plugins =\n}".to_owned(),
        ..ServerSpec::default()
    });
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
    let third = numbered(2, 300);
    office
        .servers
        .deliver(&office.nva().address, &third)
        .unwrap();
    office.json(&["sync", "--bodies", "none"]);
    office.servers.kill_dovecot().unwrap();

    // Without the server everything that was fetched is there, what was not is said to be, and what is done waits.
    let list = office.list("inbox");
    assert_eq!(list.len(), 3);
    let shown = office.json(&["show", &id(&list[1])]);
    assert!(shown["text"].as_str().unwrap().starts_with("Báo cáo 1"));
    assert_failure(office.run(&["show", &id(&list[0])]), 4, "not-cached");
    assert_eq!(office.json(&["search", "bao cao"])["total"], 3);
    assert!(!office.json(&["folders"]).as_array().unwrap().is_empty());
    office.json(&["flag", &id(&list[0]), "+flagged"]);
    let answer = assert_failure(office.run(&["sync"]), 4, "server-unreachable");
    assert_eq!(answer["pending_ops"], 1);

    office.servers.start_dovecot().unwrap();
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    assert!(office.server_flags("INBOX")[2].contains("\\Flagged"));
    let shown = office.json(&["show", &id(&list[0])]);
    assert!(shown["text"].as_str().unwrap().starts_with("Báo cáo 2"));
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
