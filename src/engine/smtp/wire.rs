//! SMTP on the wire: a line out, a reply in; nothing of what they mean.

use std::fmt::Display;
use std::io::{Read, Write};

use lettre::transport::smtp::response::{Response, Severity};

use crate::error::{Error, Kind, Result};

/// Longest reply believed; RFC 5321 §4.5.3.1.5 allows lines of 512 bytes.
const LONGEST_REPLY: usize = 64 * 1024;

/// A server's reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// The three digits.
    pub(super) code: u16,
    /// The lines, without the code.
    pub(super) lines: Vec<String>,
    /// Code and text in one line, for people.
    pub(super) words: String,
}

impl Reply {
    fn from_text(text: &str) -> Option<Self> {
        let mut lines = Vec::new();
        let mut code = None;
        for line in text.lines() {
            let digits = line.get(..3)?;
            code = Some(
                digits
                    .parse::<u16>()
                    .ok()
                    .filter(|code| (200..600).contains(code))?,
            );
            lines.push(line.get(4..).unwrap_or_default().trim_end().to_owned());
        }
        let code = code?;
        let words = format!("{code} {}", lines.join(" "));
        Some(Self { code, lines, words })
    }

    /// Whether a text is a reply's [`Reply::words`].
    pub(super) fn is_one(text: &str) -> bool {
        text.get(3..4) == Some(" ") && Self::from_text(text).is_some()
    }

    /// What the first digit means.
    pub(super) fn severity(&self) -> Option<Severity> {
        match self.code / 100 {
            2 => Some(Severity::PositiveCompletion),
            3 => Some(Severity::PositiveIntermediate),
            4 => Some(Severity::TransientNegativeCompletion),
            5 => Some(Severity::PermanentNegativeCompletion),
            _ => None,
        }
    }

    /// An error unless the server agreed.
    pub(super) fn accepted(&self) -> Result<()> {
        match self.severity() {
            Some(Severity::PositiveCompletion) => Ok(()),
            Some(Severity::TransientNegativeCompletion) => {
                Err(Error::new(Kind::ServerUnreachable, self.words.clone()))
            }
            _ => Err(Error::new(Kind::ServerRefused, self.words.clone())),
        }
    }

    /// The reply as lettre wants it.
    pub(super) fn parsed(&self) -> Result<Response> {
        let text = self.lines.first().map(String::as_str).unwrap_or_default();
        format!("{} {text}\r\n", self.code)
            .parse()
            .map_err(|_| Error::new(Kind::ServerRefused, self.words.clone()))
    }
}

/// A line-wise conversation over a stream.
pub(super) struct Wire<S> {
    stream: S,
    /// Read and not yet used.
    pending: Vec<u8>,
}

impl<S: Read + Write> Wire<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self {
            stream,
            pending: Vec::new(),
        }
    }

    pub(super) const fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream, unless something was read from it that nobody asked for.
    pub(super) fn into_inner(self) -> Option<S> {
        self.pending.is_empty().then_some(self.stream)
    }

    /// Reads what the server says first. A TLS port says nothing to a plain client: then the
    /// time-out speaks.
    pub(super) fn greeting(&mut self) -> Result<()> {
        self.reply()?.accepted()
    }

    /// Sends a command and reads the reply.
    pub(super) fn command(&mut self, command: &impl Display) -> Result<Reply> {
        self.write(command.to_string().as_bytes())?;
        self.reply()
    }

    /// As `command`, for a line whose bytes the caller wipes.
    pub(super) fn secret_command(&mut self, line: &str) -> Result<Reply> {
        self.write(line.as_bytes())?;
        self.reply()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream
            .write_all(bytes)
            .and_then(|()| self.stream.flush())
            .map_err(|error| {
                Error::new(Kind::ServerUnreachable, format!("the line broke: {error}"))
            })
    }

    /// Reads one reply, of however many lines (RFC 5321 §4.2.1). Servers write in any charset:
    /// what is no UTF-8 is replaced, never fatal.
    pub(super) fn reply(&mut self) -> Result<Reply> {
        let mut text = String::new();
        let mut length = 0;
        loop {
            let line = self.line()?;
            length += line.len();
            if length > LONGEST_REPLY {
                return Err(Error::new(Kind::ServerRefused, "endless reply"));
            }
            text.push_str(&String::from_utf8_lossy(&line));
            if line.get(3) != Some(&b'-') {
                break;
            }
        }
        Reply::from_text(&text).ok_or_else(|| {
            let shown: String = text.chars().take(80).filter(|c| !c.is_control()).collect();
            Error::new(Kind::ServerRefused, format!("this is no SMTP: {shown}"))
        })
    }

    fn line(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let rest = self.pending.split_off(end + 1);
                return Ok(std::mem::replace(&mut self.pending, rest));
            }
            if self.pending.len() > LONGEST_REPLY {
                return Err(Error::new(Kind::ServerRefused, "endless line"));
            }
            let mut chunk = [0_u8; 1024];
            match self.stream.read(&mut chunk) {
                Ok(0) => {
                    return Err(Error::new(
                        Kind::ServerUnreachable,
                        "the server closed the line",
                    ));
                }
                Ok(count) => self.pending.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if crate::tls::timed_out(&error) => {
                    return Err(Error::new(Kind::ServerUnreachable, "no answer in time"));
                }
                Err(error) => {
                    return Err(Error::new(Kind::ServerUnreachable, error.to_string()));
                }
            }
        }
    }
}

