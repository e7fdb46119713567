//! One connection: bytes in and out, in clear or under TLS, compressed or not, with a way to be
//! woken.
//!
//! A small thread reads the socket and hands the bytes over a channel; the session thread owns
//! everything else. So a session that idles waits for *the client or the store* without polling.
//! Not here: what the bytes mean.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use rustls::{ServerConfig, ServerConnection};

/// Longest line accepted outside of literals; a whole UID set of a big mailbox fits.
const MAX_LINE: usize = 64 * 1024;
/// A client that takes nothing for this long is gone.
const WRITE_PATIENCE: Duration = Duration::from_secs(60);

/// What arrives at a session.
#[derive(Debug)]
pub(crate) enum Input {
    /// Bytes from the socket.
    Bytes(Vec<u8>),
    /// The client is gone.
    End,
    /// Something changed in the store.
    Wake,
}

/// Wakes a session; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Waker(SyncSender<Input>);

impl Waker {
    /// A full channel is as good as a wake: the session looks at the store after each input.
    /// Returns whether the session is still there.
    pub fn wake(&self) -> bool {
        !matches!(
            self.0.try_send(Input::Wake),
            Err(TrySendError::Disconnected(_))
        )
    }
}

/// The session's end of the connection.
#[derive(Debug)]
pub(crate) struct Link {
    socket: TcpStream,
    input: Receiver<Input>,
    tls: Option<Box<ServerConnection>>,
    packing: Option<Box<Packing>>,
    unread: Vec<u8>,
    /// Bytes that may still be sent before the scripted cut; compressed ones where that is on.
    allowance: Option<u64>,
}

/// Why a conversation ends. Ordinary: nothing is done about it.
pub(crate) type Closed = io::Error;

pub(crate) fn closed(why: &str) -> Closed {
    io::Error::new(io::ErrorKind::ConnectionAborted, why)
}

