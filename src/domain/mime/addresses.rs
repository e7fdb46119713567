//! Address lists (RFC 5322 §3.4), read so that what is written in them is found, right or wrong.

use super::charset;
use super::field::{decode_words, one_line, unfolded};
use crate::address::Address;

/// The mailboxes in an address field, groups opened. A name without an address is kept with an
/// empty one: it was shown to other readers too.
pub(super) fn parse(value: &[u8]) -> Vec<Address> {
    let text = charset::raw(&unfolded(value));
    let mut list = Vec::new();
    let mut mailbox = Mailbox::default();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '"' => mailbox.quoted(after),
            '(' => mailbox.comment(after),
            '<' => mailbox.angle(after),
            ',' | ';' => {
                list.extend(mailbox.take().finish());
                after
            }
            // A group's name, unless it is a colon in an address or in an encoded word.
            ':' if mailbox.is_group_name() => {
                mailbox.take();
                after
            }
            ':' => {
                mailbox.push(":");
                after
            }
            _ => {
                let end = rest.find(SPECIALS).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                mailbox.push(word);
                after
            }
        };
    }
    list.extend(mailbox.finish());
    list
}

/// What has a meaning in a list.
const SPECIALS: [char; 6] = ['"', '(', '<', ',', ';', ':'];

#[derive(Default)]
struct Mailbox {
    /// Words outside angle brackets, quotes taken off.
    phrase: String,
    /// The same as written, for addresses without brackets.
    written: String,
    comment: String,
    address: Option<String>,
    /// A quote or bracket was found that nothing closes: looking again would find as little, and
    /// take quadratic time.
    unclosed: bool,
}

impl Mailbox {
    /// This mailbox, and an empty one in its place.
    fn take(&mut self) -> Self {
        let next = Self {
            unclosed: self.unclosed,
            ..Self::default()
        };
        std::mem::replace(self, next)
    }

    fn push(&mut self, text: &str) {
        self.phrase.push_str(text);
        self.written.push_str(text);
    }

