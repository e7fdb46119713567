//! Every way of signing in, taken and refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

#[test]
fn signing_in_takes_the_best_way_offered() {
    let table = [
        (
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\na1 OK\r\na2 OK in\r\n* CAPABILITY ID\r\na3 OK\r\np0 BAD\r\n",
            "a1 CAPABILITY\r\na2 AUTHENTICATE PLAIN AGFuAHB3\r\na3 CAPABILITY\r\np0 ID (",
        ),
        (
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na1 OK\r\n+ \r\na2 OK [CAPABILITY X] in\r\n",
            "a1 CAPABILITY\r\na2 AUTHENTICATE PLAIN\r\nAGFuAHB3\r\n",
        ),
        (
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na1 OK\r\na2 BAD what\r\na3 OK [CAPABILITY X] in\r\n",
            "a1 CAPABILITY\r\na2 AUTHENTICATE PLAIN\r\na3 LOGIN \"an\" \"pw\"\r\n",
        ),
        (
            "* CAPABILITY IMAP4rev1\r\na1 OK\r\n* NO [ALERT] Hộp thư sắp đầy\r\na2 OK [CAPABILITY QRESYNC ENABLE] in\r\n* ENABLED QRESYNC\r\np0 OK\r\n",
            "a1 CAPABILITY\r\na2 LOGIN \"an\" \"pw\"\r\np0 ENABLE QRESYNC\r\n",
        ),
    ];
    for (replies, commands) in table {
        let (connected, written) = connected(replies);
        connected.login("an", &Secret::new("pw")).unwrap();
        assert!(said(&written).starts_with(commands), "{}", said(&written));
    }
}

#[test]
fn refusals_to_sign_in_have_their_kinds() {
    let table = [
        (
            "a1 NO [AUTHENTICATIONFAILED] Sai mật khẩu\r\n",
            Kind::SignInRefused,
        ),
        ("a1 NO [UNAVAILABLE] later\r\n", Kind::ServerUnreachable),
        ("a1 BAD what\r\n", Kind::ServerRefused),
        ("* BYE too many\r\n", Kind::ServerUnreachable),
        ("", Kind::ServerUnreachable),
    ];
    for (reply, kind) in table {
        let (mut connected, _) = connected(reply);
        connected.capabilities = Some(Vec::new());
        let error = connected.login("an", &Secret::new("pw")).err().unwrap();
        assert_eq!(error.kind, kind, "{reply}");
        assert!(!error.detail.contains("pw"));
    }
    let (mut connected, written) = connected("a1 OK\r\n");
    connected.capabilities = Some(vec!["LOGINDISABLED".to_owned()]);
    let error = connected.login("an", &Secret::new("pw")).err().unwrap();
    assert_eq!(error.kind, Kind::ServerRefused);
    assert!(said(&written).is_empty(), "no password may go out");
}

/// Signs in after this greeting's capabilities; what came of it, and what we said.
fn attempt(auth: Auth, offers: &str, replies: &str) -> (Result<Session>, String) {
    let (mut connected, written) = connected(replies);
    connected.capabilities = Some(offers.split(' ').map(str::to_owned).collect());
    connected.auth = auth;
    let outcome = connected.login("an", &Secret::new("pw"));
    (outcome, said(&written))
}

#[test]
fn scram_is_preferred_and_a_server_that_cannot_use_it_gets_plain() {
    let offers = "AUTH=PLAIN AUTH=SCRAM-SHA-256 SASL-IR";
    for refusal in ["NO [AUTHENTICATIONFAILED] no such secret", "BAD unknown"] {
        let replies = format!("a1 {refusal}\r\na2 OK [CAPABILITY X] in\r\n");
        let (outcome, said) = attempt(Auth::Password, offers, &replies);
        assert!(outcome.is_ok());
        let (first, second) = said.split_once("\r\n").unwrap();
        let message = first
            .strip_prefix("a1 AUTHENTICATE SCRAM-SHA-256 ")
            .unwrap();
        let message = String::from_utf8(STANDARD.decode(message).unwrap()).unwrap();
        assert!(message.starts_with("n,,n=an,r="), "{message}");
        assert_eq!(second, "a2 AUTHENTICATE PLAIN AGFuAHB3\r\n");
    }
}

#[test]
fn a_server_that_proves_nothing_is_not_believed_and_gets_no_password() {
    let offers = "AUTH=PLAIN AUTH=SCRAM-SHA-256 AUTH=LOGIN";
    let strange = STANDARD.encode("r=mine,s=AAAA,i=4096");
    let table = [
        format!("+ \r\n+ {strange}\r\n"),
        "+ \r\n+ ???\r\n".to_owned(),
        "+ \r\na1 OK [CAPABILITY X] come in\r\n".to_owned(),
    ];
    for replies in table {
        let (outcome, said) = attempt(Auth::Password, offers, &replies);
        assert_eq!(
            outcome.err().unwrap().kind,
            Kind::ServerRefused,
            "{replies}"
        );
        assert_eq!(said.lines().count(), 2, "only the first message: {said}");
    }
}

#[test]
fn sasl_login_answers_in_order_and_no_more_than_twice() {
    let offers = "AUTH=LOGIN LOGINDISABLED";
    let asked = "+ VXNlciBOYW1lAA==\r\n+ UGFzc3dvcmQA\r\n";
    let replies = format!("{asked}a1 OK [CAPABILITY X] in\r\n");
    let (outcome, said) = attempt(Auth::Password, offers, &replies);
    assert!(outcome.is_ok());
    assert_eq!(said, "a1 AUTHENTICATE LOGIN\r\nYW4=\r\ncHc=\r\n");
    let replies = format!("{asked}+ bW9yZQ==\r\n");
    let (outcome, said) = attempt(Auth::Password, offers, &replies);
    assert_eq!(outcome.err().unwrap().kind, Kind::ServerRefused);
    assert!(said.ends_with("cHc=\r\n"));
}

#[test]
fn a_token_is_never_sent_as_a_password_nor_a_password_as_a_token() {
    let token = STANDARD.encode("user=an\u{1}auth=Bearer pw\u{1}\u{1}");
    let (outcome, said) = attempt(
        Auth::XOAuth2,
        "AUTH=PLAIN AUTH=XOAUTH2 SASL-IR",
        "a1 OK [CAPABILITY X] in\r\n",
    );
    assert!(outcome.is_ok());
    assert_eq!(said, format!("a1 AUTHENTICATE XOAUTH2 {token}\r\n"));

    // Refused: the reason comes as a challenge, the verdict after an empty answer.
    let (outcome, said) = attempt(
        Auth::XOAuth2,
        "AUTH=XOAUTH2",
        "+ \r\n+ eyJzdGF0dXMiOiI0MDAifQ==\r\na1 NO [AUTHENTICATIONFAILED] expired\r\n",
    );
    assert_eq!(outcome.err().unwrap().kind, Kind::SignInRefused);
    assert_eq!(said, format!("a1 AUTHENTICATE XOAUTH2\r\n{token}\r\n\r\n"));

    let (outcome, said) = attempt(Auth::XOAuth2, "AUTH=PLAIN AUTH=SCRAM-SHA-256", "");
    assert_eq!(outcome.err().unwrap().kind, Kind::ServerRefused);
    assert_eq!(said, "");
    let (outcome, said) = attempt(Auth::Password, "AUTH=XOAUTH2 LOGINDISABLED", "");
    assert_eq!(outcome.err().unwrap().kind, Kind::ServerRefused);
    assert_eq!(said, "");
}
