//! What a server that does not stop costs us: time until we have had enough, and little memory. One test in a process
//! of its own, because memory is measured by the process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(target_os = "linux")]

use tcv_engine::{Bodies, Kind};
use tcv_practice::{Action, Protocol, Rule, Script};

use office::Office;

#[allow(dead_code, reason = "shared with the tests of syncing")]
#[path = "../sync/office.rs"]
mod office;

/// The most memory this process ever held, in MiB (`VmHWM`).
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let figure = line.unwrap().split_whitespace().nth(1).unwrap();
    figure.parse::<usize>().unwrap() / 1024
}

fn flood(when: &str, head: &str, more: &str) -> Script {
    let action = Action::Flood(head.into(), more.into());
    Script::default().and(Rule::new(Protocol::Imap, when, action))
}

#[test]
fn a_server_that_does_not_stop_is_left_and_costs_little_memory() {
    let zeros = "0".repeat(1000);
    let line = format!("{zeros}\r\n");
    let floods = [
        (
            "a literal of 3 GB",
            "UID FETCH",
            "* 1 FETCH (UID 1 BODY[] {3221225472}\r\n",
            &*zeros,
        ),
        (
            "a literal in a list",
            "LIST",
            "* LIST () \"/\" {3221225472}\r\n",
            &*zeros,
        ),
        ("a line without end", "SELECT", "* OK ", &*zeros),
        ("garbage without end", "UID FETCH", "", &*line),
        ("a greeting without end", "GREETING", "* OK ", &*zeros),
    ];
    let office = Office::open(Script::default());
    office.deliver(0..3);
    office.sync();
    for (number, (what, when, head, more)) in floods.into_iter().enumerate() {
        office.deliver(10 + number..11 + number);
        office.practice.set_script(flood(when, head, more));
        let report = office.sync_bodies(Bodies::All);
        let error = report.accounts[0].error.as_ref().expect(what);
        assert_eq!(error.kind, Kind::ServerRefused, "{what}: {error:?}");
        assert!(!error.detail.is_empty());
        assert!(peak() < 120, "{what}: {} MiB", peak());
    }
    office.practice.set_script(Script::default());
    office.sync_bodies(Bodies::All);
    assert_eq!(office.rows("INBOX").len(), 8, "nothing is lost by it");
}
