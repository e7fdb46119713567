//! Reading an mbox file message by message, of any kind (`tcv_domain::archive::mbox`).
//!
//! Where a message ends is told by `Content-Length`, if a separator or the end of the file stands
//! where it says; otherwise by the next separator. In a file whose writer did not quote lines that
//! begin with `From `, one that looks like a separator but stands before what is no header field
//! is text; where lines are quoted it begins a message, be its beginning ever so odd.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _, Seek, SeekFrom};
use std::ops::Range;

use tcv_domain::archive::letter;
use tcv_domain::archive::mbox::{self, is_separator, unquoted};
use tcv_domain::message::UnixTime;

/// A message that is larger is passed over: nobody could hold it.
pub(super) const LARGEST: u64 = 512 << 20;

/// A message out of an mbox.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Boxed {
    /// As its separator says.
    pub(super) arrived: Option<UnixTime>,
    /// With CRLF line ends, quoting undone. `None`: it was too large.
    pub(super) raw: Option<Vec<u8>>,
}

/// An mbox being read.
pub(super) struct MboxReader<R> {
    input: R,
    /// Lines read ahead, with their ends.
    ahead: VecDeque<Vec<u8>>,
    /// The separator of the next message.
    separator: Option<Vec<u8>>,
    begun: bool,
    /// Whether lines of text that begin with `From ` stand in the file as they are.
    is_unquoted: bool,
}

impl<R: BufRead + Seek> MboxReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            ahead: VecDeque::new(),
            separator: None,
            begun: false,
            is_unquoted: false,
        }
    }

    /// The next message; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Boxed>> {
        if !self.begun {
            self.begun = true;
            self.is_unquoted = self.has_unquoted_text()?;
            self.find_first()?;
        }
        let Some(separator) = self.separator.take() else {
            return Ok(None);
        };
        let mut text = Text::default();
        let mut length: Option<(u64, Range<usize>)> = None;
        while let Some(line) = self.line()? {
            let bare = without_end(&line);
            if self.ends_here(bare)? {
                self.separator = Some(bare.to_vec());
                return Ok(Some(text.boxed(&separator)));
            }
            if bare.is_empty() {
                text.push(bare);
                let told = length.as_ref().map(|(told, _)| *told);
                if let (Some(body), Some((_, field))) = (self.counted_body(told)?, length) {
                    text.take_out(field);
                    text.append(&body);
                    self.find_first()?;
                    return Ok(Some(text.boxed(&separator)));
                }
                return self.rest(text, &separator).map(Some);
            }
            let start = text.bytes.len();
            text.push(if self.is_unquoted {
                bare
            } else {
                unquoted(bare)
            });
            if let Some(told) = content_length(bare) {
                length = Some((told, start..text.bytes.len()));
            }
        }
        Ok(Some(text.boxed(&separator)))
    }

    /// The body of a message up to the next separator.
    fn rest(&mut self, mut text: Text, separator: &[u8]) -> io::Result<Boxed> {
        while let Some(line) = self.line()? {
            let bare = without_end(&line);
            if self.ends_here(bare)? {
                self.separator = Some(bare.to_vec());
                break;
            }
            text.push(unquoted(bare));
        }
        text.drop_last_blank();
        Ok(text.boxed(separator))
    }

    /// Passes over what stands before the next separator.
    fn find_first(&mut self) -> io::Result<()> {
        while let Some(line) = self.line()? {
            let bare = without_end(&line);
            if self.ends_here(bare)? {
                self.separator = Some(bare.to_vec());
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether some line of text begins with `From `: reads the file through, from its beginning.
    fn has_unquoted_text(&mut self) -> io::Result<bool> {
        let mut found = false;
        while let Some(line) = self.raw_line()? {
            if line.starts_with(b"From ") && !is_separator(without_end(&line)) {
                found = true;
                break;
            }
        }
        self.input.rewind()?;
        Ok(found)
    }

    /// Whether a line separates, seen with the one behind it.
    fn ends_here(&mut self, line: &[u8]) -> io::Result<bool> {
        if !is_separator(line) {
            return Ok(false);
        }
        if !self.is_unquoted {
            return Ok(true);
        }
        let Some(next) = self.line()? else {
            return Ok(true);
        };
        let bare = without_end(&next);
        let fits = bare.is_empty() || is_field(bare) || bare.starts_with(b">From ");
        self.ahead.push_front(next);
        Ok(fits)
    }

    /// The body that `Content-Length` measures, if it measures it rightly.
    fn counted_body(&mut self, length: Option<u64>) -> io::Result<Option<Vec<u8>>> {
        let Some(length) = length.filter(|length| *length <= LARGEST) else {
            return Ok(None);
        };
        if !self.ahead.is_empty() {
            return Ok(None);
        }
        let start = self.input.stream_position()?;
        let mut body = Vec::new();
        self.input.by_ref().take(length).read_to_end(&mut body)?;
        let is_whole = u64::try_from(body.len()).ok() == Some(length);
        let behind = self.input.stream_position()?;
        let mut next = self.raw_line()?;
        if next
            .as_deref()
            .is_some_and(|line| without_end(line).is_empty())
        {
            next = self.raw_line()?;
        }
        let fits = next.is_none_or(|line| is_separator(without_end(&line)));
        if !is_whole || !fits {
            self.input.seek(SeekFrom::Start(start))?;
            return Ok(None);
        }
        self.input.seek(SeekFrom::Start(behind))?;
        Ok(Some(body))
    }

    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.raw_line(),
        }
    }

    fn raw_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = self
            .input
            .by_ref()
            .take(LARGEST)
            .read_until(b'\n', &mut line)?;
        Ok((read > 0).then_some(line))
    }
}

