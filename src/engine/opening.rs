//! Opening an engine, starting and ending its work.
//!
//! Opening is fast and touches no network: the window shows the mailbox from the cache at once.
//! Only one process on a data folder syncs and sends; it holds `worker.lock` while it does. The
//! others read, and queue what they change.

#[cfg(test)]
mod tests;

use std::fs::{File, TryLockError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::broadcast;

use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::outbox::{Bell, Loop};
use crate::secrets::{self, Secrets};
use crate::store::{Store, private_dir, private_file};
use crate::types::Notice;
use crate::{
    EVENT_BACKLOG, Engine, Inner, Options, account, backup, extract, outbox, reading, reminders,
    tls,
};

/// Threads that run the engine's futures; blocking work has threads of its own.
const ASYNC_THREADS: usize = 1;

/// Threads for blocking work at most: the disk is one, and people wait for a few things at once.
const BLOCKING_THREADS: usize = 8;

/// How long the end waits for work that is under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps the runtime alive. Unlike a [`Runtime`], it may be dropped anywhere, also on the
/// runtime's own threads.
pub(crate) struct Keeper(Option<Runtime>);

impl Drop for Keeper {
    fn drop(&mut self) {
        let Some(runtime) = self.0.take() else {
            return;
        };
        if Handle::try_current().is_ok() {
            // On a thread of this or another runtime nobody may wait.
            runtime.shutdown_background();
        } else {
            // Threads that used the encrypted store must be gone before the process ends:
            // SQLCipher and OpenSSL free what they share at exit.
            runtime.shutdown_timeout(PATIENCE);
        }
    }
}

/// Whether this process does the work on the data folder.
#[derive(Default)]
pub(crate) struct Turn(Mutex<State>);

#[derive(Default)]
enum State {
    /// Not asked for.
    #[default]
    Idle,
    /// Another process has it.
    Waiting,
    /// Ours, until the file is dropped.
    Working { _lock: File },
    /// Given up for good.
    Ended,
}

/// A data folder held for one process while it is mended or replaced: nobody syncs or sends.
pub(crate) struct Hold {
    _lock: File,
}

impl Hold {
    /// Takes it; [`Kind::AlreadyRunning`] where another process works on the folder.
    pub(crate) fn take(dir: &std::path::Path) -> Result<Self> {
        private_dir(dir)?;
        let lock = private_file(&dir.join("worker.lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::new(
                Kind::AlreadyRunning,
                format!("{} is in use by another process", dir.display()),
            )),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

impl Turn {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Opens an engine on a data folder, making what is missing. Blocks for a moment; no network.
    ///
    /// # Errors
    /// [`Kind::VaultLocked`] or [`Kind::VaultWrongPassphrase`] where the passphrase is missing or
    /// wrong, [`Kind::Disk`] or [`Kind::DiskFull`] where the folder cannot be used. Damaged files
    /// are no error: they are set aside and told of in the notices.
    pub fn open(options: Options) -> Result<(Self, Vec<Notice>)> {
        let Options {
            data_dir,
            profile,
            secrets,
            clock,
            extra_roots,
        } = options;
        private_dir(&data_dir)?;
        let secrets = Secrets::open(&data_dir, secrets)?;
        let (store, mut notices) = Store::open(&data_dir, secrets.cache_key()?)?;
        notices.extend(profile.refused.clone().map(Notice::ProfileRefused));
        let policy = profile.policy()?;
        let roots = extra_roots
            .into_iter()
            .chain(profile.ca.iter().cloned())
            .collect();
        let runtime = Builder::new_multi_thread()
            .worker_threads(ASYNC_THREADS)
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("engine")
            .enable_time()
            .build()?;
        let (events, _) = broadcast::channel(EVENT_BACKLOG);
        let told = events.clone();
        store.on_notice(move |notice| {
            let _ = told.send(Event::Noticed(notice));
        });
        let inner = Inner {
            data_dir,
            store,
            secrets,
            profile,
            policy,
            clock,
            tls: tls::Trust::new(roots),
            events,
            workers: account::Workers::new(),
            outbox: outbox::Bell::default(),
            extraction: extract::Desk::default(),
            turn: Turn::default(),
            runtime: runtime.handle().clone(),
            _keeper: Keeper(Some(runtime)),
        };
        Ok((
            Self {
                inner: Arc::new(inner),
            },
            notices,
        ))
    }

    /// Whether a passphrase must be asked for before [`Engine::open`].
    #[must_use]
    pub fn vault_needed(options: &Options) -> bool {
        secrets::vault_needed(&options.data_dir, &options.secrets)
    }

    /// Starts syncing, sending and reminding. Where another process does that already, this one
    /// takes over when the other ends. Calling it again does nothing.
    pub fn start(&self) {
        if let Err(error) = begin(&self.inner) {
            tracing::error!(%error, "the workers could not be started");
        }
    }

    /// Ends all work in order. The engine can still be read afterwards, but not started again.
    pub async fn shutdown(&self) {
        let ended = self.run(|inner| {
            end(inner);
            Ok(())
        });
        if let Err(error) = ended.await {
            tracing::warn!(%error, "the workers could not be ended in order");
        }
    }
}

/// Takes the lock and starts, or waits for it on a thread of its own.
fn begin(inner: &Arc<Inner>) -> Result<()> {
    let mut state = inner.turn.state();
    if !matches!(*state, State::Idle) {
        return Ok(());
    }
    let lock = private_file(&inner.data_dir.join("worker.lock"))?;
    match lock.try_lock() {
        Ok(()) => {
            *state = State::Working { _lock: lock };
            drop(state);
            work(inner)
        }
        Err(TryLockError::WouldBlock) => {
            *state = State::Waiting;
            await_turn(inner, lock)
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Waits until the other process ends. The thread holds no engine while it waits.
fn await_turn(inner: &Arc<Inner>, lock: File) -> Result<()> {
    let engine = Arc::downgrade(inner);
    std::thread::Builder::new()
        .name("turn".into())
        .spawn(move || {
            if let Err(error) = lock.lock() {
                tracing::warn!(%error, "the turn to work cannot be waited for");
                return;
            }
            let Some(inner) = engine.upgrade() else {
                return;
            };
            let mut state = inner.turn.state();
            if !matches!(*state, State::Waiting) {
                return;
            }
            *state = State::Working { _lock: lock };
            drop(state);
            if let Err(error) = work(&inner) {
                tracing::error!(%error, "the workers could not be started");
            }
        })?;
    Ok(())
}

/// All that runs by itself.
fn work(inner: &Arc<Inner>) -> Result<()> {
    reading::remove_copies(&inner.data_dir);
    outbox::start(inner)?;
    reminders::start(inner)?;
    backup::start(inner)?;
    inner.workers.start(inner)?;
    extract::start(inner)?;
    // A loop like the others, so that the end of the engine waits for it: a store still being
    // read while the process ends races with the clean-up of the encryption library.
    Bell::run(inner, Loop::Sweeping, |inner| {
        let now = inner.clock.now();
        inner.store.sweep(now)?;
        Ok(Some(now.plus(SWEEP_EVERY)))
    })
}

fn end(inner: &Inner) {
    let state = std::mem::replace(&mut *inner.turn.state(), State::Ended);
    inner.workers.stop();
    inner.outbox.stop();
    if matches!(state, State::Working { .. }) {
        reading::remove_copies(&inner.data_dir);
    }
    // The lock goes here, when nothing works any more.
    drop(state);
}

/// How often old drafts and unused bytes are swept, seconds.
const SWEEP_EVERY: i64 = 24 * 3600;

/// A request that makes no sense.
pub(crate) fn bad_request(detail: impl Into<String>) -> Error {
    Error::new(Kind::BadRequest, detail)
}
