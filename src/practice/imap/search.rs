//! SEARCH (RFC 3501, 6.4.4; ESEARCH, RFC 4731): the question read into a tree, asked of each
//! message. Texts are compared in lower case, undecoded in HEADER and TEXT beyond encoded words.

use mail_parser::MessageParser;

use crate::clock;
use crate::folder::StoredMessage;
use crate::mime::Part;

use super::parser::{Parser, Set, Wrong, write_set};

/// A SEARCH command.
#[derive(Debug)]
pub(crate) struct Query {
    pub key: Key,
    /// ESEARCH results wanted; `None` for the old form.
    pub returns: Option<Vec<String>>,
    /// MODSEQ was asked about, so the highest one is told.
    pub modseq: bool,
}

/// One condition.
#[derive(Debug)]
pub(crate) enum Key {
    All,
    And(Vec<Key>),
    Or(Box<Key>, Box<Key>),
    Not(Box<Key>),
    Numbers(Set),
    Uids(Set),
    Flag(String),
    Header(String, String),
    Body(String),
    Text(String),
    /// First day and the day after the last one, of arrival or of the Date header.
    Days {
        from: i64,
        to: i64,
        sent: bool,
    },
    Larger(u64),
    Smaller(u64),
    ModSeq(u64),
}

/// Deepest nesting of NOT, OR and parentheses.
const MAX_DEPTH: usize = 50;

pub(crate) fn read(p: &mut Parser<'_>) -> Result<Query, Wrong> {
    let mut returns = None;
    if p.take_word("RETURN") {
        p.space()?;
        let mut wanted = p.list(|p| p.atom().map(str::to_ascii_uppercase))?;
        if wanted.is_empty() {
            wanted.push("ALL".to_owned());
        }
        returns = Some(wanted);
        p.space()?;
    }
    if p.take_word("CHARSET") {
        p.space()?;
        let charset = p.text()?;
        if !["UTF-8", "US-ASCII"]
            .iter()
            .any(|c| charset.eq_ignore_ascii_case(c))
        {
            return Err("Unknown charset".to_owned());
        }
        p.space()?;
    }
    let mut keys = vec![key(p, 0)?];
    while p.take(b' ') {
        keys.push(key(p, 0)?);
    }
    p.end()?;
    let modseq = keys.iter().any(|k| matches!(k, Key::ModSeq(_)));
    Ok(Query {
        key: Key::And(keys),
        returns,
        modseq,
    })
}

fn key(p: &mut Parser<'_>, depth: usize) -> Result<Key, Wrong> {
    if depth > MAX_DEPTH {
        return Err("Too deep".to_owned());
    }
    if p.peek() == Some(b'(') {
        return Ok(Key::And(p.list(|p| key(p, depth + 1))?));
    }
    if p.peek().is_some_and(|b| b.is_ascii_digit() || b == b'*') {
        return Ok(Key::Numbers(p.set()?));
    }
    let word = p.atom()?.to_ascii_uppercase();
    let not = |key| Ok(Key::Not(Box::new(key)));
    let flag = |name: &str| Key::Flag(name.to_owned());
    match word.as_str() {
        "ALL" | "OLD" => Ok(Key::All),
        "RECENT" | "NEW" => not(Key::All),
        "SEEN" => Ok(flag("\\Seen")),
        "ANSWERED" => Ok(flag("\\Answered")),
        "FLAGGED" => Ok(flag("\\Flagged")),
        "DELETED" => Ok(flag("\\Deleted")),
        "DRAFT" => Ok(flag("\\Draft")),
        "UNSEEN" => not(flag("\\Seen")),
        "UNANSWERED" => not(flag("\\Answered")),
        "UNFLAGGED" => not(flag("\\Flagged")),
        "UNDELETED" => not(flag("\\Deleted")),
        "UNDRAFT" => not(flag("\\Draft")),
        _ => {
            p.space()?;
            with_argument(p, &word, depth)
        }
    }
}

