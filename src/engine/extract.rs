//! The text of attachments, for the search index.
//!
//! [`text_of`] turns the bytes of one file into text, bounded in every direction. It runs in a
//! child process of the same program ([`child`]), because the libraries that read strangers' files
//! may hang, overflow the stack or take all memory: that then costs one file. The loop that reads
//! what the mailbox holds, newest first and when nobody waits for the machine, is [`background`].
//!
//! Nothing here knows of SQL; what was read is kept by `store::extracts`.

mod archive;
mod background;
mod child;
mod kind;
mod legacy;
mod office;
mod pdf;
mod sheet;
#[cfg(test)]
mod tests;
mod xml;

use serde::{Deserialize, Serialize};
use tcv_domain::message::MessageId;
use tcv_domain::mime;
use tcv_domain::text::nfc;

pub use background::Extraction;
pub(crate) use background::{Desk, start};
pub use child::serve;
use kind::Kind;

/// Grows when files are read better: what gave no text before is then read once more.
pub(crate) const VERSION: i64 = 1;

/// Bytes of text kept of a file. A page has 2 to 3 KB: this is a book.
const MOST_TEXT: usize = 1 << 20;

/// Pages, slides and sheets read of a file.
const MOST_PAGES: usize = 2_000;

/// What was made of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtractState {
    /// Files of this kind have no text, or none that is read.
    OtherKind,
    /// Its text is in the index.
    Text,
    /// It has no text: a scan, a drawing, an empty form.
    NoText,
    /// It is larger than the agency's profile lets be read.
    TooLarge,
    /// It cannot be read without a password.
    Protected,
    /// It is damaged, or not what it says it is.
    Damaged,
    /// Reading it took too long, too much memory, or broke the reader.
    Failed,
}

/// What reading a file gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) state: ExtractState,
    /// In NFC; empty unless the state is [`ExtractState::Text`].
    pub(crate) text: String,
}

impl Outcome {
    pub(crate) const fn without_text(state: ExtractState) -> Self {
        let text = String::new();
        Self { state, text }
    }
}

/// An attachment that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extract {
    /// Its place among the attachments of the message.
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
}

/// A message whose attachments wait to be read.
pub(crate) type Waiting = MessageId;

/// Why a file gave no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Damaged,
    Protected,
    /// It would unpack to far more than it is.
    Bomb,
}

type Read = Result<(), Fault>;

/// Text as it grows, up to [`MOST_TEXT`].
#[derive(Default)]
struct Text {
    out: String,
}

impl Text {
    fn push(&mut self, text: &str) {
        let room = MOST_TEXT.saturating_sub(self.out.len());
        let end = text.floor_char_boundary(room);
        self.out.push_str(text.get(..end).unwrap_or_default());
        if end < text.len() {
            // So that nothing shorter slips in behind what was cut.
            self.out.extend(std::iter::repeat_n(' ', room - end));
        }
    }

    /// Ends a line, a cell or a page; several in a row are one.
    fn end(&mut self, mark: char) {
        if !self.out.is_empty() && !self.out.ends_with(['\n', mark]) {
            self.push(mark.encode_utf8(&mut [0; 4]));
        }
    }

    fn is_full(&self) -> bool {
        self.out.len() >= MOST_TEXT
    }
}

/// Whether a file may have text that is read. Asked before a process is started for it.
fn may_have_text(name: &str, media_type: &str) -> bool {
    Kind::by_label(name, media_type).is_some()
}

/// Reads a file. Run in the child process: nothing shields the caller from a panic, a stack
/// overflow or an endless loop.
fn text_of(name: &str, media_type: &str, bytes: &[u8]) -> Outcome {
    let Some(kind) = Kind::of(name, media_type, bytes) else {
        return Outcome::without_text(ExtractState::OtherKind);
    };
    let mut text = Text::default();
    let read = match kind {
        Kind::Pdf => pdf::read(bytes, &mut text),
        Kind::Word => office::word(bytes, &mut text),
        Kind::Slides => office::slides(bytes, &mut text),
        Kind::OpenDocument => office::open_document(bytes, &mut text),
        Kind::Sheet => sheet::read(bytes, &mut text),
        Kind::Archive => archive::names(bytes, &mut text),
        Kind::Compound => legacy::read(bytes, &mut text),
        Kind::Rtf => given(&mut text, &mime::text_of_rtf(bytes)),
        Kind::Html => given(&mut text, &mime::text_of_html(bytes)),
        Kind::Plain => given(&mut text, &mime::text_of_file(bytes)),
        Kind::Calendar => given(&mut text, &calendar(&mime::text_of_file(bytes))),
        Kind::Message => given(&mut text, &message(bytes)),
    };
    match read {
        // What was read before the damage is as good as any.
        Ok(()) | Err(Fault::Damaged) if has_words(&text.out) => Outcome {
            state: ExtractState::Text,
            text: finished(&text.out),
        },
        Ok(()) => Outcome::without_text(ExtractState::NoText),
        Err(Fault::Damaged) => Outcome::without_text(ExtractState::Damaged),
        Err(Fault::Protected) => Outcome::without_text(ExtractState::Protected),
        Err(Fault::Bomb) => Outcome::without_text(ExtractState::Failed),
    }
}

fn given(text: &mut Text, found: &str) -> Read {
    text.push(found);
    Ok(())
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// As it is kept: composed, of old fonts made Unicode, without what is no text.
fn finished(text: &str) -> String {
    let text = mime::mend_tcvn3(text).unwrap_or_else(|| nfc(text).into_owned());
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            // A soft hyphen stands inside a word; the others are marks of bytes not understood.
            '\u{ad}' | '\u{fffd}' | '\u{feff}' | '\0' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A calendar file: its folded lines joined (RFC 5545 §3.1), its escapes read (§3.3.11).
fn calendar(file: &str) -> String {
    file.replace("\r\n", "\n")
        .replace("\n ", "")
        .replace("\n\t", "")
        .replace("\\n", "\n")
        .replace("\\N", "\n")
        .replace('\\', "")
}

/// A message that is attached: subject, people, text. Its attachments are listed with those of the
/// message around it.
fn message(bytes: &[u8]) -> String {
    let content = mime::parse(bytes);
    let envelope = &content.envelope;
    let mut out = format!("{}\n", envelope.subject);
    let people = envelope.from.iter().chain(&envelope.to).chain(&envelope.cc);
    for person in people {
        out.push_str(&format!("{} {}\n", person.name, person.address));
    }
    out.push_str(&content.all_text());
    for attachment in &content.attachments {
        out.push('\n');
        out.push_str(&attachment.name);
    }
    out
}
