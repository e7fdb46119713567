//! The parts of a message (RFC 2046) as ranges of its bytes.
//!
//! One pass over the lines, so that time is linear; nesting is bounded, and an embedded message
//! is a leaf, so that no message can exhaust the stack. A boundary is a whole line: looked for
//! anywhere, it would be found inside of attachments. Damage is read as Python's `email` package
//! reads it. What is shown of all this is `choose`'s decision.

use std::ops::Range;

use super::excerpt::OMITTED;
use super::field::{fields, is_header_line, line_end, unfolded, without_end};
use super::params::Valued;
use super::transfer::Encoding;

/// Multiparts nested deeper are read as text.
const DEEPEST: usize = 50;

/// Each search goes through the whole rest of a message.
const MOST_SEARCHES: u8 = 8;

/// RFC 2046 §5.1.1 allows 70; some write more.
const LONGEST_BOUNDARY: usize = 200;

/// A part: a leaf, or a multipart with children.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// Content-Type; its value is always `type/subtype`.
    pub media: Valued,
    /// Content-Disposition.
    pub disposition: Option<Valued>,
    pub encoding: Encoding,
    /// Content-ID without brackets.
    pub content_id: Option<String>,
    /// The body, still encoded. Of a multipart, everything between header and end.
    pub body: Range<usize>,
    /// Indexes of the parts in it.
    pub children: Vec<usize>,
    /// In an excerpt: the body is on the server, of this size in octets.
    pub omitted: Option<u64>,
}

impl Part {
    pub(super) fn is(&self, media: &str) -> bool {
        self.media.value == media
    }

    pub(super) fn is_kind(&self, kind: &str) -> bool {
        self.media.value.split('/').next() == Some(kind)
    }

    /// Whether the sender wants it listed rather than shown.
    pub(super) fn is_attached(&self) -> bool {
        self.disposition
            .as_ref()
            .is_some_and(|d| d.value == "attachment")
    }

    /// The file name it goes by, if it has one.
    pub(super) fn file_name(&self) -> Option<&str> {
        let named = self.disposition.as_ref().and_then(|d| d.get("filename"));
        named
            .or_else(|| self.media.get("name"))
            .filter(|name| !name.trim().is_empty())
    }
}

/// All parts of `raw`; the first is the message itself.
pub(super) fn parse(raw: &[u8]) -> Vec<Part> {
    scan(raw, false)
}

/// The same of an excerpt: what it says of parts left on the server is believed.
pub(super) fn parse_excerpt(raw: &[u8]) -> Vec<Part> {
    scan(raw, true)
}

fn scan(raw: &[u8], is_excerpt: bool) -> Vec<Part> {
    let mut scanner = Scanner {
        raw,
        is_excerpt,
        at: 0,
        boundaries: Vec::new(),
        parts: Vec::new(),
        searches: MOST_SEARCHES,
    };
    scanner.part(0, "text/plain");
    scanner.parts
}

struct Scanner<'a> {
    raw: &'a [u8],
    is_excerpt: bool,
    at: usize,
    /// Those of the multiparts being read, innermost last.
    boundaries: Vec<Vec<u8>>,
    parts: Vec<Part>,
    /// How often a boundary may still be searched for.
    searches: u8,
}

