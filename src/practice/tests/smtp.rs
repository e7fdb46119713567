//! Submission to the practice server, and what becomes of the letters.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::time::Duration;

use common::{Client, empty, plain, until};
use tcv_practice::{ADDRESS, AGENCY, COLLEAGUE, Options, PASSWORD, Practice, practice_accounts};

const MAIL: &str = "MAIL FROM:<nva@tanphong.thuchanh.gov.vn> SIZE=100 BODY=8BITMIME SMTPUTF8";

fn submit(client: &mut Client, to: &str, letter: &str) -> String {
    assert!(client.ask(MAIL).starts_with("250"));
    assert!(client.ask(&format!("RCPT TO:<{to}>")).starts_with("250"));
    assert!(client.ask("DATA").starts_with("354"));
    client.ask(&format!("{letter}\r\n."))
}

fn text(practice: &Practice, account: &str, n: usize) -> String {
    String::from_utf8(practice.messages(account, "INBOX")[n].bytes.to_vec()).unwrap()
}

#[test]
fn a_letter_arrives_with_its_dots_and_marks() {
    let practice = empty();
    let mut client = Client::smtp_ready(&practice);
    let letter = "Subject: Tiếng Việt\r\n\r\n..một dấu chấm\r\n...\r\nđề nghị\r\n";
    assert!(submit(&mut client, COLLEAGUE, letter.trim_end()).starts_with("250"));
    let got = text(&practice, COLLEAGUE, 0);
    assert!(got.starts_with("Return-Path: <nva@"), "{got}");
    assert!(
        got.ends_with("Subject: Tiếng Việt\r\n\r\n.một dấu chấm\r\n..\r\nđề nghị\r\n"),
        "{got}"
    );
    assert!(client.ask("QUIT").starts_with("221"));
}

#[test]
fn the_rules_of_submission() {
    let practice = empty();
    let mut client = Client::smtp(&practice);
    let hello = client.ask("EHLO test");
    assert!(
        hello.contains("AUTH PLAIN LOGIN")
            && hello.contains("250-SIZE")
            && hello.contains("8BITMIME"),
        "{hello}"
    );
    assert!(client.ask(MAIL).starts_with("530"));
    assert!(
        client
            .ask(&format!("AUTH PLAIN {}", plain(ADDRESS, "wrong")))
            .starts_with("535")
    );
    assert!(client.ask("AUTH CRAM-MD5").starts_with("504"));
    // LOGIN asks for both.
    assert!(client.ask("AUTH LOGIN").starts_with("334"));
    assert!(client.ask("bnZh").starts_with("334"));
    assert!(
        client.ask("THV5ZW4tdGFwLTIwMjY=").starts_with("235"),
        "{PASSWORD}"
    );
    assert!(client.ask("RCPT TO:<a@x.example>").starts_with("503"));
    assert!(
        client
            .ask("MAIL FROM:<somebody@else.example>")
            .starts_with("553")
    );
    assert!(
        client
            .ask("MAIL FROM:<nva@tanphong.thuchanh.gov.vn> SIZE=99999999")
            .starts_with("552")
    );
    assert!(
        client
            .ask("MAIL FROM:<nva@tanphong.thuchanh.gov.vn> X=1")
            .starts_with("555")
    );
    assert!(client.ask(MAIL).starts_with("250"));
    assert!(client.ask("DATA").starts_with("503"));
    assert!(
        client
            .ask("RCPT TO:<khong.co@tanphong.thuchanh.gov.vn>")
            .starts_with("550")
    );
    assert!(client.ask("RCPT TO:nobody").starts_with("501"));
    assert!(
        client
            .ask(&format!("RCPT TO:<{AGENCY}>"))
            .starts_with("250")
    );
    assert!(client.ask("RSET").starts_with("250"));
    assert!(client.ask("DATA").starts_with("503"));
    assert!(client.ask("NOOP").starts_with("250"));
    assert!(client.ask("WHAT").starts_with("500"));
}

