//! Extensions offered, refused and half-kept.

use std::io::{self, Read, Write};

use super::super::super::compress::tests::{deflated, inflated};
use super::super::super::parts::Part;
use super::super::super::{Quota, Space, Usage};
use super::*;

/// Signed in where the server announced this.
fn able(capabilities: &str, replies: &str) -> (Session, Arc<Mutex<Vec<u8>>>) {
    let login = format!("a1 OK [CAPABILITY {capabilities}] in\r\n");
    let (mut connected, written) = connected(&format!("{login}{replies}"));
    connected.capabilities = Some(Vec::new());
    let session = connected.login("an", &Secret::new("pw")).unwrap();
    written.lock().unwrap().clear();
    (session, written)
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
    "a1 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE IDLE] in\r\np0 OK deflating\r\n";

#[test]
fn compression_begins_with_the_byte_after_the_ok_and_idle_waits_within_it() {
    let within = "* OK [UIDVALIDITY 7] x\r\n* 3 EXISTS\r\na2 OK open\r\n\
        + idling\r\n* 4 EXISTS\r\na3 OK done\r\n";
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
        let pace = super::super::super::IdlePace {
            slice: PATIENCE,
            reissue: Duration::ZERO,
        };
        let mut news = 0;
        session.idle(pace, &mut || news += 1).unwrap();
        assert_eq!((news, session.exists()), (1, 4), "cut at {cut}");
        let written = written.lock().unwrap();
        let clear = b"a1 LOGIN \"an\" \"pw\"\r\np0 COMPRESS DEFLATE\r\n";
        let (before, after) = written.split_at(clear.len());
        assert_eq!(before, clear);
        let after = String::from_utf8(inflated(after)).unwrap();
        assert_eq!(after, "a2 SELECT \"INBOX\"\r\na3 IDLE\r\nDONE\r\n");
    }
}

#[test]
fn refused_compression_leaves_the_session_as_it_is() {
    for refusal in ["NO [COMPRESSIONACTIVE] TLS does it", "BAD what"] {
        let replies = format!(
            "a1 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] in\r\np0 {refusal}\r\na2 OK\r\n"
        );
        let (mut connected, written) = connected(&replies);
        connected.capabilities = Some(Vec::new());
        let mut session = connected.login("an", &Secret::new("pw")).unwrap();
        session.run("NOOP").unwrap();
        assert!(said(&written).ends_with("p0 COMPRESS DEFLATE\r\na2 NOOP\r\n"));
    }
}

#[test]
fn appending_survives_a_refusal_before_and_after_the_bytes() {
    let replies = "a2 NO [TRYCREATE] no such folder\r\n\
        + go\r\na3 NO [OVERQUOTA] Hộp thư đầy\r\n\
        + go\r\na4 OK [APPENDUID 5 77] ok\r\na5 OK\r\n";
    let (mut session, written) = signed_in(replies);
    for words in ["no such folder", "Hộp thư đầy"] {
        let fault = session
            .append("Sent", (Flags::SEEN, None), b"x: y\r\n\r\n")
            .unwrap_err();
        assert!(Error::from(fault).detail.contains(words));
    }
    assert_eq!(
        session
            .append("Sent", (Flags::SEEN, None), b"x: y\r\n\r\n")
            .unwrap(),
        Some(77)
    );
    session.run("NOOP").unwrap();
    assert!(said(&written).contains("a4 APPEND \"Sent\" (\\Seen) {8}\r\nx: y\r\n\r\n\r\na5 NOOP"));
}

