//! Whole responses off the wire: lines with their literals, bounded, and nothing of their
//! meaning beyond the three sorts RFC 9051 §2.2.2 knows (untagged, continuation, tagged).
//!
//! A response that is too long, or a literal that is too large, is read past and marked as
//! spoiled: the connection stays in step and the loss is that one response. Time-outs leave the
//! reader where it was, so that waiting (IDLE) can go on after one.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::compress::Deflated;
use crate::tls::Stream;

/// What the wire needs of a connection. A trait so that tests can script one.
pub(super) trait Duplex: Read + Write + Send {
    /// How long a read may wait from now on.
    fn patience(&self, patience: Duration) -> io::Result<()>;
}

impl Duplex for Stream {
    fn patience(&self, patience: Duration) -> io::Result<()> {
        self.set_read_timeout(patience)
    }
}

/// Stands where a stream was taken away to be wrapped; nothing is ever read from it.
impl Duplex for io::Empty {
    fn patience(&self, _: Duration) -> io::Result<()> {
        Ok(())
    }
}

/// Bounds of what a server may make us hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Longest line in bytes. A search over 500,000 messages without ESEARCH fits.
    pub(crate) line: usize,
    /// Largest sum of literals in one response in bytes: the largest message that is fetched.
    pub(crate) literal: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            line: 4 << 20,
            literal: 64 << 20,
        }
    }
}

/// A literal this many times over the bound is not even read past: the connection is given up.
const PATIENCE_FACTOR: u64 = 16;

/// The same of a line.
const LINE_PATIENCE: usize = 16;

/// How much of a spoiled line is kept: enough to see what it was and whether a literal follows.
const SPOILED_HEAD: usize = 64;

/// A response: its text without line ends, and its literals. Where a literal stood the text has
/// its announcement and a line feed (`{5}\n`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Raw {
    /// The text.
    pub(super) text: Vec<u8>,
    /// The literals in order; `None` where one was too large.
    pub(super) literals: Vec<Option<Vec<u8>>>,
    /// A line was too long and its middle is missing.
    pub(super) spoiled: bool,
}

/// The sorts of responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// `* …`
    Untagged(Raw),
    /// `+ …`: what follows the plus.
    Continuation(Vec<u8>),
    /// `tag …`
    Tagged {
        /// The tag.
        tag: String,
        /// What follows it.
        text: Vec<u8>,
    },
    /// A line that is none of these.
    Garbage,
}

/// Where in a response the reader is.
enum At {
    Line,
    Literal { left: u64, kept: bool },
}

/// Bytes and commands counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Commands answered.
    pub(crate) round_trips: u32,
    /// Bytes read, after TLS and inflating.
    pub(crate) bytes_in: u64,
    /// Bytes written, before deflating and TLS.
    pub(crate) bytes_out: u64,
    /// Responses that could not be read.
    pub(crate) unreadable: u32,
}

