//! Each misbehaviour of the script, seen from the client's end of the line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use common::{Client, letter, tcp, wrap};
use tcv_practice::{
    ADDRESS, Action, COLLEAGUE, Certificate, LoginForm, Options, PASSWORD, Practice, Protocol,
    Quirks, Rule, Script,
};

fn with(script: Script) -> Practice {
    Practice::start(Options {
        script,
        ..Options::empty()
    })
    .unwrap()
}

fn imap(when: &str, action: Action) -> Practice {
    with(Script::once(Protocol::Imap, when, action))
}

#[test]
fn certificates_are_refused_for_their_reasons() {
    let cases = [
        (Certificate::Expired, "Expired"),
        (Certificate::WrongHost, "NotValidForName"),
        (Certificate::SelfSigned, "UnknownIssuer"),
        (Certificate::UnknownAuthority, "UnknownIssuer"),
    ];
    let practice = with(Script::default());
    for (certificate, reason) in cases {
        practice.set_script(Script {
            certificate,
            ..Script::default()
        });
        let refused = wrap(&practice, tcp(practice.imap_addr())).unwrap_err();
        let text = format!("{refused:?}");
        let self_signed =
            certificate == Certificate::SelfSigned && text.contains("CaUsedAsEndEntity");
        assert!(
            text.contains(reason) || self_signed,
            "{certificate:?}: {text}"
        );
    }
    practice.set_script(Script::default());
    Client::logged_in(&practice);
}

