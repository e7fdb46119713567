//! The small pieces of a response: words, numbers, strings, lists. Lenient where servers are
//! (raw UTF-8 in quoted strings, numbers below zero), never where leniency would invent data.

use super::wire::Raw;

/// Nesting beyond this is no mail any person wrote.
const DEEPEST: usize = 200;

/// A position in a response.
pub(super) struct Cursor {
    text: Vec<u8>,
    at: usize,
    literals: Vec<Option<Vec<u8>>>,
    /// The literal that comes next.
    next: usize,
}

/// A place in a response to come back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    at: usize,
    next: usize,
}

/// A string that may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// `NIL`
    Nil,
    /// Quoted, literal or bare.
    Bytes(Vec<u8>),
    /// A literal larger than the bound; its bytes were not kept.
    TooLarge,
}

impl Cursor {
    pub(super) fn new(raw: Raw) -> Self {
        Self {
            text: raw.text,
            at: 0,
            literals: raw.literals,
            next: 0,
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            next: self.next,
        }
    }

    /// Goes back, to step over what could not be read. Literals read meanwhile are gone.
    pub(super) fn rewind(&mut self, mark: Mark) {
        (self.at, self.next) = (mark.at, mark.next);
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Steps over `byte` if it comes next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    pub(super) fn spaces(&mut self) {
        while self.eat(b' ') {}
    }

    /// What is left, as text.
    pub(super) fn rest(&self) -> String {
        String::from_utf8_lossy(self.text.get(self.at..).unwrap_or_default()).into_owned()
    }

    /// The characters up to a space, bracket, parenthesis or quote; empty where one stands here.
    pub(super) fn word(&mut self) -> String {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|byte| !b" ()[]\"\n".contains(&byte))
        {
            self.at += 1;
        }
        String::from_utf8_lossy(self.text.get(start..self.at).unwrap_or_default()).into_owned()
    }

    /// Like [`Cursor::word`], but brackets belong to it: flags and mailbox names have them.
    pub(super) fn atom(&mut self) -> Vec<u8> {
        let start = self.at;
        while self.peek().is_some_and(|byte| !b" ()\"\n".contains(&byte)) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default().to_vec()
    }

    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Option<N> {
        self.word().parse().ok()
    }

    /// A number that a broken server may have let run below zero or quoted: those count as 0.
    pub(super) fn size(&mut self) -> Option<u64> {
        match self.text()? {
            Text::Bytes(bytes) => {
                let number: i64 = std::str::from_utf8(&bytes).ok()?.parse().ok()?;
                Some(u64::try_from(number).unwrap_or(0))
            }
            Text::Nil => Some(0),
            Text::TooLarge => None,
        }
    }

    /// `NIL`, a quoted string, a literal or an atom. `None` where none of them can be read.
    pub(super) fn text(&mut self) -> Option<Text> {
        match self.peek()? {
            b'"' => self.quoted().map(Text::Bytes),
            b'{' => self.literal(),
            b'~' if self.text.get(self.at + 1) == Some(&b'{') => {
                self.at += 1;
                self.literal()
            }
            b'(' | b')' => None,
            _ => {
                let atom = self.atom();
                if atom.eq_ignore_ascii_case(b"NIL") {
                    return Some(Text::Nil);
                }
                (!atom.is_empty()).then_some(Text::Bytes(atom))
            }
        }
    }

    /// [`Cursor::text`] for names and such: UTF-8, `None` for `NIL` too.
    pub(super) fn string(&mut self) -> Option<String> {
        match self.text()? {
            Text::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Text::Nil | Text::TooLarge => None,
        }
    }

