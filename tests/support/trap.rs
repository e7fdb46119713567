//! A port on which something is wrong before TLS begins: it speaks plaintext where TLS is expected, or accepts and
//! never says a word. It keeps what the client sends, so that a test can prove no password was among it.
//! Not here: bad certificates, which real servers show ([`crate::BadCertificate`]).

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A listening trap; closed, with all its connections, on drop.
#[derive(Debug)]
pub struct Trap {
    port: u16,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    closed: AtomicBool,
    connections: AtomicUsize,
    received: Mutex<Vec<u8>>,
    streams: Mutex<Vec<TcpStream>>,
}

impl Trap {
    /// Accepts and never speaks.
    pub fn silent() -> Result<Self, String> {
        Self::speaking(b"")
    }

    /// Greets like an IMAP server without TLS.
    pub fn plaintext_imap() -> Result<Self, String> {
        Self::speaking(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
    }

    /// Greets like an SMTP server without TLS.
    pub fn plaintext_smtp() -> Result<Self, String> {
        Self::speaking(b"220 mail.quynhon.test.gov.vn ESMTP\r\n")
    }

    /// Sends `greeting` to whoever connects, then only listens.
    pub fn speaking(greeting: &[u8]) -> Result<Self, String> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|e| format!("trap: {e}"))?;
        let port = listener
            .local_addr()
            .map_err(|e| format!("trap: {e}"))?
            .port();
        let state = Arc::new(State::default());
        let (shared, greeting) = (Arc::clone(&state), greeting.to_vec());
        let acceptor = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.closed.load(Ordering::SeqCst) {
                    return;
                }
                shared.catch(stream, &greeting);
            }
        });
        Ok(Self {
            port,
            state,
            acceptor: Some(acceptor),
        })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections have been accepted.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Everything clients have sent so far.
    pub fn received(&self) -> Vec<u8> {
        self.state
            .received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl State {
    fn catch(self: &Arc<Self>, mut stream: TcpStream, greeting: &[u8]) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let Ok(copy) = stream.try_clone() else { return };
        self.streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(copy);
        let _ = stream.write_all(greeting);
        let state = Arc::clone(self);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = stream.read(&mut buffer) {
                let mut received = state
                    .received
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                received.extend_from_slice(&buffer[..n]);
            }
        });
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.state.closed.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees the flag.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        for stream in self
            .state
            .streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::wait_until;
    use std::time::Duration;

    #[test]
    fn it_greets_and_keeps_what_it_hears() {
        let trap = Trap::plaintext_smtp().unwrap();
        let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, trap.port())).unwrap();
        let mut greeting = [0; 3];
        client.read_exact(&mut greeting).unwrap();
        assert_eq!(&greeting, b"220");
        client.write_all(b"EHLO x\r\n").unwrap();
        wait_until(Duration::from_secs(10), "the words to arrive", || {
            trap.received() == b"EHLO x\r\n"
        });
        assert_eq!(trap.connections(), 1);
        drop(trap);
        assert_eq!(
            client.read_to_end(&mut Vec::new()).unwrap_or(1),
            "mail.quynhon.test.gov.vn ESMTP\r\n".len() + 1
        );
    }
}