/// The reader, and the writer beside it.
pub(super) struct Wire {
    stream: Box<dyn Duplex>,
    bounds: Bounds,
    input: Vec<u8>,
    used: usize,
    raw: Raw,
    line_start: usize,
    /// Bytes of its lines so far, also those not kept.
    length: usize,
    literal_bytes: u64,
    at: At,
    pub(super) count: Count,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Duplex>, bounds: Bounds) -> Self {
        Self {
            stream,
            bounds,
            input: Vec::new(),
            used: 0,
            raw: Raw::default(),
            line_start: 0,
            length: 0,
            literal_bytes: 0,
            at: At::Line,
            count: Count::default(),
        }
    }

    pub(super) fn patience(&self, patience: Duration) -> io::Result<()> {
        self.stream.patience(patience)
    }

    /// From here on both directions are compressed (RFC 4978): the server has just said `OK` to
    /// `COMPRESS DEFLATE`, and what it sent behind that line is packed already.
    pub(super) fn compress(&mut self) {
        let early = self.input.get(self.used..).unwrap_or_default().to_vec();
        self.input.clear();
        self.used = 0;
        self.count.bytes_in -= early.len() as u64; // counted again once unpacked
        let stream = std::mem::replace(&mut self.stream, Box::new(io::empty()));
        self.stream = Box::new(Deflated::over(stream, early));
    }

    /// The next response; `None` at the end of the connection, also in the midst of one.
    ///
    /// # Errors
    /// Those of the connection; after a time-out the call can be repeated. A literal beyond all
    /// bounds is [`io::ErrorKind::InvalidData`], and the connection is lost.
    pub(super) fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            while self.used < self.input.len() {
                let whole = match self.at {
                    At::Line => self.take_line()?,
                    At::Literal { left, kept } => {
                        self.take_literal(left, kept);
                        false
                    }
                };
                if whole {
                    return Ok(Some(self.finish()));
                }
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        const CHUNK: usize = 64 << 10;
        self.input.resize(CHUNK, 0);
        self.used = CHUNK;
        loop {
            match self.stream.read(&mut self.input) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => {
                    // Also on errors: what is left must be nothing, not a buffer of zeros.
                    let read = outcome.as_ref().map_or(0, |read| *read);
                    self.input.truncate(read);
                    self.used = 0;
                    self.count.bytes_in += read as u64;
                    return outcome.map(|read| read > 0);
                }
            }
        }
    }

    /// Takes what there is of the line; whether the response is whole with it.
    fn take_line(&mut self) -> io::Result<bool> {
        let rest = self.input.get(self.used..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n');
        let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.raw.text.extend_from_slice(part);
        self.length += part.len();
        self.used += part.len() + usize::from(end.is_some());
        if self.raw.text.len() > self.bounds.line {
            self.shorten();
        }
        if self.raw.spoiled && self.length > self.bounds.line.saturating_mul(LINE_PATIENCE) {
            let detail = "the server sends a line without end";
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
        if end.is_none() {
            return Ok(false);
        }
        if self.raw.text.last() == Some(&b'\r') {
            self.raw.text.pop();
        }
        let line = self.raw.text.get(self.line_start..).unwrap_or_default();
        let announced = if may_have_literals(&self.raw.text) {
            announced(line)
        } else {
            None
        };
        let Some(size) = announced else {
            return Ok(true);
        };
        if size / PATIENCE_FACTOR > self.bounds.literal {
            let detail = format!("a literal of {size} bytes was announced");
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
        self.raw.text.push(b'\n');
        self.line_start = self.raw.text.len();
        let kept = self.literal_bytes + size <= self.bounds.literal;
        if kept {
            self.literal_bytes += size;
        }
        // Not allocated ahead: a number costs the server nothing, bytes do.
        self.raw.literals.push(kept.then(Vec::new));
        self.at = At::Literal { left: size, kept };
        if size == 0 {
            self.at = At::Line;
        }
        Ok(false)
    }

    /// Drops the middle of a line that is too long.
    fn shorten(&mut self) {
        let tail = self
            .raw
            .text
            .split_off(self.raw.text.len().saturating_sub(32));
        self.raw.text.truncate(SPOILED_HEAD);
        self.raw.text.extend_from_slice(&tail);
        self.line_start = self.line_start.min(SPOILED_HEAD);
        self.raw.spoiled = true;
    }

    fn take_literal(&mut self, left: u64, kept: bool) {
        let rest = self.input.get(self.used..).unwrap_or_default();
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
        if kept && let Some(Some(literal)) = self.raw.literals.last_mut() {
            literal.extend_from_slice(rest.get(..size).unwrap_or_default());
        }
        self.used += size;
        let left = left - size as u64;
        self.at = if left == 0 {
            At::Line
        } else {
            At::Literal { left, kept }
        };
    }

    fn finish(&mut self) -> Frame {
        let raw = std::mem::take(&mut self.raw);
        self.line_start = 0;
        self.length = 0;
        self.literal_bytes = 0;
        sort(raw)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        self.count.bytes_out += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn sort(raw: Raw) -> Frame {
    match raw.text.first() {
        Some(b'*') if raw.text.get(1) == Some(&b' ') => Frame::Untagged(raw),
        Some(b'+') if matches!(raw.text.get(1), None | Some(b' ')) => {
            Frame::Continuation(raw.text.get(2..).unwrap_or_default().to_vec())
        }
        _ => tagged(&raw.text).unwrap_or(Frame::Garbage),
    }
}

fn tagged(text: &[u8]) -> Option<Frame> {
    let end = text.iter().position(|byte| *byte == b' ')?;
    let (tag, rest) = text.split_at_checked(end)?;
    let plain = !tag.is_empty() && tag.iter().all(u8::is_ascii_alphanumeric);
    let tag = plain.then(|| String::from_utf8_lossy(tag).into_owned())?;
    Some(Frame::Tagged {
        tag,
        text: rest.trim_ascii_start().to_vec(),
    })
}

/// Free text of status responses may end like a literal's announcement; it announces none.
fn may_have_literals(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"* ") else {
        return false;
    };
    let word = rest.split(|byte| *byte == b' ').next().unwrap_or_default();
    !["OK", "NO", "BAD", "BYE", "PREAUTH"]
        .iter()
        .any(|status| word.eq_ignore_ascii_case(status.as_bytes()))
}

/// The size of the literal a line announces at its end: `{12}`, `{12+}`.
fn announced(line: &[u8]) -> Option<u64> {
    let inner = line.strip_suffix(b"}")?;
    let inner = inner.strip_suffix(b"+").unwrap_or(inner);
    let open = inner.iter().rposition(|byte| *byte == b'{')?;
    let digits = inner.get(open + 1..)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // More digits than fit is as good as the largest number: refused either way.
    Some(
        std::str::from_utf8(digits)
            .ok()?
            .parse()
            .unwrap_or(u64::MAX),
    )
}

#[cfg(test)]
pub(super) mod tests;
