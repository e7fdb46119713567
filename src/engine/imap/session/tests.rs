//! Sessions against scripted replies: what real servers say that the `imap` crate alone does not
//! survive, and the same cut short at each byte.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use tcv_domain::message::{FlagChange, Flags};

use super::super::Part;
use super::super::compress::tests::{deflated, inflated};
use super::super::wire::tests::Script;
use super::*;

const PATIENCE: Duration = Duration::from_secs(1);

/// A connection whose server will say all this, and what we will have said.
fn connected(replies: &str) -> (Connected, Arc<Mutex<Vec<u8>>>) {
    let script = Script::new([Some(replies.as_bytes().to_vec())]);
    let written = Arc::clone(&script.written);
    (Connected::over(Box::new(script), PATIENCE), written)
}

fn signed_in(replies: &str) -> (Session, Arc<Mutex<Vec<u8>>>) {
    let login = "a1 OK [CAPABILITY IMAP4rev1 UIDPLUS ESEARCH CONDSTORE IDLE] in\r\n";
    let (mut connected, written) = connected(&format!("{login}{replies}"));
    connected.capabilities = Some(vec!["IMAP4REV1".to_owned()]);
    let session = connected.login("an", &Secret::new("bí mật")).unwrap();
    written.lock().unwrap().clear();
    (session, written)
}

fn said(written: &Mutex<Vec<u8>>) -> String {
    String::from_utf8(written.lock().unwrap().clone()).unwrap()
}

