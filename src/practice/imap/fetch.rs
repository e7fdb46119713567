//! FETCH: what is asked for, and the line that answers it (RFC 3501, 6.4.5 and 7.4.2).

use crate::clock;
use crate::folder::StoredMessage;
use crate::mime::{Part, fields};
use crate::script::Quirks;

use super::parser::{Parser, Wrong};
use super::structure;

/// One thing asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Flags,
    Uid,
    InternalDate,
    Size,
    ModSeq,
    Envelope,
    /// BODY without a section: the structure without extensions.
    Body,
    BodyStructure,
    Section(Section),
}

impl Item {
    /// Whether answering marks the message as read.
    pub fn marks_seen(&self) -> bool {
        matches!(self, Item::Section(s) if !s.peek)
    }
}

/// A piece of the message's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// How the answer calls it.
    label: String,
    path: Vec<u32>,
    what: What,
    /// First byte and length.
    partial: Option<(usize, usize)>,
    peek: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// The whole message, or the body of a part.
    All,
    Header,
    Text,
    Mime,
    /// Header fields by name; or all but those.
    Fields {
        names: Vec<String>,
        except: bool,
    },
}

/// How lines are written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Style {
    pub quirks: Quirks,
}

/// Reads the items of a FETCH: a macro, one item, or a list.
pub(crate) fn items(p: &mut Parser<'_>) -> Result<Vec<Item>, Wrong> {
    use Item::{Body, Envelope, Flags, InternalDate, Size};
    if p.peek() == Some(b'(') {
        return p.list(item);
    }
    let fast = vec![Flags, InternalDate, Size];
    if p.take_word("FAST") {
        return Ok(fast);
    }
    if p.take_word("ALL") {
        return Ok([fast, vec![Envelope]].concat());
    }
    if p.take_word("FULL") {
        return Ok([fast, vec![Envelope, Body]].concat());
    }
    Ok(vec![item(p)?])
}

fn item(p: &mut Parser<'_>) -> Result<Item, Wrong> {
    let word = p.atom()?.to_ascii_uppercase();
    Ok(match word.as_str() {
        "FLAGS" => Item::Flags,
        "UID" => Item::Uid,
        "INTERNALDATE" => Item::InternalDate,
        "RFC822.SIZE" => Item::Size,
        "MODSEQ" => Item::ModSeq,
        "ENVELOPE" => Item::Envelope,
        "BODY" => Item::Body,
        "BODYSTRUCTURE" => Item::BodyStructure,
        "RFC822" => whole("RFC822", What::All, false),
        "RFC822.HEADER" => whole("RFC822.HEADER", What::Header, true),
        "RFC822.TEXT" => whole("RFC822.TEXT", What::Text, false),
        _ => {
            let (peek, rest) = match word.strip_prefix("BODY.PEEK[") {
                Some(rest) => (true, rest),
                None => (
                    false,
                    word.strip_prefix("BODY[").ok_or("Unknown FETCH item")?,
                ),
            };
            Item::Section(section(p, rest, peek)?)
        }
    })
}

fn whole(label: &str, what: What, peek: bool) -> Item {
    Item::Section(Section {
        label: label.to_owned(),
        path: Vec::new(),
        what,
        partial: None,
        peek,
    })
}

/// The rest of `BODY[`, of which `start` has been read up to a space or the end.
fn section(p: &mut Parser<'_>, start: &str, peek: bool) -> Result<Section, Wrong> {
    let (inside, mut tail) = match start.split_once(']') {
        Some((inside, tail)) => (inside, tail.to_owned()),
        None => (start, String::new()),
    };
    let mut path = Vec::new();
    let mut rest = inside;
    while rest.starts_with(|c: char| c.is_ascii_digit()) {
        let (number, after) = rest.split_once('.').unwrap_or((rest, ""));
        path.push(number.parse().map_err(|_| "Bad part number")?);
        rest = after;
    }
    let mut label = format!("BODY[{inside}");
    let what = match rest {
        "" => What::All,
        "HEADER" => What::Header,
        "TEXT" => What::Text,
        "MIME" if !path.is_empty() => What::Mime,
        "HEADER.FIELDS" | "HEADER.FIELDS.NOT" => {
            p.space()?;
            let names = p.list(|p| p.text())?;
            p.expect(b']')?;
            tail = if p.peek() == Some(b'<') {
                p.atom()?.to_owned()
            } else {
                String::new()
            };
            label.push_str(&format!(" ({})", names.join(" ")));
            What::Fields {
                names,
                except: rest.ends_with("NOT"),
            }
        }
        _ => return Err("Unknown section".to_owned()),
    };
    label.push(']');
    let partial = partial(&tail)?;
    if let Some((from, _)) = partial {
        label.push_str(&format!("<{from}>"));
    }
    Ok(Section {
        label,
        path,
        what,
        partial,
        peek,
    })
}

/// `<first.length>` or nothing.
fn partial(text: &str) -> Result<Option<(usize, usize)>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let inside = text.strip_prefix('<').and_then(|t| t.strip_suffix('>'));
    let bounds = inside
        .and_then(|t| t.split_once('.'))
        .and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    bounds
        .map(Some)
        .ok_or_else(|| "Bad partial range".to_owned())
}

