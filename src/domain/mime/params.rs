//! Values with parameters: Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183), with
//! continuations and charsets (RFC 2231) and the encoded words many write instead.

use super::charset;
use super::field::{decode_words, unfolded, without_controls};

/// A value and its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Valued {
    /// The value, lower-case.
    pub value: String,
    /// Names in lower case, decoded values. Overrides of writing direction are kept, because a
    /// file name that has any is held for it.
    params: Vec<(String, String)>,
}

impl Valued {
    pub(super) fn parse(header: &[u8]) -> Self {
        let text = charset::raw(&unfolded(header));
        let (value, mut rest) = text.split_once(';').unwrap_or((&text, ""));
        let value = value
            .split('(')
            .next()
            .unwrap_or(value)
            .trim()
            .to_ascii_lowercase();
        let mut written = Vec::new();
        while !rest.is_empty() {
            let (parameter, after) = next_parameter(rest);
            written.extend(parameter);
            rest = after;
        }
        Self {
            value,
            params: resolved(written),
        }
    }

    /// The parameter called `name`, decoded.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Cuts one `name=value` off the front of `text`.
fn next_parameter(text: &str) -> (Option<(String, String)>, &str) {
    let text = text.trim_start_matches([';', ' ', '\t']);
    let name_end = text.find(['=', ';']).unwrap_or(text.len());
    let name = text[..name_end].trim().to_ascii_lowercase();
    let Some(value) = text[name_end..].strip_prefix('=') else {
        return (None, &text[name_end..]);
    };
    let value = value.trim_start();
    let (value, rest) = match value.strip_prefix('"') {
        Some(quoted) => {
            let (value, after) = quoted_string(quoted);
            let rest = after.find(';').map_or("", |at| &after[at..]);
            (value, rest)
        }
        None => {
            let end = value.find(';').unwrap_or(value.len());
            (value[..end].trim().to_owned(), &value[end..])
        }
    };
    ((!name.is_empty()).then_some((name, value)), rest)
}

/// The content of a quoted string whose opening quote is gone, and what follows it. A backslash
/// before anything but a quote or itself is kept: Windows paths are not escapes.
fn quoted_string(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => match chars.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, next)) => value.push(next),
                None => value.push('\\'),
            },
            c => value.push(c),
        }
    }
    (value, "")
}

/// Joins continuations and decodes. An extended parameter wins over a plain one of its name,
/// which is there for old readers.
fn resolved(written: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut plain = Vec::new();
    let mut segments: Vec<(String, u32, bool, String)> = Vec::new();
    for (name, value) in written {
        match segment(&name) {
            Some((base, number, encoded)) => segments.push((base, number, encoded, value)),
            None => plain.push((name, without_controls(&decode_words(value.as_bytes())))),
        }
    }
    segments.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut params: Vec<(String, String)> = segments
        .chunk_by(|a, b| a.0 == b.0)
        .map(|pieces| (pieces[0].0.clone(), without_controls(&joined(pieces))))
        .collect();
    params.extend(plain);
    params
}

/// `name*0*` taken apart: the name, the segment's number, whether it is percent-encoded.
fn segment(name: &str) -> Option<(String, u32, bool)> {
    let (base, rest) = name.split_once('*')?;
    let encoded = rest.is_empty() || rest.ends_with('*');
    let number = rest.trim_end_matches('*');
    let number = if number.is_empty() {
        0
    } else {
        number.parse().ok()?
    };
    Some((base.to_owned(), number, encoded))
}

fn joined(pieces: &[(String, u32, bool, String)]) -> String {
    let mut label = None;
    let mut bytes = Vec::new();
    for (at, (_, _, encoded, value)) in pieces.iter().enumerate() {
        let mut value = value.as_str();
        if at == 0
            && *encoded
            && let Some((charset, (_, text))) = value
                .split_once('\'')
                .and_then(|(c, rest)| Some((c, rest.split_once('\'')?)))
        {
            label = Some(charset);
            value = text;
        }
        if *encoded {
            percent_decode(value, &mut bytes);
        } else {
            bytes.extend_from_slice(value.as_bytes());
        }
    }
    let text = charset::decode(&bytes, label);
    // Encoded words have no place here, and are met.
    if text.contains("=?") {
        decode_words(text.as_bytes())
    } else {
        text
    }
}

fn percent_decode(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|hex| first == b'%' && hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        for (header, name, value) in [
            (
                "text/plain; charset=\"utf-8\"; format=flowed",
                "charset",
                Some("utf-8"),
            ),
            (
                "TEXT/Plain;charset = utf-8 ;Format=Flowed",
                "format",
                Some("Flowed"),
            ),
            (
                "attachment; filename=\"b\u{e1}o c\u{e1}o.pdf\"",
                "filename",
                Some("báo cáo.pdf"),
            ),
            ("attachment; filename=a b;x", "filename", Some("a b")),
            (
                "attachment; filename=\"a;\\\"b\"",
                "filename",
                Some("a;\"b"),
            ),
            (
                "attachment; filename=\"C:\\tmp\\x.doc\"",
                "filename",
                Some("C:\\tmp\\x.doc"),
            ),
            (
                "attachment; filename=\"unclosed",
                "filename",
                Some("unclosed"),
            ),
            (
                "attachment; filename*=UTF-8''v%C4%83n%20b%E1%BA%A3n.pdf",
                "filename",
                Some("văn bản.pdf"),
            ),
            ("a; filename=x; filename*=utf-8''y", "filename", Some("y")),
            (
                "a; filename*1*=%9Bi.pdf; filename*0*=utf-8''v%E1%BB; filename*2=\"x\"",
                "filename",
                Some("với.pdfx"),
            ),
            ("a; name*0=abc; name*1=def", "name", Some("abcdef")),
            (
                "a; name==?utf-8?B?4bs=?= =?utf-8?B?mw==?=",
                "name",
                Some("ớ"),
            ),
            (
                "a; name=\"=?utf-8?Q?a=2E?=\r\n =?utf-8?Q?pdf?=\"",
                "name",
                Some("a.pdf"),
            ),
            ("a; filename*=100%.txt", "filename", Some("100%.txt")),
            ("a", "name", None),
            ("a;;;=;b", "name", None),
        ] {
            assert_eq!(
                Valued::parse(header.as_bytes()).get(name),
                value,
                "{header}"
            );
        }
        assert_eq!(
            Valued::parse(b" Multipart/MIXED (x); a=b").value,
            "multipart/mixed"
        );
    }
}
