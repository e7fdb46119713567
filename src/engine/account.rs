//! Per account: a worker that pushes local changes and then pulls, and a watcher that idles on
//! the inbox and wakes it. At most two connections an account, and a third for a moment when the
//! user opens a message that is not here yet.
//!
//! This is where `imap` and `store` meet; neither knows the other. How a round goes is `round`,
//! what is pushed `push`, how a folder is compared `folder`, which bodies are fetched `bodies`;
//! `overlap` fetches and stores at the same time, `ledger` is the storing half.

mod bodies;
mod copying;
mod desk;
mod excerpt;
mod fetch;
mod folder;
mod headers;
mod ledger;
mod numbering;
mod overlap;
mod push;
mod renamed;
mod round;
mod throttle;
mod watcher;
mod worker;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tcv_domain::message::{AccountId, MessageId};

use desk::Desk;
pub(crate) use round::{INDEXED_AT_ONCE, Round, Scope};

use crate::error::{Error, Kind, Result};
use crate::imap::{Connected, Session};
use crate::tls::{Cancel, Dial, Timeouts};
use crate::types::{Account, SyncStatus};
use crate::{Event, Inner};

/// How patient and how busy the connections are. The defaults are right for people; tests hurry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Time allowed for connecting, and for each step of setting up TLS.
    pub connect: Duration,
    /// Time allowed for each read and write.
    pub read: Duration,
    /// How often a connection in IDLE looks whether the machine was asleep.
    pub idle_slice: Duration,
    /// After how long IDLE is ended and begun anew, which proves the line alive.
    pub idle_reissue: Duration,
    /// How often all folders are looked at while the inbox is watched.
    pub look: Duration,
    /// How often they are looked at where the server cannot IDLE.
    pub poll: Duration,
    /// The first pause after a failed connection; it doubles from there.
    pub retry_least: Duration,
    /// The longest such pause.
    pub retry_most: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            read: Duration::from_secs(60),
            idle_slice: Duration::from_secs(30),
            idle_reissue: Duration::from_secs(9 * 60),
            look: Duration::from_secs(5 * 60),
            poll: Duration::from_secs(90),
            retry_least: Duration::from_secs(5),
            retry_most: Duration::from_secs(5 * 60),
        }
    }
}

impl Pace {
    fn timeouts(&self) -> Timeouts {
        Timeouts {
            connect: self.connect,
            read: self.read,
        }
    }
}

/// How long shutting down waits for the threads. They hold no data that is not committed.
const FAREWELL: Duration = Duration::from_secs(3);

/// How much of a large message is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Its text will do.
    Text,
    /// Every byte.
    Whole,
}

