//! What real and broken servers say, and what is read out of it.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

fn one(text: &str, literals: &[&[u8]]) -> Result<Untagged, Unreadable> {
    untagged(Raw {
        text: text.as_bytes().to_vec(),
        literals: literals.iter().map(|bytes| Some(bytes.to_vec())).collect(),
        spoiled: false,
    })
}

fn set(text: &str) -> UidSet {
    UidSet::parse(text).unwrap()
}

fn fetched(text: &str, literals: &[&[u8]]) -> Fetched {
    match one(text, literals) {
        Ok(Untagged::Fetch(fetched)) => *fetched,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn plain_responses() {
    let table = [
        ("* 172 EXISTS", Untagged::Exists(172)),
        ("* 44 expunge", Untagged::Expunge(44)),
        ("* 1 RECENT", Untagged::Other),
        ("* FLAGS (\\Answered \\Seen)", Untagged::Other),
        (
            "* CAPABILITY IMAP4rev1 idle",
            Untagged::Capability(vec!["IMAP4REV1".into(), "IDLE".into()]),
        ),
        (
            "* ENABLED QRESYNC",
            Untagged::Enabled(vec!["QRESYNC".into()]),
        ),
        ("* SEARCH", Untagged::Found(UidSet::default())),
        (
            "* SEARCH 2 3 6",
            Untagged::Found(UidSet::from_uids([2, 3, 6])),
        ),
        (
            "* SEARCH 2 5 (MODSEQ 917162500)",
            Untagged::Found(UidSet::from_uids([2, 5])),
        ),
        (
            "* ESEARCH (TAG \"a2\") UID ALL 1:3,5",
            Untagged::Found(set("1:3,5")),
        ),
        (
            "* ESEARCH UID COUNT 5 ALL 4:8 MODSEQ 9",
            Untagged::Found(set("4:8")),
        ),
        (
            "* ESEARCH (TAG \"a2\") UID",
            Untagged::Found(UidSet::default()),
        ),
        (
            "* VANISHED (EARLIER) 41,43:116",
            Untagged::Vanished {
                earlier: true,
                uids: set("41,43:116"),
            },
        ),
        (
            "* VANISHED 5",
            Untagged::Vanished {
                earlier: false,
                uids: set("5"),
            },
        ),
        (
            "* ESEARCH (TAG \"a2\") UID MIN 2 MAX 9 COUNT 3 ALL 2,5,9",
            Untagged::Found(set("2,5,9")),
        ),
        (
            "* ESEARCH (TAG \"a2\") UID ALL 7 X-NEW (1 (2)) MIN 7",
            Untagged::Found(set("7")),
        ),
        (
            "* ESEARCH MAX 4294967295",
            Untagged::Found(UidSet::default()),
        ),
        ("* QUOTAROOT INBOX \"\"", Untagged::Other),
        ("* QUOTAROOT", Untagged::Other),
        ("* METADATA \"\" (/shared/comment {3}", Untagged::Other),
        ("* 7 X-UNHEARD (of)", Untagged::Other),
        ("* X-GM {1}", Untagged::Other),
        ("*", Untagged::Other),
        ("* THREAD (166)(167)", Untagged::Other),
    ];
    for (text, expected) in table {
        assert_eq!(one(text, &[]), Ok(expected), "{text}");
    }
}

#[test]
fn nonsense_costs_only_itself() {
    let table = [
        "* -5 EXISTS",
        "* 99999999999 EXISTS",
        "* LIST",
        "* LIST (\\Sent",
        "* STATUS x",
        "* 1 FETCH",
        "* 1 FETCH (UID",
        "* 1 FETCH (UID x)",
        "* 1 FETCH (FLAGS",
        "* VANISHED 1:*",
        "* VANISHED",
        "* ESEARCH (TAG",
        "* 1 FETCH (UID 4 BODY[ x)",
        "* STATUS a (MESSAGES 1",
        "* 1 FETCH (BODY[] {5}\n)",
        "* NAMESPACE ((\"\" \"/\"",
        "* QUOTA \"\" (STORAGE",
        "* ESEARCH UID ALL 1:*",
        "* ESEARCH UID ALL x",
        "* STATUS \"a\" MESSAGES 1",
        "* -1 FETCH (UID 4)",
        "* 1 FETCH (UID -4)",
        "* VANISHED -3:5",
    ];
    for text in table {
        match one(text, &[]) {
            Err(Unreadable) | Ok(Untagged::Other) => {}
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_fetch_in_any_order_with_strangers_among() {
    let text = "* 12 FETCH (FLAGS (\\Seen $Forwarded xyz) PREVIEW \"Chào ) anh\" \
        MODSEQ (624140003) ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"b\")) NIL) EMAILID (M1) \
        RFC822.SIZE 4286 INTERNALDATE \" 7-Jul-1996 02:44:25 +0700\" \
        BODY[HEADER.FIELDS (\"DATE\" FROM)] {9}\n UID 77 BODYSTRUCTURE (\"TEXT\" (\"a\" {1}\n)))";
    let fetched = fetched(text, &[b"From: x\r\n", b"]"]);
    assert_eq!(fetched.uid, Some(77));
    assert_eq!(fetched.flags, Some(Flags::SEEN.with(Flags::FORWARDED)));
    assert_eq!(fetched.modseq, Some(624_140_003));
    assert_eq!(fetched.size, Some(4286));
    assert_eq!(fetched.internal_date, Some(UnixTime(836_682_265)));
    assert_eq!(fetched.header.as_deref(), Some(b"From: x\r\n".as_slice()));
    assert_eq!(fetched.body, None);
}

#[test]
fn odd_values_of_a_fetch() {
    assert_eq!(
        fetched("* 1 FETCH (UID 3 RFC822.SIZE -1)", &[]).size,
        Some(0)
    );
    assert_eq!(fetched("* 1 FETCH (UID 3 BODY[] NIL)", &[]).body, None);
    assert_eq!(
        fetched("* 1 FETCH (UID 3 BODY[] \"\")", &[]).body,
        Some(Vec::new())
    );
    assert_eq!(
        fetched("* 1 FETCH (BODY[]<0> {2}\n UID 3)", &[b"ab"]).uid,
        Some(3)
    );
    assert_eq!(
        fetched("* 1 FETCH (UID 3 INTERNALDATE \"yesterday\")", &[]).internal_date,
        None
    );
    let raw = Raw {
        text: b"* 1 FETCH (UID 3 BODY[] {9}\n FLAGS ())".to_vec(),
        literals: vec![None],
        spoiled: false,
    };
    let Ok(Untagged::Fetch(large)) = untagged(raw) else {
        panic!("unreadable")
    };
    assert!(large.too_large && large.body.is_none() && large.flags.is_some());
}

#[test]
fn folders() {
    let listed = |text: &str, literals: &[&[u8]]| match one(text, literals) {
        Ok(Untagged::List(listed)) => *listed,
        other => panic!("{text}: {other:?}"),
    };
    let sent = listed(
        "* LIST (\\HasNoChildren \\Sent) \".\" \"Th&AbA-.&AREA4w- g&Hu0-i\"",
        &[],
    );
    assert_eq!(sent.attributes, ["hasnochildren", "sent"]);
    assert_eq!(sent.name, "Thư/đã gửi");
    assert_eq!(sent.raw_name, "Th&AbA-.&AREA4w- g&Hu0-i");
    assert_eq!(listed("* XLIST () NIL INBOX", &[]).delimiter, None);
    assert_eq!(listed("* LIST () \"/\" Công&văn", &[]).name, "Công&văn");
    assert_eq!(listed("* LIST () \"/\" {5}\n", &[b"a\"b c"]).name, "a\"b c");
    assert_eq!(
        listed("* LIST () \"/\" x (\"CHILDINFO\" (\"a\"))", &[]).name,
        "x"
    );
    assert_eq!(
        one("* LIST () \"/\" {2}\n", &[b"\xff\xfe"]),
        Err(Unreadable)
    );
}

#[test]
fn figures_of_folders() {
    let text = "* STATUS \"a b\" (MESSAGES 231 SIZE 5 APPENDLIMIT NIL UIDNEXT 44292 \
        UIDVALIDITY 1 HIGHESTMODSEQ 7011231777 MAILBOXID (F22))";
    let expected = Figures {
        raw_name: "a b".to_owned(),
        messages: Some(231),
        uidnext: Some(44292),
        uidvalidity: Some(1),
        highestmodseq: Some(7_011_231_777),
    };
    assert_eq!(one(text, &[]), Ok(Untagged::Figures(expected)));
}

#[test]
fn figures_that_make_no_sense_are_left_out_one_by_one() {
    let text = "* STATUS x (MESSAGES -3 RECENT 0 UIDNEXT 99999999999 UIDVALIDITY 7 X-NEW (1 \"a\") \
        HIGHESTMODSEQ NIL DELETED 4)";
    let expected = Figures {
        raw_name: "x".to_owned(),
        uidvalidity: Some(7),
        ..Figures::default()
    };
    assert_eq!(one(text, &[]), Ok(Untagged::Figures(expected)));
}

#[test]
fn items_of_later_standards_are_stepped_over() {
    let items = [
        "EMAILID (M6d99ac3275bb4e)",
        "THREADID NIL",
        "SAVEDATE \"17-Jul-1996 02:44:25 -0700\"",
        "PREVIEW {4}\n",
        "ANNOTATION (/comment (value.priv \"x\"))",
        "X-GM-MSGID 1278455344230334865",
        "X-GM-LABELS (\\Inbox \"a b\")",
        "BINARY[1] ~{1}\n",
        "BINARY.SIZE[1.2] 7",
        "ENVELOPE (\"d\" \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)",
        "BODY (\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)",
    ];
    for item in items {
        let text = format!("* 1 FETCH ({item} UID 7 FLAGS (\\Seen))");
        let fetched = fetched(&text, &[b"x"]);
        assert_eq!(
            (fetched.uid, fetched.flags),
            (Some(7), Some(Flags::SEEN)),
            "{item}"
        );
    }
}

#[test]
fn sections_are_told_apart() {
    let text = "* 1 FETCH (BODY[1.2.MIME] {1}\n BODY[] NIL BODY[HEADER] \"h\" body[3] \"t\" UID 9)";
    let fetched = fetched(text, &[b"m"]);
    assert_eq!(fetched.header.as_deref(), Some(b"h".as_slice()));
    assert_eq!(fetched.body, None);
    let expected = [
        ("1.2.MIME".to_owned(), Some(b"m".to_vec())),
        ("3".to_owned(), Some(b"t".to_vec())),
    ];
    assert_eq!(fetched.sections, expected);
}

#[test]
fn status_responses() {
    let table = [
        (
            "OK [CAPABILITY IMAP4rev1 auth=plain] in",
            Status::Ok,
            Some(Code::Capability(vec![
                "IMAP4REV1".into(),
                "AUTH=PLAIN".into(),
            ])),
            "in",
        ),
        (
            "NO [BADCHARSET (\"a]b\" X)] no",
            Status::No,
            Some(Code::Other("BADCHARSET".into())),
            "no",
        ),
        ("OK [unclosed code", Status::Ok, None, "[unclosed code"),
        (
            "OK [APPENDUID 38] x",
            Status::Ok,
            Some(Code::Other("APPENDUID".into())),
            "x",
        ),
        (
            "BYE [UNAVAILABLE] tạm nghỉ",
            Status::Bye,
            Some(Code::Other("UNAVAILABLE".into())),
            "tạm nghỉ",
        ),
        ("OK done", Status::Ok, None, "done"),
        ("ok", Status::Ok, None, ""),
        (
            "NO [ALERT] Hộp thư đầy",
            Status::No,
            Some(Code::Other("ALERT".into())),
            "Hộp thư đầy",
        ),
        (
            "OK [UIDVALIDITY 3] x",
            Status::Ok,
            Some(Code::UidValidity(3)),
            "x",
        ),
        (
            "OK [UIDVALIDITY x] y",
            Status::Ok,
            Some(Code::Other("UIDVALIDITY".into())),
            "y",
        ),
        (
            "OK [COPYUID 38 304,319:320 9:10,15] Done",
            Status::Ok,
            Some(Code::CopyUid(set("304,319:320"), set("9:10,15"))),
            "Done",
        ),
        (
            "OK [APPENDUID 38 3955] Done",
            Status::Ok,
            Some(Code::AppendUid(set("3955"))),
            "Done",
        ),
        ("BAD [", Status::Bad, None, "["),
    ];
    for (text, status, code, words) in table {
        let answer = answer(text.as_bytes()).unwrap();
        assert_eq!((answer.status, &answer.code), (status, &code), "{text}");
        assert_eq!(answer.text, words, "{text}");
    }
    assert_eq!(answer(b"WAT is this"), Err(Unreadable));
}

#[test]
fn cut_at_each_byte_nothing_panics() {
    let text = "* 2 FETCH (UID 7 FLAGS (\\Seen) BODY[HEADER] {3}\n MODSEQ (5) X ((a) \"b\"))";
    for end in 0..=text.len() {
        let _ = one(text.get(..end).unwrap(), &[b"abc"]);
    }
}