/// The whole FETCH line for one message.
pub(crate) fn answer(
    number: u32,
    message: &StoredMessage,
    items: &[Item],
    style: Style,
) -> Vec<u8> {
    let mut line = format!("* {number} FETCH (").into_bytes();
    // Parsing costs, and most FETCHes ask for flags only.
    let deep = items.iter().any(|i| {
        matches!(
            i,
            Item::Envelope | Item::Body | Item::BodyStructure | Item::Section(_)
        )
    });
    let part = deep.then(|| Part::parse(&message.bytes));
    let mut order: Vec<&Item> = items.iter().collect();
    if style.quirks.uid_last {
        order.sort_by_key(|i| **i == Item::Uid);
    }
    for (n, item) in order.into_iter().enumerate() {
        if n > 0 {
            line.push(b' ');
        }
        match (item, &part) {
            (Item::Section(section), Some(part)) => {
                write_section(section, &message.bytes, part, &mut line)
            }
            (Item::Envelope, Some(part)) => {
                line.extend_from_slice(b"ENVELOPE ");
                structure::envelope(part, style.quirks.raw_utf8_envelope, &mut line);
            }
            (Item::Body | Item::BodyStructure, Some(part)) => {
                let extended = *item == Item::BodyStructure;
                line.extend_from_slice(if extended {
                    b"BODYSTRUCTURE "
                } else {
                    b"BODY "
                });
                structure::body(part, extended, &mut line);
            }
            _ => line.extend(plain(item, message, style).into_bytes()),
        }
    }
    line.extend_from_slice(b")\r\n");
    line
}

fn plain(item: &Item, message: &StoredMessage, style: Style) -> String {
    match item {
        Item::Flags => format!("FLAGS ({})", message.flags.join(" ")),
        Item::Uid => format!("UID {}", message.uid),
        Item::InternalDate => format!("INTERNALDATE \"{}\"", clock::imap(message.internal_date)),
        Item::ModSeq => format!("MODSEQ ({})", message.modseq),
        Item::Size if style.quirks.negative_size => "RFC822.SIZE -1".to_owned(),
        _ => format!("RFC822.SIZE {}", message.bytes.len()),
    }
}

fn write_section(section: &Section, message: &[u8], part: &Part<'_>, line: &mut Vec<u8>) {
    line.extend_from_slice(section.label.as_bytes());
    let Some(mut bytes) = bytes_of(section, message, part) else {
        line.extend_from_slice(b" NIL");
        return;
    };
    if let Some((from, length)) = section.partial {
        let from = from.min(bytes.len());
        let to = from.saturating_add(length).min(bytes.len());
        bytes = bytes[from..to].to_vec();
    }
    line.extend_from_slice(format!(" {{{}}}\r\n", bytes.len()).as_bytes());
    line.extend(bytes);
}

fn bytes_of(section: &Section, message: &[u8], root: &Part<'_>) -> Option<Vec<u8>> {
    let part = root.at(&section.path)?;
    // HEADER and TEXT of a part mean those of the message it encloses.
    let inner = if section.path.is_empty() {
        Some(root)
    } else {
        part.children.first().filter(|_| part.is_message())
    };
    match &section.what {
        What::All if section.path.is_empty() => Some(message.to_vec()),
        What::All => Some(part.body.to_vec()),
        What::Mime => Some(part.header.to_vec()),
        What::Header => inner.map(|m| m.header.to_vec()),
        What::Text => inner.map(|m| m.body.to_vec()),
        What::Fields { names, except } => {
            let chosen = |raw: &crate::mime::Field<'_>| names.iter().any(|n| raw.is(n)) != *except;
            let mut out: Vec<u8> = Vec::new();
            for field in fields(inner?.header).into_iter().filter(chosen) {
                out.extend_from_slice(field.raw);
            }
            out.extend_from_slice(b"\r\n");
            Some(out)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LETTER: &[u8] =
        b"Subject: x\r\nFrom: a@b\r\nContent-Type: multipart/mixed; boundary=k\r\n\r\n\
        --k\r\n\r\none\r\n--k\r\nContent-Type: application/pdf\r\n\r\nPDF\r\n--k--\r\n";

    fn ask(what: &str) -> String {
        let message = StoredMessage {
            uid: 7,
            flags: vec!["\\Seen".into()],
            internal_date: 0,
            modseq: 3,
            bytes: LETTER.into(),
        };
        let mut p = Parser::new(what.as_bytes());
        let items = items(&mut p).unwrap();
        p.end().unwrap();
        String::from_utf8(answer(1, &message, &items, Style::default())).unwrap()
    }

    #[test]
    fn pieces_of_a_message() {
        assert_eq!(
            ask("(UID BODY.PEEK[2])"),
            "* 1 FETCH (UID 7 BODY[2] {3}\r\nPDF)\r\n"
        );
        assert_eq!(
            ask("BODY[HEADER.FIELDS (From X)]<0.4>"),
            "* 1 FETCH (BODY[HEADER.FIELDS (From X)]<0> {4}\r\nFrom)\r\n"
        );
        assert_eq!(
            ask("BODY[2.MIME]"),
            "* 1 FETCH (BODY[2.MIME] {33}\r\nContent-Type: application/pdf\r\n\r\n)\r\n"
        );
        assert_eq!(ask("BODY[9]"), "* 1 FETCH (BODY[9] NIL)\r\n");
        assert_eq!(ask("BODY[1]<90.5>"), "* 1 FETCH (BODY[1]<90> {0}\r\n)\r\n");
        assert!(ask("(FLAGS MODSEQ)").contains("FLAGS (\\Seen) MODSEQ (3)"));
        assert!(ask("FAST").contains("INTERNALDATE \"01-Jan-1970 07:00:00 +0700\""));
    }

    #[test]
    fn unknown_items_are_refused() {
        for bad in ["X", "BODY[1.X]", "BODY[]<1>", "BODY[MIME]", "(FLAGS"] {
            assert!(items(&mut Parser::new(bad.as_bytes())).is_err(), "{bad}");
        }
    }
}