/// All workers and watchers.
#[derive(Default)]
pub(crate) struct Workers {
    pace: Mutex<Pace>,
    running: AtomicBool,
    desks: Mutex<HashMap<AccountId, Arc<Desk>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workers {
    /// None running yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The pace in force.
    pub(crate) fn pace(&self) -> Pace {
        *locked(&self.pace)
    }

    /// Sets the pace of what is begun from now on.
    pub(crate) fn set_pace(&self, pace: Pace) {
        *locked(&self.pace) = pace;
    }

    /// Starts the threads of every account that has none, and ends those of accounts that are
    /// gone. Call it again whenever accounts changed.
    pub(crate) fn start(&self, inner: &Arc<Inner>) -> Result<()> {
        self.running.store(true, Ordering::SeqCst);
        let accounts = inner.store.accounts()?;
        locked(&self.desks).retain(|id, desk| {
            let stays = accounts.iter().any(|account| account.id == *id);
            if !stays {
                desk.stop();
            }
            stays
        });
        for account in &accounts {
            let desk = self.desk(account.id);
            if desk.take_over() {
                if inner.store.is_paused(account.id)? {
                    desk.set_paused(true);
                }
                let mut threads = locked(&self.threads);
                threads.push(worker::spawn(inner, &desk)?);
                threads.push(watcher::spawn(inner, &desk)?);
            }
        }
        Ok(())
    }

    /// [`Workers::start`], if they were started before: for accounts added or removed meanwhile.
    pub(crate) fn refresh(&self, inner: &Arc<Inner>) -> Result<()> {
        if self.running.load(Ordering::SeqCst) {
            self.start(inner)
        } else {
            Ok(())
        }
    }

    /// Whether they were started and not stopped.
    pub(crate) fn are_running(&self) -> bool {
        self.running.load(Ordering::SeqCst)
    }

    /// Ends all threads, cutting their connections.
    pub(crate) fn stop(&self) {
        self.running.store(false, Ordering::SeqCst);
        for desk in locked(&self.desks).drain().map(|(_, desk)| desk) {
            desk.stop();
        }
        let deadline = Instant::now() + FAREWELL;
        let me = std::thread::current().id();
        for thread in locked(&self.threads).drain(..) {
            // The last handle of the engine may have been a worker's own.
            if thread.thread().id() == me {
                continue;
            }
            while !thread.is_finished() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            // A thread stuck in a name lookup is left to end by itself.
            if thread.is_finished() {
                let _ = thread.join();
            }
        }
    }

    /// The desk of an account, made if it is new.
    pub(crate) fn desk(&self, account: AccountId) -> Arc<Desk> {
        Arc::clone(
            locked(&self.desks)
                .entry(account)
                .or_insert_with(|| Arc::new(Desk::new(account))),
        )
    }

    /// There are local changes to push. Also tried at once when the account is offline.
    pub(crate) fn poke(&self, account: AccountId) {
        if let Some(desk) = locked(&self.desks).get(&account) {
            desk.ring_push();
        }
    }

    /// The user wants everything looked at now, or mended what stopped the account.
    pub(crate) fn resume(&self, account: AccountId) {
        if let Some(desk) = locked(&self.desks).get(&account) {
            desk.ring_all();
        }
    }

    /// The worker and watcher of an account are to rest, or to go on.
    pub(crate) fn set_paused(&self, account: AccountId, paused: bool) {
        self.desk(account).set_paused(paused);
    }

    /// [`Workers::resume`] for every account.
    pub(crate) fn resume_all(&self) {
        for desk in locked(&self.desks).values() {
            desk.ring_all();
        }
    }

    /// How it stands with an account.
    pub(crate) fn status(&self, account: AccountId) -> SyncStatus {
        locked(&self.desks)
            .get(&account)
            .map(|desk| desk.status())
            .unwrap_or_default()
    }

    /// Fetches the body of one message now, beside whatever the worker is doing.
    ///
    /// # Errors
    /// [`Kind::NotCached`] when there is no connection, [`Kind::NotFound`] when the server does
    /// not have it any more.
    pub(crate) fn fetch_body(
        &self,
        inner: &Inner,
        account: AccountId,
        message: MessageId,
        extent: Extent,
    ) -> Result<()> {
        fetch::body(inner, &self.desk(account), message, extent)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for desk in locked(&self.desks).values() {
            desk.stop();
        }
    }
}

/// Connects and signs in with the stored password.
pub(crate) fn connect(inner: &Inner, account: &Account, cancel: &Cancel) -> Result<Session> {
    let password = inner.secrets.password(account.id)?;
    let timeouts = inner.workers.pace().timeouts();
    let dial = Dial {
        trust: &inner.tls,
        timeouts,
        cancel,
    };
    Connected::open(&account.imap, &dial)?.login(&account.login, &password)
}

/// The account, or word that it was removed meanwhile.
fn account(inner: &Inner, id: AccountId) -> Result<Account> {
    let gone = || Error::new(Kind::NotFound, "the account was removed");
    inner.store.account(id)?.ok_or_else(gone)
}

/// Announces a new status, if it is one.
fn tell(inner: &Inner, desk: &Desk, change: impl FnOnce(&mut SyncStatus)) {
    if desk.change_status(change) {
        inner.announce(Event::SyncChanged(desk.account()));
    }
}
