//! A TCP proxy in front of a loopback port, for a network that fails at a chosen moment: it can cut, refuse, stall,
//! slow down, or cut after a number of bytes. It carries bytes unread; TLS runs through it end to end.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const CHUNK: usize = 8 * 1024;

/// A running proxy; closed, with all its connections, on drop.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    refusing: bool,
    stalled: bool,
    /// Bytes a second towards the client, each connection for itself.
    limit: Option<u32>,
    /// Bytes towards the client until the cut.
    left: Option<u64>,
    /// Bytes towards the server until the cut.
    left_to_server: Option<u64>,
    /// Bytes towards the server, counted like `to_server`, at which everything stops.
    stall_at: Option<u64>,
    /// The same for answers only.
    mute_at: Option<u64>,
    connections: usize,
    to_server: u64,
    to_client: u64,
    streams: Vec<TcpStream>,
}

/// What [`Shared::admit`] lets pass, and whether all connections end after it.
struct Admitted {
    bytes: usize,
    cut: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToServer,
    ToClient,
}

impl Proxy {
    /// A proxy on a free port in front of `target` on 127.0.0.1.
    pub fn to(target: u16) -> Result<Self, String> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|e| format!("proxy: {e}"))?;
        let port = listener
            .local_addr()
            .map_err(|e| format!("proxy: {e}"))?
            .port();
        let shared = Arc::new(Shared::default());
        let acceptor = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.accept(&listener, target))
        };
        Ok(Self {
            port,
            shared,
            acceptor: Some(acceptor),
        })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes all connections; new ones are let through.
    pub fn cut(&self) {
        self.shared.lock().cut();
    }

    /// Closes all connections and, until [`Self::resume`], each new one at once.
    pub fn refuse(&self) {
        let mut state = self.shared.lock();
        state.refusing = true;
        state.cut();
    }

    /// Carries nothing more, in either direction, until [`Self::resume`]; connections stay open.
    pub fn stall(&self) {
        self.shared.lock().stalled = true;
    }

    /// Carries at most `bytes` a second to the client, each connection for itself.
    pub fn limit(&self, bytes: u32) {
        self.shared.lock().limit = Some(bytes.max(1));
    }

    /// Carries `bytes` more to the client, over all connections together, then closes them all; later ones pass freely.
    pub fn cut_after(&self, bytes: u64) {
        self.shared.lock().left = Some(bytes);
    }

    /// The same for what the client sends: the server has a part of it, and neither hears of the other again.
    pub fn cut_after_sent(&self, bytes: u64) {
        self.shared.lock().left_to_server = Some(bytes);
    }

    /// Once the client has sent `bytes` more, over all connections together, stalls: the server has a part of what was
    /// said.
    pub fn stall_after_sent(&self, bytes: u64) {
        let mut state = self.shared.lock();
        state.stall_at = Some(state.to_server + bytes);
    }

    /// Once the client has sent `bytes` more, over all connections together, carries on what it sends and no more
    /// answers: the server has all that was said, and the client does not know it.
    pub fn mute_after_sent(&self, bytes: u64) {
        let mut state = self.shared.lock();
        state.mute_at = Some(state.to_server + bytes);
    }

    /// Carries everything again.
    pub fn resume(&self) {
        let mut state = self.shared.lock();
        (state.refusing, state.stalled, state.limit, state.left) = (false, false, None, None);
        (state.stall_at, state.mute_at, state.left_to_server) = (None, None, None);
        self.shared.changed.notify_all();
    }

    /// How many connections were let through.
    pub fn connections(&self) -> usize {
        self.shared.lock().connections
    }

    /// Bytes carried to the server and to the client.
    pub fn carried(&self) -> (u64, u64) {
        let state = self.shared.lock();
        (state.to_server, state.to_client)
    }
}

impl State {
    fn holds_back(&self, direction: Direction) -> bool {
        let reached = |mark: Option<u64>| mark.is_some_and(|mark| self.to_server >= mark);
        self.stalled
            || reached(self.stall_at)
            || (direction == Direction::ToClient && reached(self.mute_at))
    }