#[test]
fn nothing_is_accepted_before_starttls() {
    use std::io::{BufRead, BufReader, Write};
    let practice = empty();
    let socket = common::tcp(practice.smtp_starttls_addr());
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    let mut ask = |send: &str| {
        (&socket).write_all(send.as_bytes()).unwrap();
        let mut line = String::new();
        while line.is_empty() || line.as_bytes()[3] == b'-' {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        line
    };
    assert!(ask("").starts_with("220"));
    assert!(ask("EHLO test\r\n").starts_with("250 STARTTLS"));
    assert!(ask(&format!("AUTH PLAIN {}\r\n", plain(ADDRESS, PASSWORD))).starts_with("530"));
    // The second command is smuggled in before the handshake and must be forgotten.
    assert!(ask("STARTTLS\r\nRSET\r\n").starts_with("220"));
    let mut client = Client::over(common::wrap(&practice, socket).unwrap());
    assert!(client.ask("EHLO test").starts_with("250-localhost"));
    assert!(
        client
            .ask(&format!("AUTH PLAIN {}", plain(ADDRESS, PASSWORD)))
            .starts_with("235")
    );
}

#[test]
fn one_letter_to_many_is_one_in_each_mailbox() {
    let practice = empty();
    let mut client = Client::smtp_ready(&practice);
    client.ask(MAIL);
    for to in [COLLEAGUE, AGENCY, ADDRESS, COLLEAGUE, "xa@noikhac.example"] {
        assert!(client.ask(&format!("RCPT TO:<{to}>")).starts_with("250"));
    }
    client.ask("DATA");
    assert!(client.ask("Subject: x\r\n\r\nx\r\n.").starts_with("250"));
    for account in [COLLEAGUE, AGENCY, ADDRESS] {
        assert_eq!(practice.messages(account, "INBOX").len(), 1, "{account}");
    }
}

fn answering() -> Practice {
    let mut accounts = practice_accounts();
    accounts[1].auto_reply.as_mut().unwrap().after = Duration::from_millis(10);
    let outside_reply = Some(Duration::from_millis(10));
    Practice::start(Options {
        accounts,
        outside_reply,
        ..Options::empty()
    })
    .unwrap()
}

#[test]
fn the_colleague_answers_once_and_never_a_robot() {
    let practice = answering();
    let mut client = Client::smtp_ready(&practice);
    submit(
        &mut client,
        COLLEAGUE,
        "Subject: Auto\r\nAuto-Submitted: auto-replied\r\n\r\nx",
    );
    submit(
        &mut client,
        COLLEAGUE,
        "Subject: =?utf-8?Q?L=E1=BB=8Bch_h=E1=BB=8Dp?=\r\nMessage-ID: <a@x>\r\n\r\nx",
    );
    until("the colleague answers", || {
        practice.messages(ADDRESS, "INBOX").len() == 1
    });
    let answer = text(&practice, ADDRESS, 0);
    let parsed = mail_parser::MessageParser::default()
        .parse(answer.as_bytes())
        .unwrap();
    assert_eq!(parsed.subject(), Some("Re: Lịch họp"));
    assert_eq!(parsed.in_reply_to().as_text(), Some("a@x"));
    assert!(
        parsed
            .body_text(0)
            .unwrap()
            .starts_with("Em đã nhận được, cảm ơn anh.")
    );
    assert!(answer.contains("Auto-Submitted: auto-replied"));
    // A later letter is answered later: had the automatic one been answered, there were three.
    submit(&mut client, COLLEAGUE, "Subject: y\r\n\r\ny");
    until("the second answer", || {
        practice.messages(ADDRESS, "INBOX").len() == 2
    });
    assert!(text(&practice, ADDRESS, 1).contains("Subject: Re: y"));
}

#[test]
fn somebody_outside_answers_and_idle_tells() {
    let practice = answering();
    let mut watching = Client::selected(&practice, "INBOX");
    watching.say("i IDLE");
    assert!(watching.line().starts_with('+'));
    let mut client = Client::smtp_ready(&practice);
    assert!(
        submit(
            &mut client,
            "sonoivu@anthinh.thuchanh.gov.vn",
            "Subject: x\r\n\r\nx"
        )
        .starts_with("250")
    );
    assert_eq!(watching.line(), "* 1 EXISTS");
    assert!(text(&practice, ADDRESS, 0).contains("From: sonoivu@anthinh.thuchanh.gov.vn"));
}

#[test]
fn colleagues_seen_in_letters_can_be_written_to() {
    let practice = Practice::start(Options::practice(None, 1_795_419_000, 25_200)).unwrap();
    let mut client = Client::smtp_ready(&practice);
    client.ask(MAIL);
    assert!(
        client
            .ask("RCPT TO:<LQC@tanphong.thuchanh.gov.vn>")
            .starts_with("250")
    );
    assert!(
        client
            .ask("RCPT TO:<khong.co@tanphong.thuchanh.gov.vn>")
            .starts_with("550")
    );
}
