//! The running server: four listening ports, one thread per connection, and the thread that
//! sends automatic answers.
//!
//! Not here: what is said on a connection (`imap`, `smtp`).

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::accounts::AccountSpec;
use crate::answer::Answering;
use crate::disk::Disk;
use crate::folder::Account;
use crate::link::{Closed, Link, Waker};
use crate::script::{Action, LoginForm, Protocol, Scripts};
use crate::store::{Store, key};
use crate::tls::Identity;
use crate::{Options, Seed, SeedTime, StartError, imap, seed, smtp};

/// The doors of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    Imaps,
    Imap,
    Smtps,
    Smtp,
}

const PORTS: [Port; 4] = [Port::Imaps, Port::Imap, Port::Smtps, Port::Smtp];

impl Port {
    fn protocol(self) -> Protocol {
        match self {
            Port::Imaps | Port::Imap => Protocol::Imap,
            Port::Smtps | Port::Smtp => Protocol::Smtp,
        }
    }

    fn implicit_tls(self) -> bool {
        matches!(self, Port::Imaps | Port::Smtps)
    }
}

/// What all threads share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub store: Store,
    pub scripts: Scripts,
    pub accounts: Vec<AccountSpec>,
    pub answering: Answering,
    /// Addresses of the agency's domain that are taken without having an account.
    pub colleagues: BTreeSet<String>,
    identity: Identity,
    stopping: AtomicBool,
    sockets: Mutex<Sockets>,
    next: AtomicU64,
}

/// Open connections by number, and the threads that serve them.
#[derive(Debug, Default)]
struct Sockets {
    open: Vec<(u64, TcpStream)>,
    threads: Vec<JoinHandle<()>>,
}

impl Shared {
    /// The account of a login, in the form the script demands.
    pub fn login(&self, user: &str, password: &str) -> Option<&AccountSpec> {
        let form = self.scripts.read(|s| s.login_form);
        self.accounts.iter().find(|account| {
            let address = key(&account.address);
            let local = address.split('@').next().unwrap_or_default();
            let user = user.to_lowercase();
            let known = match form {
                LoginForm::Any => user == address || user == local,
                LoginForm::Address => user == address,
                LoginForm::LocalPart => user == local,
            };
            known && account.password == password
        })
    }

    /// The account an address belongs to.
    pub fn owner(&self, address: &str) -> Option<&AccountSpec> {
        self.accounts
            .iter()
            .find(|a| key(&a.address) == key(address))
    }

    /// Goes over to TLS with the certificate the script wants.
    pub fn start_tls(&self, link: &mut Link) -> Result<(), Closed> {
        let which = self.scripts.read(|s| s.certificate);
        link.start_tls(self.identity.config(which).map_err(std::io::Error::other)?)
    }

    fn sockets(&self) -> MutexGuard<'_, Sockets> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Handle of the whole; dropping it stops everything.
#[derive(Debug)]
pub(crate) struct Running {
    shared: Arc<Shared>,
    addresses: [SocketAddr; 4],
    threads: Vec<JoinHandle<()>>,
}

pub(crate) fn start(options: Options) -> Result<Running, StartError> {
    let identity = Identity::make()?;
    let disk = options.data_dir.clone().map(Disk::open).transpose()?;
    let accounts = open_accounts(&options, disk.as_ref())?;
    let colleagues = match options.seed {
        Seed::Practice { .. } => seed::colleagues(),
        Seed::Empty => BTreeSet::new(),
    };
    let shared = Arc::new(Shared {
        store: Store::new(accounts, disk),
        scripts: Scripts::new(options.script),
        accounts: options.accounts,
        answering: Answering::new(options.outside_reply),
        colleagues,
        identity,
        stopping: AtomicBool::new(false),
        sockets: Mutex::default(),
        next: AtomicU64::new(0),
    });
    listen(shared)
}

/// The accounts as they were left, and new ones seeded.
fn open_accounts(options: &Options, disk: Option<&Disk>) -> Result<Vec<Account>, StartError> {
    let mut accounts = Vec::new();
    let mut letters = None;
    for spec in &options.accounts {
        if let Some(kept) = disk.map(|d| d.load(&spec.address)).transpose()?.flatten() {
            accounts.push(kept);
            continue;
        }
        let letters = letters.get_or_insert_with(|| match options.seed {
            Seed::Practice {
                now_unix,
                utc_offset_secs,
            } => seed::letters(SeedTime {
                now_unix,
                utc_offset_secs,
            }),
            Seed::Empty => Vec::new(),
        });
        let mut account = Account::new(&spec.address);
        seed::fill(&mut account, letters)?;
        if let Some(disk) = disk {
            disk.save(&account)?;
        }
        account.unwritten.clear();
        accounts.push(account);
    }
    Ok(accounts)
}

fn listen(shared: Arc<Shared>) -> Result<Running, StartError> {
    let mut addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); 4];
    let mut listeners = Vec::new();
    for address in &mut addresses {
        let listener = TcpListener::bind(*address).map_err(StartError::Listen)?;
        *address = listener.local_addr().map_err(StartError::Listen)?;
        listeners.push(listener);
    }
    let mut running = Running {
        shared: shared.clone(),
        addresses,
        threads: Vec::new(),
    };
    for (port, listener) in PORTS.into_iter().zip(listeners) {
        let shared = shared.clone();
        running.threads.push(spawn("practice-accept", move || {
            accept(&shared, port, &listener)
        })?);
    }
    let answering = shared.clone();
    running.threads.push(spawn("practice-answer", move || {
        answering.answering.run(&answering)
    })?);
    Ok(running)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StartError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(StartError::Listen)
}

