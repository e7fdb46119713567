//! The few words of LMTP (RFC 2033) it takes to hand a message to Dovecot, past Postfix. Not a client for use
//! outside tests: the first unexpected answer ends it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(20);

/// Delivers `message` to `recipient`; line ends become CRLF, as LMTP requires.
pub(super) fn deliver(socket: &Path, recipient: &str, message: &[u8]) -> Result<(), String> {
    let text = |e: std::io::Error| format!("LMTP at {}: {e}", socket.display());
    let stream = UnixStream::connect(socket).map_err(text)?;
    stream.set_read_timeout(Some(TIMEOUT)).map_err(text)?;
    let mut writer = stream.try_clone().map_err(text)?;
    let mut reader = BufReader::new(stream);

    expect(&mut reader, "220")?;
    let rcpt = format!("RCPT TO:<{recipient}>");
    for (line, answer) in [
        ("LHLO localhost", "250"),
        ("MAIL FROM:<>", "250"),
        (&rcpt, "250"),
        ("DATA", "354"),
    ] {
        write!(writer, "{line}\r\n").map_err(text)?;
        expect(&mut reader, answer)?;
    }
    writer.write_all(&dot_stuffed(message)).map_err(text)?;
    expect(&mut reader, "250")?;
    writer.write_all(b"QUIT\r\n").map_err(text)
}

/// Reads one answer, of several lines maybe, and wants its code.
fn expect(reader: &mut impl BufRead, code: &str) -> Result<(), String> {
    loop {
        let mut line = String::new();
        let read = reader
            .read_line(&mut line)
            .map_err(|e| format!("LMTP answer: {e}"))?;
        if read == 0 || !line.starts_with(code) {
            return Err(format!("LMTP: expected {code}, got {line:?}"));
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
}

/// The message as it goes after DATA (RFC 5321 §4.5.2): CRLF line ends, leading dots doubled, final dot.
fn dot_stuffed(message: &[u8]) -> Vec<u8> {
    let message = message.strip_suffix(b"\n").unwrap_or(message);
    let mut out = Vec::with_capacity(message.len() + 64);
    for line in message.split(|&b| b == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::dot_stuffed;

    #[test]
    fn lines_end_in_crlf_and_leading_dots_are_doubled() {
        assert_eq!(
            dot_stuffed(b"A: b\n\n.x\r\nend"),
            b"A: b\r\n\r\n..x\r\nend\r\n.\r\n"
        );
        assert_eq!(
            dot_stuffed(b"A: b\r\n\r\n.\r\n"),
            b"A: b\r\n\r\n..\r\n.\r\n"
        );
    }
}
