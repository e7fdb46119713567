//! From the bytes of a message to what a reader sees.
//!
//! The right part is chosen, nothing is hidden, and headers are repaired. How it looks is the
//! window's business; HTML is made readable by `html`.
//!
//! The parts are found by `tree`: mail-parser 0.11 overflows the stack on messages nested deep
//! enough and takes boundaries for found in the middle of lines. Rare charsets are its.

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::html::{self, Block, BlockKind};
use crate::message::Envelope;

mod addresses;
mod attachment;
mod charset;
mod choose;
mod danger;
mod date;
mod excerpt;
mod field;
mod file_name;
mod flowed;
mod params;
mod transfer;
mod tree;

use choose::Choice;
pub use excerpt::{OMITTED, Piece, PieceBody, excerpt};
use field::Field;
pub use file_name::sanitize_file_name;
use tree::Part;

/// The longest preview, in characters.
const LONGEST_PREVIEW: usize = 160;

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
    /// Why it must not be opened without thought, if so: a rule's name such as `executable`.
    pub held: Option<String>,
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
}

/// Reads a message. Never fails: of the worst message its text is given as it is.
#[must_use]
pub fn parse(raw: &[u8]) -> Content {
    read(raw, &tree::parse(raw))
}

/// Reads what [`excerpt`] put together.
#[must_use]
pub fn parse_excerpt(raw: &[u8]) -> Content {
    read(raw, &tree::parse_excerpt(raw))
}

fn read(raw: &[u8], parts: &[Part]) -> Content {
    let mut choice = Choice::of(raw, parts);
    let mut shown = Shown::default();
    for at in choice.shown.clone() {
        shown.add(&mut choice, at);
    }
    let attachments = attachment::list(raw, &choice, &shown.content_ids);
    let header = &raw[field::split(raw).0];
    let envelope = envelope(header);
    let sender = field::first(header, "sender")
        .and_then(|field| addresses::parse(field.value).into_iter().next())
        .filter(|sender| {
            !envelope
                .from
                .iter()
                .any(|author| author.same_mailbox(sender))
        });
    Content {
        sender,
        envelope,
        links: links(&shown.blocks),
        preview: preview(&shown.blocks),
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
        blocks: shown.blocks,
    }
}

/// The decoded bytes of the attachment [`parse`] lists at `index`.
#[must_use]
pub fn attachment_bytes(raw: &[u8], index: usize) -> Option<Vec<u8>> {
    let parts = tree::parse(raw);
    let part = *Choice::of(raw, &parts).listed.get(index)?;
    let part = &parts[part];
    Some(part.encoding.decode(&raw[part.body.clone()]).into_owned())
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
    content_ids: Vec<String>,
}

impl Shown {
    fn add(&mut self, choice: &mut Choice<'_>, at: usize) {
        let (blocks, text) = if choice.parts[at].is("text/html") {
            let read = choice.take_html(at);
            self.html = true;
            self.remote_images |= read.remote_images;
            self.content_ids.extend(read.content_ids);
            let text = html::to_text(&read.blocks);
            (read.blocks, text)
        } else {
            let text = choice.plain_text(at);
            (html::plain(&text), text)
        };
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

/// The first words of a message's own text, on one line. Quotations, the lines that introduce
/// them and pictures count only where there is nothing else.
fn preview(blocks: &[Block]) -> String {
    let next_quotes = |at: usize| blocks.get(at + 1).is_some_and(|next| next.quote > 0);
    let own = |(at, block): &(usize, &Block)| {
        let text = block.text();
        let picture =
            text.starts_with('[') && text.ends_with(']') && text.matches('[').count() == 1;
        let attribution = text.ends_with(':') && next_quotes(*at);
        block.quote == 0 && block.kind != BlockKind::Signature && !picture && !attribution
    };
    let first = first_words(
        blocks
            .iter()
            .enumerate()
            .filter(own)
            .map(|(_, block)| block),
    );
    if first.is_empty() {
        first_words(blocks.iter())
    } else {
        first
    }
}

fn first_words<'a>(blocks: impl Iterator<Item = &'a Block>) -> String {
    let mut out = String::new();
    let mut length = 0;
    for block in blocks {
        let text = block.text();
        for word in text.split_whitespace() {
            let wide = word.chars().count() + usize::from(!out.is_empty());
            if length + wide > LONGEST_PREVIEW {
                if out.is_empty() {
                    out.extend(word.chars().take(LONGEST_PREVIEW));
                }
                return out;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
            length += wide;
        }
    }
    out
}

#[cfg(test)]
mod tests;
