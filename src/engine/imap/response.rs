//! What untagged and tagged responses say, as far as the program wants to know.
//!
//! Unknown items are stepped over, in any order. A response that cannot be read is an `Err` that
//! costs only itself: the caller counts it.

use tcv_domain::message::{Flags, UnixTime};
use tcv_domain::plan::UidSet;

use super::namespace::{self, Namespace, Space};
use super::quota::{self, Quota};
use super::structure::{self, Structure};
use super::token::{Cursor, Text};
use super::utf7;
use super::wire::Raw;

/// The outcome a server reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done.
    Ok,
    /// Refused.
    No,
    /// Not understood.
    Bad,
    /// Already signed in (greeting only).
    Preauth,
    /// The server hangs up.
    Bye,
}

/// Machine-readable code of a status response (RFC 9051 §7.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// `CAPABILITY`
    Capability(Vec<String>),
    /// `UIDVALIDITY`
    UidValidity(u32),
    /// `UIDNEXT`
    UidNext(u32),
    /// `HIGHESTMODSEQ`
    HighestModSeq(u64),
    /// `NOMODSEQ`: this folder keeps none.
    NoModSeq,
    /// `APPENDUID`: the UID the new message got.
    AppendUid(UidSet),
    /// `COPYUID`: UIDs there and the UIDs they got, pairwise.
    CopyUid(UidSet, UidSet),
    /// Any other, upper case, without arguments.
    Other(String),
}

/// A status response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The outcome.
    pub(crate) status: Status,
    /// Its code.
    pub(crate) code: Option<Code>,
    /// The server's words.
    pub(crate) text: String,
}

/// A folder as listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Attributes without backslash, lower case.
    pub(crate) attributes: Vec<String>,
    /// Level separator.
    pub(crate) delimiter: Option<char>,
    /// The name as written.
    pub(crate) raw_name: String,
    /// The name as read, levels joined by `/`.
    pub(crate) name: String,
    /// Whose folder it is; known once the namespaces are.
    pub(crate) space: Space,
}

/// Figures of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// The folder's name as written.
    pub(crate) raw_name: String,
    /// Messages in it.
    pub(crate) messages: Option<u32>,
    /// The UID the next message gets at least.
    pub(crate) uidnext: Option<u32>,
    /// The validity of its UIDs.
    pub(crate) uidvalidity: Option<u32>,
    /// Its highest mod-sequence.
    pub(crate) highestmodseq: Option<u64>,
}

/// What a FETCH response says of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// Its UID; unsolicited responses may lack it.
    pub(crate) uid: Option<u32>,
    /// Its flags.
    pub(crate) flags: Option<Flags>,
    /// When the server got it.
    pub(crate) internal_date: Option<UnixTime>,
    /// RFC822.SIZE.
    pub(crate) size: Option<u64>,
    /// Its mod-sequence.
    pub(crate) modseq: Option<u64>,
    /// Header fields that were asked for.
    pub(crate) header: Option<Vec<u8>>,
    /// The whole message.
    pub(crate) body: Option<Vec<u8>>,
    /// BODYSTRUCTURE, where it makes sense.
    pub(crate) structure: Option<Structure>,
    /// Other sections that were asked for, by their names in upper case (`1.2`, `1.2.MIME`).
    pub(crate) sections: Vec<(String, Option<Vec<u8>>)>,
    /// Part of it was larger than we hold.
    pub(crate) too_large: bool,
}

/// An untagged response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Untagged {
    /// `OK`, `NO`, `BAD`, `PREAUTH`, `BYE`
    Status(Answer),
    /// `CAPABILITY`
    Capability(Vec<String>),
    /// `ENABLED`
    Enabled(Vec<String>),
    /// `LIST`, `LSUB`, `XLIST`
    List(Box<Listed>),
    /// `NAMESPACE`
    Namespaces(Vec<Namespace>),
    /// `QUOTA`
    Quota(Quota),
    /// `STATUS`
    Figures(Figures),
    /// `EXISTS`
    Exists(u32),
    /// `EXPUNGE`
    Expunge(u32),
    /// `VANISHED` (RFC 7162 §3.2.10)
    Vanished {
        /// Whether it tells of the time before the folder was selected.
        earlier: bool,
        /// Those gone.
        uids: UidSet,
    },
    /// `SEARCH` or `ESEARCH`
    Found(UidSet),
    /// `FETCH`
    Fetch(Box<Fetched>),
    /// Something else, well-formed or not our business.
    Other,
}

/// The response cannot be read. Its text is withheld: it may be a mail's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Reads an untagged response.
pub(super) fn untagged(raw: Raw) -> Result<Untagged, Unreadable> {
    if raw.spoiled {
        return Err(Unreadable);
    }
    read(&mut Cursor::new(raw)).ok_or(Unreadable)
}

