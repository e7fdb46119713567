//! IMAP conversations with the practice server over real TLS sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::{Client, empty, letter, plain};
use tcv_practice::{ADDRESS, Options, PASSWORD, Practice, StartError, StoreError};

#[test]
fn login_in_every_form() {
    let practice = empty();
    for user in [ADDRESS, "nva", "NVA@tanphong.thuchanh.gov.vn"] {
        Client::imap(&practice).ok(&format!("LOGIN \"{user}\" \"{PASSWORD}\""));
    }
    Client::imap(&practice).ok(&format!("AUTHENTICATE PLAIN {}", plain(ADDRESS, PASSWORD)));
    let mut client = Client::imap(&practice);
    client.say("a AUTHENTICATE PLAIN");
    assert_eq!(client.line(), "+ ");
    client.say(&plain(ADDRESS, PASSWORD));
    assert!(client.line().starts_with("a OK"));
    let mut client = Client::imap(&practice);
    assert!(client.run("LOGIN nva wrong")[0].starts_with("NO [AUTHENTICATIONFAILED]"));
    assert!(client.run("SELECT INBOX")[0].starts_with("BAD"));
    assert!(client.run("")[0].starts_with("BAD"));
}

#[test]
fn a_bare_login_over_clear_text_is_refused_until_starttls() {
    use std::io::{BufRead, BufReader, Write};
    let practice = empty();
    let socket = common::tcp(practice.imap_starttls_addr());
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    let mut line = |send: &str| {
        (&socket).write_all(send.as_bytes()).unwrap();
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line
    };
    let greeting = line("");
    assert!(
        greeting.contains("STARTTLS") && greeting.contains("LOGINDISABLED"),
        "{greeting}"
    );
    assert!(line(&format!("a LOGIN nva {PASSWORD}\r\n")).starts_with("a NO [PRIVACYREQUIRED]"));
    assert!(line("b STARTTLS\r\n").starts_with("b OK"));
    let stream = common::wrap(&practice, socket).unwrap();
    let mut client = Client::over(stream);
    client.ok(&format!("LOGIN nva {PASSWORD}"));
}

#[test]
fn folders_with_vietnamese_names() {
    let practice = empty();
    let mut client = Client::logged_in(&practice);
    let name = "C&APQ-ng v&AQM-n &AREevw-n";
    client.ok(&format!("CREATE \"{name}\""));
    client.ok(&format!("CREATE \"{name}/2026\""));
    assert!(
        practice
            .folders(ADDRESS)
            .contains(&"Công văn đến/2026".to_owned())
    );
    let list = client.ok("LIST \"\" \"*\"");
    assert!(
        list.contains(&format!("* LIST (\\HasChildren) \"/\" \"{name}\"")),
        "{list}"
    );
    assert!(
        list.contains("* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\""),
        "{list}"
    );
    assert!(!client.ok("LIST \"\" %").contains("2026"));
    client.ok(&format!("RENAME \"{name}\" Luu"));
    assert!(practice.folders(ADDRESS).contains(&"Luu/2026".to_owned()));
    assert!(client.run("DELETE Luu")[0].starts_with("NO"));
    client.ok("DELETE Luu/2026");
    client.ok("DELETE Luu");
    assert!(client.run("DELETE INBOX")[0].starts_with("NO [CANNOT]"));
    assert!(client.run("CREATE INBOX")[0].starts_with("NO [ALREADYEXISTS]"));
    client.ok("UNSUBSCRIBE Junk");
    assert!(!client.ok("LSUB \"\" *").contains("Junk"));
    assert!(!client.ok("LIST (SUBSCRIBED) \"\" *").contains("Junk"));
    client.append("INBOX", "", &letter("a"));
    let all = client.ok("LIST \"\" (INBOX Sent) RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ))");
    assert!(
        all.contains("* STATUS \"INBOX\" (MESSAGES 1 UNSEEN 1 UIDNEXT 2 UIDVALIDITY"),
        "{all}"
    );
    assert!(
        client
            .ok("STATUS Sent (MESSAGES RECENT)")
            .contains("* STATUS \"Sent\" (MESSAGES 0 RECENT 0)")
    );
    assert!(client.ok("NAMESPACE").contains("((\"\" \"/\")) NIL NIL"));
    assert!(
        client
            .ok("GETQUOTAROOT INBOX")
            .contains("(STORAGE 1 2097152)")
    );
}

