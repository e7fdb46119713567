//! Which parts are shown and which are listed as attachments (RFC 2046 §5.1, RFC 2387, RFC 1847).
//!
//! Nothing falls between: a part is shown, listed, or the other wording of a shown alternative.

use std::collections::{HashMap, HashSet};

use super::tree::Part;
use super::{charset, flowed, uu};
use crate::html::{self, Readable};

/// The decision about one message.
pub(super) struct Choice<'a> {
    raw: &'a [u8],
    pub parts: &'a [Part],
    /// Parts shown, in reading order.
    pub shown: Vec<usize>,
    /// Parts listed, in the order of the message.
    pub listed: Vec<usize>,
    /// Embedded messages that are shown below the text; listed too.
    pub forwarded: Vec<usize>,
    /// The charset a reader asked for in place of the declared ones.
    asked: Option<&'a str>,
    /// HTML parts read so far; each is read once.
    read: HashMap<usize, Readable>,
}

impl<'a> Choice<'a> {
    pub(super) fn of(raw: &'a [u8], parts: &'a [Part], asked: Option<&'a str>) -> Self {
        let mut choice = Self {
            raw,
            parts,
            shown: Vec::new(),
            listed: Vec::new(),
            forwarded: Vec::new(),
            asked,
            read: HashMap::new(),
        };
        choice.visit(0);
        choice.show_root_text();
        choice.show_named_text();
        let mut seen = HashSet::new();
        choice.listed.retain(|part| seen.insert(*part));
        choice.listed.sort_unstable();
        choice
    }

    /// The readable form of an HTML part.
    pub(super) fn take_html(&mut self, at: usize) -> Readable {
        self.read
            .remove(&at)
            .unwrap_or_else(|| html::read(&self.decoded(at)))
    }

    /// The text of a text part: decoded, NFC, `\n` line ends, soft breaks joined.
    pub(super) fn plain_text(&self, at: usize) -> String {
        let text = self.decoded(at);
        let media = &self.parts[at].media;
        let yes = |name: &str, value: &str| {
            media
                .get(name)
                .is_some_and(|v| v.eq_ignore_ascii_case(value))
        };
        if yes("format", "flowed") {
            flowed::unwrapped(&text, yes("delsp", "yes"))
        } else {
            text
        }
    }

    /// A text part decoded, with `\n` line ends.
    pub(super) fn decoded(&self, at: usize) -> String {
        let part = &self.parts[at];
        let mut bytes = part.encoding.decode(&self.raw[part.body.clone()]);
        if !part.is("text/html") {
            for file in uu::find(&bytes).into_iter().rev() {
                bytes.to_mut().drain(file.place);
            }
        }
        if let Some(asked) = self.asked {
            return clean(&charset::forced(&bytes, asked));
        }
        let declared = part.media.get("charset").map(str::to_owned);
        let label = match declared {
            None if part.is("text/html") => charset::of_html(&bytes),
            label => label,
        };
        clean(&charset::decode(&bytes, label.as_deref()))
    }

    fn visit(&mut self, at: usize) {
        let part = &self.parts[at];
        match part.media.value.as_str() {
            _ if part.children.is_empty() => {
                if is_shown_text(part) {
                    self.shown.push(at);
                    return;
                }
                self.listed.push(at);
                if part.is("message/rfc822") || part.is("message/global") {
                    self.forwarded.push(at);
                }
            }
            "multipart/alternative" => self.visit_best(at),
            "multipart/related" => self.visit_root(at),
            // What is signed is shown, the signature listed; of a report its words, not the
            // message it is about (RFC 6522).
            "multipart/signed" | "multipart/report" => {
                self.visit(part.children[0]);
                part.children[1..]
                    .iter()
                    .for_each(|child| self.list_all(*child));
            }
            _ => part.children.iter().for_each(|child| self.visit(*child)),
        }
    }