impl Link {
    /// Starts the reading thread of an accepted socket.
    pub fn new(socket: TcpStream) -> io::Result<(Link, Waker)> {
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(WRITE_PATIENCE))?;
        let (sender, input) = sync_channel(64);
        let waker = Waker(sender.clone());
        let mut reading = socket.try_clone()?;
        std::thread::Builder::new()
            .name("practice-read".into())
            .spawn(move || {
                let mut buffer = vec![0; 16 * 1024];
                loop {
                    let input = match reading.read(&mut buffer) {
                        Ok(0) | Err(_) => Input::End,
                        Ok(n) => Input::Bytes(buffer[..n].to_vec()),
                    };
                    let end = matches!(input, Input::End);
                    if sender.send(input).is_err() || end {
                        return;
                    }
                }
            })?;
        Ok((
            Link {
                socket,
                input,
                tls: None,
                packing: None,
                unread: Vec::new(),
                allowance: None,
            },
            waker,
        ))
    }

    /// Goes over to TLS. Clear bytes already received are dropped: a command smuggled in before
    /// the handshake must not be obeyed after it (RFC 3207, section 6).
    pub fn start_tls(&mut self, config: Arc<ServerConfig>) -> Result<(), Closed> {
        self.unread.clear();
        let mut tls = ServerConnection::new(config).map_err(io::Error::other)?;
        // Answers are cut into pieces here, not by rustls.
        tls.set_buffer_limit(None);
        self.tls = Some(Box::new(tls));
        while self.tls.as_ref().is_some_and(|t| t.is_handshaking()) {
            self.receive(None)?;
        }
        Ok(())
    }

    /// From here on both directions are compressed (RFC 4978). What the client sent early is.
    pub fn compress(&mut self) -> Result<(), Closed> {
        self.packing = Some(Box::default());
        let early = std::mem::take(&mut self.unread);
        self.keep(&early)
    }

    /// Whether both directions are compressed.
    pub fn is_compressed(&self) -> bool {
        self.packing.is_some()
    }

    /// Whether the conversation is under TLS.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// The next line without its end; waits for it.
    pub fn line(&mut self) -> Result<Vec<u8>, Closed> {
        loop {
            if let Some(line) = self.buffered_line()? {
                return Ok(line);
            }
            self.receive(None)?;
        }
    }

    /// The next line, or `None` when woken first or when the time is over.
    pub fn line_or_wake(&mut self, patience: Duration) -> Result<Option<Vec<u8>>, Closed> {
        if let Some(line) = self.buffered_line()? {
            return Ok(Some(line));
        }
        self.receive(Some(patience))?;
        self.buffered_line()
    }

    /// Exactly `n` bytes, as a literal announces.
    pub fn exactly(&mut self, n: usize) -> Result<Vec<u8>, Closed> {
        while self.unread.len() < n {
            self.receive(None)?;
        }
        let rest = self.unread.split_off(n);
        Ok(std::mem::replace(&mut self.unread, rest))
    }

    /// Sends bytes; stops with an error where the script cuts the line.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Closed> {
        let packed = self.packing.as_mut().map(|packing| packing.pack(bytes));
        let bytes = packed.as_deref().unwrap_or(bytes);
        let Some(left) = self.allowance else {
            return self.transmit(bytes);
        };
        let fits = usize::try_from(left).unwrap_or(usize::MAX);
        if bytes.len() < fits {
            self.allowance = Some(left - bytes.len() as u64);
            return self.transmit(bytes);
        }
        self.transmit(&bytes[..fits])?;
        self.cut();
        Err(closed("cut by the script"))
    }

    /// From now on only `n` more bytes leave.
    pub fn cut_after(&mut self, n: u64) {
        self.allowance = Some(n);
    }

    /// Ends the connection as a failing line does: without TLS's close_notify.
    pub fn cut(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Ends the connection in order.
    pub fn close(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
        }
        let _ = self.flush_tls();
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Reads and forgets until the client goes away.
    pub fn swallow(&mut self) {
        while self.receive(None).is_ok() {
            self.unread.clear();
        }
    }

    /// Waits without reading the meaning of what comes; an error when the client leaves.
    pub fn pause(&mut self, time: Duration) -> Result<(), Closed> {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.receive(Some(left))?;
        }
    }

    fn buffered_line(&mut self) -> Result<Option<Vec<u8>>, Closed> {
        let Some(end) = self.unread.iter().position(|&b| b == b'\n') else {
            if self.unread.len() > MAX_LINE {
                return Err(closed("line too long"));
            }
            return Ok(None);
        };
        let rest = self.unread.split_off(end + 1);
        let mut line = std::mem::replace(&mut self.unread, rest);
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    /// Takes one input from the channel; a wake or the end of patience is no error.
    fn receive(&mut self, patience: Option<Duration>) -> Result<(), Closed> {
        let input = match patience {
            None => self.input.recv().map_err(|_| closed("reader gone"))?,
            Some(time) => match self.input.recv_timeout(time) {
                Ok(input) => input,
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(closed("reader gone")),
            },
        };
        match input {
            Input::Wake => Ok(()),
            Input::End => Err(closed("client gone")),
            Input::Bytes(bytes) => self.take(&bytes),
        }
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Closed> {
        let Some(tls) = &mut self.tls else {
            return self.keep(bytes);
        };
        let mut verdict = Ok(());
        let mut clear = Vec::new();
        while !bytes.is_empty() && verdict.is_ok() {
            if tls.read_tls(&mut bytes)? == 0 {
                break;
            }
            match tls.process_new_packets() {
                Ok(state) => {
                    let mut plain = vec![0; state.plaintext_bytes_to_read()];
                    tls.reader().read_exact(&mut plain)?;
                    clear.extend(plain);
                }
                Err(fault) => verdict = Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
            }
        }
        // The handshake's answer, or the alert that tells the client what was wrong.
        self.flush_tls()?;
        self.keep(&clear)?;
        verdict
    }

    /// Keeps what arrived, unpacked, for the session to read.
    fn keep(&mut self, bytes: &[u8]) -> Result<(), Closed> {
        match &mut self.packing {
            Some(packing) => packing.unpack(bytes, &mut self.unread),
            None => {
                self.unread.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn transmit(&mut self, bytes: &[u8]) -> Result<(), Closed> {
        let Some(tls) = &mut self.tls else {
            return self.socket.write_all(bytes);
        };
        // In pieces, so that a large answer is not held twice in memory.
        for piece in bytes.chunks(64 * 1024) {
            tls.writer().write_all(piece)?;
            while tls.wants_write() {
                tls.write_tls(&mut self.socket)?;
            }
        }
        Ok(())
    }

    fn flush_tls(&mut self) -> Result<(), Closed> {
        if let Some(tls) = &mut self.tls {
            while tls.wants_write() {
                tls.write_tls(&mut self.socket)?;
            }
        }
        Ok(())
    }
}

/// Raw DEFLATE in both directions.
#[derive(Debug)]
struct Packing {
    inflate: Decompress,
    deflate: Compress,
}

impl Default for Packing {
    fn default() -> Self {
        Packing {
            inflate: Decompress::new(false),
            deflate: Compress::new(Compression::default(), false),
        }
    }
}

impl Packing {
    /// Packs an answer so that the client can read all of it.
    fn pack(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut packed = Vec::with_capacity(bytes.len() / 2 + 1024);
        loop {
            let before = self.deflate.total_in();
            let _ = self
                .deflate
                .compress_vec(bytes, &mut packed, FlushCompress::Sync);
            let taken = usize::try_from(self.deflate.total_in() - before).unwrap_or(bytes.len());
            bytes = &bytes[taken..];
            if packed.len() < packed.capacity() {
                return packed;
            }
            packed.reserve(64 * 1024);
        }
    }

    fn unpack(&mut self, mut packed: &[u8], into: &mut Vec<u8>) -> Result<(), Closed> {
        loop {
            into.reserve(64 * 1024);
            let before = self.inflate.total_in();
            self.inflate
                .decompress_vec(packed, into, FlushDecompress::None)
                .map_err(io::Error::other)?;
            let taken = usize::try_from(self.inflate.total_in() - before).unwrap_or(packed.len());
            packed = &packed[taken..];
            if into.len() < into.capacity() {
                return Ok(());
            }
        }
    }
}

impl Drop for Link {
    /// The reading thread holds a copy of the socket: without this the client would wait on.
    fn drop(&mut self) {
        self.cut();
    }
}
