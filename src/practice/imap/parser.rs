//! Reads IMAP commands (RFC 3501, section 9): a cursor over one command whose literals are already
//! in place as `{n}` CRLF bytes.

use crate::folder::FlagChange;

use super::utf7;

/// What is wrong with a command; goes after BAD.
pub(crate) type Wrong = String;

/// A cursor over a command.
#[derive(Debug)]
pub(crate) struct Parser<'a> {
    rest: &'a [u8],
    utf8_names: bool,
}

impl<'a> Parser<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Parser {
            rest: bytes,
            utf8_names: false,
        }
    }

    /// Names of folders are UTF-8, not modified UTF-7 (RFC 9051, 5.1).
    pub fn with_utf8_names(mut self, utf8: bool) -> Self {
        self.utf8_names = utf8;
        self
    }

    pub fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// An error unless everything has been read.
    pub fn end(&self) -> Result<(), Wrong> {
        if self.at_end() {
            Ok(())
        } else {
            Err("Unexpected words at the end".to_owned())
        }
    }

    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes this byte if it is next.
    pub fn take(&mut self, byte: u8) -> bool {
        if self.peek() == Some(byte) {
            self.rest = &self.rest[1..];
            return true;
        }
        false
    }

    pub fn expect(&mut self, byte: u8) -> Result<(), Wrong> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(format!("Expected {:?}", char::from(byte)))
        }
    }

    pub fn space(&mut self) -> Result<(), Wrong> {
        self.expect(b' ')
    }

    /// Takes this word if it is next, whatever its case, and not just the start of a longer one.
    pub fn take_word(&mut self, word: &str) -> bool {
        let n = word.len();
        let fits = self
            .rest
            .get(..n)
            .is_some_and(|w| w.eq_ignore_ascii_case(word.as_bytes()));
        let ends = self.rest.get(n).is_none_or(|&b| !is_atom(b));
        if fits && ends {
            self.rest = &self.rest[n..];
        }
        fits && ends
    }

    /// A run of atom characters; `[`, `]` and `\` count as such here.
    pub fn atom(&mut self) -> Result<&'a str, Wrong> {
        let end = self
            .rest
            .iter()
            .position(|&b| !is_atom(b))
            .unwrap_or(self.rest.len());
        if end == 0 {
            return Err("Expected a word".to_owned());
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        std::str::from_utf8(word).map_err(|_| "Not UTF-8".to_owned())
    }

    /// An atom, a quoted string or a literal, as bytes.
    pub fn string(&mut self) -> Result<Vec<u8>, Wrong> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal().map(<[u8]>::to_vec),
            _ => self.atom().map(|a| a.as_bytes().to_vec()),
        }
    }

    pub fn text(&mut self) -> Result<String, Wrong> {
        String::from_utf8(self.string()?).map_err(|_| "Not UTF-8".to_owned())
    }

    /// A folder name, decoded.
    pub fn folder(&mut self) -> Result<String, Wrong> {
        let name = self.text()?;
        if self.utf8_names {
            return Ok(name);
        }
        utf7::decode(&name).ok_or_else(|| "Folder name is not modified UTF-7".to_owned())
    }

    pub fn number(&mut self) -> Result<u64, Wrong> {
        let end = self
            .rest
            .iter()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let digits = std::str::from_utf8(&self.rest[..end]).unwrap_or_default();
        let number = digits.parse().map_err(|_| "Expected a number".to_owned())?;
        self.rest = &self.rest[end..];
        Ok(number)
    }

    /// `{n}` or `{n+}`, line end, n bytes.
    pub fn literal(&mut self) -> Result<&'a [u8], Wrong> {
        self.expect(b'{')?;
        let n = usize::try_from(self.number()?).map_err(|_| "Literal too large".to_owned())?;
        self.take(b'+');
        self.expect(b'}')?;
        self.take(b'\r');
        self.expect(b'\n')?;
        if n > self.rest.len() {
            return Err("Literal shorter than announced".to_owned());
        }
        let (bytes, rest) = self.rest.split_at(n);
        self.rest = rest;
        Ok(bytes)
    }

    /// A list in parentheses of what `item` reads.
    pub fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Wrong>,
    ) -> Result<Vec<T>, Wrong> {
        self.expect(b'(')?;
        let mut items = Vec::new();
        while !self.take(b')') {
            if !items.is_empty() {
                self.space()?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// Flags, with or without parentheses.
    pub fn flags(&mut self) -> Result<Vec<String>, Wrong> {
        if self.peek() == Some(b'(') {
            return self.list(|p| p.atom().map(str::to_owned));
        }
        let mut flags = vec![self.atom()?.to_owned()];
        while self.take(b' ') {
            flags.push(self.atom()?.to_owned());
        }
        Ok(flags)
    }

    /// `1:5,7,9:*`.
    pub fn set(&mut self) -> Result<Set, Wrong> {
        let mut ranges = Vec::new();
        loop {
            let from = self.bound()?;
            let to = if self.take(b':') { self.bound()? } else { from };
            ranges.push((from, to));
            if !self.take(b',') {
                return Ok(Set(ranges));
            }
        }
    }

    fn bound(&mut self) -> Result<Option<u32>, Wrong> {
        if self.take(b'*') {
            return Ok(None);
        }
        match u32::try_from(self.number()?) {
            Ok(n) if n > 0 => Ok(Some(n)),
            _ => Err("Bad number in a set".to_owned()),
        }
    }

    /// `FLAGS`, `+FLAGS.SILENT` …: how, and whether silently.
    pub fn store_verb(&mut self) -> Result<(FlagChange, bool), Wrong> {
        let how = match self.peek() {
            Some(b'+') => FlagChange::Add,
            Some(b'-') => FlagChange::Remove,
            _ => FlagChange::Replace,
        };
        if how != FlagChange::Replace {
            self.rest = &self.rest[1..];
        }
        match self.atom()?.to_ascii_uppercase().as_str() {
            "FLAGS" => Ok((how, false)),
            "FLAGS.SILENT" => Ok((how, true)),
            _ => Err("Expected FLAGS".to_owned()),
        }
    }

    fn quoted(&mut self) -> Result<Vec<u8>, Wrong> {
        self.expect(b'"')?;
        let mut out = Vec::new();
        loop {
            let Some((&byte, rest)) = self.rest.split_first() else {
                return Err("Quoted string without end".to_owned());
            };
            self.rest = rest;
            match byte {
                b'"' => return Ok(out),
                b'\\' => {
                    let Some((&escaped, rest)) = rest.split_first() else {
                        return Err("Quoted string without end".to_owned());
                    };
                    self.rest = rest;
                    out.push(escaped);
                }
                _ => out.push(byte),
            }
        }
    }
}

fn is_atom(byte: u8) -> bool {
    !matches!(byte, b'(' | b')' | b'{' | b' ' | b'"' | 0..=31 | 127)
}

/// Numbers of messages or UIDs; `None` is `*`, the highest one there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Set(Vec<(Option<u32>, Option<u32>)>);

impl Set {
    /// Whether it names this number; `highest` stands for `*`, which is never an empty range
    /// (RFC 3501: `559:*` names the last message even if its UID is lower).
    pub fn contains(&self, number: u32, highest: u32) -> bool {
        self.0.iter().any(|&(a, b)| {
            let (a, b) = (a.unwrap_or(highest), b.unwrap_or(highest));
            (a.min(b)..=a.max(b)).contains(&number)
        })
    }
}

/// Numbers as a compact set: `1:3,7`.
pub(crate) fn write_set(numbers: &[u32]) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut at = 0;
    while at < numbers.len() {
        let mut end = at;
        while end + 1 < numbers.len() && numbers[end + 1] == numbers[end] + 1 {
            end += 1;
        }
        pieces.push(if end == at {
            numbers[at].to_string()
        } else {
            format!("{}:{}", numbers[at], numbers[end])
        });
        at = end + 1;
    }
    pieces.join(",")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn strings_come_in_three_forms() {
        let mut p = Parser::new(b"atom \"a \\\"b\\\"\" {3}\r\nx\"y end");
        assert_eq!(p.string().unwrap(), b"atom");
        p.space().unwrap();
        assert_eq!(p.string().unwrap(), b"a \"b\"");
        p.space().unwrap();
        assert_eq!(p.string().unwrap(), b"x\"y");
        p.space().unwrap();
        assert!(p.take_word("END"));
        p.end().unwrap();
        assert!(Parser::new(b"{9}\r\nx").literal().is_err());
        assert!(Parser::new(b"\"open").string().is_err());
    }

    #[test]
    fn star_is_the_highest_and_ranges_run_both_ways() {
        let set = Parser::new(b"9:7,12:*").set().unwrap();
        assert!(set.contains(8, 10) && set.contains(10, 10) && set.contains(12, 10));
        assert!(!set.contains(6, 10) && !set.contains(13, 10));
        assert!(Parser::new(b"0").set().is_err());
        assert_eq!(write_set(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
    }

    #[test]
    fn store_verbs() {
        assert_eq!(
            Parser::new(b"+flags.silent").store_verb().unwrap(),
            (FlagChange::Add, true)
        );
        assert!(Parser::new(b"-X").store_verb().is_err());
    }
}
