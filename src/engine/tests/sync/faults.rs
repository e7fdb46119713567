//! Servers that talk nonsense, contradict themselves or refuse.

use tcv_engine::Kind;
use tcv_practice::{ADDRESS, Action, Certificate, Protocol, Rule, Script};

use crate::office::{Office, letter};

fn before(when: &str, text: &str) -> Rule {
    Rule::new(Protocol::Imap, when, Action::before(text))
}

#[test]
fn nonsense_between_the_lines_is_passed_over() {
    let nonsense = "%%% ###\r\n* 7 FROB (((\r\n* NO [ALERT] Hộp thư sắp đầy\r\n* BAD x\r\n\
        * ESEARCH (TAG \"zz\") UID\r\n* CAPABILITY IMAP4rev1\r\n+ nothing\r\nzz9 OK who\r\n\
        * STATUS \"a\" (MESSAGES 1 SIZE 2\r\n* 99999999999999 FETCH (UID 1)\r\n\r\n";
    let script = ["SELECT", "LIST", "UID FETCH", "FETCH", "ENABLE"]
        .iter()
        .fold(Script::default(), |script, when| {
            script.and(before(when, nonsense))
        });
    let office = Office::open(script);
    office.deliver(0..80);
    office.sync();
    office.deliver(80..82);
    office.sync();
    assert_eq!(office.rows("INBOX").len(), 82);
}

#[test]
fn a_lie_about_emptiness_drops_nothing() {
    let office = Office::open(Script {
        imap_capabilities: Some(String::new()),
        ..Script::default()
    });
    office.deliver(0..50);
    office.sync();
    let lie = Rule::new(
        Protocol::Imap,
        "UID FETCH 1:*",
        Action::instead("{tag} OK done\r\n"),
    );
    let bare = Script {
        imap_capabilities: Some(String::new()),
        ..Script::default()
    };
    office.practice.set_script(bare.clone().and(lie.clone()));
    office.sync();
    assert_eq!(office.rows("INBOX").len(), 50, "the search said otherwise");
    let silent = Rule::new(
        Protocol::Imap,
        "UID SEARCH",
        Action::instead("* SEARCH\r\n{tag} OK\r\n"),
    );
    office
        .practice
        .set_script(bare.clone().and(lie).and(silent));
    office.sync();
    assert_eq!(office.rows("INBOX").len(), 50, "EXISTS said otherwise");
    office.practice.set_script(bare);
    for message in office.practice.messages(ADDRESS, "INBOX").iter().skip(10) {
        office
            .practice
            .expunge(ADDRESS, "INBOX", message.uid)
            .unwrap();
    }
    office.sync();
    assert_eq!(
        office.rows("INBOX").len(),
        10,
        "a true mass deletion is believed"
    );
}

#[test]
fn vanished_everything_is_not_believed() {
    let office = Office::open(Script::default());
    office.deliver(0..10);
    office.sync();
    let evil = before("SELECT", "* VANISHED (EARLIER) 1:4294967295\r\n");
    office.practice.set_script(Script::default().and(evil));
    office.sync();
    assert_eq!(office.rows("INBOX").len(), 10);
}

#[test]
fn a_list_without_inbox_drops_no_folder() {
    let office = Office::open(Script::default());
    office.deliver(0..5);
    office.sync();
    let empty = Rule::new(Protocol::Imap, "LIST", Action::instead("{tag} OK done\r\n"));
    office.practice.set_script(Script::default().and(empty));
    let report = office.try_sync();
    assert_eq!(
        report.accounts[0].error.as_ref().unwrap().kind,
        Kind::ServerRefused
    );
    assert_eq!(office.rows("INBOX").len(), 5);
}

#[test]
fn each_failure_has_its_kind() {
    let refuse = |words: &str| Action::Refuse(words.to_owned());
    let sign_in = |words: &str| {
        Script::once(Protocol::Imap, "AUTHENTICATE", refuse(words)).and(Rule::new(
            Protocol::Imap,
            "LOGIN",
            refuse(words),
        ))
    };
    let with = |certificate| Script {
        certificate,
        ..Script::default()
    };
    let table = [
        (
            sign_in("[AUTHENTICATIONFAILED] Sai mật khẩu"),
            Kind::SignInRefused,
        ),
        (sign_in("[UNAVAILABLE] later"), Kind::ServerUnreachable),
        (with(Certificate::Expired), Kind::CertificateExpired),
        (with(Certificate::WrongHost), Kind::CertificateWrongName),
        (with(Certificate::SelfSigned), Kind::CertificateUntrusted),
        (
            with(Certificate::UnknownAuthority),
            Kind::CertificateUntrusted,
        ),
        (
            Script {
                plaintext: true,
                ..Script::default()
            },
            Kind::TlsFailed,
        ),
        (
            Script::once(Protocol::Imap, "GREETING", Action::Drop),
            Kind::ServerUnreachable,
        ),
        (
            Script::once(
                Protocol::Imap,
                "GREETING",
                Action::instead("220 mail ESMTP\r\n"),
            ),
            Kind::ServerRefused,
        ),
    ];
    let office = Office::open(Script::default());
    for (script, kind) in table {
        office.practice.set_script(script.clone());
        let report = office.try_sync();
        assert_eq!(
            report.accounts[0].error.as_ref().unwrap().kind,
            kind,
            "{script:?}"
        );
    }
}

#[test]
fn one_message_the_server_cannot_give_keeps_no_other_away() {
    let office = Office::open(Script::default());
    let uids = office.deliver(0..5);
    let broken = format!("UID FETCH {} (UID BODY.PEEK[])", uids[2]);
    let group = format!("UID FETCH {}:{} (UID BODY.PEEK[])", uids[0], uids[4]);
    let refuse = |when: &str| {
        Rule::new(
            Protocol::Imap,
            when,
            Action::Refuse("[SERVERBUG] broken message".to_owned()),
        )
    };
    office
        .practice
        .set_script(Script::default().and(refuse(&broken)).and(refuse(&group)));
    let report = office.sync_bodies(tcv_engine::Bodies::All);
    assert!(report.accounts[0].error.is_none());
    let inbox = report.accounts[0]
        .folders
        .iter()
        .find(|f| f.name == "INBOX")
        .unwrap();
    assert_eq!(inbox.bodies, 4);
}

#[test]
fn a_folder_the_server_refuses_keeps_no_other_away() {
    let office = Office::open(Script::default());
    office.sync();
    for folder in ["Drafts", "Sent", "Trash"] {
        office
            .practice
            .deliver(ADDRESS, folder, &letter(1), &[])
            .unwrap();
    }
    office.deliver(0..1);
    let refuse = || Action::Refuse("[NOPERM] Không được mở".to_owned());
    let script = Script::once(Protocol::Imap, "SELECT \"Drafts\"", refuse());
    office.practice.set_script(script);
    office.sync();
    assert_eq!(office.rows("INBOX").len() + office.rows("Sent").len(), 2);
    assert_eq!(
        (office.rows("Trash").len(), office.rows("Drafts").len()),
        (1, 0)
    );

    office.deliver(1..2);
    let script = Script::once(Protocol::Imap, "SELECT \"INBOX\"", refuse());
    office.practice.set_script(script);
    let error = office.try_sync().accounts[0].error.clone().unwrap();
    assert_eq!(error.kind, Kind::ServerRefused);
    assert!(error.detail.contains("Không được mở"));
}
