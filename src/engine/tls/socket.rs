//! The socket under a connection: bounded reads that another thread can end.
//!
//! On Linux shutting a socket down wakes who reads from it. On Windows it does not (the standard library leaves its own
//! test of that out there), so a read waits in short turns and looks between them whether the line was hung up.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::timed_out;

/// How long one turn of a read is; `None` where a read is woken.
const TURN: Option<Duration> = if cfg!(windows) {
    Some(Duration::from_millis(250))
} else {
    None
};

/// A connected socket, owned by the thread that reads and writes it.
#[derive(Debug)]
pub(crate) struct Socket {
    tcp: TcpStream,
    hung_up: Arc<AtomicBool>,
    patience: Cell<Duration>,
    /// What was read and not asked for yet: TLS asks for 4 KiB at a time, and each time the
    /// system is asked costs as much as handing over ten times that.
    ahead: Vec<u8>,
    taken: usize,
}

/// How much is read at once.
const AHEAD: usize = 64 << 10;

/// The other threads' end of a [`Socket`].
#[derive(Debug)]
pub(super) struct Line {
    tcp: TcpStream,
    hung_up: Arc<AtomicBool>,
}

impl Socket {
    /// Takes a connected socket and how long a read may wait.
    pub(super) fn new(tcp: TcpStream, patience: Duration) -> io::Result<Self> {
        let socket = Self {
            tcp,
            hung_up: Arc::default(),
            patience: Cell::new(patience),
            ahead: Vec::new(),
            taken: 0,
        };
        socket.set_read_timeout(patience)?;
        Ok(socket)
    }

    /// What ends this socket from another thread.
    pub(super) fn line(&self) -> io::Result<Line> {
        Ok(Line {
            tcp: self.tcp.try_clone()?,
            hung_up: Arc::clone(&self.hung_up),
        })
    }

    /// How long a read may wait from now on.
    pub(super) fn set_read_timeout(&self, patience: Duration) -> io::Result<()> {
        self.patience.set(patience);
        let turn = TURN.map_or(patience, |turn| turn.min(patience));
        self.tcp.set_read_timeout(Some(turn))
    }
}

impl Line {
    /// Ends the connection: whoever reads or writes it is told.
    pub(super) fn hang_up(&self) {
        self.hung_up.store(true, Ordering::SeqCst);
        let _ = self.tcp.shutdown(Shutdown::Both);
    }
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ahead.len() {
            self.fill()?;
        }
        let rest = self.ahead.get(self.taken..).unwrap_or_default();
        let size = rest.len().min(into.len());
        let (from, to) = (rest.get(..size), into.get_mut(..size));
        if let (Some(from), Some(to)) = (from, to) {
            to.copy_from_slice(from);
        }
        self.taken += size;
        Ok(size)
    }
}

impl Socket {
    /// Reads ahead; after an error, a time-out too, nothing is ahead.
    fn fill(&mut self) -> io::Result<()> {
        let mut ahead = std::mem::take(&mut self.ahead);
        ahead.resize(AHEAD, 0);
        self.taken = 0;
        let read = self.receive(&mut ahead)?;
        ahead.truncate(read);
        self.ahead = ahead;
        Ok(())
    }

    fn receive(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if TURN.is_none() {
            return self.tcp.read(into);
        }
        let begin = Instant::now();
        loop {
            match self.tcp.read(into) {
                Err(error) if timed_out(&error) => {
                    if self.hung_up.load(Ordering::SeqCst) {
                        return Err(io::ErrorKind::ConnectionAborted.into());
                    }
                    if begin.elapsed() >= self.patience.get() {
                        return Err(error);
                    }
                }
                other => return other,
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}