    /// Shows the last alternative that has anything to read: the richest the sender made.
    fn visit_best(&mut self, at: usize) {
        let children = &self.parts[at].children;
        let best = children
            .iter()
            .rev()
            .copied()
            .find(|child| self.is_readable(*child));
        for &child in children {
            if best == Some(child) {
                self.visit(child);
            } else if best.is_none() || !self.is_other_wording(child) {
                self.list_other(child);
            }
        }
    }

    /// Shows the root of a compound document, lists what it is composed of.
    fn visit_root(&mut self, at: usize) {
        let part = &self.parts[at];
        let start = part
            .media
            .get("start")
            .map(|id| id.trim_matches(['<', '>', ' ']));
        let named = part
            .children
            .iter()
            .copied()
            .find(|child| start.is_some() && self.parts[*child].content_id.as_deref() == start);
        let root = named.unwrap_or(part.children[0]);
        for &child in &part.children {
            if child == root {
                self.visit(child)
            } else {
                self.list_all(child)
            }
        }
    }

    /// Whether there is text to be shown in a part.
    fn is_readable(&mut self, at: usize) -> bool {
        let part = &self.parts[at];
        if !part.children.is_empty() {
            return part.children.iter().any(|child| self.is_readable(*child));
        }
        if !is_shown_text(part) {
            return false;
        }
        if part.is("text/html") {
            let read = html::read(&self.decoded(at));
            let readable = !read.blocks.is_empty();
            self.read.insert(at, read);
            return readable;
        }
        !self.plain_text(at).trim().is_empty()
    }

    /// Whether a part only says again what the shown alternative says.
    fn is_other_wording(&self, at: usize) -> bool {
        let part = &self.parts[at];
        part.children.is_empty()
            && !part.is_attached()
            && part.file_name().is_none()
            && (is_shown_text(part)
                || [
                    "text/enriched",
                    "text/richtext",
                    "text/x-amp-html",
                    "text/watch-html",
                ]
                .contains(&part.media.value.as_str()))
    }

    /// Lists what a rejected alternative holds besides its wording of the text.
    fn list_other(&mut self, at: usize) {
        let children = &self.parts[at].children;
        if children.is_empty() {
            self.listed.push(at);
        }
        for &child in children {
            if !self.is_other_wording(child) {
                self.list_other(child);
            }
        }
    }

    fn list_all(&mut self, at: usize) {
        let children = &self.parts[at].children;
        if children.is_empty() {
            self.listed.push(at);
        }
        children.iter().for_each(|child| self.list_all(*child));
    }

    /// A message that is one text is shown whatever it calls itself; as a file it is listed too.
    fn show_root_text(&mut self) {
        let root = &self.parts[0];
        let text = root.is_kind("text") && !root.is("text/calendar");
        if self.shown.is_empty() && root.children.is_empty() && text {
            self.shown.push(0);
            if !root.is_attached() && root.file_name().is_none() {
                self.listed.clear();
            }
        }
    }
}

impl Choice<'_> {
    /// Where nothing else is to be read, a text that is inline but named is shown as well: Apple's
    /// mailer names all it sends.
    fn show_named_text(&mut self) {
        let text = |at: &usize| {
            let part = &self.parts[*at];
            (part.is("text/plain") || part.is("text/html")) && !part.is_attached()
        };
        if !self.shown.iter().any(|at| self.has_bytes(*at)) {
            self.shown.extend(self.listed.iter().copied().find(text));
        }
    }

    fn has_bytes(&self, at: usize) -> bool {
        let body = &self.raw[self.parts[at].body.clone()];
        !body.trim_ascii().is_empty()
    }
}

fn is_shown_text(part: &Part) -> bool {
    (part.is("text/plain") || part.is("text/html"))
        && !part.is_attached()
        && part.file_name().is_none()
}

/// `text` with `\n` line ends and without control characters.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\u{c}' => out.push('\n'),
            '\n' | '\t' => out.push(c),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
