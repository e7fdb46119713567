//! A client small enough to see through: lines over TLS, nothing remembered.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    missing_docs
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tcv_practice::{ADDRESS, Options, PASSWORD, Practice};

pub type Tls = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// An empty, well-behaved server.
pub fn empty() -> Practice {
    Practice::start(Options::empty()).unwrap()
}

fn config(ca: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ca.to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

pub fn tcp(addr: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(addr).unwrap();
    // Longer than any test needs: a hang becomes a failure, not a stuck run.
    socket
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    socket
}

/// Puts TLS over a socket; the error is the handshake's.
pub fn wrap(practice: &Practice, socket: TcpStream) -> std::io::Result<Tls> {
    wrap_with(practice.ca_der(), socket)
}

/// Puts TLS over a socket, trusting just this authority.
pub fn wrap_with(ca: &[u8], mut socket: TcpStream) -> std::io::Result<Tls> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = ClientConnection::new(config(ca), name).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut socket)?;
    }
    Ok(BufReader::new(StreamOwned::new(tls, socket)))
}

/// A line-by-line conversation.
pub struct Client {
    pub stream: Tls,
    count: u32,
}

impl Client {
    /// Connects to IMAP and reads the greeting.
    pub fn imap(practice: &Practice) -> Client {
        let stream = wrap(practice, tcp(practice.imap_addr())).unwrap();
        let mut client = Client { stream, count: 0 };
        assert!(client.line().starts_with("* OK"));
        client
    }

    /// Over a stream that has said its greeting already.
    pub fn over(stream: Tls) -> Client {
        Client { stream, count: 0 }
    }

    /// Logged in to the practice account.
    pub fn logged_in(practice: &Practice) -> Client {
        let mut client = Client::imap(practice);
        client.ok(&format!("LOGIN {ADDRESS} {PASSWORD}"));
        client
    }

    /// Logged in with a folder selected.
    pub fn selected(practice: &Practice, folder: &str) -> Client {
        let mut client = Client::logged_in(practice);
        client.ok(&format!("SELECT {folder}"));
        client
    }

    pub fn smtp(practice: &Practice) -> Client {
        let stream = wrap(practice, tcp(practice.smtp_addr())).unwrap();
        let mut client = Client { stream, count: 0 };
        assert!(client.reply().starts_with("220"));
        client
    }

    /// Greeted and authenticated as the practice account.
    pub fn smtp_ready(practice: &Practice) -> Client {
        let mut client = Client::smtp(practice);
        client.say("EHLO test");
        client.reply();
        client.say(&format!("AUTH PLAIN {}", plain(ADDRESS, PASSWORD)));
        assert!(client.reply().starts_with("235"));
        client
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).unwrap();
        self.stream.get_mut().flush().unwrap();
    }

    pub fn say(&mut self, line: &str) {
        self.send(format!("{line}\r\n").as_bytes());
    }

    /// The next line without its end; empty at the end of the connection.
    pub fn line(&mut self) -> String {
        let mut line = Vec::new();
        let _ = self.stream.read_until(b'\n', &mut line);
        String::from_utf8_lossy(&line)
            .trim_end_matches(['\r', '\n'])
            .to_owned()
    }

    /// Everything up to the tagged line of a command just sent, literals included.
    pub fn finish(&mut self, tag: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = self.line();
            while let Some(n) = line
                .strip_suffix('}')
                .and_then(|l| l.rsplit_once('{'))
                .and_then(|(_, n)| n.parse::<usize>().ok())
            {
                let mut literal = vec![0; n];
                self.stream.read_exact(&mut literal).unwrap();
                line.push_str("\r\n");
                line.push_str(&String::from_utf8_lossy(&literal));
                let rest = self.line();
                line.push_str(&rest);
            }
            let last = line.is_empty() || line.starts_with(&format!("{tag} "));
            lines.push(line);
            if last {
                return lines;
            }
        }
    }

    /// Sends a command; returns all lines of the answer, the tagged one last and without tag.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        self.count += 1;
        let tag = format!("t{}", self.count);
        self.say(&format!("{tag} {command}"));
        let mut lines = self.finish(&tag);
        if let Some(last) = lines.last_mut() {
            *last = last
                .strip_prefix(&format!("{tag} "))
                .unwrap_or(last)
                .to_owned();
        }
        lines
    }

    /// Like `run`, and it must be answered OK. One text, lines separated by `\n`.
    pub fn ok(&mut self, command: &str) -> String {
        let lines = self.run(command);
        assert!(
            lines.last().unwrap().starts_with("OK"),
            "{command}: {lines:?}"
        );
        lines.join("\n")
    }

    pub fn append(&mut self, folder: &str, flags: &str, message: &str) -> String {
        self.ok(&format!(
            "APPEND \"{folder}\" ({flags}) {{{}+}}\r\n{message}",
            message.len()
        ))
    }

    /// All lines of an SMTP reply.
    pub fn reply(&mut self) -> String {
        let mut all = Vec::new();
        loop {
            let line = self.line();
            let more = line.as_bytes().get(3) == Some(&b'-');
            all.push(line);
            if !more {
                return all.join("\n");
            }
        }
    }

    /// Sends an SMTP line and returns the reply.
    pub fn ask(&mut self, line: &str) -> String {
        self.say(line);
        self.reply()
    }
}

pub fn plain(user: &str, password: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!("\0{user}\0{password}"))
}

/// A short letter.
pub fn letter(subject: &str) -> String {
    format!(
        "From: a@x.example\r\nTo: {ADDRESS}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x.example>\r\n\r\nKinh gui.\r\n"
    )
}

/// Waits until something is so; the test fails after a minute.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never: {what}");
}