#[test]
fn append_and_fetch_return_the_same_bytes() {
    let practice = empty();
    let mut client = Client::logged_in(&practice);
    let text = letter("thu-1");
    assert!(
        client
            .append("INBOX", "\\Flagged", &text)
            .contains("[APPENDUID ")
    );
    // A synchronising literal, with a date.
    client.say(&format!(
        "s APPEND INBOX \"23-Nov-2026 14:05:00 +0700\" {{{}}}",
        text.len()
    ));
    assert!(client.line().starts_with('+'));
    client.send(format!("{text}\r\n").as_bytes());
    assert!(client.finish("s").last().unwrap().starts_with("s OK"));
    assert!(
        client.run(&format!("APPEND None () {{{}+}}\r\n{text}", text.len()))[0]
            .starts_with("NO [TRYCREATE]")
    );
    let select = client.ok("SELECT INBOX");
    assert!(
        select.contains("* 2 EXISTS") && select.contains("[HIGHESTMODSEQ "),
        "{select}"
    );
    let got = client.ok("UID FETCH 1 (FLAGS RFC822.SIZE BODY.PEEK[])");
    assert!(
        got.contains(&format!(
            "FLAGS (\\Flagged) RFC822.SIZE {} BODY[] {{{}}}\r\n{text})",
            text.len(),
            text.len()
        )),
        "{got}"
    );
    assert!(
        client
            .ok("UID FETCH 2 INTERNALDATE")
            .contains("\"23-Nov-2026 14:05:00 +0700\"")
    );
    let envelope = client.ok("FETCH 1 ENVELOPE");
    assert!(
        envelope.contains("\"thu-1\" ((NIL NIL \"a\" \"x.example\"))"),
        "{envelope}"
    );
    assert!(client.ok("FETCH 1 BODY[TEXT]").contains("Kinh gui."));
    assert!(client.ok("FETCH 1 FLAGS").contains("(\\Flagged \\Seen)"));
    assert!(
        client
            .ok("UID SEARCH HEADER Message-ID <thu-1@x.example>")
            .contains("* SEARCH 1 2")
    );
    assert!(
        client
            .ok("UID SEARCH RETURN (MIN MAX COUNT ALL) UNSEEN")
            .contains("UID MIN 2 MAX 2 COUNT 1 ALL 2")
    );
}

#[test]
fn flags_modseq_and_conflicts() {
    let practice = empty();
    let mut client = Client::selected(&practice, "INBOX");
    for n in ["1", "2", "3"] {
        client.append("INBOX", "", &letter(n));
    }
    assert!(
        client
            .ok("ENABLE CONDSTORE")
            .contains("* ENABLED CONDSTORE")
    );
    let stored = client.ok("UID STORE 1:2 +FLAGS (\\Seen $Junk)");
    assert!(
        stored.contains("* 1 FETCH (UID 1 FLAGS ($Junk \\Seen) MODSEQ ("),
        "{stored}"
    );
    let silent = client.ok("UID STORE 2 -FLAGS.SILENT (\\Seen)");
    assert!(
        silent.contains("* 2 FETCH (UID 2 MODSEQ (") && !silent.contains("FLAGS"),
        "{silent}"
    );
    let since = practice.messages(ADDRESS, "INBOX")[2].modseq;
    practice
        .set_flags(ADDRESS, "INBOX", 3, &["\\Answered"])
        .unwrap();
    let conflict = client.ok(&format!(
        "UID STORE 3 (UNCHANGEDSINCE {since}) FLAGS (\\Seen)"
    ));
    assert!(conflict.contains("OK [MODIFIED 3]"), "{conflict}");
    assert!(practice.messages(ADDRESS, "INBOX")[2].has("\\answered"));
    let changed = client.ok(&format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {since})"));
    assert!(
        changed.contains("UID 3 FLAGS (\\Answered) MODSEQ") && !changed.contains("BAD"),
        "{changed}"
    );
    client.ok("EXAMINE INBOX");
    assert!(
        client
            .run("UID STORE 1 FLAGS ()")
            .last()
            .unwrap()
            .starts_with("NO")
    );
}