    fn cut(&mut self) {
        for stream in self.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener, target: u16) {
        for client in listener.incoming().flatten() {
            if self.lock().closed {
                return;
            }
            // A connection that cannot be made to the server is, to the client, one that closes at once.
            let _ = self.join(client, target);
        }
    }

    fn join(self: &Arc<Self>, client: TcpStream, target: u16) -> std::io::Result<()> {
        if self.lock().refusing {
            return Ok(());
        }
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, target))?;
        let copies = [client.try_clone()?, server.try_clone()?];
        let (from_client, from_server) = (client.try_clone()?, server.try_clone()?);
        {
            let mut state = self.lock();
            state.connections += 1;
            state.streams.extend(copies);
        }
        let (up, down) = (Arc::clone(self), Arc::clone(self));
        std::thread::spawn(move || up.pump(from_client, server, Direction::ToServer));
        std::thread::spawn(move || down.pump(from_server, client, Direction::ToClient));
        Ok(())
    }

    /// Carries bytes until one side closes or the cut comes, then closes both.
    fn pump(&self, mut from: TcpStream, mut to: TcpStream, direction: Direction) {
        let mut buffer = [0; CHUNK];
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            let Some(Admitted { bytes, cut }) = self.admit(n, direction) else {
                break;
            };
            let written = to.write_all(&buffer[..bytes]);
            if cut {
                self.lock().cut();
            }
            if cut || written.is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }

    /// Waits until bytes may pass and says how many of these `n`; `None` when the proxy has ended.
    fn admit(&self, n: usize, direction: Direction) -> Option<Admitted> {
        let mut state = self.wait_while_stalled(self.lock(), direction)?;
        if direction == Direction::ToServer {
            let admitted = up_to(&mut state.left_to_server, n);
            state.to_server += admitted.bytes as u64;
            return Some(admitted);
        }
        if let Some(limit) = state.limit {
            let rest = Duration::from_secs_f64(n as f64 / f64::from(limit));
            let waited = self
                .changed
                .wait_timeout_while(state, rest, |s| !s.closed && s.limit.is_some());
            let state_now = waited.unwrap_or_else(PoisonError::into_inner).0;
            state = self.wait_while_stalled(state_now, direction)?;
        }
        let admitted = up_to(&mut state.left, n);
        state.to_client += admitted.bytes as u64;
        Some(admitted)
    }

    fn wait_while_stalled<'a>(
        &self,
        state: MutexGuard<'a, State>,
        direction: Direction,
    ) -> Option<MutexGuard<'a, State>> {
        let state = self
            .changed
            .wait_while(state, |s| s.holds_back(direction) && !s.closed)
            .unwrap_or_else(PoisonError::into_inner);
        (!state.closed).then_some(state)
    }
}

