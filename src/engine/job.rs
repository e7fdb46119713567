//! Long work somebody waits for: how far it is, and calling it off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// How far a piece of work is, in messages (or whatever it works through).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Done.
    pub done: u64,
    /// To do in all; 0 while that is not known.
    pub total: u64,
}

/// A handle on work under way. Clones belong to the same.
#[derive(Clone, Debug, Default)]
pub struct Job {
    cancelled: Arc<AtomicBool>,
    progress: watch::Sender<Progress>,
}

impl Job {
    /// Work that nobody has called off yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the work at the next message. What is half done is not left behind.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was called off.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// How far it is, now and whenever that changes.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    pub(crate) fn tell(&self, done: u64, total: u64) {
        self.progress.send_replace(Progress { done, total });
    }
}
