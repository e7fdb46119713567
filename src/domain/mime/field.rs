//! The header block: where it ends, its fields, unfolding (RFC 5322 §2.2), encoded words
//! (RFC 2047) and their repair.

use std::ops::Range;

use super::charset;
use super::transfer::{base64, quoted_printable};

/// A header field as it stands in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub name: &'a str,
    /// What follows the colon, still folded and encoded.
    pub value: &'a [u8],
}

/// The end of the line that begins at `from`, its line end included. CR, LF and CRLF all end one.
pub(super) fn line_end(bytes: &[u8], from: usize) -> usize {
    let line = bytes.get(from..).unwrap_or_default();
    match line.iter().position(|b| matches!(b, b'\n' | b'\r')) {
        None => bytes.len(),
        Some(at) if line[at] == b'\r' && line.get(at + 1) == Some(&b'\n') => from + at + 2,
        Some(at) => from + at + 1,
    }
}

/// `line` without its line end.
pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The length of the field name `line` begins with, if it begins a field. Blanks before the colon
/// are obsolete (RFC 5322 §4.5) and met.
pub(super) fn name_length(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|b| *b == b':')?;
    let name = line[..colon].trim_ascii_end();
    name.iter()
        .all(|b| b.is_ascii_graphic())
        .then_some(name.len())
}

/// Whether `line` belongs to a header block: a field, its continuation, or an mbox separator.
pub(super) fn is_header_line(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
        || line.starts_with(b"From ")
        || name_length(line).is_some()
}

/// The header block at the start of `raw` and where the body begins.
pub(super) fn split(raw: &[u8]) -> (Range<usize>, usize) {
    let mut at = 0;
    while at < raw.len() {
        let end = line_end(raw, at);
        let line = &raw[at..end];
        if !is_header_line(line) {
            let body = if without_end(line).is_empty() {
                end
            } else {
                at
            };
            return (0..at, body);
        }
        at = end;
    }
    (0..raw.len(), raw.len())
}

/// The fields of a header block, in order. Lines that belong to none are passed over.
pub(super) fn fields(block: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < block.len() {
            let start = at;
            at = line_end(block, at);
            let line = &block[start..at];
            let Some(length) = name_length(line).filter(|length| *length > 0) else {
                continue;
            };
            if matches!(line[0], b' ' | b'\t') {
                continue;
            }
            while matches!(block.get(at), Some(b' ' | b'\t')) {
                at = line_end(block, at);
            }
            let colon = start + line.iter().position(|b| *b == b':').unwrap_or(length);
            let name = std::str::from_utf8(&line[..length]).unwrap_or_default();
            return Some(Field {
                name,
                value: &block[colon + 1..at],
            });
        }
        None
    })
}

/// The first field called `name`.
pub(super) fn first<'a>(block: &'a [u8], name: &str) -> Option<Field<'a>> {
    fields(block).find(|field| field.name.eq_ignore_ascii_case(name))
}

/// A value on one line: line ends with the white space after them become one space.
pub(super) fn unfolded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.trim_ascii();
    while let Some(at) = rest.iter().position(|b| matches!(b, b'\r' | b'\n')) {
        out.extend_from_slice(rest[..at].trim_ascii_end());
        out.push(b' ');
        rest = rest[at..].trim_ascii_start();
    }
    out.extend_from_slice(rest);
    out
}

/// An unstructured value as a person reads it: unfolded, encoded words decoded, one line, NFC.
pub(super) fn decoded(value: &[u8]) -> String {
    decoded_as(value, None)
}

/// The same, with all that is 8-bit taken to be in the charset `asked` for.
pub(super) fn decoded_as(value: &[u8], asked: Option<&str>) -> String {
    one_line(&words(&unfolded(value), asked))
}

/// Whether there can be neither control characters nor marks of direction in `text`: the bytes
/// they begin with do not stand in it.
fn is_plain(text: &str) -> bool {
    !text
        .bytes()
        .any(|byte| byte < b' ' || matches!(byte, 0x7f | 0xc2 | 0xe2))
}