/// Lets pass what is left of `n` bytes; the last of them end everything, and are the last only once.
fn up_to(left: &mut Option<u64>, n: usize) -> Admitted {
    let Some(rest) = *left else {
        return Admitted {
            bytes: n,
            cut: false,
        };
    };
    let bytes = n.min(usize::try_from(rest).unwrap_or(usize::MAX));
    let rest = rest - bytes as u64;
    *left = (rest > 0).then_some(rest);
    Admitted {
        bytes,
        cut: rest == 0,
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.closed = true;
            state.cut();
            self.shared.changed.notify_all();
        }
        // Wakes the acceptor, which then sees the flag.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
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

    const LONG: Duration = Duration::from_secs(10);

    /// A server that sends back what it gets.
    fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
            }
        });
        port
    }

    fn connect(proxy: &Proxy) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    fn say(stream: &mut TcpStream, word: &[u8]) -> std::io::Result<Vec<u8>> {
        stream.write_all(word)?;
        let mut answer = vec![0; word.len()];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    }

    #[test]
    fn it_carries_counts_and_cuts() {
        let proxy = Proxy::to(echo()).unwrap();
        let mut first = connect(&proxy);
        assert_eq!(say(&mut first, b"xin").unwrap(), b"xin");
        assert_eq!(proxy.carried(), (3, 3));
        proxy.cut();
        assert!(say(&mut first, b"a").is_err());
        assert_eq!(say(&mut connect(&proxy), b"b").unwrap(), b"b");
        assert_eq!(proxy.connections(), 2);
    }

    #[test]
    fn it_cuts_after_exactly_so_many_bytes() {
        let proxy = Proxy::to(echo()).unwrap();
        let mut client = connect(&proxy);
        proxy.cut_after(5);
        client.write_all(b"123456789").unwrap();
        let mut got = Vec::new();
        let _ = client.read_to_end(&mut got);
        assert_eq!(got, b"12345");
        assert_eq!(say(&mut connect(&proxy), b"more").unwrap(), b"more");
    }

    #[test]
    fn it_cuts_after_exactly_so_many_bytes_sent() {
        let proxy = Proxy::to(echo()).unwrap();
        let mut client = connect(&proxy);
        proxy.cut_after_sent(5);
        client.write_all(b"123456789").unwrap();
        let mut got = Vec::new();
        let _ = client.read_to_end(&mut got);
        assert!(b"12345".starts_with(&got), "{got:?}");
        assert_eq!(proxy.carried().0, 5);
        assert_eq!(say(&mut connect(&proxy), b"more").unwrap(), b"more");
    }

    #[test]
    fn a_stalled_connection_goes_on_where_it_stood() {
        let proxy = Proxy::to(echo()).unwrap();
        let mut client = connect(&proxy);
        say(&mut client, b"a").unwrap();
        proxy.stall();
        client.write_all(b"b").unwrap();
        client
            .set_read_timeout(Some(Duration::from_millis(100)))
            .unwrap();
        assert!(client.read(&mut [0]).is_err());
        proxy.resume();
        client.set_read_timeout(Some(LONG)).unwrap();
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        assert_eq!(&byte, b"b");
    }

    fn hears_nothing(client: &mut TcpStream) {
        let short = Some(Duration::from_millis(100));
        client.set_read_timeout(short).unwrap();
        assert!(client.read(&mut [0]).is_err());
        client.set_read_timeout(Some(LONG)).unwrap();
    }

    fn hears(client: &mut TcpStream, words: &[u8]) {
        let mut heard = vec![0; words.len()];
        client.read_exact(&mut heard).unwrap();
        assert_eq!(heard, words);
    }

    #[test]
    fn it_stalls_after_so_much_was_sent() {
        let proxy = Proxy::to(echo()).unwrap();
        let mut client = connect(&proxy);
        proxy.stall_after_sent(2);
        assert_eq!(say(&mut client, b"a").unwrap(), b"a");
        client.write_all(b"b").unwrap();
        wait_until(LONG, "the second byte carried", || proxy.carried().0 == 2);
        client.write_all(b"c").unwrap();
        hears_nothing(&mut client);
        assert_eq!(proxy.carried().0, 2);
        proxy.resume();
        hears(&mut client, b"bc");
    }

    #[test]
    fn it_mutes_the_server_after_so_much_was_sent() {
        let proxy = Proxy::to(echo()).unwrap();
        let mut client = connect(&proxy);
        proxy.mute_after_sent(2);
        assert_eq!(say(&mut client, b"a").unwrap(), b"a");
        client.write_all(b"b").unwrap();
        wait_until(LONG, "the second byte carried", || proxy.carried().0 == 2);
        client.write_all(b"c").unwrap();
        wait_until(LONG, "the third byte carried", || proxy.carried().0 == 3);
        hears_nothing(&mut client);
        proxy.resume();
        hears(&mut client, b"bc");
    }

    #[test]
    fn it_refuses_until_resumed() {
        let proxy = Proxy::to(echo()).unwrap();
        proxy.refuse();
        assert!(say(&mut connect(&proxy), b"a").is_err());
        proxy.resume();
        wait_until(LONG, "a connection after resuming", || {
            say(&mut connect(&proxy), b"a").is_ok()
        });
    }

    #[test]
    fn a_limit_delays_but_loses_nothing() {
        let proxy = Proxy::to(echo()).unwrap();
        proxy.limit(1_000_000);
        let data = vec![7; 100_000];
        let mut client = connect(&proxy);
        let mut writer = client.try_clone().unwrap();
        let sent = data.clone();
        let sending = std::thread::spawn(move || writer.write_all(&sent).unwrap());
        let mut got = vec![0; data.len()];
        client.read_exact(&mut got).unwrap();
        sending.join().unwrap();
        assert_eq!(got, data);
    }
}