fn read(cursor: &mut Cursor) -> Option<Untagged> {
    cursor.eat(b'*');
    cursor.spaces();
    let word = cursor.word().to_ascii_uppercase();
    cursor.spaces();
    if word.bytes().all(|byte| byte.is_ascii_digit()) && !word.is_empty() {
        return numbered(word.parse().ok()?, cursor);
    }
    match word.as_str() {
        "OK" | "NO" | "BAD" | "BYE" | "PREAUTH" => status(&word, cursor).map(Untagged::Status),
        "CAPABILITY" => Some(Untagged::Capability(words(cursor))),
        "ENABLED" => Some(Untagged::Enabled(words(cursor))),
        "LIST" | "LSUB" | "XLIST" => list(cursor).map(|list| Untagged::List(Box::new(list))),
        "NAMESPACE" => namespace::read(cursor).map(Untagged::Namespaces),
        "QUOTA" => quota::read(cursor).map(Untagged::Quota),
        "STATUS" => figures(cursor).map(Untagged::Figures),
        "SEARCH" => Some(Untagged::Found(search(cursor))),
        "ESEARCH" => esearch(cursor).map(Untagged::Found),
        "VANISHED" => vanished(cursor),
        _ => Some(Untagged::Other),
    }
}

fn numbered(number: u32, cursor: &mut Cursor) -> Option<Untagged> {
    match cursor.word().to_ascii_uppercase().as_str() {
        "EXISTS" => Some(Untagged::Exists(number)),
        "EXPUNGE" => Some(Untagged::Expunge(number)),
        "FETCH" => {
            cursor.spaces();
            fetch(cursor).map(|fetched| Untagged::Fetch(Box::new(fetched)))
        }
        _ => Some(Untagged::Other),
    }
}

/// Reads what follows the tag of a tagged response.
pub(super) fn answer(text: &[u8]) -> Result<Answer, Unreadable> {
    let raw = Raw {
        text: text.to_vec(),
        ..Raw::default()
    };
    let mut cursor = Cursor::new(raw);
    let word = cursor.word().to_ascii_uppercase();
    cursor.spaces();
    status(&word, &mut cursor).ok_or(Unreadable)
}

fn status(word: &str, cursor: &mut Cursor) -> Option<Answer> {
    let status = match word {
        "OK" => Status::Ok,
        "NO" => Status::No,
        "BAD" => Status::Bad,
        "BYE" => Status::Bye,
        "PREAUTH" => Status::Preauth,
        _ => return None,
    };
    let code = cursor.bracketed().map(|inner| code(&inner));
    cursor.spaces();
    Some(Answer {
        status,
        code,
        text: cursor.rest(),
    })
}

fn code(inner: &str) -> Code {
    let (name, arguments) = inner.split_once(' ').unwrap_or((inner, ""));
    let name = name.to_ascii_uppercase();
    known_code(&name, arguments).unwrap_or(Code::Other(name))
}

fn known_code(name: &str, arguments: &str) -> Option<Code> {
    let mut parts = arguments.split(' ').filter(|part| !part.is_empty());
    Some(match name {
        "CAPABILITY" => Code::Capability(parts.map(str::to_ascii_uppercase).collect()),
        "UIDVALIDITY" => Code::UidValidity(parts.next()?.parse().ok()?),
        "UIDNEXT" => Code::UidNext(parts.next()?.parse().ok()?),
        "HIGHESTMODSEQ" => Code::HighestModSeq(parts.next()?.parse().ok()?),
        "NOMODSEQ" => Code::NoModSeq,
        "APPENDUID" => Code::AppendUid(UidSet::parse(parts.nth(1)?)?),
        "COPYUID" => {
            let (from, to) = (parts.nth(1)?, parts.next()?);
            Code::CopyUid(UidSet::parse(from)?, UidSet::parse(to)?)
        }
        _ => return None,
    })
}

fn words(cursor: &Cursor) -> Vec<String> {
    cursor
        .rest()
        .split_ascii_whitespace()
        .map(str::to_ascii_uppercase)
        .collect()
}

fn list(cursor: &mut Cursor) -> Option<Listed> {
    let attributes = cursor.atoms()?;
    cursor.spaces();
    let delimiter = match cursor.text()? {
        Text::Bytes(bytes) => String::from_utf8_lossy(&bytes).chars().next(),
        Text::Nil | Text::TooLarge => None,
    };
    cursor.spaces();
    let Text::Bytes(bytes) = cursor.text()? else {
        return None;
    };
    // A name in no encoding we know cannot be sent back either: such a folder is left out.
    let raw_name = String::from_utf8(bytes).ok()?;
    let name = levels(&utf7::decode(&raw_name), delimiter);
    let attributes = attributes
        .iter()
        .map(|attribute| attribute.trim_start_matches('\\').to_ascii_lowercase())
        .collect();
    Some(Listed {
        attributes,
        delimiter,
        raw_name,
        name,
        space: Space::Personal,
    })
}

/// A name with its levels joined by `/`.
fn levels(name: &str, delimiter: Option<char>) -> String {
    match delimiter {
        Some(delimiter) if delimiter != '/' => name.replace(delimiter, "/"),
        _ => name.to_owned(),
    }
}

