//! The structure of a message as IMAP shows it: parts with their exact bytes.
//!
//! A client asks for `BODY[2.1]` and expects the bytes as they lie in the message, so this keeps
//! slices and decodes nothing. Not here: the text form of the answers (`imap/structure.rs`).

/// Parts deeper than this are shown as opaque, so that no message can exhaust the stack.
const MAX_DEPTH: usize = 30;

/// A part of a message, or the message itself.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// Header with the empty line that ends it.
    pub header: &'a [u8],
    /// What follows, up to but without the line end before the next boundary.
    pub body: &'a [u8],
    /// Main type and subtype, lower case.
    pub kind: (String, String),
    /// Parameters of Content-Type, names in lower case.
    pub params: Vec<(String, String)>,
    /// Parts of a multipart, or the one message inside a `message/rfc822`.
    pub children: Vec<Part<'a>>,
}

impl<'a> Part<'a> {
    /// Reads a whole message.
    pub fn parse(bytes: &'a [u8]) -> Part<'a> {
        parse(bytes, 0, ("text", "plain"))
    }

    pub fn is_multipart(&self) -> bool {
        self.kind.0 == "multipart" && !self.children.is_empty()
    }

    pub fn is_message(&self) -> bool {
        self.kind.0 == "message" && self.kind.1 == "rfc822" && !self.children.is_empty()
    }

    /// The part a path of IMAP names (RFC 3501, 6.4.5): `1` of a single part is itself, and a path
    /// goes through an enclosed message as if its parts were here.
    pub fn at(&self, path: &[u32]) -> Option<&Part<'a>> {
        let Some((&first, rest)) = path.split_first() else {
            return Some(self);
        };
        let holder = if self.is_message() {
            self.children.first()?
        } else {
            self
        };
        let child = if holder.is_multipart() {
            holder
                .children
                .get(usize::try_from(first).ok()?.checked_sub(1)?)?
        } else if first == 1 {
            if std::ptr::eq(holder, self) && !rest.is_empty() {
                return None;
            }
            holder
        } else {
            return None;
        };
        if std::ptr::eq(child, self) {
            Some(child)
        } else {
            child.at(rest)
        }
    }

    /// A header field's value, unfolded, if it is there.
    pub fn field(&self, name: &str) -> Option<String> {
        fields(self.header)
            .into_iter()
            .find(|f| f.is(name))
            .map(|f| f.value())
    }
}

/// A header field with its folded lines and final line end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub raw: &'a [u8],
}

impl Field<'_> {
    pub fn is(&self, name: &str) -> bool {
        let colon = self.raw.iter().position(|&b| b == b':').unwrap_or(0);
        self.raw[..colon]
            .trim_ascii_end()
            .eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value on one line.
    pub fn value(&self) -> String {
        let colon = self
            .raw
            .iter()
            .position(|&b| b == b':')
            .map_or(0, |c| c + 1);
        let text = String::from_utf8_lossy(&self.raw[colon..]);
        text.lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The fields of a header, in order.
pub(crate) fn fields(header: &[u8]) -> Vec<Field<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < header.len() {
        let end = line_end(header, at);
        let line = &header[at..end];
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        if !folded && at > start {
            found.push(Field {
                raw: &header[start..at],
            });
            start = at;
        }
        if line.trim_ascii().is_empty() && !folded {
            return found;
        }
        at = end;
    }
    if start < header.len() {
        found.push(Field {
            raw: &header[start..],
        });
    }
    found
}

/// Splits `type/subtype; name=value` (RFC 2045, 5.1); what cannot be read is left out.
pub(crate) fn parameters(value: &str) -> (String, Vec<(String, String)>) {
    let mut pieces = Vec::new();
    let (mut piece, mut quoted, mut escaped) = (String::new(), false, false);
    for c in value.chars() {
        match c {
            _ if escaped => {
                piece.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => pieces.push(std::mem::take(&mut piece)),
            _ => piece.push(c),
        }
    }
    pieces.push(piece);
    let mut pieces = pieces.into_iter();
    let main = pieces
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let params = pieces
        .filter_map(|p| {
            let (name, value) = p.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    (main, params)
}

fn parse<'a>(bytes: &'a [u8], depth: usize, default: (&str, &str)) -> Part<'a> {
    let (header, body) = split(bytes);
    let content_type = fields(header)
        .into_iter()
        .find(|f| f.is("Content-Type"))
        .map(|f| f.value());
    let (kind, params) = match content_type.as_deref().map(parameters) {
        Some((main, params)) => match main.split_once('/') {
            Some((a, b)) if !a.is_empty() && !b.is_empty() => {
                ((a.to_owned(), b.to_owned()), params)
            }
            _ => (("text".to_owned(), "plain".to_owned()), Vec::new()),
        },
        None => ((default.0.to_owned(), default.1.to_owned()), Vec::new()),
    };
    let mut part = Part {
        header,
        body,
        kind,
        params,
        children: Vec::new(),
    };
    if depth >= MAX_DEPTH {
        return part;
    }
    if part.kind.0 == "multipart" {
        let inside = if part.kind.1 == "digest" {
            ("message", "rfc822")
        } else {
            ("text", "plain")
        };
        let boundary = part
            .params
            .iter()
            .find(|(n, _)| n == "boundary")
            .map(|(_, b)| b.clone());
        if let Some(boundary) = boundary {
            part.children = pieces(body, &boundary)
                .into_iter()
                .map(|p| parse(p, depth + 1, inside))
                .collect();
        }
    } else if part.kind.0 == "message" && part.kind.1 == "rfc822" {
        part.children = vec![parse(body, depth + 1, ("text", "plain"))];
    }
    part
}

/// Header (with its empty line) and the rest.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while at < bytes.len() {
        let end = line_end(bytes, at);
        if matches!(&bytes[at..end], b"\r\n" | b"\n") {
            return bytes.split_at(end);
        }
        at = end;
    }
    (bytes, &[])
}

