//! What wakes and ends the engine's loops on the clock: the outbox, the reminders, the sweeping, the
//! reading of attachments.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tcv_domain::message::UnixTime;

use crate::Inner;
use crate::clock::Alarm;
use crate::error::Result;
use crate::tls::Cancel;

/// How long a message on its way may take to finish when the program ends, before the line is
/// cut: a cut after the message was handed over leaves it in doubt.
const PATIENCE: Duration = Duration::from_secs(5);

/// The switch of the loops. Dropping it ends them.
#[derive(Default)]
pub(crate) struct Bell {
    outbox: Arc<Alarm>,
    reminders: Arc<Alarm>,
    sweeping: Arc<Alarm>,
    backups: Arc<Alarm>,
    extracting: Arc<Alarm>,
    stopping: Arc<AtomicBool>,
    cancel: Arc<Cancel>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    deciding: Mutex<()>,
    copying: Mutex<()>,
}

/// One of the loops.
#[derive(Clone, Copy)]
pub(crate) enum Loop {
    /// Sending.
    Outbox,
    /// Reminding.
    Reminders,
    /// Removing what nothing needs any more.
    Sweeping,
    /// Making backups.
    Backups,
    /// Reading attachments for the search index.
    Extracting,
}

impl Bell {
    /// Wakes a loop to look at what there is to do.
    pub(crate) fn ring(&self, which: Loop) {
        self.alarm(which).ring();
    }

    /// Whether the loops are to end.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// The switch of the connection a message is being sent over.
    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Held while a message waiting for the user's decision is looked at and put back.
    pub(crate) fn deciding(&self) -> MutexGuard<'_, ()> {
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Held while copies for Sent are queued, so that none is queued twice.
    pub(crate) fn copying(&self) -> MutexGuard<'_, ()> {
        self.copying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alarm(&self, which: Loop) -> &Arc<Alarm> {
        match which {
            Loop::Outbox => &self.outbox,
            Loop::Reminders => &self.reminders,
            Loop::Sweeping => &self.sweeping,
            Loop::Backups => &self.backups,
            Loop::Extracting => &self.extracting,
        }
    }

    /// Runs `turn` again and again on a thread of its own, each time at the moment the last turn
    /// named, or when the bell rings. The engine is held only during a turn: a loop never keeps
    /// it alive.
    pub(crate) fn run(
        inner: &Arc<Inner>,
        which: Loop,
        turn: impl Fn(&Arc<Inner>) -> Result<Option<UnixTime>> + Send + 'static,
    ) -> Result<()> {
        const AFTER_A_FAULT: i64 = 30;
        let bell = &inner.outbox;
        let (alarm, stopping) = (Arc::clone(bell.alarm(which)), Arc::clone(&bell.stopping));
        let clock = Arc::clone(&inner.clock);
        let engine: Weak<Inner> = Arc::downgrade(inner);
        let name = match which {
            Loop::Outbox => "outbox",
            Loop::Reminders => "reminders",
            Loop::Sweeping => "sweeping",
            Loop::Backups => "backups",
            Loop::Extracting => "extracting",
        };
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while !stopping.load(Ordering::SeqCst) {
                    let Some(inner) = engine.upgrade() else {
                        return;
                    };
                    let next = turn(&inner).unwrap_or_else(|error| {
                        tracing::warn!(%error, "a turn of the {name} failed");
                        Some(clock.now().plus(AFTER_A_FAULT))
                    });
                    drop(inner);
                    if !stopping.load(Ordering::SeqCst) {
                        clock.wait(&alarm, next);
                    }
                }
            })?;
        bell.threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(thread);
        Ok(())
    }

    /// Ends the loops and waits for them; a message on its way gets a moment to finish.
    pub(crate) fn stop(&self) {
        self.signal();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let deadline = Instant::now() + PATIENCE;
        while threads.iter().any(|thread| !thread.is_finished()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.cancel.cancel();
        for thread in threads {
            // The last handle of the engine may be dropped by a loop itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }

    fn signal(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.outbox.ring();
        self.reminders.ring();
        self.sweeping.ring();
        self.backups.ring();
        self.extracting.ring();
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // Not joined: this may run on one of the loops.
        self.signal();
        self.cancel.cancel();
    }
}
