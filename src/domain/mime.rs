//! From the bytes of a message to what a reader sees.
//!
//! The work of taking MIME apart is mail-parser's; here the right part is chosen, nothing is
//! hidden, and headers are repaired. How it looks is the window's business.

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::html::Block;
use crate::message::Envelope;

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
    /// Size of the decoded bytes.
    pub size: u64,
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
