//! HTML mail as readable text: blocks of spans, safe by construction.
//!
//! Only text, emphasis and links survive; no script, style, form or remote load can, because
//! the types have no place for them. A faithful renderer is another module's work, and so is the
//! choice of the part that is read (`mime`).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

mod element;
mod feed;
mod flow;
mod link;
mod plain;
mod reader;
mod style;
mod table;

pub use feed::{Markup, feed};
pub use plain::plain;

/// A paragraph-like piece of readable text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Quotation depth: 0 is the author's own text.
    pub quote: u8,
    /// Its text.
    pub spans: Vec<Span>,
}

/// The kinds of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Running text. Line breaks inside are `\n` in the spans.
    Paragraph,
    /// A heading, 1 (largest) to 3.
    Heading(u8),
    /// A list item; the marker (`•` or `1.`) is the first span's beginning. The number is the depth.
    Item(u8),
    /// A table's row, cells separated by spans of `\t`.
    Row,
    /// Text whose spacing matters (`pre`, plain-text tables): shown monospaced.
    Preformatted,
    /// A horizontal rule; no spans.
    Rule,
    /// The signature below `-- `.
    Signature,
}

/// A run of text of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The text.
    pub text: String,
    /// Bold.
    pub strong: bool,
    /// Italic.
    pub emphasis: bool,
    /// Link target: only http, https, mailto or tel.
    pub link: Option<String>,
}

/// An HTML document made readable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readable {
    /// Its text.
    pub blocks: Vec<Block>,
    /// Whether visible pictures from the network were left out.
    pub remote_images: bool,
    /// What it holds besides text that could harm a reader elsewhere.
    pub traps: Traps,
    /// Parts of the message it shows as pictures: the identifiers of `cid:` URLs (RFC 2392).
    pub content_ids: Vec<String>,
}

/// What an HTML document holds that is never shown here and tells of its maker's intent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traps {
    /// A form to fill in.
    pub forms: bool,
    /// A field for a password.
    pub password_fields: bool,
    /// A link that runs a script or holds a page in itself (`javascript:`, `data:`).
    pub script_links: bool,
}

impl Traps {
    /// What either holds.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self {
            forms: self.forms | other.forms,
            password_fields: self.password_fields | other.password_fields,
            script_links: self.script_links | other.script_links,
        }
    }
}

/// The readable text of an HTML document. Takes time linear in its length and no stack for its
/// depth, whatever the document; never fails.
#[must_use]
pub fn read(html: &str) -> Readable {
    feed(html, reader::Reader::default()).finish()
}

/// The blocks of [`read`].
#[must_use]
pub fn readable(html: &str) -> Vec<Block> {
    read(html).blocks
}

impl Block {
    /// A block of unadorned text.
    #[must_use]
    pub fn text_of(kind: BlockKind, quote: u8, text: impl Into<String>) -> Self {
        Self {
            kind,
            quote,
            spans: vec![Span {
                text: text.into(),
                ..Span::default()
            }],
        }
    }

    /// Its text without look.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self.spans.as_slice() {
            [only] => Cow::Borrowed(&only.text),
            spans => spans.iter().map(|span| span.text.as_str()).collect(),
        }
    }

    /// Whether `next` follows without an empty line: rows of a table, items of a list.
    #[must_use]
    pub fn joins(&self, next: &Self) -> bool {
        self.quote == next.quote
            && matches!(
                (self.kind, next.kind),
                (BlockKind::Row, BlockKind::Row) | (BlockKind::Item(_), BlockKind::Item(_))
            )
    }
}

/// Blocks as plain text: `\n` line ends, an empty line between paragraphs, quotations behind
/// `>`, the signature below `-- `.
#[must_use]
pub fn to_text(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut previous: Option<&Block> = None;
    for block in blocks {
        if let Some(before) = previous.filter(|before| !before.joins(block)) {
            push_line(&mut out, before.quote.min(block.quote), "");
        }
        let first_of_signature = block.kind == BlockKind::Signature
            && previous.is_none_or(|before| before.kind != BlockKind::Signature);
        if first_of_signature {
            push_line(&mut out, block.quote, "-- ");
        }
        if block.kind == BlockKind::Rule {
            push_line(&mut out, block.quote, "----------");
        }
        for line in block.text().lines() {
            push_line(&mut out, block.quote, line);
        }
        previous = Some(block);
    }
    out.truncate(out.trim_end_matches('\n').len());
    out
}

fn push_line(out: &mut String, quote: u8, line: &str) {
    out.extend(std::iter::repeat_n('>', usize::from(quote)));
    if quote > 0 && !line.is_empty() {
        out.push(' ');
    }
    out.push_str(line);
    out.push('\n');
}

#[cfg(test)]
mod tests;
