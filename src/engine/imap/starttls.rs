//! From a plaintext greeting to TLS (RFC 9051 §6.2.1), without believing anything said before it.
//!
//! Lines are read byte by byte, so nothing sent ahead of the handshake can wait in a buffer of
//! ours and pass for protected later (response injection): it reaches the TLS library and breaks
//! the handshake. A server that refuses STARTTLS is refused: no password goes in the clear.

use std::io::{Read, Write};

use crate::error::{Error, Kind, Result};
use crate::tls::{Dial, Stream, timed_out};

/// The longest line of greeting or answer believed.
const LONGEST_LINE: usize = 8 << 10;

/// How many lines may come before the answer.
const MOST_LINES: usize = 50;

/// Reads the greeting, asks for TLS and sets it up.
pub(super) fn upgrade(mut stream: Stream, host: &str, dial: &Dial<'_>) -> Result<Stream> {
    let greeting = line(&mut stream, host)?;
    if !greeting.starts_with("* OK") {
        let detail = format!("{host}: greets with {:?}", first_words(&greeting));
        return Err(Error::new(Kind::ServerRefused, detail));
    }
    stream
        .write_all(b"s1 STARTTLS\r\n")
        .map_err(|error| lost(host, &error))?;
    for _ in 0..MOST_LINES {
        let answer = line(&mut stream, host)?;
        let Some(status) = answer.strip_prefix("s1 ") else {
            continue;
        };
        if status
            .get(..2)
            .is_some_and(|status| status.eq_ignore_ascii_case("OK"))
        {
            return stream.secure(host, dial);
        }
        let detail = format!("{host}: refuses STARTTLS: {}", first_words(status));
        return Err(Error::new(Kind::TlsFailed, detail));
    }
    Err(Error::new(
        Kind::ServerRefused,
        format!("{host}: no answer to STARTTLS"),
    ))
}

fn line(stream: &mut Stream, host: &str) -> Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < LONGEST_LINE {
        match stream.read(&mut byte) {
            Ok(0) => {
                let detail = format!("{host}: closed the connection before TLS");
                return Err(Error::new(Kind::ServerUnreachable, detail));
            }
            Ok(_) if byte == *b"\n" => {
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            Ok(_) => line.extend_from_slice(&byte),
            Err(error) => return Err(lost(host, &error)),
        }
    }
    Err(Error::new(
        Kind::ServerRefused,
        format!("{host}: does not speak IMAP"),
    ))
}

fn lost(host: &str, error: &std::io::Error) -> Error {
    let detail = if timed_out(error) {
        format!("{host}: connected, but silent (a TLS-only port?)")
    } else {
        format!("{host}: {error}")
    };
    Error::new(Kind::ServerUnreachable, detail)
}

fn first_words(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::tls::{Cancel, Timeouts, Trust};

    /// What a server that greets and answers so makes of it.
    fn outcome(greeting: &'static str, answer: &'static str) -> Error {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            socket.write_all(greeting.as_bytes()).unwrap();
            let mut reader = BufReader::new(socket.try_clone().unwrap());
            let mut command = String::new();
            if reader.read_line(&mut command).is_ok() && !command.is_empty() {
                socket.write_all(answer.as_bytes()).unwrap();
                let _ = reader.read_to_end(&mut Vec::new());
            }
        });
        let (trust, cancel) = (Trust::new(Vec::new()), Cancel::default());
        let timeouts = Timeouts {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(5),
        };
        let dial = Dial {
            trust: &trust,
            timeouts,
            cancel: &cancel,
        };
        let stream = Stream::open("127.0.0.1", port, &dial).unwrap();
        let error = upgrade(stream, "127.0.0.1", &dial).err().unwrap();
        cancel.cancel();
        server.join().unwrap();
        error
    }

    #[test]
    fn a_refusal_is_no_reason_to_go_on_in_the_clear() {
        let error = outcome("* OK ready\r\n", "* NO x\r\ns1 NO not now\r\n");
        assert_eq!(error.kind, Kind::TlsFailed);
        assert!(error.detail.contains("not now"), "{error}");
    }

    #[test]
    fn what_is_injected_before_tls_is_not_believed() {
        let error = outcome(
            "* OK ready\r\n",
            "s1 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        );
        assert_eq!(error.kind, Kind::TlsFailed);
    }

    #[test]
    fn preauth_and_strangers_are_refused() {
        assert_eq!(outcome("* PREAUTH hello\r\n", "").kind, Kind::ServerRefused);
        assert_eq!(outcome("220 mail ESMTP\r\n", "").kind, Kind::ServerRefused);
    }
}
