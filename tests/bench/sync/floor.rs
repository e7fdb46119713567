//! The floor: a client that asks for the headers as the engine does, and throws the answer away.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::{Figure, Place, cpu_seconds};

/// What the engine asks for, in one command.
const FETCH: &str = "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (DATE FROM TO CC \
    BCC REPLY-TO SENDER SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES CONTENT-TYPE)])";

pub fn measure(place: &Place) -> Figure {
    let mut stream = connect(place);
    let (begun, cpu) = (Instant::now(), cpu_seconds(false));
    let account = &place.account;
    command(
        &mut stream,
        &format!("LOGIN {} {}", account.login, account.password),
    );
    command(&mut stream, "SELECT INBOX");
    let bytes = command(&mut stream, FETCH);
    Figure {
        wall: begun.elapsed().as_secs_f64(),
        cpu: cpu_seconds(false) - cpu,
        peak_mb: None,
        note: format!("{} MB", bytes / 1_000_000),
    }
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn connect(place: &Place) -> Tls {
    let mut roots = RootCertStore::empty();
    for certificate in tcv_engine::read_certificates(place.servers.ca_file()).unwrap() {
        roots.add(CertificateDer::from(certificate)).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let tcp = TcpStream::connect(("127.0.0.1", place.servers.imaps_port())).unwrap();
    let mut stream = StreamOwned::new(tls, tcp);
    let mut greeting = [0; 4096];
    assert!(stream.read(&mut greeting).unwrap() > 0);
    stream
}

/// Sends, reads to the tagged line, and says how many bytes came.
fn command(stream: &mut Tls, text: &str) -> usize {
    const TAG: &[u8] = b"\r\nT OK ";
    write!(stream, "T {text}\r\n").unwrap();
    let mut buffer = vec![0; 256 << 10];
    // What the last read ended with: the tagged line may be cut anywhere. A line end stands before the first.
    let mut tail = b"\r\n".to_vec();
    let mut bytes = 0;
    loop {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the server hung up");
        bytes += read;
        // The last line alone can be the tagged one.
        let new = &buffer[..read];
        tail.extend_from_slice(&new[read.saturating_sub(512)..]);
        if tail.ends_with(b"\r\n") && tail.windows(TAG.len()).any(|window| window == TAG) {
            return bytes;
        }
        let keep = tail.len().saturating_sub(512);
        tail.drain(..keep);
    }
}