/// What lies between the boundary lines (RFC 2046, 5.1.1).
fn pieces<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let mark = format!("--{boundary}");
    let mut found = Vec::new();
    let mut start = None;
    let mut at = 0;
    while at < body.len() {
        let end = line_end(body, at);
        let line = body[at..end].trim_ascii_end();
        if let Some(rest) = line.strip_prefix(mark.as_bytes())
            && (rest.is_empty() || rest == b"--")
        {
            if let Some(from) = start {
                found.push(without_line_end(&body[from..at]));
            }
            start = (rest.is_empty()).then_some(end);
            if start.is_none() {
                return found;
            }
        }
        at = end;
    }
    // No closing line: what is there still counts.
    if let Some(from) = start.filter(|&f| f < body.len()) {
        found.push(&body[from..]);
    }
    found
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..]
        .iter()
        .position(|&b| b == b'\n')
        .map_or(bytes.len(), |n| from + n + 1)
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NESTED: &[u8] = b"Subject: x\r\nContent-Type: multipart/mixed;\r\n boundary=\"a\"\r\n\r\npreamble\r\n--a\r\n\r\nfirst\r\n--a\r\n\
        Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--\r\n\r\n--a--\r\nepilogue";

    #[test]
    fn paths_lead_through_enclosed_messages() {
        let message = Part::parse(NESTED);
        assert_eq!(message.at(&[1]).unwrap().body, b"first");
        assert_eq!(
            message.at(&[2]).unwrap().children[0]
                .field("subject")
                .unwrap(),
            "inner"
        );
        assert_eq!(message.at(&[2, 1]).unwrap().body, b"plain");
        assert_eq!(message.at(&[2, 2]).unwrap().body, b"<p>");
        assert!(message.at(&[2, 3]).is_none());
        assert!(message.at(&[3]).is_none());
        assert!(message.at(&[1, 2]).is_none());
    }

    #[test]
    fn a_single_part_is_its_own_part_one() {
        let message = Part::parse(b"Subject: x\r\n\r\nbody\r\n");
        assert_eq!(message.at(&[1]).unwrap().body, b"body\r\n");
        assert!(message.at(&[2]).is_none());
    }

    #[test]
    fn a_folded_field_is_one_field() {
        let found = fields(b"A: 1\r\nB: 2\r\n  3\r\nC: 4\r\n\r\n");
        assert_eq!(found.len(), 3);
        assert_eq!(found[1].value(), "2 3");
        assert_eq!(found[1].raw, b"B: 2\r\n  3\r\n");
    }

    #[test]
    fn depth_is_bounded() {
        let mut text = String::new();
        for n in 0..500 {
            text.push_str(&format!(
                "Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"
            ));
        }
        let message = Part::parse(text.as_bytes());
        assert!(message.is_multipart());
    }
}
