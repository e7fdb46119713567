//! Extensions against a real Dovecot: what was agreed is read from the server's own log, and from
//! the record it keeps of what the client wrote.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use tcv_support::ServerSpec;

use crate::letters::numbered;
use crate::office::{Office, rows};

/// Dovecot offers SCRAM and a namespace of the agency, and records sessions where a user's home
/// has a folder for it.
const EXTENSIONS: &str = "auth_mechanisms = plain login scram-sha-256\n\
    namespace chung {\n type = public\n separator = /\n prefix = Chung/\n \
    location = maildir:%h/chung\n list = children\n subscriptions = no\n}\n\
    protocol imap {\n rawlog_dir = %h/record\n}\n";

fn office() -> Office {
    let spec = ServerSpec {
        dovecot: EXTENSIONS.to_owned(),
        ..ServerSpec::default()
    };
    let office = Office::empty(&spec);
    let maildir = office.servers.maildir(&office.nva().address);
    make_as(&maildir, &["record", "chung", "chung/.Thong bao"]);
    make_as(
        &maildir,
        &[
            "chung/.Thong bao/cur",
            "chung/.Thong bao/new",
            "chung/.Thong bao/tmp",
        ],
    );
    office.add_nva();
    office
}

/// Makes folders beside a mailbox, belonging to whom it belongs to.
fn make_as(maildir: &Path, names: &[&str]) {
    let owner = std::fs::metadata(maildir).unwrap();
    for name in names {
        let path = beside(maildir, name);
        std::fs::create_dir(&path).unwrap();
        chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
}

fn beside(maildir: &Path, name: &str) -> PathBuf {
    maildir.parent().unwrap().join(name)
}

/// What each recorded session heard (`in`) or said (`out`).
fn record(office: &Office, side: &str) -> Vec<String> {
    let record = beside(&office.servers.maildir(&office.nva().address), "record");
    let files = std::fs::read_dir(record)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|kind| kind == side))
        .map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned())
        .collect()
}

#[test]
fn the_password_stays_here_and_sessions_are_compressed() {
    let office = office();
    office.receive(&(0..20).map(|n| numbered(n, 2_000)).collect::<Vec<_>>());
    assert_eq!(office.list("inbox").len(), 20);
    assert!(office.servers.logs().contains("method=SCRAM-SHA-256"));
    let asked = record(&office, "in");
    assert!(!asked.is_empty());
    for session in asked {
        assert!(session.contains("COMPRESS DEFLATE"), "{session}");
    }
    for session in record(&office, "out") {
        // Every session lists folders or opens one; packed, the answer cannot be read.
        assert!(!session.contains("UIDVALIDITY"), "{session}");
    }
}

#[test]
fn folders_of_the_agency_are_listed_beside_ones_own() {
    let office = office();
    office.json(&["sync"]);
    let folders = rows(&office.json(&["folders"]));
    let named = |name: &str| folders.iter().any(|folder| folder["name"] == name);
    assert!(named("Chung/Thong bao") && named("Sent"), "{folders:?}");
}

#[test]
fn a_mailbox_that_fills_up_is_said_to() {
    let quota = "protocol imap {\n mail_plugins = quota imap_quota\n}\n\
        protocol lmtp {\n mail_plugins = quota\n}\n\
        plugin {\n quota = maildir:Hộp thư\n quota_rule = *:storage=100K\n}";
    let office = Office::empty(&ServerSpec {
        dovecot: quota.to_owned(),
        ..ServerSpec::default()
    });
    office.add_nva();
    office.receive(&[numbered(1, 20_000)]);
    let letters = [numbered(2, 30_000), numbered(3, 35_000)];
    for letter in &letters {
        office
            .servers
            .deliver(&office.nva().address, letter)
            .unwrap();
    }
    let report = office.json(&["sync"]);
    let fullness = &report["accounts"][0]["fullness"];
    assert_eq!(fullness["limit"], 100, "{report}");
    assert!(fullness["used"].as_u64().unwrap() >= 80, "{report}");
    // Nothing came: nothing is asked.
    let report = office.json(&["sync"]);
    assert!(report["accounts"][0]["fullness"].is_null());
}