impl<'a> Scanner<'a> {
    /// The next line, unless the message or an enclosing multipart's part ends here.
    fn line(&mut self) -> Option<&'a [u8]> {
        let line = self.peek()?;
        self.at += line.len();
        Some(line)
    }

    fn peek(&self) -> Option<&'a [u8]> {
        if self.at >= self.raw.len() {
            return None;
        }
        let line = &self.raw[self.at..line_end(self.raw, self.at)];
        let ends = line.starts_with(b"--")
            && self
                .boundaries
                .iter()
                .any(|boundary| delimiter(line, boundary).is_some());
        (!ends).then_some(line)
    }

    /// Reads a part from its header on; its index.
    fn part(&mut self, depth: usize, default_media: &str) -> usize {
        let start = self.at;
        while self.peek().is_some_and(is_header_line) {
            self.line();
        }
        let header = &self.raw[start..self.at];
        if self.peek().is_some_and(|line| without_end(line).is_empty()) {
            self.line();
        }
        let index = self.parts.len();
        let mut described = described(header, default_media);
        if self.is_excerpt {
            described.omitted = omitted(header);
        }
        self.parts.push(described);
        let body = self.at;
        let children = if self.parts[index].is_kind("multipart") && depth < DEEPEST {
            self.children_of(index, depth)
        } else {
            Vec::new()
        };
        while self.line().is_some() {}
        let part = &mut self.parts[index];
        if children.is_empty() && part.is_kind("multipart") {
            // Without parts it is one text, to be read as it is.
            part.media.value = "text/plain".to_owned();
            part.encoding = Encoding::Identity;
        }
        part.body = body..self.at;
        part.children = children;
        index
    }

    /// The parts of the multipart at `index`, whose body begins here. Where its boundary is not
    /// given, or not the one that is used, the one in use is found by what stands behind it.
    fn children_of(&mut self, index: usize, depth: usize) -> Vec<usize> {
        let media = match self.parts[index].is("multipart/digest") {
            true => "message/rfc822",
            false => "text/plain",
        };
        let declared = self.parts[index].media.get("boundary");
        let declared = declared.map_or_else(Vec::new, |b| b.trim_end().as_bytes().to_vec());
        let body = self.at;
        if !declared.is_empty() {
            let children = self.children(depth, &declared, media);
            if !children.is_empty() {
                return children;
            }
            self.at = body;
        }
        match self.boundary_in_use() {
            Some(boundary) => self.children(depth, &boundary, media),
            None => Vec::new(),
        }
    }

    /// The boundary of the first line here that looks like a delimiter: a field that describes
    /// content follows it.
    fn boundary_in_use(&mut self) -> Option<Vec<u8>> {
        self.searches = self.searches.checked_sub(1)?;
        let body = self.at;
        let mut found = None;
        while let Some(line) = self.line() {
            let boundary = without_end(line)
                .strip_prefix(b"--")
                .map(<[u8]>::trim_ascii_end);
            let described = || {
                let next = self.peek()?.get(..8)?;
                next.eq_ignore_ascii_case(b"content-").then_some(())
            };
            if let Some(boundary) = boundary.filter(|b| (1..=LONGEST_BOUNDARY).contains(&b.len()))
                && described().is_some()
            {
                found = Some(boundary.to_vec());
                break;
            }
        }
        self.at = body;
        found
    }

    /// The parts of a multipart, up to its closing delimiter.
    fn children(&mut self, depth: usize, boundary: &[u8], media: &str) -> Vec<usize> {
        let mut children = Vec::new();
        // A multipart in one of the same boundary: until it is closed, all parts are its own.
        let outer = self.boundaries.clone();
        self.boundaries.retain(|known| known != boundary);
        while let Some(line) = self.line() {
            match delimiter(line, boundary) {
                Some(Delimiter::Close) => break,
                // Before the first part: the preamble, which is for readers without MIME.
                None => continue,
                Some(Delimiter::Next) => {}
            }
            while self
                .peek()
                .is_some_and(|line| delimiter(line, boundary).is_some())
            {
                self.line();
            }
            self.boundaries.push(boundary.to_vec());
            let child = self.part(depth + 1, media);
            self.boundaries.pop();
            // The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
            let body = &mut self.parts[child].body;
            body.end = body.start + without_end(&self.raw[body.clone()]).len();
            children.push(child);
        }
        self.boundaries = outer;
        children
    }
}

enum Delimiter {
    Next,
    Close,
}

/// What `line` is to the multipart with this boundary.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<Delimiter> {
    let rest = without_end(line)
        .strip_prefix(b"--")?
        .strip_prefix(boundary)?;
    let (delimiter, rest) = match rest.strip_prefix(b"--") {
        Some(rest) => (Delimiter::Close, rest),
        None => (Delimiter::Next, rest),
    };
    rest.iter()
        .all(|b| matches!(b, b' ' | b'\t'))
        .then_some(delimiter)
}