#[test]
fn signing_in_takes_the_best_way_offered() {
    let table = [
        (
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\na1 OK\r\na2 OK in\r\n* CAPABILITY ID\r\na3 OK\r\na4 BAD\r\n",
            "a1 CAPABILITY\r\na2 AUTHENTICATE PLAIN AGFuAHB3\r\na3 CAPABILITY\r\na4 ID (",
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
            "* CAPABILITY IMAP4rev1\r\na1 OK\r\n* NO [ALERT] Hộp thư sắp đầy\r\na2 OK [CAPABILITY QRESYNC ENABLE] in\r\n* ENABLED QRESYNC\r\na3 OK\r\n",
            "a1 CAPABILITY\r\na2 LOGIN \"an\" \"pw\"\r\na3 ENABLE QRESYNC\r\n",
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

/// A folder opened, looked at and searched amid everything that breaks the crate's own reading.
const NASTY: &str = "* FLAGS (\\Seen)\r\n\
    * NO [ALERT] Dung lượng sắp hết\r\n\
    * 3 EXISTS\r\n\
    * BAD something\r\n\
    garbage on the line\r\n\
    * OK [UIDVALIDITY 7] ổn\r\n\
    * OK [UIDNEXT 12] ổn\r\n\
    * OK [HIGHESTMODSEQ 90] ổn\r\n\
    a9 OK a stranger's tag\r\n\
    a2 OK [READ-WRITE] Đã mở {3}\r\n\
    * 1 FETCH (FLAGS (\\Seen) UID 4)\r\n\
    * CAPABILITY IMAP4rev1\r\n\
    * 2 FETCH (UID 9 FLAGS () PREVIEW \"Kính gửi\" EMAILID (M1) RFC822.SIZE -4)\r\n\
    * 4 EXISTS\r\n\
    * 3 FETCH (UID 11 FLAGS (\\Flagged nhãn))\r\n\
    + idle chatter\r\n\
    a3 OK done\r\n\
    * ESEARCH (TAG \"a4\") UID ALL 4,9,11:12\r\n\
    a4 OK done\r\n";

/// A folder as opened, its messages, and what a search finds in it.
type Seen = (Selected, Vec<(u32, Flags)>, Option<UidSet>);

fn nasty() -> Result<Seen> {
    let (mut session, _) = signed_in(NASTY);
    walk(&mut session)
}

fn walk(session: &mut Session) -> Result<Seen> {
    let selected = session.select("INBOX", None)?.clone();
    let look = session.look()?;
    assert!(look.doubtful, "the stray continuation was counted");
    Ok((selected, look.messages, session.present()?))
}

#[test]
fn nothing_a_server_says_throws_the_session() {
    let (selected, messages, present) = nasty().unwrap();
    assert_eq!((selected.exists, selected.uidvalidity), (3, 7));
    assert_eq!(
        (selected.uidnext, selected.highestmodseq),
        (Some(12), Some(90))
    );
    let expected = [(4, Flags::SEEN), (9, Flags::empty()), (11, Flags::FLAGGED)];
    assert_eq!(messages, expected);
    assert_eq!(present, UidSet::parse("4,9,11:12"));
}

#[test]
fn cut_at_each_byte_it_ends_in_an_error_and_never_panics() {
    for end in 0..NASTY.len() {
        let Some(part) = NASTY.get(..end) else {
            continue;
        };
        let (mut session, _) = signed_in(part);
        let outcome = session.select("INBOX", None).map(drop);
        let outcome = outcome
            .and_then(|()| session.look())
            .and_then(|_| session.present());
        let Err(error) = outcome else {
            panic!("cut at {end} and yet complete");
        };
        assert_eq!(
            Error::from(error).kind,
            Kind::ServerUnreachable,
            "cut at {end}"
        );
    }
}

#[test]
fn changes_go_out_as_differences_and_removal_names_its_messages() {
    let replies = "* OK [UIDVALIDITY 1] x\r\n* 5 EXISTS\r\na2 OK\r\na3 OK\r\na4 OK\r\na5 OK\r\n\
        * 2 EXPUNGE\r\na6 OK\r\na7 OK [COPYUID 3 7:8 20:21] moved\r\n";
    let (mut session, written) = signed_in(replies);
    session.select("INBOX", None).unwrap();
    let change = FlagChange {
        add: Flags::SEEN.with(Flags::FORWARDED),
        remove: Flags::FLAGGED,
    };
    session.change_flags(&[3, 2, 1], change).unwrap();
    session.remove(&[4]).unwrap();
    assert_eq!(session.exists(), 4);
    let pairs = session.copy_to(&[7, 8], "a \"b\" \\c").unwrap();
    assert_eq!(pairs, [(7, 20), (8, 21)]);
    let expected = "a2 SELECT \"INBOX\" (CONDSTORE)\r\n\
        a3 UID STORE 1:3 +FLAGS.SILENT (\\Seen $Forwarded)\r\n\
        a4 UID STORE 1:3 -FLAGS.SILENT (\\Flagged)\r\n\
        a5 UID STORE 4 +FLAGS.SILENT (\\Deleted)\r\n\
        a6 UID EXPUNGE 4\r\n\
        a7 UID COPY 7:8 \"a \\\"b\\\" \\\\c\"\r\n";
    assert_eq!(said(&written), expected);
}

#[test]
fn appending_survives_a_refusal_before_and_after_the_bytes() {
    let replies = "a2 NO [TRYCREATE] no such folder\r\n\
        + go\r\na3 NO [OVERQUOTA] Hộp thư đầy\r\n\
        + go\r\na4 OK [APPENDUID 5 77] ok\r\na5 OK\r\n";
    let (mut session, written) = signed_in(replies);
    for words in ["no such folder", "Hộp thư đầy"] {
        let fault = session
            .append("Sent", Flags::SEEN, b"x: y\r\n\r\n")
            .unwrap_err();
        assert!(Error::from(fault).detail.contains(words));
    }
    assert_eq!(
        session
            .append("Sent", Flags::SEEN, b"x: y\r\n\r\n")
            .unwrap(),
        Some(77)
    );
    session.run("NOOP").unwrap();
    assert!(said(&written).contains("a4 APPEND \"Sent\" (\\Seen) {8}\r\nx: y\r\n\r\n\r\na5 NOOP"));
}

#[test]
fn idle_hears_news_and_survives_an_answer_at_once() {
    let pace = super::super::IdlePace {
        slice: PATIENCE,
        reissue: Duration::ZERO,
    };
    let (mut session, written) = signed_in(
        "+ idling\r\n* 9 EXISTS\r\n* OK Still here\r\na2 OK done\r\na3 OK at once\r\na4 OK\r\n",
    );
    let mut news = 0;
    session.idle(pace, &mut || news += 1).unwrap();
    assert_eq!(news, 1);
    assert!(matches!(
        session.idle(pace, &mut || {}),
        Err(Fault::Refused(_))
    ));
    session.run("NOOP").unwrap();
    assert_eq!(said(&written), "a2 IDLE\r\nDONE\r\na3 IDLE\r\na4 NOOP\r\n");
}

#[test]
fn parts_are_asked_for_by_the_structure_and_mark_nothing_read() {
    let replies = "* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n\
        * 1 FETCH (UID 7 BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1)\
        (\"image\" \"png\" NIL NIL NIL \"base64\" 9) \"mixed\"))\r\n\
        * 2 FETCH (UID 9 BODYSTRUCTURE (nil))\r\na2 OK\r\n\
        * 1 FETCH (UID 7 BODY[1] {3}\r\nabc BODY[1.mime] \"A: b\" BODY[2] NIL)\r\n\
        * 1 FETCH (FLAGS (\\Seen) UID 7)\r\na3 OK\r\na4 OK\r\n";
    let (mut session, written) = signed_in(replies);
    let [(7, Some(structure)), (9, None)] = &session.structures(&[9, 7]).unwrap()[..] else {
        panic!("two structures, one of them readable");
    };
    assert_eq!(structure.leaves.len(), 2);
    let parts = session.parts(7, &["1", "2"]).unwrap();
    let part = |section: &str, mime: Option<&[u8]>, body: Option<&[u8]>| Part {
        section: section.to_owned(),
        mime: mime.map(<[u8]>::to_vec),
        body: body.map(<[u8]>::to_vec),
    };
    let expected = [
        part("1", Some(b"A: b"), Some(b"abc")),
        part("2", None, None),
    ];
    assert_eq!(parts, expected);
    assert_eq!(session.parts(8, &["1"]).unwrap(), []);
    let said = said(&written);
    let fetch =
        "a3 UID FETCH 7 (UID BODY.PEEK[1.MIME] BODY.PEEK[1] BODY.PEEK[2.MIME] BODY.PEEK[2])";
    assert!(said.starts_with("a2 UID FETCH 7,9 (UID BODYSTRUCTURE)\r\n"));
    assert!(said.contains(fetch), "{said}");
}

/// What is said before compression, and what is said within it.
const COMPRESSING: &str =
    "a1 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE IDLE] in\r\na2 OK deflating\r\n";

#[test]
fn compression_begins_with_the_byte_after_the_ok_and_idle_waits_within_it() {
    let within = "* OK [UIDVALIDITY 7] x\r\n* 3 EXISTS\r\na3 OK open\r\n\
        + idling\r\n* 4 EXISTS\r\na4 OK done\r\n";
    let packed = deflated(within.as_bytes());
    // From "all of it came with the OK" to "byte by byte, after time-outs".
    for cut in 0..=packed.len() {
        let (early, late) = packed.split_at(cut);
        let mut chunks = vec![Some([COMPRESSING.as_bytes(), early].concat())];
        // Only an idling client waits on after a time-out.
        chunks.extend(late.iter().map(|byte| Some(vec![*byte])));
        let script = Script::new(chunks);
        let written = Arc::clone(&script.written);
        let mut connected = Connected::over(Box::new(script), PATIENCE);
        connected.capabilities = Some(Vec::new());
        let mut session = connected.login("an", &Secret::new("pw")).unwrap();
        assert_eq!(session.select("INBOX", None).unwrap().exists, 3);
        let pace = super::super::IdlePace {
            slice: PATIENCE,
            reissue: Duration::ZERO,
        };
        let mut news = 0;
        session.idle(pace, &mut || news += 1).unwrap();
        assert_eq!((news, session.exists()), (1, 4), "cut at {cut}");
        let written = written.lock().unwrap();
        let clear = b"a1 LOGIN \"an\" \"pw\"\r\na2 COMPRESS DEFLATE\r\n";
        let (before, after) = written.split_at(clear.len());
        assert_eq!(before, clear);
        let after = String::from_utf8(inflated(after)).unwrap();
        assert_eq!(after, "a3 SELECT \"INBOX\"\r\na4 IDLE\r\nDONE\r\n");
    }
}

#[test]
fn refused_compression_leaves_the_session_as_it_is() {
    for refusal in ["NO [COMPRESSIONACTIVE] TLS does it", "BAD what"] {
        let replies = format!(
            "a1 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] in\r\na2 {refusal}\r\na3 OK\r\n"
        );
        let (mut connected, written) = connected(&replies);
        connected.capabilities = Some(Vec::new());
        let mut session = connected.login("an", &Secret::new("pw")).unwrap();
        session.run("NOOP").unwrap();
        assert!(said(&written).ends_with("a2 COMPRESS DEFLATE\r\na3 NOOP\r\n"));
    }
}

#[test]
fn a_line_end_in_a_name_never_becomes_a_command() {
    let (mut session, written) = signed_in("a2 OK\r\n");
    assert!(session.select("x\"\r\na9 DELETE INBOX\r\n", None).is_err());
    assert!(said(&written).is_empty());
}
