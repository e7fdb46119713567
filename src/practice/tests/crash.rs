//! `kill -9` at any moment: what was acknowledged is there after it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Client, letter};
use tcv_practice::{ADDRESS, Options, PASSWORD, Practice};

const FOLDER: &str = "PRACTICE_CRASH_FOLDER";

fn options(dir: &Path) -> Options {
    Options {
        data_dir: Some(dir.join("data")),
        ..Options::empty()
    }
}

/// Not a test by itself: the process that is going to be killed.
#[test]
#[ignore = "started by the other test"]
fn server_to_be_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let dir = Path::new(&dir);
    let practice = Practice::start(options(dir)).unwrap();
    std::fs::write(dir.join("ca"), practice.ca_der()).unwrap();
    std::fs::write(dir.join("port.new"), practice.imap_addr().to_string()).unwrap();
    std::fs::rename(dir.join("port.new"), dir.join("port")).unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    for rounds in [1, 7, 23] {
        let dir = tempfile::tempdir().unwrap();
        let mut server = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "server_to_be_killed", "--ignored", "--nocapture"])
            .env(FOLDER, dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let port = dir.path().join("port");
        common::until("the server listens", || port.exists());
        let addr = std::fs::read_to_string(port).unwrap().parse().unwrap();
        let ca = std::fs::read(dir.path().join("ca")).unwrap();
        let mut client = Client::over(common::wrap_with(&ca, common::tcp(addr)).unwrap());
        client.line();
        client.ok(&format!("LOGIN {ADDRESS} {PASSWORD}"));
        client.ok("SELECT INBOX");
        for n in 1..=rounds {
            client.append("INBOX", "", &letter(&n.to_string()));
            client.ok(&format!("UID STORE {n} +FLAGS (\\Flagged)"));
        }
        client.ok("UID MOVE 1 Archive");
        // One more is on its way when the end comes.
        let late = letter("late");
        client.say(&format!("z APPEND INBOX () {{{}+}}\r\n{late}", late.len()));
        server.kill().unwrap();
        server.wait().unwrap();
        let practice = Practice::start(options(dir.path())).unwrap();
        let inbox = practice.messages(ADDRESS, "INBOX");
        let flagged = inbox.iter().filter(|m| m.has("\\Flagged")).count();
        assert_eq!(flagged, rounds - 1);
        assert!(inbox.len() - flagged <= 1);
        assert_eq!(practice.messages(ADDRESS, "Archive").len(), 1);
        assert_eq!(
            &*practice.messages(ADDRESS, "Archive")[0].bytes,
            letter("1").as_bytes()
        );
    }
}
