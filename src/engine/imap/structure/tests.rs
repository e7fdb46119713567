//! Structures as servers write them, and as they should not.

#![allow(clippy::unwrap_used)]

use super::super::wire::Raw;
use super::*;

fn structure_of(text: &[u8], literals: &[&[u8]]) -> Option<Option<Structure>> {
    read(&mut Cursor::new(Raw {
        text: text.to_vec(),
        literals: literals.iter().map(|bytes| Some(bytes.to_vec())).collect(),
        spoiled: false,
    }))
}

fn leaves(text: &str) -> Vec<Leaf> {
    structure_of(text.as_bytes(), &[]).unwrap().unwrap().leaves
}

/// Section, media, multipart around it.
fn outline(text: &str) -> Vec<(String, String, String)> {
    let one = |leaf: Leaf| (leaf.section, leaf.media, leaf.within.unwrap_or_default());
    leaves(text).into_iter().map(one).collect()
}

/// Dovecot 2.3 of a letter with two wordings, a picture and an attachment.
const LETTER: &str = "((((\"text\" \"plain\" (\"charset\" \"UTF-8\") NIL NIL \"quoted-printable\" 312 9 NIL NIL NIL NIL)\
    (\"text\" \"html\" (\"charset\" \"utf-8\") NIL NIL \"base64\" 1204 16 NIL NIL NIL NIL) \
    \"alternative\" (\"boundary\" \"c\") NIL NIL NIL)\
    (\"image\" \"png\" (\"name\" \"dau.png\") \"<dau@x>\" NIL \"base64\" 220 NIL (\"inline\" (\"filename\" \"dau.png\")) NIL NIL) \
    \"related\" (\"boundary\" \"b\" \"type\" \"text/html\") NIL NIL NIL)\
    (\"application\" \"pdf\" (\"name\" \"=?UTF-8?B?Q8O0bmcgdsSDbi5wZGY=?=\") NIL NIL \"BASE64\" 73912 NIL \
    (\"ATTACHMENT\" (\"filename*0*\" \"UTF-8''C%C3%B4ng%20\" \"filename*1*\" \"v%C4%83n.pdf\")) (\"vi\") NIL)\
    (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 512 (\"Mon, 23 Nov 2026 08:00:00 +0700\" \"x\" \
    ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL \"<m@x>\") ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1)\
    (\"text\" \"html\" NIL NIL NIL \"7bit\" 3 1) \"mixed\") 20 NIL (\"attachment\" NIL) NIL NIL) \
    \"mixed\" (\"boundary\" \"a\") NIL (\"vi\") NIL)";

#[test]
fn a_letter_with_everything() {
    let leaves = leaves(LETTER);
    let expected = [
        ("1.1.1", "text/plain", Some("alternative"), 312),
        ("1.1.2", "text/html", Some("alternative"), 1204),
        ("1.2", "image/png", Some("related"), 220),
        ("2", "application/pdf", Some("mixed"), 73_912),
        ("3", "message/rfc822", Some("mixed"), 512),
    ];
    let seen = leaves.iter().map(|leaf| {
        let within = leaf.within.as_deref();
        (
            leaf.section.as_str(),
            leaf.media.as_str(),
            within,
            leaf.size,
        )
    });
    assert!(seen.eq(expected), "{leaves:?}");
    assert_eq!(leaves[0].charset.as_deref(), Some("utf-8"));
    assert_eq!(leaves[0].encoding, "quoted-printable");
    assert_eq!(leaves[2].content_id.as_deref(), Some("dau@x"));
    assert_eq!(leaves[2].disposition.as_deref(), Some("inline"));
    assert_eq!(leaves[3].file_name.as_deref(), Some("Công văn.pdf"));
    assert_eq!(leaves[3].disposition.as_deref(), Some("attachment"));
    assert_eq!(leaves[3].encoding, "base64");
    assert_eq!(leaves[4].disposition.as_deref(), Some("attachment"));
    assert_eq!(leaves[4].file_name, None);
}

#[test]
fn a_message_without_parts_is_section_1() {
    let text = "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"8BIT\" 7 1)";
    let [leaf] = leaves(text).try_into().unwrap();
    assert_eq!(
        (leaf.section.as_str(), leaf.encoding.as_str()),
        ("1", "8bit")
    );
    assert_eq!((leaf.within, leaf.charset), (None, None));
}