/// `text` without control characters and overrides of writing direction, which only deceive.
pub(super) fn one_line(text: &str) -> String {
    if is_plain(text) {
        return text.trim().to_owned();
    }
    let turns = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text: String = text.chars().filter(|c| !turns(c)).collect();
    without_controls(&text)
}

/// `text` with control characters made spaces.
pub(super) fn without_controls(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}

/// Encoded words of one charset that follow each other, not yet decoded: mailers cut characters
/// and even base64 groups between words.
#[derive(Default)]
struct Run<'a> {
    /// What a reader asked for in place of the label.
    asked: Option<&'a str>,
    /// `None` between runs.
    charset: Option<String>,
    bytes: Vec<u8>,
    group: Vec<u8>,
}

impl Run<'_> {
    fn add(&mut self, word: &Word<'_>, out: &mut String) {
        let same = self
            .charset
            .as_ref()
            .is_some_and(|c| c.eq_ignore_ascii_case(word.charset));
        // Charsets that switch by escapes begin anew in each word (RFC 2047 §3).
        let switching = word
            .charset
            .get(..8)
            .is_some_and(|c| c.eq_ignore_ascii_case("iso-2022"));
        if !same || switching {
            self.finish(out);
            self.charset = Some(word.charset.to_owned());
        }
        if word.base64 {
            self.group
                .extend(word.text.iter().filter(|b| !b.is_ascii_whitespace()));
            if self.group.len().is_multiple_of(4) || self.group.ends_with(b"=") {
                self.end_group();
            }
        } else {
            self.end_group();
            self.bytes.extend(quoted_printable(word.text, true));
        }
    }

    fn end_group(&mut self) {
        let group = std::mem::take(&mut self.group);
        // A character too many is one cut off: the rest is still good.
        let whole = base64(&group).or_else(|| base64(&group[..group.len() - 1]));
        self.bytes.extend(whole.unwrap_or_default());
    }

    fn finish(&mut self, out: &mut String) {
        self.end_group();
        if !self.bytes.is_empty() {
            out.push_str(&match self.asked {
                Some(asked) if !self.bytes.is_ascii() => charset::forced(&self.bytes, asked),
                _ => charset::decode(&self.bytes, self.charset.as_deref()),
            });
        }
        *self = Self {
            asked: self.asked,
            ..Self::default()
        };
    }
}

struct Word<'a> {
    charset: &'a str,
    base64: bool,
    text: &'a [u8],
    /// Its length in the header.
    length: usize,
}

/// Decodes the encoded words in an unfolded value; all else is taken as raw text.
pub(super) fn decode_words(value: &[u8]) -> String {
    words(value, None)
}

fn words(value: &[u8], asked: Option<&str>) -> String {
    let literal_text = |bytes: &[u8]| match asked {
        Some(asked) if !bytes.is_ascii() => charset::forced(bytes, asked),
        _ => charset::raw(bytes),
    };
    let mut out = String::new();
    let mut run = Run {
        asked,
        ..Run::default()
    };
    let (mut literal, mut at) = (0, 0);
    while let Some(found) = find(value, b"=?", at) {
        let word = match word(&value[found..]) {
            Ok(word) => word,
            Err(NoWord::Here) => {
                at = found + 2;
                continue;
            }
            // Without an end anywhere there is no need to look at each beginning.
            Err(NoWord::Anywhere) => break,
        };
        let between = &value[literal..found];
        if run.charset.is_none() || !between.trim_ascii().is_empty() {
            run.finish(&mut out);
            out.push_str(&literal_text(between));
        }
        run.add(&word, &mut out);
        at = found + word.length;
        literal = at;
    }
    run.finish(&mut out);
    out.push_str(&literal_text(&value[literal..]));
    out
}

enum NoWord {
    Here,
    Anywhere,
}