#[test]
fn move_copy_and_expunge() {
    let practice = empty();
    let mut client = Client::selected(&practice, "INBOX");
    for n in ["1", "2", "3", "4"] {
        client.append("INBOX", "\\Seen", &letter(n));
    }
    let moved = client.ok("UID MOVE 2:3 Archive");
    assert!(
        moved.contains("[COPYUID ") && moved.contains(" 2:3 1:2]"),
        "{moved}"
    );
    assert!(moved.contains("* 3 EXPUNGE\n* 2 EXPUNGE"), "{moved}");
    assert_eq!(practice.messages(ADDRESS, "Archive").len(), 2);
    assert!(practice.messages(ADDRESS, "Archive")[0].has("\\Seen"));
    assert!(client.ok("UID COPY 4 Sent").contains("[COPYUID "));
    assert!(client.run("UID MOVE 4 Nowhere")[0].starts_with("NO [TRYCREATE]"));
    client.ok("UID STORE 1,4 +FLAGS.SILENT (\\Deleted)");
    assert!(client.ok("UID EXPUNGE 4").contains("* 2 EXPUNGE"));
    assert_eq!(practice.messages(ADDRESS, "INBOX").len(), 1);
    client.ok("CLOSE");
    assert!(practice.messages(ADDRESS, "INBOX").is_empty());
    assert!(client.run("FETCH 1 FLAGS")[0].starts_with("BAD"));
}

#[test]
fn idle_tells_new_mail_flags_and_removal() {
    let practice = empty();
    let first = practice
        .deliver(ADDRESS, "INBOX", letter("1").as_bytes(), &[])
        .unwrap();
    let mut client = Client::selected(&practice, "INBOX");
    client.say("i IDLE");
    assert!(client.line().starts_with('+'));
    practice
        .deliver(ADDRESS, "INBOX", letter("2").as_bytes(), &[])
        .unwrap();
    assert_eq!(client.line(), "* 2 EXISTS");
    assert_eq!(client.line(), "* 0 RECENT");
    practice
        .set_flags(ADDRESS, "INBOX", first, &["\\Seen"])
        .unwrap();
    assert_eq!(client.line(), "* 1 FETCH (UID 1 FLAGS (\\Seen))");
    practice.expunge(ADDRESS, "INBOX", first).unwrap();
    assert_eq!(client.line(), "* 1 EXPUNGE");
    client.say("DONE");
    assert!(client.line().starts_with("i OK"));
}

#[test]
fn another_session_hears_of_changes_at_its_next_command() {
    let practice = empty();
    let mut one = Client::selected(&practice, "INBOX");
    let mut two = Client::selected(&practice, "INBOX");
    one.append("INBOX", "", &letter("1"));
    assert!(two.ok("NOOP").contains("* 1 EXISTS"));
    one.ok("UID STORE 1 +FLAGS (\\Flagged \\Deleted)");
    assert!(
        two.ok("NOOP")
            .contains("* 1 FETCH (UID 1 FLAGS (\\Deleted \\Flagged))")
    );
    one.ok("EXPUNGE");
    // A removal must not be told while the client counts by sequence numbers.
    assert!(!two.ok("FETCH 1:* FLAGS").contains("EXPUNGE"));
    assert!(two.ok("NOOP").contains("* 1 EXPUNGE"));
}