/// A message growing line by line.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    is_too_large: bool,
}

impl Text {
    fn push(&mut self, line: &[u8]) {
        if self.has_room(line.len()) {
            self.bytes.extend_from_slice(line);
            self.bytes.extend_from_slice(b"\r\n");
        }
    }

    /// Takes a field out again: it was the file's, not the message's.
    fn take_out(&mut self, field: Range<usize>) {
        if !self.is_too_large {
            self.bytes.drain(field);
        }
    }

    /// A body whose end was counted. Without `>From ` at any line's place it was not quoted at all
    /// (mboxcl2); else quoting is undone.
    fn append(&mut self, body: &[u8]) {
        if !self.has_room(body.len()) {
            return;
        }
        let lines = || body.split_inclusive(|byte| *byte == b'\n').map(without_end);
        if lines().any(|line| line.starts_with(b"From ")) {
            self.bytes.extend_from_slice(&letter::crlf(body));
        } else {
            lines().for_each(|line| self.push(unquoted(line)));
        }
    }

    fn has_room(&mut self, more: usize) -> bool {
        let length = u64::try_from(self.bytes.len() + more).unwrap_or(u64::MAX);
        if length > LARGEST {
            self.is_too_large = true;
            self.bytes = Vec::new();
        }
        !self.is_too_large
    }

    /// The empty line between messages is part of neither.
    fn drop_last_blank(&mut self) {
        if self.bytes.ends_with(b"\r\n\r\n") {
            self.bytes.truncate(self.bytes.len() - 2);
        }
    }

