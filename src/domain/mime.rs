//! From the bytes of a message to what a reader sees.
//!
//! The right part is chosen, nothing is hidden, and headers are repaired. How it looks is the
//! window's business; HTML is made readable by `html`.
//!
//! The parts are found by `tree`; files that hold files are opened by `attachment`. mail-parser
//! 0.11 overflows the stack on messages nested deep
//! enough and takes boundaries for found in the middle of lines. Rare charsets are its.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::html::{self, Block, Traps};
use crate::message::Envelope;

mod addresses;
mod archive;
mod attachment;
mod charset;
mod choose;
mod danger;
mod date;
mod document;
mod excerpt;
mod field;
mod file_name;
mod flowed;
mod kind;
mod loose;
mod params;
mod preview;
mod rtf;
mod tnef;
mod transfer;
mod tree;
mod uu;
mod vietnamese;

use choose::Choice;
pub use document::{Document, document, document_of_excerpt, document_of_text};
pub use excerpt::{OMITTED, Piece, PieceBody, excerpt};
use field::Field;
pub use file_name::sanitize_file_name;
pub use kind::FileKind;
pub use loose::{mend_tcvn3, text_of_file, text_of_html, text_of_rtf};

/// The moment a date names, written as in a header field; `None` where it names none after 1970.
#[must_use]
pub fn date(text: &str) -> Option<crate::message::UnixTime> {
    date::parse(text)
}

/// Messages in messages are shown so deep; further ones are files.
const DEEPEST_FORWARDED: u8 = 3;

/// So many embedded messages are shown below a message; further ones are files.
const MOST_FORWARDED: usize = 20;

/// A larger embedded message is a file only.
const LONGEST_FORWARDED: usize = 8 * 1024 * 1024;

/// Charsets a reader may ask for where a message names a wrong one, likeliest first: labels for
/// [`How::charset`].
pub const CHARSETS: [&str; 17] = [
    "utf-8",
    "windows-1258",
    "tcvn3",
    "vni",
    "viscii",
    "viqr",
    "windows-1252",
    "utf-7",
    "utf-16le",
    "gb18030",
    "big5",
    "shift_jis",
    "iso-2022-jp",
    "euc-kr",
    "windows-1251",
    "koi8-r",
    "windows-874",
];

/// Which part the shown text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextFrom {
    /// A text/plain part.
    Plain,
    /// A text/html part, made readable.
    Html,
}

/// An attachment as listed: everything that is not shown inline is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Position in the list; the handle for fetching its bytes with [`attachment_bytes`].
    pub index: usize,
    /// File name, decoded, NFC, safe as a file name on Windows and Linux; never empty.
    pub name: String,
    /// Declared media type, lower-case.
    pub media_type: String,
    /// Size of the decoded bytes; of what is on the server only, about.
    pub size: u64,
    /// Whether its bytes are not here: the message is an excerpt ([`parse_excerpt`]).
    pub on_server: bool,
    /// Whether it is referred to from the HTML (a picture in the text).
    pub inline: bool,
    /// What it is, by its first bytes before its name.
    pub kind: FileKind,
    /// Out of what it was taken, if it is no part of the message itself.
    pub inside: Option<Container>,
    /// Why it must not be opened without thought, if so: a rule's name such as `executable`.
    pub held: Option<String>,
}

/// What files lie in besides the parts of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// Outlook's `winmail.dat`, which is listed too.
    Tnef,
    /// Lines of uuencode in the text.
    Uuencode,
    /// A message that is shown below the text, and listed too.
    Message,
}

/// A message in a message, shown below its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarded {
    /// The attachment it is.
    pub index: usize,
    /// What is in it.
    pub content: Content,
}

/// A link in the text: what is shown and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Shown text.
    pub text: String,
    /// Target, only http, https, mailto or tel.
    pub target: String,
}