/// The encoded word at the start of `bytes`, which begins with `=?`.
fn word(bytes: &[u8]) -> Result<Word<'_>, NoWord> {
    let label = bytes.get(2..).unwrap_or_default();
    // No charset name is longer; the limit keeps hostile headers linear.
    let label_end = label
        .iter()
        .take(64)
        .position(|b| *b == b'?')
        .ok_or(NoWord::Here)?;
    let charset = std::str::from_utf8(&label[..label_end]).map_err(|_| NoWord::Here)?;
    let encoding = label
        .get(label_end + 1..label_end + 3)
        .ok_or(NoWord::Here)?;
    let base64 = match encoding {
        [b'b' | b'B', b'?'] => true,
        [b'q' | b'Q', b'?'] => false,
        _ => return Err(NoWord::Here),
    };
    let text = &label[label_end + 3..];
    let end = find(text, b"?=", 0).ok_or(NoWord::Anywhere)?;
    // RFC 2231 §5 lets a language follow the charset.
    let charset = charset.split('*').next().unwrap_or(charset);
    Ok(Word {
        charset,
        base64,
        text: &text[..end],
        length: 2 + label_end + 3 + end + 2,
    })
}

fn find(bytes: &[u8], needle: &[u8; 2], from: usize) -> Option<usize> {
    bytes
        .get(from..)?
        .windows(2)
        .position(|pair| pair == needle)
        .map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_and_repairs() {
        for (value, text) in [
            ("=?UTF-8?Q?v=E1=BB?= =?UTF-8?Q?=9Bi?=", "với"),
            ("=?utf-8?B?4bs=?=\r\n =?UTF-8?b?mw==?= x", "\u{1edb} x"),
            ("=?UTF-8?B?dMOg?= =?UTF-8?Q?_li=E1=BB=87u?=", "tà liệu"),
            ("Re: =?iso-8859-1?q?caf=E9?= (x)", "Re: café (x)"),
            ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
            ("=?utf-8*vi?q?a_b?=", "a b"),
            ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
            ("=??Q?v=E1=BB=9Bi?=", "với"),
            (
                "=?iso-2022-jp?B?GyRCJUYbKEI=?= =?iso-2022-jp?B?GyRCJTkbKEI=?=",
                "テス",
            ),
            ("B\u{e1}o c\u{e1}o", "Báo cáo"),
            ("=?utf-8?x?a?= =?", "=?utf-8?x?a?= =?"),
            ("a\r\n\tb", "a b"),
            ("=?utf-8?q?a=0Ab=E2=80=AE?=", "a b"),
        ] {
            assert_eq!(decoded(value.as_bytes()), text, "{value}");
        }
    }

    #[test]
    fn joins_what_was_cut_in_base64() {
        // "tiếng Việt" cut inside a character, and inside a group of four.
        assert_eq!(decoded(b"=?utf-8?B?dGnh?= =?utf-8?B?ur9uZw==?="), "tiếng");
        assert_eq!(decoded(b"=?utf-8?B?dGnhu?= =?utf-8?B?r9uZw==?="), "tiếng");
        assert_eq!(decoded(b"=?windows-1258?Q?ti=EA=ECng?="), "tiếng");
        assert_eq!(decoded(b"ti\xea\xecng Vi\xea\xf2t"), "tiếng Việt");
    }

    #[test]
    fn a_reader_may_name_the_charset() {
        let asked = |value: &[u8]| decoded_as(value, Some("tcvn3"));
        assert_eq!(asked(b"=?iso-8859-1?Q?Ti=D5ng?= Vi\xd6t"), "Tiếng Việt");
        assert_eq!(asked(b"Re: =?utf-8?q?a?="), "Re: a");
    }

    #[test]
    fn hostile_values_take_linear_time() {
        let value = "=?a?Q?x".repeat(200_000);
        assert_eq!(decoded(value.as_bytes()), value);
    }

    #[test]
    fn finds_fields() {
        let raw = b"From x@y\r\nSubject : a\r\n b\r\nX-Y:\r\nbad\r\n\r\nbody";
        let (header, body) = split(raw);
        let names: Vec<&str> = fields(&raw[header]).map(|field| field.name).collect();
        assert_eq!(names, ["Subject", "X-Y"]);
        assert_eq!(&raw[body..body + 3], b"bad");
        assert_eq!(
            first(raw, "subject").map(|f| unfolded(f.value)),
            Some(b"a b".to_vec())
        );
        assert_eq!(split(b"\n\nx"), (0..0, 1));
        assert_eq!(split(b""), (0..0, 0));
        assert_eq!(split(b"just text"), (0..0, 0));
    }
}
