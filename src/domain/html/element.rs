//! What is known of elements and attributes by themselves: which part an element plays, what is
//! never text, what tells a signature. How they act together is `reader`'s work.

use html5ever::Attribute;
use html5ever::tokenizer::states::RawKind;

/// The parts elements play.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Inline,
    Line,
    Paragraph,
    Quote,
    List,
    Item,
    Link,
    Table,
    Row,
    Cell,
}

impl Role {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" | "pre" | "listing" | "xmp"
            | "caption" | "fieldset" | "figure" | "details" => Self::Paragraph,
            "div" | "section" | "article" | "header" | "footer" | "main" | "nav" | "aside"
            | "center" | "address" | "dt" | "dd" | "form" | "option" | "legend" | "summary"
            | "figcaption" | "body" | "html" | "textarea" | "hgroup" => Self::Line,
            "blockquote" => Self::Quote,
            "ul" | "ol" | "menu" | "dir" => Self::List,
            "li" => Self::Item,
            "a" => Self::Link,
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            _ => Self::Inline,
        }
    }

    /// Elements that end an open `p` (HTML, "in body" insertion mode).
    pub(super) const fn ends_paragraph(self) -> bool {
        matches!(
            self,
            Self::Line | Self::Paragraph | Self::Quote | Self::List | Self::Item | Self::Table
        )
    }
}

/// Elements whose content is never text to be read.
pub(super) fn is_never_text(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "title"
            | "template"
            | "iframe"
            | "noembed"
            | "noframes"
            | "xml"
            | "svg"
    )
}

/// Whether an element is what Thunderbird, Gmail or Zimbra put a signature into.
pub(super) fn is_signature(attributes: &Attributes<'_>) -> bool {
    let class = attributes.get("class").unwrap_or_default();
    let marker = attributes.get("data-marker").unwrap_or_default();
    class
        .split_ascii_whitespace()
        .any(|c| matches!(c, "moz-signature" | "gmail_signature"))
        || marker.starts_with("__SIG_")
}

/// Elements the tokenizer must not look for tags in.
pub(super) fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "title" | "textarea" => Some(RawKind::Rcdata),
        "style" | "iframe" | "noembed" | "noframes" | "xmp" => Some(RawKind::Rawtext),
        "script" => Some(RawKind::ScriptData),
        _ => None,
    }
}

pub(super) fn is_remote(url: &str) -> bool {
    let url = url.trim();
    let begins = |scheme: &str| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    begins("http:") || begins("https:") || begins("//")
}

/// `%xx` decoded, as `cid:` URLs want (RFC 2392 §2).
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() {
            after.get(2..).unwrap_or_default()
        } else {
            after
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A tag's attributes.
pub(super) struct Attributes<'a>(pub(super) &'a [Attribute]);

impl Attributes<'_> {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|attribute| &*attribute.name.local == name)
            .map(|a| &*a.value)
    }
}