#[test]
fn names_of_files_come_in_many_coats() {
    let named = |params: &str, disposition: &str| {
        let text = format!(
            "(\"application\" \"pdf\" {params} NIL NIL \"base64\" 9 NIL {disposition} NIL)"
        );
        leaves(&text).remove(0).file_name
    };
    let name = |text: &str| Some(text.to_owned());
    assert_eq!(named("(\"name\" \"a b.pdf\")", "NIL"), name("a b.pdf"));
    assert_eq!(
        named(
            "(\"NAME\" \"cũ.pdf\")",
            "(\"attachment\" (\"FILENAME\" \"mới.pdf\"))"
        ),
        name("mới.pdf")
    );
    assert_eq!(
        named("(\"name*\" \"windows-1258''Th%F4ng\")", "NIL"),
        name("Thông")
    );
    assert_eq!(
        named("(\"name\" \"=?utf-8?Q?t=E1=BB=9D?=\")", "NIL"),
        name("tờ")
    );
    assert_eq!(
        named(
            "NIL",
            "(\"attachment\" (\"filename\" \"a\\\"b\\\\;c.pdf\"))"
        ),
        leaves("(\"a\" \"b\" (\"name\" \"a\\\"b\\\\;c.pdf\") NIL NIL \"7bit\" 1)")
            .remove(0)
            .file_name
    );
    assert_eq!(named("(\"charset\" \"x\")", "(\"attachment\" NIL)"), None);
    let literal = b"(\"application\" \"pdf\" (\"name\" {12}\n) NIL NIL \"base64\" 9)";
    let smuggled = structure_of(literal, &[b"x\r\nBcc: y.pdf"])
        .unwrap()
        .unwrap();
    let file_name = smuggled.leaves[0].file_name.clone().unwrap();
    assert!(!file_name.contains(['\r', '\n']), "{file_name}");
}

#[test]
fn what_servers_should_not_write_is_read_as_far_as_it_goes() {
    let row = |section: &str, media: &str, within: &str| {
        (section.to_owned(), media.to_owned(), within.to_owned())
    };
    let text = "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0)";
    // A multipart without parts, three ways, and its neighbour.
    for empty in [
        "(\"mixed\" NIL NIL NIL)",
        "(\"mixed\" (\"boundary\" \"b\"))",
        "()",
    ] {
        let whole = format!("({empty}{text} \"mixed\")");
        assert_eq!(
            outline(&whole),
            [row("2", "text/plain", "mixed")],
            "{empty}"
        );
    }
    // No subtype of the multipart, spaces between parts, no extension data.
    let loose = format!("({text} {text})");
    let expected = [row("1", "text/plain", ""), row("2", "text/plain", "")];
    assert_eq!(outline(&loose), expected);
    // No type at all; sizes below zero, missing, in words.
    let odd = "(NIL NIL NIL NIL NIL NIL -5)";
    assert_eq!(outline(odd), [row("1", "application/octet-stream", "")]);
    for size in ["-5", "NIL", "\"7x\"", "99999999999999999999"] {
        let text = format!("(\"text\" \"plain\" NIL NIL NIL \"7bit\" {size} 1)");
        assert_eq!(leaves(&text)[0].size, 0, "{size}");
    }
    // Parameters without a value, an odd number of them, not even a list.
    for params in [
        "(\"charset\")",
        "(\"charset\" NIL)",
        "(\"a\" \"b\" \"charset\")",
        "\"x\"",
    ] {
        let text = format!("(\"text\" \"plain\" {params} NIL NIL \"7bit\" 1 1)");
        assert_eq!(leaves(&text)[0].charset, None, "{params}");
    }
}

#[test]
fn what_makes_no_sense_is_none_and_what_follows_is_still_read() {
    for text in ["NIL", "\"x\"", "()", "(NIL)", "((()))", "(\"mixed\" NIL)"] {
        assert_eq!(structure_of(text.as_bytes(), &[]), Some(None), "{text}");
    }
    let deep = format!("{}{} UID 7", "(".repeat(100), ")".repeat(100));
    let mut cursor = Cursor::new(Raw {
        text: deep.into_bytes(),
        ..Raw::default()
    });
    assert_eq!(read(&mut cursor), Some(None));
    assert_eq!(cursor.rest(), " UID 7");
    let many = "(\"a\" \"b\" NIL NIL NIL \"7bit\" 1)".repeat(MOST_LEAVES + 1);
    assert_eq!(
        structure_of(format!("({many} \"mixed\")").as_bytes(), &[]),
        Some(None)
    );
    // Where it ends is unclear: the response cannot be read.
    assert_eq!(structure_of("(".repeat(1_000_000).as_bytes(), &[]), None);
    assert_eq!(structure_of(b"(\"text\" \"pl", &[]), None);
}

#[test]
fn cut_at_each_byte_nothing_panics() {
    for end in 0..LETTER.len() {
        assert_eq!(structure_of(&LETTER.as_bytes()[..end], &[]), None, "{end}");
    }
}

#[test]
fn attachments_are_what_is_neither_text_nor_picture_of_it() {
    let text = "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1)";
    let picture = "(\"image\" \"png\" NIL \"<a@b>\" NIL \"base64\" 9)";
    let file = "(\"application\" \"pdf\" (\"name\" \"a.pdf\") NIL NIL \"base64\" 9)";
    let invitation = "(\"text\" \"calendar\" NIL NIL NIL \"7bit\" 9 1)";
    for (structure, attachments, invites) in [
        (text.to_owned(), false, false),
        (format!("({text} \"mixed\")"), false, false),
        (format!("({text}{picture} \"related\")"), false, false),
        (format!("({text}{picture} \"mixed\")"), true, false),
        (format!("({text}{file} \"mixed\")"), true, false),
        (format!("({text}{invitation} \"alternative\")"), true, true),
    ] {
        let read = structure_of(structure.as_bytes(), &[]).unwrap().unwrap();
        assert_eq!(read.has_attachments(), attachments, "{structure}");
        assert_eq!(read.has_invitation(), invites, "{structure}");
    }
}