fn with_argument(p: &mut Parser<'_>, word: &str, depth: usize) -> Result<Key, Wrong> {
    Ok(match word {
        "NOT" => Key::Not(Box::new(key(p, depth + 1)?)),
        "OR" => {
            let one = key(p, depth + 1)?;
            p.space()?;
            Key::Or(Box::new(one), Box::new(key(p, depth + 1)?))
        }
        "UID" => Key::Uids(p.set()?),
        "KEYWORD" => Key::Flag(p.atom()?.to_owned()),
        "UNKEYWORD" => Key::Not(Box::new(Key::Flag(p.atom()?.to_owned()))),
        "HEADER" => {
            let name = p.text()?;
            p.space()?;
            Key::Header(name, p.text()?.to_lowercase())
        }
        "SUBJECT" | "FROM" | "TO" | "CC" | "BCC" => {
            Key::Header(word.to_owned(), p.text()?.to_lowercase())
        }
        "BODY" => Key::Body(p.text()?.to_lowercase()),
        "TEXT" => Key::Text(p.text()?.to_lowercase()),
        "LARGER" => Key::Larger(p.number()?),
        "SMALLER" => Key::Smaller(p.number()?),
        "MODSEQ" => Key::ModSeq(p.number()?),
        _ => {
            let (sent, which) = match word.strip_prefix("SENT") {
                Some(which) => (true, which),
                None => (false, word),
            };
            if !["SINCE", "BEFORE", "ON"].contains(&which) {
                return Err("Unknown search key".to_owned());
            }
            let day = clock::parse_day(&p.text()?).ok_or("Bad date")?;
            match which {
                "SINCE" => Key::Days {
                    from: day,
                    to: i64::MAX,
                    sent,
                },
                "BEFORE" => Key::Days {
                    from: i64::MIN,
                    to: day,
                    sent,
                },
                _ => Key::Days {
                    from: day,
                    to: day + 1,
                    sent,
                },
            }
        }
    })
}

impl Key {
    /// Whether the message with this sequence number fits; `highest` number and UID stand for `*`.
    pub fn fits(&self, number: u32, message: &StoredMessage, highest: (u32, u32)) -> bool {
        let size = message.bytes.len() as u64;
        match self {
            Key::All => true,
            Key::And(keys) => keys.iter().all(|k| k.fits(number, message, highest)),
            Key::Or(a, b) => a.fits(number, message, highest) || b.fits(number, message, highest),
            Key::Not(key) => !key.fits(number, message, highest),
            Key::Numbers(set) => set.contains(number, highest.0),
            Key::Uids(set) => set.contains(message.uid, highest.1),
            Key::Flag(flag) => message.has(flag),
            Key::Larger(n) => size > *n,
            Key::Smaller(n) => size < *n,
            Key::ModSeq(n) => message.modseq >= *n,
            Key::Header(name, text) => header_has(message, name, text),
            Key::Body(text) => body_has(message, text),
            Key::Text(text) => {
                let header =
                    String::from_utf8_lossy(Part::parse(&message.bytes).header).to_lowercase();
                header.contains(text)
                    || header_has(message, "Subject", text)
                    || body_has(message, text)
            }
            Key::Days { from, to, sent } => {
                let day = if *sent {
                    sent_day(message)
                } else {
                    Some(clock::day_of(message.internal_date))
                };
                day.is_some_and(|d| (*from..*to).contains(&d))
            }
        }
    }
}

fn header_has(message: &StoredMessage, name: &str, text: &str) -> bool {
    let part = Part::parse(&message.bytes);
    let Some(raw) = part.field(name) else {
        return false;
    };
    // Decoded through the parser, which joins and decodes encoded words.
    let as_subject = format!("Subject: {raw}\r\n\r\n");
    let decoded = MessageParser::default().parse_headers(as_subject.as_bytes());
    let decoded = decoded
        .and_then(|m| m.subject().map(str::to_lowercase))
        .unwrap_or_default();
    raw.to_lowercase().contains(text) || decoded.contains(text)
}

