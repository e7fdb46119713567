//! Folders made, renamed, deleted and emptied without a connection reach a real server, whole and once, also when the
//! program is killed while it tells of them.

use std::time::Duration;

use crate::letters::numbered;
use crate::office::{Office, id};

/// An office with so many letters in the inbox, synced.
fn with_letters(count: usize) -> Office {
    let office = Office::new();
    let letters: Vec<_> = (0..count).map(|number| numbered(number, 300)).collect();
    office.receive(&letters);
    office
}

/// The folders on the server, as it names them for people.
fn on_server(office: &Office) -> Vec<String> {
    let address = &office.nva().address;
    let list = office.servers.doveadm(&["mailbox", "list", "-u", address]);
    let mut names: Vec<_> = list.unwrap().lines().map(ToOwned::to_owned).collect();
    names.sort();
    names
}

fn subscribed(office: &Office) -> Vec<String> {
    let address = &office.nva().address;
    let list = office
        .servers
        .doveadm(&["mailbox", "list", "-s", "-u", address]);
    list.unwrap().lines().map(ToOwned::to_owned).collect()
}

fn messages(office: &Office, folder: &str) -> usize {
    let address = &office.nva().address;
    let found = office
        .servers
        .doveadm(&["search", "-u", address, "mailbox", folder, "all"]);
    found.unwrap().lines().count()
}

fn here(office: &Office) -> Vec<String> {
    let folders = office.json(&["folders"]);
    let folders = folders.as_array().unwrap().clone();
    let mut names: Vec<_> = folders
        .iter()
        .map(|folder| folder["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_folder_made_without_a_connection_takes_its_mail_along() {
    let office = with_letters(3);
    let before = on_server(&office);
    let name = "Năm 2026/Công văn đến & đi";
    office.json(&["folders", "create", name]);
    let letter = id(&office.list("inbox")[0]);
    office.json(&["move", &letter, name]);
    assert_eq!(on_server(&office), before, "nothing is told yet");
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    assert_eq!(
        (messages(&office, name), messages(&office, "INBOX")),
        (1, 2)
    );
    assert!(subscribed(&office).contains(&name.to_owned()));

    office.json(&["folders", "rename", "Năm 2026", "Năm 2027"]);
    office.json(&["sync"]);
    let renamed = "Năm 2027/Công văn đến & đi";
    assert_eq!(messages(&office, renamed), 1);
    assert!(!on_server(&office).iter().any(|name| name.contains("2026")));
    assert!(subscribed(&office).contains(&renamed.to_owned()));
    assert_eq!(here(&office), on_server(&office));
    assert_eq!(id(&office.list(renamed)[0]), letter, "the same message");

    let deleted = office.json(&["folders", "delete", "Năm 2027"]);
    assert_eq!(deleted["changed"], 1);
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    assert_eq!(on_server(&office), before);
    let trash = office.list("trash");
    assert_eq!(trash.len(), 1);
    let emptied = office.json(&["folders", "empty", "trash"]);
    assert_eq!(emptied["changed"], 1);
    assert!(office.list("trash").is_empty(), "at once");
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    let folders = office.json(&["folders"]);
    let trash = folders.as_array().unwrap().iter();
    let trash = trash.clone().find(|one| one["role"] == "trash").unwrap();
    assert_eq!(messages(&office, trash["name"].as_str().unwrap()), 0);
}

#[test]
fn a_kill_while_the_server_is_told_doubles_and_loses_nothing() {
    let office = with_letters(12);
    let names = |round: u64| (format!("Vụ việc {round}"), format!("Đã xong {round}"));
    for round in 0..12_u64 {
        let (made, renamed) = names(round);
        office.json(&["folders", "create", &format!("{made}/Hồ sơ")]);
        let letter = id(&office.list("inbox")[0]);
        office.json(&["move", &letter, &format!("{made}/Hồ sơ")]);
        if round % 2 == 1 {
            // The folder is on the server before it is renamed.
            office.json(&["sync"]);
        }
        office.json(&["folders", "rename", &made, &renamed]);
        let sync = office.program.spawn(&["sync"]).unwrap();
        // From before the connection to after the last answer.
        std::thread::sleep(Duration::from_millis(40 + 25 * round));
        sync.kill().unwrap();
    }
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    office.json(&["sync"]);
    for round in 0..12 {
        let (made, renamed) = names(round);
        assert_eq!(messages(&office, &format!("{renamed}/Hồ sơ")), 1, "{round}");
        assert_eq!(office.list(&format!("{renamed}/Hồ sơ")).len(), 1, "{round}");
        assert!(!on_server(&office).contains(&made), "{round}");
    }
    assert_eq!(messages(&office, "INBOX"), 0);
    assert_eq!(here(&office), on_server(&office));
}