#[test]
fn plain_text_and_silence_where_tls_is_expected() {
    let practice = with(Script {
        plaintext: true,
        ..Script::default()
    });
    assert!(wrap(&practice, tcp(practice.imap_addr())).is_err());
    practice.set_script(Script {
        mute: true,
        ..Script::default()
    });
    let mut socket = tcp(practice.smtp_addr());
    socket
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let quiet = socket.read(&mut [0; 8]).unwrap_err();
    assert!(matches!(
        quiet.kind(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    ));
}

#[test]
fn a_missing_capability_is_a_missing_command() {
    let practice = with(Script {
        imap_capabilities: Some(Script::ZIMBRA.into()),
        ..Script::default()
    });
    practice
        .deliver(ADDRESS, "INBOX", letter("1").as_bytes(), &[])
        .unwrap();
    let mut client = Client::selected(&practice, "INBOX");
    assert!(!client.ok("CAPABILITY").contains("MOVE"));
    assert!(client.run("UID MOVE 1 Sent")[0].starts_with("BAD"));
    assert!(!client.ok("LIST \"\" *").contains("\\Sent"));
    practice.set_script(Script {
        imap_capabilities: Some(Script::BARE.into()),
        ..Script::default()
    });
    assert!(client.run("IDLE")[0].starts_with("BAD"));
    assert!(client.run("UID FETCH 1 MODSEQ")[0].starts_with("BAD"));
    assert!(client.ok("SELECT INBOX").contains("NOMODSEQ"));
    assert!(!client.ok("UID COPY 1 Sent").contains("COPYUID"));
    assert!(client.run("LIST \"\" * RETURN (STATUS (MESSAGES))")[0].starts_with("BAD"));
}

#[test]
fn login_refused_in_the_words_of_the_script() {
    let practice = imap(
        "LOGIN",
        Action::Refuse("[ALERT] Tài khoản đã bị khóa".into()),
    );
    let mut client = Client::imap(&practice);
    assert_eq!(
        client.run(&format!("LOGIN nva {PASSWORD}")),
        ["NO [ALERT] Tài khoản đã bị khóa"]
    );
    practice.set_script(Script {
        login_form: LoginForm::LocalPart,
        ..Script::default()
    });
    assert!(client.run(&format!("LOGIN {ADDRESS} {PASSWORD}"))[0].starts_with("NO"));
    client.ok(&format!("LOGIN nva {PASSWORD}"));
    practice.set_script(Script {
        login_form: LoginForm::Address,
        ..Script::default()
    });
    assert!(Client::imap(&practice).run(&format!("LOGIN nva {PASSWORD}"))[0].starts_with("NO"));
}

#[test]
fn the_line_is_cut_on_the_nth_command_and_in_the_middle() {
    let rule = Rule::new(Protocol::Imap, "UID FETCH", Action::Drop).nth(2);
    let practice = with(Script::default().and(rule));
    practice
        .deliver(ADDRESS, "INBOX", letter("1").as_bytes(), &[])
        .unwrap();
    let mut client = Client::selected(&practice, "INBOX");
    client.ok("UID FETCH 1 FLAGS");
    assert_eq!(client.run("UID FETCH 1 FLAGS"), [""]);
    practice.set_script(Script::once(
        Protocol::Imap,
        "UID FETCH",
        Action::DropAfterBytes(30),
    ));
    let mut client = Client::selected(&practice, "INBOX");
    client.say("a UID FETCH 1 BODY.PEEK[]");
    let mut got = Vec::new();
    let _ = client.stream.read_to_end(&mut got);
    assert_eq!(got.len(), 30, "{}", String::from_utf8_lossy(&got));
}

#[test]
fn done_but_not_answered() {
    let practice = imap("APPEND", Action::DropAfterDoing);
    let mut client = Client::logged_in(&practice);
    let text = letter("1");
    assert_eq!(
        client.run(&format!("APPEND Sent () {{{}+}}\r\n{text}", text.len())),
        [""]
    );
    assert_eq!(practice.messages(ADDRESS, "Sent").len(), 1);
}

#[test]
fn lines_before_after_and_instead() {
    let alert = "* NO [ALERT] Hộp thư sắp đầy\r\n* rác rưởi {\r\n";
    let practice = with(
        Script::once(Protocol::Imap, "NOOP", Action::before(alert))
            .and(Rule::new(
                Protocol::Imap,
                "CHECK",
                Action::instead("* BYE bảo trì\r\n{tag} OK {tag}\r\n"),
            ))
            .and(Rule::new(
                Protocol::Imap,
                "NOOP",
                Action::After(b"* 9 EXISTS\r\n".to_vec()),
            ))
            .and(Rule::new(
                Protocol::Imap,
                "GREETING",
                Action::before("* OK trước đã\r\n"),
            )),
    );
    let mut client = Client::imap(&practice);
    assert!(client.line().starts_with("* OK [CAPABILITY"));
    let lines = client.run("NOOP");
    assert_eq!(lines[..2], ["* NO [ALERT] Hộp thư sắp đầy", "* rác rưởi {"]);
    assert_eq!(client.line(), "* 9 EXISTS");
    assert_eq!(client.run("CHECK"), ["* BYE bảo trì", "OK t2"]);
}

#[test]
fn a_command_can_wait_or_never_be_answered() {
    let wait = Duration::from_millis(80);
    let practice = with(
        Script::once(Protocol::Imap, "NOOP", Action::Delay(wait)).and(Rule::new(
            Protocol::Imap,
            "CHECK",
            Action::Hang,
        )),
    );
    let mut client = Client::imap(&practice);
    let start = Instant::now();
    client.ok("NOOP");
    assert!(start.elapsed() >= wait);
    client.say("a CHECK");
    client
        .stream
        .get_mut()
        .sock
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    assert!(client.stream.read(&mut [0; 1]).is_err());
    // Stopping does not wait for a hanging session.
    drop(practice);
}

#[test]
fn answers_that_break_the_standard() {
    let quirks = Quirks {
        raw_utf8_envelope: true,
        negative_size: true,
        uid_last: true,
        stale_capabilities: true,
        raw_utf8_names: true,
    };
    let practice = with(Script {
        quirks,
        ..Script::default()
    });
    practice
        .deliver(
            ADDRESS,
            "INBOX",
            letter("=?utf-8?Q?L=E1=BB=8Bch?=").as_bytes(),
            &[],
        )
        .unwrap();
    let mut client = Client::selected(&practice, "INBOX");
    let line = &client.run("UID FETCH 1 (UID RFC822.SIZE ENVELOPE)")[0];
    assert!(
        line.contains("RFC822.SIZE -1") && line.contains("\"Lịch\"") && line.ends_with("UID 1)"),
        "{line}"
    );
    assert!(client.ok("CAPABILITY").contains("LOGINDISABLED"));
    client.ok("CREATE \"C&APQ-ng\"");
    assert!(client.ok("LIST \"\" C*").contains("\"Công\""));
}

#[test]
fn bytes_smuggled_in_before_tls() {
    let practice = imap("STARTTLS", Action::After(b"* OK injected\r\n".to_vec()));
    let mut socket = tcp(practice.imap_starttls_addr());
    let mut got = vec![0; 4096];
    assert!(socket.read(&mut got).unwrap() > 0);
    socket.write_all(b"a STARTTLS\r\n").unwrap();
    let mut all = Vec::new();
    while !all.ends_with(b"* OK injected\r\n") {
        let n = socket.read(&mut got).unwrap();
        assert!(n > 0, "{}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&got[..n]);
    }
    assert!(all.starts_with(b"a OK"));
}

#[test]
fn smtp_replies_are_overridden_one_by_one() {
    let one = format!("RCPT TO:<{COLLEAGUE}>");
    let practice = with(
        Script::once(
            Protocol::Smtp,
            &one,
            Action::Refuse("550 5.1.1 Không có người này".into()),
        )
        .and(
            Rule::new(
                Protocol::Smtp,
                "MAIL",
                Action::Refuse("452 4.3.1 Hết chỗ".into()),
            )
            .first(1),
        ),
    );
    let mut client = Client::smtp_ready(&practice);
    assert!(
        client
            .ask(&format!("MAIL FROM:<{ADDRESS}>"))
            .starts_with("452")
    );
    assert!(
        client
            .ask(&format!("MAIL FROM:<{ADDRESS}>"))
            .starts_with("250")
    );
    assert!(client.ask(&one).starts_with("550 5.1.1 Không"));
    assert!(
        client
            .ask(&format!("RCPT TO:<{ADDRESS}>"))
            .starts_with("250")
    );
}

#[test]
fn the_line_is_cut_around_the_final_dot() {
    for (action, kept) in [(Action::Drop, 0), (Action::DropAfterDoing, 1)] {
        let practice = with(Script::once(Protocol::Smtp, ".", action));
        let mut client = Client::smtp_ready(&practice);
        client.ask(&format!("MAIL FROM:<{ADDRESS}>"));
        client.ask(&format!("RCPT TO:<{COLLEAGUE}>"));
        client.ask("DATA");
        assert_eq!(client.ask("Subject: x\r\n\r\nx\r\n."), "");
        assert_eq!(practice.messages(COLLEAGUE, "INBOX").len(), kept);
    }
}

#[test]
fn all_connections_can_be_cut_and_uidvalidity_renewed() {
    let practice = with(Script::default());
    let mut client = Client::selected(&practice, "INBOX");
    practice.renew_uid_validity(ADDRESS, "INBOX").unwrap();
    assert!(client.run("NOOP")[0].starts_with("* BYE"));
    let mut client = Client::logged_in(&practice);
    practice.cut_connections();
    assert_eq!(client.run("NOOP"), [""]);
    common::until("all sessions end", || practice.connections() == 0);
}