/// A message as it goes over the wire, without the final dot: lines end in CRLF and nothing else
/// (a bare CR or LF lets a second message be smuggled in), a leading dot is doubled
/// (RFC 5321 §4.5.2).
pub(super) fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 64 + 2);
    let mut at_start = true;
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' && bytes.peek() == Some(&b'\n') {
                    bytes.next();
                }
                out.extend_from_slice(b"\r\n");
                at_start = true;
            }
            _ => {
                if at_start && byte == b'.' {
                    out.push(b'.');
                }
                out.push(byte);
                at_start = false;
            }
        }
    }
    if !at_start {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::io;

    /// A stream that gives what it holds and swallows what it gets.
    struct Script(io::Cursor<Vec<u8>>);

    impl Read for Script {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Script {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn wire(bytes: &[u8]) -> Wire<Script> {
        Wire::new(Script(io::Cursor::new(bytes.to_vec())))
    }

    #[test]
    fn replies_have_any_number_of_lines_in_any_charset() {
        let mut wire = wire(b"250-mail\r\n250-SIZE 10\r\n250 AUTH PLAIN\r\n550 H\xf4p th\xff\n");
        let first = wire.reply().unwrap();
        assert_eq!((first.code, first.lines.len()), (250, 3));
        assert_eq!(first.lines[1], "SIZE 10");
        let second = wire.reply().unwrap();
        assert_eq!(
            second.severity(),
            Some(Severity::PermanentNegativeCompletion)
        );
        assert!(second.words.starts_with("550 H"));
        assert_eq!(wire.reply().unwrap_err().kind, Kind::ServerUnreachable);
    }

    #[test]
    fn what_is_no_smtp_is_refused() {
        for bytes in [
            &b"HTTP/1.1 400 Bad\r\n"[..],
            b"\r\n",
            b"999 x\r\n",
            "đây\r\n".as_bytes(),
        ] {
            assert_eq!(wire(bytes).reply().unwrap_err().kind, Kind::ServerRefused);
        }
        let endless = b"250-x\r\n".repeat(20_000);
        assert_eq!(
            wire(&endless).reply().unwrap_err().kind,
            Kind::ServerRefused
        );
        assert_eq!(
            wire(&[b'x'; 80_000]).reply().unwrap_err().kind,
            Kind::ServerRefused
        );
    }

    #[test]
    fn bytes_nobody_asked_for_are_noticed() {
        let mut quiet = wire(b"220 go\r\n");
        quiet.reply().unwrap();
        assert!(quiet.into_inner().is_some());
        let mut injected = wire(b"220 go\r\n250 injected\r\n");
        injected.reply().unwrap();
        assert!(injected.into_inner().is_none());
    }

    #[test]
    fn dots_are_doubled_and_lines_end_in_crlf() {
        for (raw, wire) in [
            (&b"a\r\n.b\r\n"[..], &b"a\r\n..b\r\n"[..]),
            (b".", b"..\r\n"),
            (b"a\n.\nb", b"a\r\n..\r\nb\r\n"),
            (b"a\r.\r\n", b"a\r\n..\r\n"),
            (b"", b""),
            (b"a.b\r\n\r\n", b"a.b\r\n\r\n"),
        ] {
            assert_eq!(stuffed(raw), wire, "{:?}", String::from_utf8_lossy(raw));
        }
    }
}