/// A part as its header describes it.
fn described(header: &[u8], default_media: &str) -> Part {
    let mut part = Part::default();
    let (mut media, mut encoding) = (None, None);
    for field in fields(header) {
        let name = field.name;
        if name.eq_ignore_ascii_case("content-type") {
            media.get_or_insert_with(|| Valued::parse(field.value));
        } else if name.eq_ignore_ascii_case("content-disposition") {
            part.disposition
                .get_or_insert_with(|| Valued::parse(field.value));
        } else if name.eq_ignore_ascii_case("content-transfer-encoding") {
            let value = String::from_utf8_lossy(&unfolded(field.value)).into_owned();
            encoding.get_or_insert_with(|| Encoding::of(&value));
        } else if name.eq_ignore_ascii_case("content-id") {
            let value = String::from_utf8_lossy(&unfolded(field.value)).into_owned();
            part.content_id = Some(value.trim_matches(['<', '>', ' ']).to_owned());
        }
    }
    part.encoding = encoding.unwrap_or_default();
    part.media = media.unwrap_or_else(|| Valued::parse(default_media.as_bytes()));
    if part.media.value.matches('/').count() != 1 {
        // RFC 2045 §5.2: what cannot be read is plain text.
        part.media.value = "text/plain".to_owned();
    }
    part
}

/// The size an excerpt gives for a body that is not in it.
fn omitted(header: &[u8]) -> Option<u64> {
    let first = fields(header).next()?;
    let value = String::from_utf8_lossy(first.value);
    (first.name == OMITTED).then(|| value.trim().parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree drawn: media types, bodies of leaves.
    fn drawn(raw: &str) -> String {
        fn draw(parts: &[Part], at: usize, raw: &str) -> String {
            let part = &parts[at];
            if part.children.is_empty() {
                return format!("{}={:?}", part.media.value, &raw[part.body.clone()]);
            }
            let inner: Vec<String> = part.children.iter().map(|c| draw(parts, *c, raw)).collect();
            format!("{}({})", part.media.value, inner.join(" "))
        }
        draw(&parse(raw.as_bytes()), 0, raw)
    }

    fn mixed(body: &str) -> String {
        format!("Content-Type: multipart/mixed; boundary=b\n\n{body}")
    }

    #[test]
    fn trees() {
        for (raw, tree) in [
            (
                mixed("pre\n--b\n\none\n--b\nContent-Type: A/B\n\ntwo\n\n--b--\npost\n"),
                "multipart/mixed(text/plain=\"one\" a/b=\"two\\n\")",
            ),
            (
                mixed("--b\n\nx --b y\n--bc\n--b--x\n--b--"),
                "multipart/mixed(text/plain=\"x --b y\\n--bc\\n--b--x\")",
            ),
            (
                mixed("--b\n\ncut off"),
                "multipart/mixed(text/plain=\"cut off\")",
            ),
            (mixed("no part at all"), "text/plain=\"no part at all\""),
            (
                "Content-Type: multipart/mixed\n\nx".to_owned(),
                "text/plain=\"x\"",
            ),
            ("Content-Type: text\n\nx".to_owned(), "text/plain=\"x\""),
            ("no header\nx".to_owned(), "text/plain=\"no header\\nx\""),
            (String::new(), "text/plain=\"\""),
            (
                mixed("--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\n1\n--b\n\n2\n--b--"),
                "multipart/mixed(multipart/x(text/plain=\"1\") text/plain=\"2\")",
            ),
            (
                "Content-Type: multipart/mixed\n\n--x y\nContent-Type: A/B\n\n1\n--x y--\n"
                    .to_owned(),
                "multipart/mixed(a/b=\"1\")",
            ),
            (
                mixed("--c\nContent-Type: A/B\n\n1\n--c\n\n2\n--c--\n"),
                "multipart/mixed(a/b=\"1\" text/plain=\"2\")",
            ),
            (
                mixed(
                    "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n1\n--b\n\n2\n--b--\n--b\n\n3\n--b--\n",
                ),
                "multipart/mixed(multipart/alternative(text/plain=\"1\" text/plain=\"2\") text/plain=\"3\")",
            ),
            (
                "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--"
                    .to_owned(),
                "multipart/digest(message/rfc822=\"Subject: x\\n\\ny\")",
            ),
        ] {
            assert_eq!(drawn(&raw), tree, "{raw}");
            assert_eq!(
                drawn(&raw.replace('\n', "\r\n")).replace("\\r", ""),
                tree,
                "CRLF: {raw}"
            );
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let raw: String = (0..5_000)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
            .collect();
        assert!(parse(raw.as_bytes()).len() <= DEEPEST + 1);
        let raw = "Content-Type: message/rfc822\n\n".repeat(100_000);
        assert_eq!(parse(raw.as_bytes()).len(), 1);
    }
}