impl Listed {
    /// Reads the name as UTF-8, not as modified UTF-7: `&` means nothing in it.
    pub(super) fn with_plain_name(mut self) -> Self {
        self.name = levels(&self.raw_name, self.delimiter);
        self
    }
}

fn figures(cursor: &mut Cursor) -> Option<Figures> {
    let mut figures = Figures {
        raw_name: cursor.string()?,
        ..Figures::default()
    };
    cursor.spaces();
    if !cursor.eat(b'(') {
        return None;
    }
    loop {
        cursor.spaces();
        if cursor.eat(b')') {
            return Some(figures);
        }
        let item = cursor.word().to_ascii_uppercase();
        if item.is_empty() {
            return None;
        }
        cursor.spaces();
        match item.as_str() {
            "MESSAGES" => figures.messages = cursor.number(),
            "UIDNEXT" => figures.uidnext = cursor.number(),
            "UIDVALIDITY" => figures.uidvalidity = cursor.number(),
            "HIGHESTMODSEQ" => figures.highestmodseq = cursor.number(),
            _ => cursor.skip()?,
        }
    }
}

fn search(cursor: &mut Cursor) -> UidSet {
    let mut set = UidSet::default();
    while let Some(uid) = cursor.number() {
        set.push(uid);
        cursor.spaces();
    }
    set
}

/// `ESEARCH (TAG "a1") UID COUNT 3 ALL 1:2,5` (RFC 9051 §7.3.4).
fn esearch(cursor: &mut Cursor) -> Option<UidSet> {
    let mut set = UidSet::default();
    if cursor.peek() == Some(b'(') {
        cursor.skip()?;
    }
    cursor.spaces();
    loop {
        let item = cursor.word().to_ascii_uppercase();
        cursor.spaces();
        match item.as_str() {
            "" => return Some(set),
            "UID" => {}
            "ALL" => set.extend(&UidSet::parse(&cursor.word())?),
            _ => cursor.skip()?,
        }
        cursor.spaces();
    }
}

fn vanished(cursor: &mut Cursor) -> Option<Untagged> {
    let mut earlier = false;
    if cursor.peek() == Some(b'(') {
        earlier = cursor
            .atoms()?
            .iter()
            .any(|atom| atom.eq_ignore_ascii_case("EARLIER"));
        cursor.spaces();
    }
    let uids = UidSet::parse(&cursor.word())?;
    Some(Untagged::Vanished { earlier, uids })
}

fn fetch(cursor: &mut Cursor) -> Option<Fetched> {
    let mut fetched = Fetched::default();
    if !cursor.eat(b'(') {
        return None;
    }
    loop {
        cursor.spaces();
        if cursor.eat(b')') {
            return Some(fetched);
        }
        let item = cursor.word().to_ascii_uppercase();
        if item.is_empty() {
            return None;
        }
        let section = cursor.bracketed();
        if cursor.peek() == Some(b'<') {
            cursor.word(); // where a partial fetch begins; none is ever asked for
        }
        cursor.spaces();
        match (item.as_str(), section.as_deref()) {
            ("UID", _) => fetched.uid = Some(cursor.number()?),
            ("FLAGS", _) => fetched.flags = Some(flags(&cursor.atoms()?)),
            ("INTERNALDATE", _) => fetched.internal_date = date(&cursor.string()?),
            ("RFC822.SIZE", _) => fetched.size = cursor.size(),
            ("MODSEQ", _) => fetched.modseq = cursor.atoms()?.first().and_then(|n| n.parse().ok()),
            ("BODY", Some("")) | ("RFC822", _) => {
                fetched.body = content(cursor, &mut fetched.too_large)?;
            }
            ("BODY", Some(part)) if part.to_ascii_uppercase().starts_with("HEADER") => {
                fetched.header = content(cursor, &mut fetched.too_large)?;
            }
            ("BODY", Some(section)) => {
                let bytes = content(cursor, &mut fetched.too_large)?;
                fetched.sections.push((section.to_ascii_uppercase(), bytes));
            }
            ("BODYSTRUCTURE", None) => fetched.structure = structure::read(cursor)?,
            _ => cursor.skip()?,
        }
    }
}

fn content(cursor: &mut Cursor, too_large: &mut bool) -> Option<Option<Vec<u8>>> {
    Some(match cursor.text()? {
        Text::Bytes(bytes) => Some(bytes),
        Text::Nil => None,
        Text::TooLarge => {
            *too_large = true;
            None
        }
    })
}

fn flags(names: &[String]) -> Flags {
    names
        .iter()
        .fold(Flags::empty(), |set, name| set.with(Flags::from_imap(name)))
}

/// `17-Jul-1996 02:44:25 -0700` (RFC 9051 `date-time`); absurd ones are none.
fn date(text: &str) -> Option<UnixTime> {
    let parsed = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim_start()).ok()?;
    Some(UnixTime(parsed.to_timestamp().ok()?.as_second()))
}

#[cfg(test)]
mod tests;