/// A message ready to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Who, to whom, when, what.
    pub envelope: Envelope,
    /// `Sender`, when it differs from `From`.
    pub sender: Option<Address>,
    /// The readable text in blocks.
    pub blocks: Vec<Block>,
    /// The same as plain text with `\n` line ends, for search, quoting and the command line.
    pub text: String,
    /// Where the text came from.
    pub text_from: TextFrom,
    /// Whether the message has an HTML part.
    pub html_present: bool,
    /// Links in reading order.
    pub links: Vec<Link>,
    /// Attachments, inline ones too.
    pub attachments: Vec<Attachment>,
    /// First words of the real text, one line, at most 160 characters.
    pub preview: String,
    /// Whether a text/calendar part is present.
    pub has_invitation: bool,
    /// Whether pictures from the network were left out.
    pub remote_images: bool,
    /// What its HTML holds that is never shown and tells of its maker's intent.
    pub traps: Traps,
    /// Messages it holds, to be shown below it.
    pub forwarded: Vec<Forwarded>,
}

impl Content {
    /// Everything there is to read: the text and that of the messages below it.
    #[must_use]
    pub fn all_text(&self) -> String {
        let mut all = self.text.clone();
        for Forwarded { content, .. } in &self.forwarded {
            all.push_str("\n\n");
            all.push_str(&content.envelope.subject);
            all.push_str("\n\n");
            all.push_str(&content.all_text());
        }
        all
    }
}

/// How a message is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How<'a> {
    /// Whether it is what [`excerpt`] put together.
    pub is_excerpt: bool,
    /// The charset of all its texts, whatever they declare: one of [`CHARSETS`] or any label.
    pub charset: Option<&'a str>,
}

/// Reads a message. Never fails: of the worst message its text is given as it is.
#[must_use]
pub fn parse(raw: &[u8]) -> Content {
    parse_as(raw, &How::default())
}

/// Reads what [`excerpt`] put together.
#[must_use]
pub fn parse_excerpt(raw: &[u8]) -> Content {
    let is_excerpt = true;
    parse_as(
        raw,
        &How {
            is_excerpt,
            ..How::default()
        },
    )
}

/// Reads a message in the way asked for.
#[must_use]
pub fn parse_as(raw: &[u8], how: &How<'_>) -> Content {
    read(raw, how, 0)
}

fn read(raw: &[u8], how: &How<'_>, depth: u8) -> Content {
    let parts = match how.is_excerpt {
        true => tree::parse_excerpt(raw),
        false => tree::parse(raw),
    };
    let mut choice = Choice::of(raw, &parts, how.charset);
    let mut shown = Shown::default();
    for at in choice.shown.clone() {
        shown.add(&mut choice, at);
    }
    if shown.blocks.is_empty() {
        shown.add_from_container(raw, &choice);
    }
    let forwarded = forwarded(raw, &choice, how, depth);
    let attachments = attachment::list(raw, &choice, &shown.content_ids, &forwarded);
    let written = &raw[field::split(raw).0];
    let header = header_as(written, how.charset);
    let mut envelope = envelope(&header);
    if let Some(subject) = field::first(written, "subject").filter(|_| how.charset.is_some()) {
        envelope.subject = field::decoded_as(subject.value, how.charset);
    }
    let sender = field::first(&header, "sender")
        .and_then(|field| addresses::parse(field.value).into_iter().next())
        .filter(|sender| {
            let is_sender = |author: &Address| author.same_mailbox(sender);
            !envelope.from.iter().any(is_sender)
        });
    Content {
        sender,
        envelope,
        links: links(&shown.blocks),
        preview: preview::of(&shown.blocks, &forwarded),
        text: shown.text,
        text_from: if shown.html {
            TextFrom::Html
        } else {
            TextFrom::Plain
        },
        html_present: parts
            .iter()
            .any(|part| part.is("text/html") && !part.is_attached()),
        attachments,
        has_invitation: parts.iter().any(|part| part.is("text/calendar")),
        remote_images: shown.remote_images,
        traps: shown.traps,
        blocks: shown.blocks,
        forwarded,
    }
}

/// A header whose 8-bit characters are of the charset asked for, in UTF-8.
fn header_as<'a>(header: &'a [u8], charset: Option<&str>) -> Cow<'a, [u8]> {
    match charset.filter(|label| !header.is_ascii() && charset::keeps_ascii(label)) {
        Some(label) => Cow::Owned(charset::forced(header, label).into_bytes()),
        None => Cow::Borrowed(header),
    }
}