fn body_has(message: &StoredMessage, text: &str) -> bool {
    let Some(parsed) = MessageParser::default().parse(&*message.bytes) else {
        return false;
    };
    let count = parsed.text_body_count();
    (0..count)
        .filter_map(|n| parsed.body_text(n))
        .any(|t| t.to_lowercase().contains(text))
}

fn sent_day(message: &StoredMessage) -> Option<i64> {
    let parsed = MessageParser::default().parse_headers(&*message.bytes)?;
    let date = parsed.date()?;
    // The day as written, whatever its zone (RFC 3501: SENTSINCE disregards time and zone).
    let date = jiff::civil::Date::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    );
    clock::days(date.ok()?)
}

/// The untagged answer; the pair is "by UID" and the command's tag.
pub(crate) fn answer(
    query: &Query,
    found: &[u32],
    modseq: Option<u64>,
    (by_uid, tag): (bool, &str),
) -> String {
    let Some(returns) = &query.returns else {
        let numbers: String = found.iter().map(|n| format!(" {n}")).collect();
        let modseq = modseq.map_or(String::new(), |m| format!(" (MODSEQ {m})"));
        return format!("* SEARCH{numbers}{modseq}\r\n");
    };
    let mut line = format!("* ESEARCH (TAG {})", super::list::quoted(tag));
    if by_uid {
        line.push_str(" UID");
    }
    for wanted in returns {
        match (wanted.as_str(), found.first(), found.last()) {
            ("COUNT", ..) => line.push_str(&format!(" COUNT {}", found.len())),
            ("MIN", Some(n), _) | ("MAX", _, Some(n)) => line.push_str(&format!(" {wanted} {n}")),
            ("ALL", Some(_), _) => line.push_str(&format!(" ALL {}", write_set(found))),
            _ => {}
        }
    }
    if let Some(modseq) = modseq {
        line.push_str(&format!(" MODSEQ {modseq}"));
    }
    line + "\r\n"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hits(question: &str) -> bool {
        let message = StoredMessage {
            uid: 9,
            flags: vec!["\\Seen".into()],
            internal_date: 1_769_902_200,
            modseq: 4,
            bytes: "Message-ID: <a@x>\r\nDate: Sat, 31 Jan 2026 10:00:00 +0700\r\nSubject: =?utf-8?Q?L=E1=BB=8Bch?=\r\n\r\nHọp giao ban".as_bytes().into(),
        };
        read(&mut Parser::new(question.as_bytes()))
            .unwrap()
            .key
            .fits(2, &message, (2, 9))
    }

    #[test]
    fn questions() {
        for yes in [
            "ALL",
            "2",
            "*",
            "UID 9:20",
            "SEEN",
            "HEADER Message-ID <a@x>",
            "SUBJECT lịch",
            "BODY \"giao ban\"",
            "ON 1-Feb-2026",
            "SENTON 31-Jan-2026",
            "OR UNSEEN SEEN",
            "NOT (UNSEEN LARGER 3)",
            "MODSEQ 4",
            "TEXT lịch",
            "LARGER 3 SMALLER 3000",
        ] {
            assert!(hits(yes), "{yes}");
        }
        for no in [
            "1",
            "UID 1:8",
            "UNSEEN",
            "KEYWORD x",
            "SINCE 2-Feb-2026",
            "BEFORE 1-Feb-2026",
            "HEADER X-None \"\"",
            "NEW",
            "SEEN LARGER 9999",
        ] {
            assert!(!hits(no), "{no}");
        }
        for bad in [
            "",
            "NONSENSE 1",
            "SINCE yesterday",
            "CHARSET KOI8-R ALL",
            "OR SEEN",
        ] {
            assert!(read(&mut Parser::new(bad.as_bytes())).is_err(), "{bad}");
        }
        assert!(read(&mut Parser::new("NOT ".repeat(90).as_bytes())).is_err());
    }
}