#[test]
fn quick_resync_tells_what_changed_and_vanished() {
    let practice = empty();
    for n in ["1", "2", "3"] {
        practice
            .deliver(ADDRESS, "INBOX", letter(n).as_bytes(), &[])
            .unwrap();
    }
    let mut client = Client::logged_in(&practice);
    client.ok("ENABLE QRESYNC");
    let select = client.ok("SELECT INBOX");
    let number = |key: &str| {
        select
            .split(key)
            .nth(1)
            .unwrap()
            .split(']')
            .next()
            .unwrap()
            .to_owned()
    };
    let (validity, modseq) = (number("[UIDVALIDITY "), number("[HIGHESTMODSEQ "));
    practice.expunge(ADDRESS, "INBOX", 2).unwrap();
    practice
        .set_flags(ADDRESS, "INBOX", 3, &["\\Seen"])
        .unwrap();
    assert!(client.ok("NOOP").contains("* VANISHED 2"));
    let again = client.ok(&format!("SELECT INBOX (QRESYNC ({validity} {modseq} 1:3))"));
    assert!(
        again.contains("* VANISHED (EARLIER) 2\n* 2 FETCH (UID 3 FLAGS (\\Seen) MODSEQ"),
        "{again}"
    );
    assert!(!again.contains("UID 1 "));
}

#[test]
fn mailboxes_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        data_dir: Some(dir.path().to_owned()),
        ..Options::empty()
    };
    let practice = Practice::start(options.clone()).unwrap();
    assert!(matches!(
        Practice::start(options.clone()),
        Err(StartError::Store(StoreError::InUse(_)))
    ));
    let mut client = Client::selected(&practice, "INBOX");
    client.ok("CREATE \"L&AbA-u\"");
    for n in ["1", "2", "3"] {
        client.append("INBOX", "", &letter(n));
    }
    client.ok("UID STORE 1 +FLAGS (\\Seen)");
    client.ok("UID MOVE 2 Archive");
    let before = (
        practice.messages(ADDRESS, "INBOX"),
        practice.messages(ADDRESS, "Archive"),
        practice.folders(ADDRESS),
    );
    let validity = client
        .ok("STATUS INBOX (UIDVALIDITY UIDNEXT HIGHESTMODSEQ)")
        .lines()
        .next()
        .unwrap()
        .to_owned();
    drop(practice);
    // What a crash between message and index leaves behind is swept.
    let stray = dir.path().join(ADDRESS).join("f0001").join("99.eml");
    std::fs::write(&stray, "x").unwrap();
    let practice = Practice::start(options).unwrap();
    assert_eq!(
        before,
        (
            practice.messages(ADDRESS, "INBOX"),
            practice.messages(ADDRESS, "Archive"),
            practice.folders(ADDRESS)
        )
    );
    assert!(!stray.exists());
    let status =
        Client::logged_in(&practice).ok("STATUS INBOX (UIDVALIDITY UIDNEXT HIGHESTMODSEQ)");
    assert_eq!(status.lines().next().unwrap(), validity);
}

#[test]
fn a_seeded_mailbox_looks_like_an_office() {
    let practice = Practice::start(Options::practice(None, 1_795_419_000, 25_200)).unwrap();
    let mut client = Client::selected(&practice, "INBOX");
    let unseen = practice
        .messages(ADDRESS, "INBOX")
        .iter()
        .filter(|m| !m.has("\\Seen"))
        .count();
    assert!((6..20).contains(&unseen), "{unseen}");
    assert_eq!(practice.messages(ADDRESS, "Drafts").len(), 1);
    assert_eq!(practice.messages(ADDRESS, "Báo cáo quý III").len(), 3);
    let all = client.ok("FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)");
    assert_eq!(
        all.matches(" FETCH (").count(),
        practice.messages(ADDRESS, "INBOX").len()
    );
    assert!(all.contains("\"1284_SNV-CCHC.pdf\"") && all.contains("\"calendar\""));
}