/// The embedded messages that are shown.
fn forwarded(raw: &[u8], choice: &Choice<'_>, how: &How<'_>, depth: u8) -> Vec<Forwarded> {
    if how.is_excerpt || depth >= DEEPEST_FORWARDED {
        return Vec::new();
    }
    let small = |at: &&usize| choice.parts[**at].body.len() <= LONGEST_FORWARDED;
    choice
        .forwarded
        .iter()
        .filter(small)
        .take(MOST_FORWARDED)
        .filter_map(|at| {
            let index = choice.listed.iter().position(|listed| listed == at)?;
            let part = &choice.parts[*at];
            let inner = part.encoding.decode(&raw[part.body.clone()]);
            let content = read(&inner, how, depth + 1);
            Some(Forwarded { index, content })
        })
        .collect()
}

/// The decoded bytes of the attachment [`parse`] lists at `index`.
#[must_use]
pub fn attachment_bytes(raw: &[u8], index: usize) -> Option<Vec<u8>> {
    bytes_of(raw, index, 0)
}

/// The attachment [`parse`] lists at `index` as text, by its declared charset.
#[must_use]
pub fn attachment_text(raw: &[u8], index: usize) -> Option<String> {
    let parts = tree::parse(raw);
    let choice = Choice::of(raw, &parts, None);
    let declared = choice.listed.get(index).and_then(|at| parts.get(*at));
    let label = declared.and_then(|part| part.media.get("charset"));
    Some(charset::decode(&bytes_of(raw, index, 0)?, label))
}

fn bytes_of(raw: &[u8], index: usize, depth: u8) -> Option<Vec<u8>> {
    let parts = tree::parse(raw);
    let choice = Choice::of(raw, &parts, None);
    if let Some(at) = choice.listed.get(index) {
        let part = &parts[*at];
        return Some(part.encoding.decode(&raw[part.body.clone()]).into_owned());
    }
    let mut files = attachment::extracted(raw, &choice);
    let index = index - choice.listed.len();
    if index < files.len() {
        return Some(files.swap_remove(index).bytes);
    }
    let mut index = index - files.len();
    for one in forwarded(raw, &choice, &How::default(), depth) {
        let held = one.content.attachments.len();
        if index < held {
            let part = &parts[*choice.listed.get(one.index)?];
            let inner = part.encoding.decode(&raw[part.body.clone()]);
            return bytes_of(&inner, index, depth + 1);
        }
        index -= held;
    }
    None
}

/// The header fields of a message in order: names as written, values decoded and on one line.
#[must_use]
pub fn headers(raw: &[u8]) -> Vec<(String, String)> {
    field::fields(&raw[field::split(raw).0])
        .map(|field| (field.name.to_owned(), field::decoded(field.value)))
        .collect()
}

/// What a header block says, whole or as `BODY[HEADER.FIELDS …]` gives it.
#[must_use]
pub fn envelope(headers: &[u8]) -> Envelope {
    let mut envelope = Envelope::default();
    let mut answers = Vec::new();
    for field in field::fields(headers) {
        match Known::of(field.name) {
            Some(Known::InReplyTo) => answers.extend(identifiers(&field)),
            Some(known) => known.read(&field, &mut envelope),
            None => {}
        }
    }
    // In-Reply-To names the nearest; mostly References ends with it.
    envelope.references.extend(answers);
    let mut seen = std::collections::HashSet::new();
    envelope.references.retain(|id| seen.insert(id.clone()));
    envelope
}

/// The links of a text in reading order, each once where spans of several looks share it.
#[must_use]
pub fn links(blocks: &[Block]) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for block in blocks {
        let mut going_on = false;
        for span in &block.spans {
            let Some(target) = &span.link else {
                going_on = false;
                continue;
            };
            match links
                .last_mut()
                .filter(|last| going_on && last.target == *target)
            {
                Some(last) => last.text.push_str(&span.text),
                None => links.push(Link {
                    text: span.text.clone(),
                    target: target.clone(),
                }),
            }
            going_on = true;
        }
    }
    links
}

/// What the shown parts come to.
#[derive(Default)]
struct Shown {
    blocks: Vec<Block>,
    text: String,
    html: bool,
    remote_images: bool,
    traps: Traps,
    content_ids: Vec<String>,
}

