//! How the files of a data folder are, and mending them: the public face of `verify` and `repair`.
//!
//! Verifying reads everything and changes nothing, beside a running program too. Repairing needs
//! the folder for itself. What is examined in the tables, and how it is mended, is the store's.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::Result;
use crate::opening::Hold;
use crate::secrets::Secrets;
use crate::store;
use crate::types::Notice;
use crate::{Engine, Options};

/// What was found of a data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Each file.
    pub files: Vec<FileHealth>,
    /// Messages listed in the cache.
    pub messages: u64,
    /// Messages whose bytes are here.
    pub bodies: u64,
    /// Drafts that were not thrown away.
    pub drafts: u64,
    /// Messages in the outbox that are not sent.
    pub outbox: u64,
}

impl Health {
    /// Whether nothing is damaged. Mere notes do not count.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.files.iter().all(FileHealth::is_sound)
    }
}

/// What was found of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileHealth {
    /// Its name in the data folder.
    pub name: String,
    /// Its size in bytes; `None` where it is not there yet, which is no damage.
    pub bytes: Option<u64>,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
}

impl FileHealth {
    /// Whether nothing in it is damaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !self.findings.iter().any(|finding| finding.is_damage)
    }

    /// Whether a check found damage.
    pub(crate) fn fails(&self, checks: &[Check]) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.is_damage && checks.contains(&finding.check))
    }
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was examined.
    pub check: Check,
    /// Whether it is damage, or only worth knowing.
    pub is_damage: bool,
    /// How many of them.
    pub count: u64,
    /// Technical text for the help desk; nothing of a mail. May be empty.
    pub detail: String,
}

/// What is examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The file opens with the key kept on this machine.
    Key,
    /// Every page is as it was written (SQLCipher authenticates each).
    Pages,
    /// SQLite's `integrity_check`.
    Structure,
    /// SQLite's `foreign_key_check`.
    References,
    /// The file was written by this version of the program.
    Version,
    /// The search index is whole and holds every message.
    Index,
    /// Message bytes can be unpacked.
    Bodies,
    /// Messages are as large as the server said. A server may be wrong about it.
    Sizes,
    /// The counters of folders are what counting gives.
    Counters,
    /// Drafts and outbox can be read and are whole.
    Writing,
    /// Bytes that drafts and pending changes refer to are there.
    Bytes,
    /// Bytes nothing refers to any more; swept daily.
    Leftovers,
}

impl Check {
    /// The Fluent key of the sentence for a finding of this check.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Key => "health-key",
            Self::Pages => "health-pages",
            Self::Structure => "health-structure",
            Self::References => "health-references",
            Self::Version => "health-version",
            Self::Index => "health-index",
            Self::Bodies => "health-bodies",
            Self::Sizes => "health-sizes",
            Self::Counters => "health-counters",
            Self::Writing => "health-writing",
            Self::Bytes => "health-bytes",
            Self::Leftovers => "health-leftovers",
        }
    }
}

/// Something a repair did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// What.
    pub step: Step,
    /// To how many rows.
    pub count: u64,
    /// The damaged file, where one was set aside.
    pub aside: Option<PathBuf>,
}

/// What a repair can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The cache was set aside; pending changes were carried over, the rest comes from the server.
    CacheReplaced,
    /// Our own file was set aside; the count is that of drafts and unsent messages carried over.
    OwnReplaced,
    /// Rows whose parent is gone were removed.
    StrayRowsRemoved,
    /// Messages that cannot be unpacked were dropped, to be fetched again.
    BodiesDropped,
    /// Messages were put into the search index anew.
    IndexRebuilt,
    /// Counters of folders were set right.
    CountersCorrected,
    /// Bytes of a pending change were restored from the message shown.
    BytesRestored,
    /// Attachments whose bytes are lost were taken out of drafts.
    AttachmentsLost,
    /// Unsent messages that are not whole wait for the user's word.
    OutboxHeld,
}

impl Step {
    /// The Fluent key of the sentence.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::CacheReplaced => "repair-cache-replaced",
            Self::OwnReplaced => "repair-own-replaced",
            Self::StrayRowsRemoved => "repair-stray-rows-removed",
            Self::BodiesDropped => "repair-bodies-dropped",
            Self::IndexRebuilt => "repair-index-rebuilt",
            Self::CountersCorrected => "repair-counters-corrected",
            Self::BytesRestored => "repair-bytes-restored",
            Self::AttachmentsLost => "repair-attachments-lost",
            Self::OutboxHeld => "repair-outbox-held",
        }
    }

    /// What setting a file aside is as a step; `None` for a notice of something else.
    pub(crate) fn of(notice: Notice) -> Option<Mended> {
        let (step, count, aside) = match notice {
            Notice::CacheSetAside(aside) => (Self::CacheReplaced, 1, aside),
            Notice::OwnDataSalvaged {
                aside,
                drafts,
                outbox,
            } => (Self::OwnReplaced, drafts + outbox, aside),
            Notice::ProfileRefused(_) => return None,
        };
        Some(Mended {
            step,
            count: u64::try_from(count).unwrap_or(u64::MAX),
            aside: Some(aside),
        })
    }
}

/// What a repair found, did, and left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// As it was.
    pub before: Health,
    /// What was done, in its order. Empty where nothing had to be.
    pub steps: Vec<Mended>,
    /// As it is.
    pub after: Health,
}

impl Engine {
    /// Whether a data folder holds anything yet.
    #[must_use]
    pub fn has_data(data_dir: &Path) -> bool {
        store::is_in_use(data_dir)
    }

    /// Examines the files of a data folder to their last byte. Changes nothing; may run beside the
    /// program at work. Takes as long as reading them; blocks.
    ///
    /// # Errors
    /// [`crate::Kind::VaultLocked`], [`crate::Kind::VaultWrongPassphrase`], or a disk that cannot be read. Damage
    /// is no error: it is in the answer.
    pub fn verify(options: &Options) -> Result<Health> {
        let dir = &options.data_dir;
        if !store::is_in_use(dir) {
            return store::inspect(dir, None, options.clock.now());
        }
        let key = Secrets::open(dir, options.secrets.clone())?.kept_cache_key()?;
        store::inspect(dir, key.as_ref(), options.clock.now())
    }

    /// Examines and mends: what is damaged beyond use is set aside and what can be read carried
    /// over, counters and the search index are made again, what the server has is left to be
    /// fetched. Blocks.
    ///
    /// # Errors
    /// [`crate::Kind::AlreadyRunning`] where another process works on the folder; as [`Engine::verify`]; a
    /// full disk.
    pub fn repair(options: &Options) -> Result<Repair> {
        let dir = &options.data_dir;
        let now = options.clock.now();
        let _hold = Hold::take(dir)?;
        let secrets = Secrets::open(dir, options.secrets.clone())?;
        let kept = secrets.kept_cache_key()?;
        let before = if store::is_in_use(dir) {
            store::inspect(dir, kept.as_ref(), now)?
        } else {
            store::inspect(dir, None, now)?
        };
        if before.is_sound() {
            let after = before.clone();
            let steps = Vec::new();
            return Ok(Repair {
                before,
                steps,
                after,
            });
        }
        let key = secrets.cache_key()?;
        let steps = store::mend(dir, &key, &before)?;
        let after = store::inspect(dir, Some(&key), now)?;
        Ok(Repair {
            before,
            steps,
            after,
        })
    }
}