    /// Takes a quoted string whose opening quote is gone; what follows it.
    fn quoted<'a>(&mut self, text: &'a str) -> &'a str {
        if self.unclosed {
            return text;
        }
        let mut escaped = false;
        let end = text.char_indices().find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        // A quote that nothing closes is only a character.
        let Some((end, _)) = end else {
            self.unclosed = true;
            return text;
        };
        let mut chars = text[..end].chars();
        while let Some(c) = chars.next() {
            self.phrase
                .extend(if c == '\\' { chars.next() } else { Some(c) });
        }
        self.written.push_str(&format!("\"{}\"", &text[..end]));
        &text[end + 1..]
    }

    /// Takes a comment whose opening bracket is gone; comments nest.
    fn comment<'a>(&mut self, text: &'a str) -> &'a str {
        if self.unclosed {
            self.push("(");
            return text;
        }
        let mut depth = 1_usize;
        let mut escaped = false;
        for (at, c) in text.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => {
                    escaped = true;
                    continue;
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                // In a display name brackets are meant to be read.
                if self.address.is_none() && !self.phrase.trim().is_empty() {
                    self.phrase.push_str(&format!("({})", &self.comment));
                    self.written.push(' ');
                }
                return &text[at + 1..];
            }
            self.comment.push(c);
        }
        // Never closed: ordinary text.
        self.unclosed = true;
        self.comment.clear();
        self.push("(");
        text
    }

    fn angle<'a>(&mut self, text: &'a str) -> &'a str {
        let end = text.find('>').unwrap_or(text.len());
        let inner = text[..end].trim();
        // An obsolete source route: <@a,@b:user@host>.
        let inner = match inner.starts_with('@') {
            true => inner.rsplit_once(':').map_or(inner, |(_, address)| address),
            false => inner,
        };
        let inner = inner.trim_start_matches('<').trim();
        let inner = inner.strip_prefix("mailto:").unwrap_or(inner);
        if self.address.as_ref().is_none_or(String::is_empty) {
            self.address = Some(inner.to_owned());
        }
        text.get(end + 1..).unwrap_or_default()
    }

    fn is_group_name(&self) -> bool {
        self.address.is_none() && !self.written.contains(['@', '['])
    }

    fn finish(self) -> Option<Address> {
        let (name, address) = match self.address {
            Some(address) => (self.phrase, address),
            None if self.written.contains('@') => self.bare(),
            None => (self.phrase, String::new()),
        };
        let name = one_line(&decode_words(name.trim().as_bytes()));
        let name = name.trim_matches(['"', '\'']).trim().to_owned();
        let mut address = one_line(&address);
        if !address.starts_with('"') {
            address.retain(|c| !c.is_whitespace());
        }
        // Repeating the address as the name says nothing.
        let name = if name.eq_ignore_ascii_case(&address) {
            String::new()
        } else {
            name
        };
        (!name.is_empty() || !address.is_empty()).then_some(Address { name, address })
    }

    /// An address without brackets: the word with the `@`; the rest, or a comment, is the name.
    fn bare(&self) -> (String, String) {
        let written = self.written.trim();
        if written.starts_with('"') {
            return (self.comment.clone(), written.to_owned());
        }
        // Blanks around the @ are obsolete syntax, blanks elsewhere separate words.
        let words: Vec<&str> = written.split_whitespace().collect();
        let at = words
            .iter()
            .position(|word| word.contains('@'))
            .unwrap_or(0);
        if words.get(at) == Some(&"@") || words.len() == 1 {
            return (self.comment.clone(), words.concat());
        }
        let name: Vec<&str> = words
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != at)
            .map(|(_, word)| *word)
            .collect();
        let name = if name.is_empty() {
            self.comment.clone()
        } else {
            name.join(" ")
        };
        (name, words.get(at).copied().unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        for (value, expected) in [
            ("a@x.vn", vec![("", "a@x.vn")]),
            (
                "An <a@x.vn>, \"Lê, Bình\" <b@x.vn>",
                vec![("An", "a@x.vn"), ("Lê, Bình", "b@x.vn")],
            ),
            ("a@x.vn (Văn thư)", vec![("Văn thư", "a@x.vn")]),
            (
                "Hạnh (người dân) <h@x.vn>",
                vec![("Hạnh (người dân)", "h@x.vn")],
            ),
            (
                "Nhóm: a@x.vn, B <b@x.vn>;",
                vec![("", "a@x.vn"), ("B", "b@x.vn")],
            ),
            ("undisclosed-recipients:;", vec![]),
            (
                "=?utf-8?B?4bs=?= =?utf-8?B?mw==?= <a@x.vn>",
                vec![("ớ", "a@x.vn")],
            ),
            (
                "\"=?utf-8?Q?L=C3=AA=2C_B?=\" <a@x.vn>",
                vec![("Lê, B", "a@x.vn")],
            ),
            ("<@r.vn,@s.vn:a@x.vn>", vec![("", "a@x.vn")]),
            ("\"a b\"@x.vn", vec![("", "\"a b\"@x.vn")]),
            ("a @ x.vn", vec![("", "a@x.vn")]),
            (
                "'An' <a@x.vn>; b@x.vn",
                vec![("An", "a@x.vn"), ("", "b@x.vn")],
            ),
            ("a@x.vn <a@x.vn>", vec![("", "a@x.vn")]),
            ("Nguyễn Văn An", vec![("Nguyễn Văn An", "")]),
            ("\"open <a@x.vn>", vec![("open", "a@x.vn")]),
            ("(open <a@x.vn>", vec![("(open", "a@x.vn")]),
            ("An <a@x.vn", vec![("An", "a@x.vn")]),
            ("<>", vec![]),
            (", ,;", vec![]),
        ] {
            let list = parse(value.as_bytes());
            let found: Vec<_> = list
                .iter()
                .map(|a| (a.name.as_str(), a.address.as_str()))
                .collect();
            assert_eq!(found, expected, "{value}");
        }
    }

    #[test]
    fn hostile_lists_take_linear_time() {
        for piece in ["(", "\\\"", "\"\\", "<", "((,", "a:"] {
            parse(piece.repeat(200_000).as_bytes());
        }
        assert_eq!(parse("a@x.vn,".repeat(20_000).as_bytes()).len(), 20_000);
    }

    #[test]
    fn raw_legacy_names() {
        assert_eq!(
            parse(b"Ti\xea\xecng Vi\xea\xf2t <a@x.vn>")[0].name,
            "Tiếng Việt"
        );
    }
}
