//! HTML mail as readable text: blocks of spans, safe by construction.
//!
//! Only text, emphasis and links survive; no script, style, form or remote load can, because
//! the types have no place for them. A faithful renderer is another module's work.

use serde::{Deserialize, Serialize};

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