impl Shown {
    fn add(&mut self, choice: &mut Choice<'_>, at: usize) {
        if choice.parts[at].is("text/html") {
            let read = choice.take_html(at);
            self.add_html(read);
        } else {
            let text = choice.plain_text(at);
            self.append(html::plain(&text), &text);
        }
    }

    /// The text of Outlook's container, where the message itself has none.
    fn add_from_container(&mut self, raw: &[u8], choice: &Choice<'_>) {
        let listed = choice.listed.iter().map(|at| &choice.parts[*at]);
        let text = listed
            .filter_map(|part| attachment::opened(raw, part))
            .find_map(|container| container.text);
        match text {
            Some(tnef::Text::Html(html)) => self.add_html(html::read(&html)),
            Some(tnef::Text::Plain(text)) => {
                let text = choose::clean(&text);
                self.append(html::plain(&text), &text);
            }
            None => {}
        }
    }

    fn add_html(&mut self, read: html::Readable) {
        self.html = true;
        self.remote_images |= read.remote_images;
        self.traps = self.traps.with(read.traps);
        self.content_ids.extend(read.content_ids);
        let text = html::to_text(&read.blocks);
        self.append(read.blocks, &text);
    }

    fn append(&mut self, blocks: Vec<Block>, text: &str) {
        let text = text.trim_matches('\n').trim_end();
        if !self.text.is_empty() && !text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(text);
        self.blocks.extend(blocks);
    }
}

/// The fields an envelope is made of.
#[derive(Clone, Copy)]
enum Known {
    MessageId,
    InReplyTo,
    References,
    Date,
    From,
    ReplyTo,
    To,
    Cc,
    Bcc,
    Subject,
    ContentType,
}

impl Known {
    fn of(name: &str) -> Option<Self> {
        const NAMES: [(&str, Known); 11] = [
            ("message-id", Known::MessageId),
            ("in-reply-to", Known::InReplyTo),
            ("references", Known::References),
            ("date", Known::Date),
            ("from", Known::From),
            ("reply-to", Known::ReplyTo),
            ("to", Known::To),
            ("cc", Known::Cc),
            ("bcc", Known::Bcc),
            ("subject", Known::Subject),
            ("content-type", Known::ContentType),
        ];
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, known)| *known)
    }

    /// Takes a field over. Of fields that must be single the first counts; address fields add up.
    fn read(self, field: &Field<'_>, envelope: &mut Envelope) {
        let list = || addresses::parse(field.value);
        match self {
            Self::MessageId if envelope.message_id.is_empty() => {
                envelope.message_id = message_id(field);
            }
            Self::Subject if envelope.subject.is_empty() => {
                envelope.subject = field::decoded(field.value);
            }
            Self::Date if envelope.date.is_none() => {
                envelope.date = date::parse(&field::decoded(field.value));
            }
            Self::References => envelope.references.extend(identifiers(field)),
            Self::From => envelope.from.extend(list()),
            Self::ReplyTo => envelope.reply_to.extend(list()),
            Self::To => envelope.to.extend(list()),
            Self::Cc => envelope.cc.extend(list()),
            Self::Bcc => envelope.bcc.extend(list()),
            Self::ContentType => {
                let value = field.value.trim_ascii_start().get(..15).unwrap_or_default();
                envelope.attachments_hint |= value.eq_ignore_ascii_case(b"multipart/mixed");
            }
            Self::MessageId | Self::Subject | Self::Date | Self::InReplyTo => {}
        }
    }
}

/// The identifiers between angle brackets; those of a field without brackets are its words.
fn identifiers(field: &Field<'_>) -> Vec<String> {
    let value = String::from_utf8_lossy(field.value);
    let clean = |id: &str| id.split_whitespace().collect::<String>();
    let bracketed: Vec<String> = value
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(id, _)| clean(id))
        .filter(|id| !id.is_empty())
        .collect();
    if bracketed.is_empty() && !value.contains('<') {
        let words = value.split_whitespace().filter(|word| word.contains('@'));
        return words.map(str::to_owned).collect();
    }
    bracketed
}

fn message_id(field: &Field<'_>) -> String {
    identifiers(field).into_iter().next().unwrap_or_else(|| {
        let value = field::decoded(field.value);
        value.trim_matches(['<', '>']).split_whitespace().collect()
    })
}

#[cfg(test)]
mod tests;
