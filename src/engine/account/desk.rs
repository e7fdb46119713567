//! What an account's threads and the rest of the engine share: bells, status, switches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tcv_domain::message::AccountId;

use super::locked;
use super::throttle::Throttle;
use crate::imap::Session;
use crate::tls::Cancel;
use crate::types::SyncStatus;

/// How often a waiting thread compares the wall clock: after a suspend the network may be back
/// though no timer noticed.
const NAP: Duration = Duration::from_secs(20);

/// What woke a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rung {
    /// Local changes wait to be pushed.
    pub(super) push: bool,
    /// The inbox changed on the server.
    pub(super) inbox: bool,
    /// Everything is to be looked at.
    pub(super) all: bool,
}

impl Rung {
    fn any(self) -> bool {
        self.push || self.inbox || self.all
    }
}

/// Where the watcher may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Line {
    /// The worker has no connection; the watcher waits.
    #[default]
    Down,
    /// The server is there and can IDLE.
    CanIdle,
    /// The server is there and cannot.
    CannotIdle,
}

/// An account's desk.
pub(crate) struct Desk {
    account: AccountId,
    taken: AtomicBool,
    stopping: AtomicBool,
    paused: AtomicBool,
    rung: Mutex<Rung>,
    bell: Condvar,
    status: Mutex<SyncStatus>,
    line: Mutex<Line>,
    line_bell: Condvar,
    /// Whether the watcher is idling right now.
    pub(super) watched: AtomicBool,
    /// Ends the worker's connection.
    pub(super) cancel: Cancel,
    /// Ends the watcher's connection.
    pub(super) watch_cancel: Cancel,
    /// Ends the connection for opening messages.
    pub(super) spare_cancel: Cancel,
    /// How far reading is ahead of its limit.
    pub(super) throttle: Mutex<Throttle>,
    /// One round at a time, whoever runs it.
    gate: Mutex<()>,
    /// A connection kept for the next message the user opens, and since when.
    pub(super) spare: Mutex<Option<(Session, Instant)>>,
}

impl Desk {
    pub(super) fn new(account: AccountId) -> Self {
        Self {
            account,
            taken: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            rung: Mutex::default(),
            bell: Condvar::new(),
            status: Mutex::default(),
            line: Mutex::default(),
            line_bell: Condvar::new(),
            watched: AtomicBool::new(false),
            cancel: Cancel::default(),
            watch_cancel: Cancel::default(),
            spare_cancel: Cancel::default(),
            throttle: Mutex::new(Throttle::new()),
            gate: Mutex::default(),
            spare: Mutex::default(),
        }
    }

    /// Whose it is.
    pub(super) fn account(&self) -> AccountId {
        self.account
    }

    /// Takes it over for a pair of threads; false if one has it.
    pub(super) fn take_over(&self) -> bool {
        !self.taken.swap(true, Ordering::SeqCst)
    }

    /// Ends its threads.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        for cancel in [&self.cancel, &self.watch_cancel, &self.spare_cancel] {
            cancel.cancel();
        }
        // Both locks are taken so that nobody is between looking and sleeping.
        drop(locked(&self.rung));
        self.bell.notify_all();
        drop(locked(&self.line));
        self.line_bell.notify_all();
    }

    /// Whether its threads are to end.
    pub(super) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// The user wants it to rest, or to go on.
    pub(super) fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
        if paused {
            drop(locked(&self.rung));
            self.bell.notify_all();
        } else {
            self.ring_all();
        }
    }

    /// Whether it is to rest until the user says otherwise.
    pub(super) fn paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    /// Waits, while it is to rest, until something rings; what rang is forgotten: all is looked
    /// at afterwards.
    pub(super) fn wait_paused(&self) {
        let mut rung = locked(&self.rung);
        while self.paused() && !self.stopping() && !rung.any() {
            rung = self.bell.wait(rung).unwrap_or_else(PoisonError::into_inner);
        }
        *rung = Rung::default();
    }

    /// Waits its turn for a round.
    pub(crate) fn turn(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings for local changes.
    pub(super) fn ring_push(&self) {
        self.ring(|rung| rung.push = true);
    }

    /// Rings for news in the inbox.
    pub(super) fn ring_inbox(&self) {
        self.ring(|rung| rung.inbox = true);
    }

    /// Rings for everything.
    pub(super) fn ring_all(&self) {
        self.ring(|rung| rung.all = true);
    }

    fn ring(&self, note: impl FnOnce(&mut Rung)) {
        note(&mut locked(&self.rung));
        self.bell.notify_all();
    }

    /// What rang since the last time.
    pub(super) fn take_rung(&self) -> Rung {
        std::mem::take(&mut *locked(&self.rung))
    }

    /// Whether it rang for local changes since the last time.
    pub(super) fn take_push(&self) -> bool {
        std::mem::take(&mut locked(&self.rung).push)
    }

    /// Waits until a bell that `heeded` picks has rung, `patience` is over, or the machine woke
    /// from a sleep; the latter two count as "look at everything". A pause ends it too.
    pub(super) fn wait(&self, patience: Duration, heeded: impl Fn(Rung) -> bool) -> Rung {
        let start = Instant::now();
        let mut rung = locked(&self.rung);
        while !(self.stopping() || self.paused() || rung.any() && heeded(*rung)) {
            let left = patience.saturating_sub(start.elapsed());
            let nap = left.min(NAP);
            let before = SystemTime::now();
            rung = self
                .bell
                .wait_timeout(rung, nap)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            let slept = before.elapsed().unwrap_or_default();
            if start.elapsed() >= patience || slept > nap + NAP {
                rung.all = true;
                break;
            }
        }
        std::mem::take(&mut *rung)
    }

    /// How it stands.
    pub(super) fn status(&self) -> SyncStatus {
        locked(&self.status).clone()
    }

    /// Changes the status; whether it is another now.
    pub(super) fn change_status(&self, change: impl FnOnce(&mut SyncStatus)) -> bool {
        let mut status = locked(&self.status);
        let before = status.clone();
        change(&mut status);
        *status != before
    }

    /// Tells the watcher how the line is.
    pub(super) fn set_line(&self, line: Line) {
        *locked(&self.line) = line;
        self.line_bell.notify_all();
    }

    /// Waits until the watcher can work: true; false when it is to end.
    pub(super) fn wait_for_line(&self) -> bool {
        let mut line = locked(&self.line);
        while *line != Line::CanIdle && !self.stopping() {
            line = self
                .line_bell
                .wait(line)
                .unwrap_or_else(PoisonError::into_inner);
        }
        !self.stopping()
    }

    /// Sleeps, unless it is to end; true when it is not.
    pub(super) fn rest(&self, time: Duration) -> bool {
        let start = Instant::now();
        let mut line = locked(&self.line);
        while start.elapsed() < time && !self.stopping() {
            let left = time.saturating_sub(start.elapsed());
            line = self
                .line_bell
                .wait_timeout(line, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        !self.stopping()
    }
}