#[test]
fn an_append_saves_the_question_where_it_may() {
    let table = [
        ("LITERAL+", 100, "{100+}"),
        ("LITERAL+", 1 << 20, "{1048576+}"),
        ("LITERAL+", (1 << 20) + 1, "{1048577}"),
        ("LITERAL-", 4096, "{4096+}"),
        ("LITERAL-", 4097, "{4097}"),
        ("IDLE", 1, "{1}"),
    ];
    for (capability, size, literal) in table {
        let asks = if literal.ends_with("+}") {
            ""
        } else {
            "+ go\r\n"
        };
        let replies = format!("{asks}* 3 EXISTS\r\na2 OK [APPENDUID 5 77] done\r\na3 OK\r\n");
        let (mut session, written) = able(&format!("IMAP4rev1 {capability}"), &replies);
        let message = vec![b'x'; size];
        let uid = session
            .append("Sent", (Flags::empty(), None), &message)
            .unwrap();
        assert_eq!(uid, Some(77), "{literal}");
        session.run("NOOP").unwrap();
        let body = String::from_utf8(message).unwrap();
        let expected = format!("a2 APPEND \"Sent\" {literal}\r\n{body}\r\na3 NOOP\r\n");
        assert!(said(&written) == expected, "{literal}");
    }
}

/// A server that speaks, and hangs up on us after this many bytes.
struct HangsUp {
    speaks: Script,
    room: usize,
}

impl Read for HangsUp {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.speaks.read(into)
    }
}