    fn quoted(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(bytes);
                }
                b'\\' => {
                    self.at += 1;
                    bytes.push(self.peek()?);
                }
                byte => bytes.push(byte),
            }
            self.at += 1;
        }
    }

    fn literal(&mut self) -> Option<Text> {
        while self.peek()? != b'\n' {
            self.at += 1;
        }
        self.at += 1;
        let literal = self.literals.get_mut(self.next)?.take();
        self.next += 1;
        Some(literal.map_or(Text::TooLarge, Text::Bytes))
    }

    /// A list of atoms in parentheses.
    pub(super) fn atoms(&mut self) -> Option<Vec<String>> {
        if !self.eat(b'(') {
            return None;
        }
        let mut atoms = Vec::new();
        loop {
            self.spaces();
            if self.eat(b')') {
                return Some(atoms);
            }
            atoms.push(self.string()?);
        }
    }

    /// What stands between `[` and its `]`; quoted strings within may hold brackets.
    /// Where none closes, nothing is stepped over.
    pub(super) fn bracketed(&mut self) -> Option<String> {
        let rest = self.text.get(self.at..)?.strip_prefix(b"[")?;
        let mut in_quotes = false;
        let end = rest.iter().position(|byte| {
            in_quotes ^= *byte == b'"';
            *byte == b']' && !in_quotes
        })?;
        let inner = String::from_utf8_lossy(rest.get(..end)?).into_owned();
        self.at += end + 2;
        Some(inner)
    }

    /// Steps over one value of any kind. Counts depth instead of recursing: nesting is the
    /// sender's choice, the stack is ours.
    pub(super) fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            self.spaces();
            match self.peek()? {
                b'(' => {
                    self.at += 1;
                    depth += 1;
                    if depth > DEEPEST {
                        return None;
                    }
                }
                b')' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                _ => {
                    self.text()?;
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn cursor(text: &str, literals: &[&[u8]]) -> Cursor {
        Cursor::new(Raw {
            text: text.as_bytes().to_vec(),
            literals: literals.iter().map(|bytes| Some(bytes.to_vec())).collect(),
            spoiled: false,
        })
    }

    #[test]
    fn strings_of_every_kind() {
        type Row<'a> = (&'a str, &'a [&'a [u8]], Option<Text>);
        let table: [Row<'_>; 9] = [
            ("NIL", &[], Some(Text::Nil)),
            ("nil)", &[], Some(Text::Nil)),
            (
                "\"a \\\"b\\\" \\\\\"",
                &[],
                Some(Text::Bytes(b"a \"b\" \\".to_vec())),
            ),
            (
                "\"Tiếng Việt\"",
                &[],
                Some(Text::Bytes("Tiếng Việt".as_bytes().to_vec())),
            ),
            ("{3}\n", &[b"a\r\n"], Some(Text::Bytes(b"a\r\n".to_vec()))),
            ("~{1}\n", &[b"\0"], Some(Text::Bytes(b"\0".to_vec()))),
            ("[Gmail]/x", &[], Some(Text::Bytes(b"[Gmail]/x".to_vec()))),
            ("\"open", &[], None),
            (")", &[], None),
        ];
        for (text, literals, expected) in table {
            assert_eq!(cursor(text, literals).text(), expected, "{text}");
        }
    }

    #[test]
    fn any_value_can_be_stepped_over() {
        let table = [
            "x )",
            "\"(\" )",
            "(a (b \"c)\" {2}\n) NIL) )",
            "() )",
            "((((1)))) )",
        ];
        for text in table {
            let mut cursor = cursor(text, &[b"))"]);
            cursor.skip().unwrap();
            cursor.spaces();
            assert_eq!(cursor.rest(), ")", "{text}");
        }
        assert!(cursor(&"(".repeat(100_000), &[]).skip().is_none());
        assert!(cursor("(a", &[]).skip().is_none());
    }

    #[test]
    fn sizes_below_zero_are_zero() {
        for (text, size) in [
            ("12", Some(12)),
            ("-5", Some(0)),
            ("NIL", Some(0)),
            ("x", None),
        ] {
            assert_eq!(cursor(text, &[]).size(), size);
        }
    }
}
