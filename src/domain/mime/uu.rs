//! Files uuencoded into running text, as mailers did before MIME and some scripts still do.
//!
//! A block counts only if all its lines are what they say they are: prose that begins a line with
//! "begin 644" loses nothing. One that was cut off keeps what came. The encoding as such is
//! undone in `transfer`.

use std::ops::Range;

/// A file found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Embedded {
    /// The bytes of the text its lines are.
    pub place: Range<usize>,
    /// The name on its first line.
    pub name: Vec<u8>,
}

/// The blocks of `text`, in order.
pub(super) fn find(text: &[u8]) -> Vec<Embedded> {
    let mut found = Vec::new();
    let mut lines = Lines { text, at: 0 };
    while let Some((start, line)) = lines.next() {
        let Some(name) = beginning(line) else {
            continue;
        };
        let after = lines.at;
        let (mut end, mut data, mut closed) = (after, 0_usize, false);
        while let Some((_, line)) = lines.next() {
            if line.trim_ascii() == b"end" {
                end = lines.at;
                closed = true;
                break;
            }
            if !is_data(line) {
                break;
            }
            data += 1;
            end = lines.at;
        }
        if data > 0 && (closed || data >= FEWEST_OPEN) {
            found.push(Embedded {
                place: start..end,
                name: name.to_vec(),
            });
        }
        lines.at = if closed || data > 0 { end } else { after };
    }
    found
}

/// A block that lost its end needs so many good lines to be believed.
const FEWEST_OPEN: usize = 3;

struct Lines<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let end = rest.iter().position(|b| *b == b'\n');
        self.at += end.map_or(rest.len(), |end| end + 1);
        let line = &rest[..end.unwrap_or(rest.len())];
        Some((start, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

/// The file name of a line `begin MODE NAME`.
fn beginning(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"begin ")?;
    let (mode, name) = rest.split_at(rest.iter().position(|b| *b == b' ')?);
    let octal = mode.iter().all(|b| matches!(b, b'0'..=b'7'));
    (octal && matches!(mode.len(), 3 | 4) && !name.trim_ascii().is_empty())
        .then(|| name.trim_ascii())
}

/// Whether a line's length fits the count of bytes it begins with.
fn is_data(line: &[u8]) -> bool {
    let Some((&count, rest)) = line.split_first() else {
        return false;
    };
    if !line.iter().all(|b| matches!(b, b' '..=b'`')) {
        return false;
    }
    let count = usize::from((count - b' ') & 0x3f);
    let needed = count.div_ceil(3) * 4;
    // Blanks at the end are lost on the way, and a checksum character is added by some.
    rest.len() <= needed + 2 && rest.len() + 8 >= needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_blocks_and_no_prose() {
        let block = "begin 644 c\u{e1}t.txt\n#0V%T\n`\nend\n";
        for (text, found) in [
            (format!("hi\n{block}bye"), vec![block]),
            (
                format!("{block}{block}").replace('\n', "\r\n"),
                vec![block, block],
            ),
            (
                "begin 644 the day with a walk\nand so on\n".to_owned(),
                vec![],
            ),
            ("begin 6 x\nend\n".to_owned(), vec![]),
            (
                format!("begin 644 a\n{}rest", "#0V%T\n".repeat(3)),
                vec!["begin 644 a\n#0V%T\n#0V%T\n#0V%T\n"],
            ),
            ("begin 644 a\n#0V%T\nrest".to_owned(), vec![]),
            (String::new(), vec![]),
        ] {
            let blocks: Vec<String> = find(text.as_bytes())
                .into_iter()
                .map(|block| text[block.place].replace('\r', ""))
                .collect();
            assert_eq!(blocks, found, "{text}");
        }
    }
}