    fn boxed(self, separator: &[u8]) -> Boxed {
        Boxed {
            arrived: mbox::arrived(separator),
            raw: (!self.is_too_large).then_some(self.bytes),
        }
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Whether a line begins a header field (RFC 5322 §2.2).
pub(super) fn is_field(line: &[u8]) -> bool {
    let colon = line.iter().position(|byte| *byte == b':');
    colon.is_some_and(|at| {
        at > 0
            && line
                .iter()
                .take(at)
                .all(|byte| matches!(byte, 33..=57 | 59..=126))
    })
}

fn content_length(line: &[u8]) -> Option<u64> {
    let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
    if !name.eq_ignore_ascii_case("content-length") {
        return None;
    }
    value.trim().parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(text: &[u8]) -> Vec<String> {
        let mut reader = MboxReader::new(Cursor::new(text.to_vec()));
        let mut found = Vec::new();
        while let Some(one) = reader.next().unwrap() {
            found.push(String::from_utf8(one.raw.unwrap()).unwrap());
        }
        found
    }

    const SEP: &str = "From a@b.vn Mon Nov 23 08:00:00 2026\n";

    #[test]
    fn what_is_written_is_read_back() {
        let letters: [&[u8]; 4] = [
            b"Subject: 1\r\n\r\nFrom here\r\n>From there\r\n\r\n\r\n",
            b"Subject: 2\r\n\r\n",
            b"Subject: 3\r\n\r\nFrom a@b.vn Mon Nov 23 08:00:00 2026\r\nSubject: no\r\n",
            b"Subject: 4\r\n\r\nend",
        ];
        let mut file = Vec::new();
        for letter in letters {
            file.extend_from_slice(mbox::separator("a@b.vn", UnixTime(1_795_392_000)).as_bytes());
            file.extend_from_slice(&mbox::quoted(letter));
        }
        let mut reader = MboxReader::new(Cursor::new(file));
        for letter in letters {
            let one = reader.next().unwrap().unwrap();
            assert_eq!(one.arrived, Some(UnixTime(1_795_392_000)));
            let raw = one.raw.unwrap();
            let expected = letter.strip_suffix(b"\r\n").unwrap_or(letter);
            assert_eq!(raw.strip_suffix(b"\r\n").unwrap(), expected);
        }
        assert_eq!(reader.next().unwrap(), None);
    }

    #[test]
    fn both_line_ends_and_text_that_looks_like_separators() {
        let lf = format!(
            "{SEP}Subject: 1\n\nsaid:\n\nFrom the office\n\n{SEP}as he wrote\n\n{SEP}Subject: 2\n\nx\n"
        );
        let expected = [
            format!(
                "Subject: 1\r\n\r\nsaid:\r\n\r\nFrom the office\r\n\r\n{}as he wrote\r\n",
                SEP.replace('\n', "\r\n")
            ),
            "Subject: 2\r\n\r\nx\r\n".to_owned(),
        ];
        assert_eq!(read(lf.as_bytes()), expected);
        assert_eq!(read(lf.replace('\n', "\r\n").as_bytes()), expected);
        let tight = format!("\n\n{SEP}Subject: 1\n\nx\n{SEP}Subject: 2\n\ny\n");
        assert_eq!(read(tight.as_bytes()).len(), 2, "no empty line between");
        assert_eq!(read(b"Subject: x\n\nno mbox\n"), [""; 0]);
        assert_eq!(read(b""), [""; 0]);
    }

    #[test]
    fn where_text_is_quoted_every_separator_counts() {
        let odd: [&[u8]; 4] = [
            b"no field\r\n",
            b"\xef\xbb\xbfSubject: 2\r\nContent-Length: 7\r\n\r\nx\r\n",
            b">From here\r\n",
            b"\r\nonly text\r\n",
        ];
        let mut file = Vec::new();
        for letter in odd {
            file.extend_from_slice(SEP.as_bytes());
            file.extend_from_slice(&mbox::quoted(letter));
        }
        let mut reader = MboxReader::new(Cursor::new(file));
        for letter in odd {
            assert_eq!(reader.next().unwrap().unwrap().raw.unwrap(), letter);
        }
        assert_eq!(reader.next().unwrap(), None);
    }

    #[test]
    fn a_length_that_fits_is_believed() {
        let body = format!("x\n\n{SEP}Subject: inside\n\n>From y\n");
        let counted = |length: usize| {
            format!("{SEP}Subject: 1\nContent-Length: {length}\n\n{body}\n{SEP}Subject: 2\n\ny\n")
        };
        let right = read(counted(body.len()).as_bytes());
        assert_eq!(right.len(), 2, "{right:?}");
        let verbatim = format!("Subject: 1\r\n\r\n{}", body.replace('\n', "\r\n"));
        assert_eq!(right[0], verbatim);
        for wrong in [0, 3, 7, 100_000] {
            let found = read(counted(wrong).as_bytes());
            assert_eq!(found.len(), 3, "{wrong}: {found:?}");
        }
        let quoted = ">From y\n";
        let file = format!("{SEP}Content-Length: {}\n\n{quoted}\n", quoted.len());
        assert_eq!(read(file.as_bytes()), ["\r\nFrom y\r\n"], "mboxcl");
    }
}
