//! Sessions against scripted replies: what real servers say that the `imap` crate alone does not
//! survive, and the same cut short at each byte.

#![allow(clippy::unwrap_used, clippy::panic)]

mod extensions;
mod signing_in;

use std::sync::{Arc, Mutex};

use tcv_domain::message::{FlagChange, Flags};

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
fn a_line_end_in_a_name_never_becomes_a_command() {
    let (mut session, written) = signed_in("a2 OK\r\n");
    assert!(session.select("x\"\r\na9 DELETE INBOX\r\n", None).is_err());
    assert!(said(&written).is_empty());
}
