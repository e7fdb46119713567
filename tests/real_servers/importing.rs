//! Importing into Dovecot: dates and flags as they were, nothing twice, whatever ends it.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use tcv_support::{Chance, OtherClient};

use crate::office::Office;

const LETTERS: u32 = 30;

/// An mbox with letters of ten years ago, two of which share a Message-ID and differ in size.
fn mbox() -> String {
    let mut text = String::new();
    for number in 0..LETTERS {
        let id = if number == 1 { 0 } else { number };
        text.push_str(&format!(
            "From nva@xa.test.gov.vn Mon Feb  2 01:{:02}:00 2015\nStatus: RO\n\
             X-Status: {}\nMessage-ID: <cu-{id}@xa.test.gov.vn>\nFrom: nva@xa.test.gov.vn\n\
             Date: Mon, 2 Feb 2015 08:{:02}:00 +0700\nSubject: Cu {number}\n\n{}\n\n",
            number % 60,
            if number % 3 == 0 { "F" } else { "" },
            number % 60,
            "Kính gửi. ".repeat(number as usize + 1),
        ));
    }
    text
}

/// Message-IDs on the server with how often each is there.
fn on_server(office: &Office) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for message in office.servers.messages(&office.nva().address, "Cu") {
        let text = String::from_utf8_lossy(&message);
        let id = text
            .lines()
            .find_map(|line| line.strip_prefix("Message-ID: "))
            .unwrap();
        *found.entry(id.trim().to_owned()).or_default() += 1;
    }
    found
}

fn expected() -> BTreeMap<String, usize> {
    (0..LETTERS)
        .filter(|number| *number != 1)
        .map(|number| {
            (
                format!("<cu-{number}@xa.test.gov.vn>"),
                if number == 0 { 2 } else { 1 },
            )
        })
        .collect()
}

#[test]
fn dates_and_flags_reach_the_server() {
    let office = Office::new();
    office.json(&["sync"]);
    office.json(&["folders", "create", "Cu"]);
    let file = office.program.write("cu.mbox", mbox()).unwrap();
    let report = office.json(&["import", file.to_str().unwrap(), "--folder", "Cu"]);
    assert_eq!(
        (&report["imported"], &report["pending_ops"]),
        (&LETTERS.into(), &0.into())
    );
    assert_eq!(on_server(&office), expected());

    let mut client = OtherClient::of(&office.servers, office.nva()).unwrap();
    client.run("EXAMINE Cu").unwrap();
    let answers = client.run("FETCH 1:* (FLAGS INTERNALDATE)").unwrap();
    let flagged = answers
        .iter()
        .filter(|line| line.contains("\\Flagged"))
        .count();
    assert_eq!(flagged, LETTERS as usize / 3);
    for (number, line) in answers
        .iter()
        .filter(|line| line.contains("FETCH"))
        .enumerate()
    {
        let at = format!("\"02-Feb-2015 01:{number:02}:00 +0000\"");
        assert!(line.contains(&at) && line.contains("\\Seen"), "{line}");
    }
}

#[test]
fn an_import_that_is_killed_is_run_again_without_doubling() {
    let office = Office::new();
    office.json(&["sync"]);
    office.json(&["folders", "create", "Cu"]);
    office.json(&["sync"]);
    let file = office.program.write("cu.mbox", mbox()).unwrap();
    let import = ["import", file.to_str().unwrap(), "--folder", "Cu", "--json"];
    let mut chance = Chance::new();
    for _ in 0..8 {
        let running = office.program.spawn(&import).unwrap();
        // Anywhere between the start and the last message.
        std::thread::sleep(Duration::from_millis(chance.below(400)));
        running.kill().unwrap();
    }
    office.run(&import[..4]).expect_code(0).unwrap();
    let done = office.json(&["sync"]);
    assert_eq!(done["pending_ops"], 0);
    assert_eq!(on_server(&office), expected());
    assert_eq!(office.list("Cu").len(), LETTERS as usize);
    assert!(office.json(&["verify"])["sound"].as_bool().unwrap());
}

/// What Dovecot wrote itself comes in with the flags it has there.
#[test]
fn a_maildir_of_dovecot_comes_in() {
    let office = Office::new();
    let file = office.program.write("cu.mbox", mbox()).unwrap();
    office.json(&["sync"]);
    office.json(&["folders", "create", "Cu"]);
    office.json(&["import", file.to_str().unwrap(), "--folder", "Cu"]);
    let copy = office.program.file("maildir");
    fs::create_dir_all(copy.join("new")).unwrap();
    fs::create_dir_all(copy.join("cur")).unwrap();
    let theirs = office
        .servers
        .maildir(&office.nva().address)
        .join(".Cu/cur");
    for entry in fs::read_dir(theirs).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.join("cur").join(path.file_name().unwrap())).unwrap();
    }
    office.json(&["folders", "create", "Khac"]);
    let report = office.json(&["import", copy.to_str().unwrap(), "--folder", "Khac"]);
    assert_eq!(report["imported"], LETTERS);
    let rows = office.list("Khac");
    let flagged = rows
        .iter()
        .filter(|row| row["flags"].to_string().contains("Flagged"))
        .count();
    assert_eq!(flagged, LETTERS as usize / 3);
}
