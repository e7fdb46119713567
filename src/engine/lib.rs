//! Everything that touches disk, network, time and the keyring, behind one clonable handle.
//!
//! [`Engine`] is the only public face: typed asynchronous methods, and a stream of [`Event`]s
//! that say what changed. The window and the command line are equals before it. Blocking work
//! (SQLite, sockets, the `imap` crate) runs on the engine's own threads, never on the caller's.

mod account;
mod answering;
mod archive;
mod backup;
mod changes;
mod clock;
mod compose;
mod discovery;
mod doctor;
mod drafts;
mod error;
mod event;
mod extract;
mod health;
mod imap;
mod insight;
mod job;
mod opening;
mod outbox;
mod pictures;
mod profile_file;
mod provision;
mod reading;
mod reminders;
mod secrets;
mod servers;
mod smtp;
mod store;
mod sync;
mod tls;
mod types;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::broadcast;

pub use account::Pace;
pub use archive::{
    ExportFormat, ExportReport, ExportRequest, ExportSource, Exported, Failure, ImportReport,
    ImportRequest, Imported, LeftOut,
};
pub use backup::{Backup, BackupPlan, BackupStatus, Failed};
pub use clock::{Alarm, Clock, ManualClock, SystemClock};
pub use doctor::{Doctor, DoctorLine};
pub use error::{Error, Kind, Result};
pub use event::Event;
pub use extract::{ExtractState, Extraction, serve as extract_child};
pub use health::{Check, FileHealth, Finding, Health, Mended, Repair, Step};
pub use job::{Job, Progress};
pub use outbox::SendOptions;
pub use pictures::fetch_pictures;
pub use profile_file::{LoadedProfile, load_profile};
pub use secrets::SecretsChoice;
pub use tls::read_certificates;
pub use types::*;

/// How to open an engine.
pub struct Options {
    /// Folder of the cache, drafts and vault; made if missing, private to the user.
    pub data_dir: PathBuf,
    /// The agency's profile with its origin, or the defaults.
    pub profile: LoadedProfile,
    /// Where secrets live.
    pub secrets: SecretsChoice,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Certificates trusted besides the system's and the profile's, DER (the practice server's).
    pub extra_roots: Vec<Vec<u8>>,
}

/// The engine. Clones are handles to one and the same.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("data_dir", &self.inner.data_dir)
            .finish()
    }
}

/// What all handles and workers share.
pub(crate) struct Inner {
    pub(crate) data_dir: PathBuf,
    pub(crate) store: store::Store,
    pub(crate) secrets: secrets::Secrets,
    pub(crate) profile: LoadedProfile,
    pub(crate) policy: tcv_domain::policy::Policy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tls: tls::Trust,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) workers: account::Workers,
    pub(crate) outbox: outbox::Bell,
    pub(crate) extraction: extract::Desk,
    pub(crate) turn: opening::Turn,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) _keeper: opening::Keeper,
}

/// How many events a slow receiver may fall behind before it is told `Lagged`.
pub(crate) const EVENT_BACKLOG: usize = 256;

impl Engine {
    /// The stream of what changes from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// The agency's profile in force.
    #[must_use]
    pub fn profile(&self) -> &LoadedProfile {
        &self.inner.profile
    }

    /// The policy in force, for showing relations and warnings while writing.
    #[must_use]
    pub fn policy(&self) -> &tcv_domain::policy::Policy {
        &self.inner.policy
    }

    /// What time it is for the engine.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Runs blocking work on the engine's threads and waits for it without blocking the caller.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Arc<Inner>) -> Result<T> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        self.inner
            .runtime
            .spawn_blocking(move || work(&inner))
            .await
            .map_err(|fault| Error::new(Kind::Internal, fault.to_string()))?
    }
}

impl Inner {
    /// Announces a fact. Nobody listening is fine.
    pub(crate) fn announce(&self, event: Event) {
        let _ = self.events.send(event);
    }
}