impl Write for HangsUp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.room = self
            .room
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::BrokenPipe)?;
        self.speaks.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Duplex for HangsUp {
    fn patience(&self, _: Duration) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_append_cut_short_tells_the_servers_reason() {
    let append = |replies: &str| {
        let all = format!("a1 OK [CAPABILITY LITERAL+] in\r\n{replies}");
        let server = HangsUp {
            speaks: Script::new([Some(all.into_bytes())]),
            room: 100,
        };
        let mut connected = Connected::over(Box::new(server), PATIENCE);
        connected.capabilities = Some(Vec::new());
        let mut session = connected.login("an", &Secret::new("pw")).unwrap();
        session
            .append("Sent", (Flags::SEEN, None), &[b'x'; 5000])
            .unwrap_err()
    };
    let refused = append("a2 NO [TOOBIG] Thư quá lớn\r\n");
    assert!(matches!(refused, Fault::Refused(_)));
    assert!(Error::from(refused).detail.contains("Thư quá lớn"));
    let lost = append("* BYE [OVERQUOTA] Hộp thư đầy\r\n");
    assert!(matches!(lost, Fault::Lost(_)));
    assert!(Error::from(lost).detail.contains("Hộp thư đầy"));
    assert!(matches!(append(""), Fault::Lost(_)));
}

const NAMESPACES: &str =
    "* NAMESPACE ((\"INBOX.\" \".\")) ((\"user.\" \".\")) ((\"Chung.\" \".\"))\r\np0 OK\r\n";

#[test]
fn shared_folders_are_listed_too_and_known_as_such() {
    let list = "* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Sent\r\n";
    let shared = "* LIST () \".\" \"Chung.C&APQ-ng v&AQM-n\"\r\n* LIST () \".\" Chung.Drafts\r\n";
    let own = "* LIST () \".\" user.binh\r\n";
    // One command where the server takes several patterns, else one for each that is missing.
    let table = [
        (
            "NAMESPACE LIST-EXTENDED",
            format!("{NAMESPACES}{list}{shared}{own}a2 OK\r\n{list}a3 OK\r\n"),
            "a2 LIST \"\" (\"*\" \"user.*\" \"Chung.*\")\r\n\
             a3 LIST \"\" (\"*\" \"user.*\" \"Chung.*\")\r\n",
        ),
        (
            "NAMESPACE",
            format!(
                "{NAMESPACES}{list}{own}a2 OK\r\n{shared}a3 OK\r\n{list}{own}{shared}a4 OK\r\n"
            ),
            "a2 LIST \"\" \"*\"\r\na3 LIST \"\" \"Chung.*\"\r\na4 LIST \"\" \"*\"\r\n",
        ),
    ];
    for (capabilities, replies, commands) in table {
        let (mut session, written) = able(capabilities, &replies);
        let list = session.list(false).unwrap();
        let space = |name: &str| {
            let found = list.folders.iter().find(|folder| folder.name == name);
            found.unwrap().space
        };
        assert_eq!(list.folders.len(), 5);
        assert_eq!(space("INBOX/Sent"), Space::Personal);
        assert_eq!(space("Chung/Công văn"), Space::Shared);
        assert_eq!(space("user/binh"), Space::Others);
        assert_eq!(list.top_name("Archive"), "INBOX.Archive");
        // A shared folder called Drafts is not where our drafts go.
        let roles = super::super::super::assign_roles(&list.folders);
        assert!(!roles.contains(&Some(tcv_domain::folder::Role::Drafts)));
        session.list(false).unwrap();
        assert_eq!(said(&written), commands);
    }
}

#[test]
fn a_server_that_refuses_what_it_announced_is_still_listed() {
    let list = "* LIST () \"/\" INBOX\r\n";
    let replies = format!("p0 NO\r\na2 BAD\r\n{list}a3 OK\r\n");
    let (mut session, _) = able("NAMESPACE LIST-EXTENDED LIST-STATUS", &replies);
    let listed = session.list(true).unwrap();
    assert_eq!(listed.folders.len(), 1);
    assert_eq!(listed.top_name("Sent"), "Sent");
}

#[test]
fn parts_that_only_xlist_tells_are_kept_with_the_figures() {
    let figures = "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 3)\r\n* LIST () \"/\" \"Gui roi\"\r\na2 OK\r\n";
    let parts = "* XLIST (\\Inbox) \"/\" INBOX\r\n* XLIST (\\Sent) \"/\" \"Gui roi\"\r\na3 OK\r\n";
    let again = figures.replace("a2", "a4");
    let (mut session, written) = able(
        "XLIST LIST-EXTENDED LIST-STATUS",
        &format!("{figures}{parts}{again}"),
    );
    for _ in 0..2 {
        let list = session.list(true).unwrap();
        assert_eq!(list.figures.len(), 1);
        assert_eq!(list.folders[1].attributes, ["sent"]);
    }
    assert_eq!(said(&written).matches("XLIST").count(), 1);
}

#[test]
fn quota_is_told_refused_or_unknown() {
    let told = "* QUOTAROOT INBOX \"\"\r\n* QUOTA \"\" (STORAGE 90 100)\r\na2 OK\r\n";
    let (mut session, written) = able("QUOTA", told);
    let expected = Quota {
        storage: Some(Usage {
            used: 90,
            limit: 100,
        }),
        messages: None,
    };
    assert_eq!(session.quota().unwrap(), Some(expected));
    assert_eq!(said(&written), "a2 GETQUOTAROOT \"INBOX\"\r\n");
    for (capability, replies) in [
        ("QUOTA", "a2 NO none\r\n"),
        ("QUOTA", "* QUOTAROOT INBOX\r\na2 OK\r\n"),
        ("IDLE", ""),
    ] {
        assert_eq!(able(capability, replies).0.quota().unwrap(), None);
    }
}

#[test]
fn rev2_alone_has_utf8_names_and_all_it_implies() {
    let replies = "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\np0 OK\r\n\
        * LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 1)\r\n\
        * LIST (\\Sent) \"/\" \"Đã gửi\"\r\n* LIST () \"/\" \"Q&AOI-A\"\r\na2 OK\r\n\
        * ESEARCH (TAG \"a3\") UID ALL 1,3\r\na3 OK\r\n";
    let (mut session, written) = able("IMAP4rev2 AUTH=PLAIN", replies);
    assert!(session.has("MOVE") && session.has("UIDPLUS") && !session.has("QRESYNC"));
    let list = session.list(true).unwrap();
    let names: Vec<_> = list
        .folders
        .iter()
        .map(|folder| folder.name.as_str())
        .collect();
    assert_eq!(names, ["INBOX", "Đã gửi", "Q&AOI-A"]);
    session.find_message_id("m@x").unwrap();
    let expected = "a2 LIST \"\" \"*\" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY))\r\n\
        a3 UID SEARCH RETURN (ALL) HEADER Message-ID \"m@x\"\r\n";
    assert_eq!(said(&written), expected);
}

#[test]
fn alerts_are_kept_for_the_user_wherever_they_are_said() {
    let replies = "* NO [ALERT] Hộp thư đầy 95%\r\n* OK [alert] Bảo trì tối nay\r\n\
        a2 OK [ALERT] Đổi mật khẩu\r\na3 NO [ALERT] Bị khóa\r\n* OK no alert\r\na4 OK\r\n";
    let (mut session, _) = able("IMAP4rev1", replies);
    session.run("NOOP").unwrap();
    let expected = ["Hộp thư đầy 95%", "Bảo trì tối nay", "Đổi mật khẩu"];
    assert_eq!(session.take_alerts(), expected);
    session.run("NOOP").unwrap_err();
    session.run("NOOP").unwrap();
    assert_eq!(session.take_alerts(), ["Bị khóa"]);
    assert_eq!(session.take_alerts(), Vec::<String>::new());
}

#[test]
fn what_a_server_can_do_may_change_under_way() {
    let replies =
        "* CAPABILITY IMAP4rev1 MOVE\r\na2 OK\r\n* OK [CAPABILITY IMAP4rev1] less\r\na3 OK\r\n";
    let (mut session, _) = able("IMAP4rev1", replies);
    for moves in [true, false] {
        session.run("NOOP").unwrap();
        assert_eq!(session.has("MOVE"), moves);
    }
}

#[test]
fn the_preamble_is_said_at_once_and_answered_in_any_order() {
    let capabilities = "IMAP4rev1 ID ENABLE QRESYNC NAMESPACE COMPRESS=DEFLATE";
    let within = deflated(b"a2 OK\r\n");
    let answers = "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\np2 OK\r\n* ENABLED QRESYNC\r\np1 OK\r\n\
        p0 BAD no names\r\np3 OK\r\n";
    let login = format!("a1 OK [CAPABILITY {capabilities}] in\r\n{answers}");
    let script = Script::new([Some([login.as_bytes(), &within].concat())]);
    let written = Arc::clone(&script.written);
    let mut connected = Connected::over(Box::new(script), PATIENCE);
    connected.capabilities = Some(Vec::new());
    let mut session = connected.login("an", &Secret::new("pw")).unwrap();
    assert!(session.qresync);
    assert_eq!(session.namespaces.len(), 1);
    assert_eq!(session.count().round_trips, 2);
    session.run("NOOP").unwrap();
    let written = String::from_utf8_lossy(&written.lock().unwrap()).into_owned();
    let asked = "p1 ENABLE QRESYNC\r\np2 NAMESPACE\r\np3 COMPRESS DEFLATE\r\n";
    assert!(written.contains(asked), "{written}");
}

#[test]
fn a_message_whose_structure_is_broken_is_listed_all_the_same() {
    let told = "RFC822.SIZE 3 BODY[HEADER.FIELDS (SUBJECT)] {12}\r\nSubject: a\r\n)\r\n";
    let good = format!(
        "* 1 FETCH (UID 6 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) {told}"
    );
    let broken = format!("* 2 FETCH (UID 7 BODYSTRUCTURE ((((\"x\" {told}");
    let plain = format!("* 2 FETCH (UID 7 {told}");
    for (replies, again) in [
        (
            format!("{good}{broken}a2 OK\r\n{plain}a3 OK\r\n"),
            "a3 UID FETCH 7 (",
        ),
        (
            format!("a2 NO internal error\r\n{good}{plain}a3 OK\r\n"),
            "a3 UID FETCH 6:7 (",
        ),
    ] {
        let (mut session, written) = able("IMAP4rev1", &replies);
        let fetched = session.headers(&[7, 6]).unwrap();
        let mut uids: Vec<_> = fetched.iter().filter_map(|one| one.uid).collect();
        uids.sort_unstable();
        assert_eq!(uids, [6, 7]);
        assert!(fetched.iter().all(|one| one.header.is_some()));
        let said = said(&written);
        let second = said.find(again).unwrap();
        assert!(said[..second].contains("BODYSTRUCTURE"));
        assert!(!said[second..].contains("BODYSTRUCTURE"));
    }
}