fn accept(shared: &Arc<Shared>, port: Port, listener: &TcpListener) {
    for socket in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(socket) = socket else { continue };
        let Ok(copy) = socket.try_clone() else {
            continue;
        };
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let serving = shared.clone();
        let mut sockets = shared.sockets();
        sockets.open.push((number, copy));
        sockets.threads.retain(|t| !t.is_finished());
        let thread = spawn("practice-session", move || {
            if let Err(end) = serve(&serving, port, socket) {
                tracing::debug!(?port, %end, "practice session ended");
            }
            serving.sockets().open.retain(|(n, _)| *n != number);
        });
        match thread {
            Ok(thread) => sockets.threads.push(thread),
            Err(_) => sockets.open.retain(|(n, _)| *n != number),
        }
    }
}

fn serve(shared: &Arc<Shared>, port: Port, socket: TcpStream) -> Result<(), Closed> {
    let (mut link, waker) = Link::new(socket)?;
    let (mute, plaintext) = shared.scripts.read(|s| (s.mute, s.plaintext));
    if mute {
        link.swallow();
        return Ok(());
    }
    if port.implicit_tls() && !plaintext {
        shared.start_tls(&mut link)?;
    }
    let trusted = port.implicit_tls();
    let result = match port.protocol() {
        Protocol::Imap => {
            let waker: Waker = waker;
            shared.store.watch(waker);
            imap::serve(&mut link, shared, trusted)
        }
        Protocol::Smtp => smtp::serve(&mut link, shared, trusted),
    };
    link.close();
    result
}

/// Bytes sent at a time where they do not end.
const FLOOD: usize = 64 << 10;

/// What remains of a command once the script has had its say.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Sent instead of carrying the command out.
    pub instead: Option<Vec<u8>>,
    /// The command is refused with this text.
    pub refusal: Option<String>,
    /// Sent before the answer.
    pub before: Vec<u8>,
    /// Sent after the answer.
    pub after: Vec<u8>,
    /// What is said in place of what.
    pub edits: Vec<(String, String)>,
    /// Carry out, then cut.
    pub silent_cut: bool,
}

/// Applies the actions due; an error ends the connection.
pub(crate) fn obey(actions: Vec<Action>, link: &mut Link) -> Result<Verdict, Closed> {
    let mut verdict = Verdict::default();
    for action in actions {
        match action {
            Action::Delay(time) => link.pause(time)?,
            Action::Flood(head, more) => {
                link.send(&head)?;
                let more = more.repeat(FLOOD / more.len().max(1) + 1);
                loop {
                    link.send(&more)?;
                }
            }
            Action::Meet(meeting) => meeting.hold(|| ()),
            Action::Before(raw) => verdict.before.extend(raw),
            Action::After(raw) => verdict.after.extend(raw),
            Action::Instead(raw) => verdict.instead = Some(raw),
            Action::Replace(from, to) => verdict.edits.push((from, to)),
            Action::Refuse(text) => verdict.refusal = Some(text),
            Action::Drop => {
                link.cut();
                return Err(crate::link::closed("dropped by the script"));
            }
            Action::DropAfterDoing => verdict.silent_cut = true,
            Action::DropAfterBytes(n) => link.cut_after(n),
            Action::Hang => {
                link.swallow();
                return Err(crate::link::closed("client gone while hanging"));
            }
        }
    }
    Ok(verdict)
}

impl Running {
    pub fn addr(&self, port: Port) -> SocketAddr {
        let at = PORTS.iter().position(|p| *p == port).unwrap_or_default();
        self.addresses[at]
    }

    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    pub fn scripts(&self) -> &Scripts {
        &self.shared.scripts
    }

    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    pub fn connections(&self) -> usize {
        self.shared.sockets().open.len()
    }

    pub fn cut_connections(&self) {
        for (_, socket) in &self.shared.sockets().open {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.shared.answering.stop();
        // `accept` has no time-out in std: a last visitor wakes each listener.
        for address in self.addresses {
            let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        self.cut_connections();
        let sessions = std::mem::take(&mut self.shared.sockets().threads);
        for thread in sessions {
            let _ = thread.join();
        }
    }
}
