//! Disk: two encrypted SQLite files, and every SQL statement of the project.
//!
//! `cache.db` holds what the server has and can be made again; `own.db` holds what only we have
//! (accounts, drafts, outbox, settings). A damaged cache never takes the other with it. Nothing
//! here knows of IMAP or SMTP: the account workers and the outbox join them.
//!
//! All methods block; callers run them on the engine's threads.

mod accounts;
mod answers;
mod arrivals;
mod bodies;
mod damage;
mod database;
mod drafts;
mod extracts;
mod folders;
mod imports;
mod inspect;
mod lists;
mod mend;
mod opqueue;
mod outbox;
mod people;
mod records;
mod rows;
mod salvage;
mod schema;
mod search;
mod settings;
mod shedding;
mod snapshot;
mod sorting;
#[cfg(test)]
mod tests;
mod threads;
mod userchanges;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use zeroize::{Zeroize, ZeroizeOnDrop};

pub(crate) use arrivals::is_believed;
pub(crate) use bodies::Prepared;
pub(crate) use database::private_file;
pub(crate) use imports::{Import, SLACK};
pub(crate) use inspect::{inspect, is_in_use};
pub(crate) use lists::Awaited;
pub(crate) use mend::mend;
pub(crate) use records::*;
pub(crate) use search::Search;
pub(crate) use shedding::Budget;
pub(crate) use snapshot::{is_copy_name, rekey_copies, take_over};
pub(crate) use userchanges::{Change, Changed};

use crate::error::{Error, Kind, Result};
use crate::types::Notice;
use database::Database;

/// The 256-bit key of both files. Random, kept in the keyring, wiped when dropped.
///
/// It is used raw: deriving one from a passphrase would cost a quarter of a second at every open
/// and protect nothing, since a passphrase, where there is one, guards the vault the key lies in.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct CacheKey([u8; 32]);

impl CacheKey {
    /// Takes over a key.
    pub(crate) const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The key itself, for what is sealed under another.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// SQLCipher's literal for a raw key.
    fn literal(&self) -> zeroize::Zeroizing<String> {
        use std::fmt::Write as _;
        let mut text = zeroize::Zeroizing::new(String::with_capacity(67));
        text.push_str("x'");
        for byte in self.0 {
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\'');
        text
    }
}

impl std::fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CacheKey(…)")
    }
}

type Listener = Box<dyn Fn(Notice) + Send + Sync>;

/// The local store. Cheap to share by reference; safe to use from any thread and beside other
/// processes on the same folder.
pub(crate) struct Store {
    dir: PathBuf,
    cache: Database,
    own: Database,
    listener: OnceLock<Listener>,
    /// The search that goes on while the user types.
    typing: search::Turns,
}

impl Store {
    /// Opens both files in `dir`, making what is missing and setting aside what is damaged.
    pub(crate) fn open(dir: &Path, key: CacheKey) -> Result<(Self, Vec<Notice>)> {
        private_dir(dir)?;
        let _turn = opening_turn(dir)?;
        let mut notices = Vec::new();
        let (own, set_aside) = Database::open(dir.join("own.db"), key.clone(), &schema::OWN)?;
        notices.extend(set_aside);
        let (cache, set_aside) = Database::open(dir.join("cache.db"), key, &schema::CACHE)?;
        notices.extend(set_aside);
        let store = Self {
            dir: dir.to_owned(),
            cache,
            own,
            listener: OnceLock::new(),
            typing: search::Turns::default(),
        };
        Ok((store, notices))
    }

    /// Who is told when a file turns out to be damaged while in use. The first call counts.
    pub(crate) fn on_notice(&self, listener: impl Fn(Notice) + Send + Sync + 'static) {
        let _ = self.listener.set(Box::new(listener));
    }

    /// Reads the cache.
    fn read<T>(&self, work: impl FnOnce(&rusqlite::Connection) -> Result<T>) -> Result<T> {
        self.watched(&self.cache, self.cache.read(work))
    }

    /// Changes the cache in one transaction that may be lost with the power, never torn.
    fn write<T>(&self, work: impl FnOnce(&rusqlite::Connection) -> Result<T>) -> Result<T> {
        self.watched(&self.cache, self.cache.write(work))
    }

    /// Changes the cache in one transaction that is on the disk when this returns: for what the
    /// server does not have yet.
    fn write_durable<T>(&self, work: impl FnOnce(&rusqlite::Connection) -> Result<T>) -> Result<T> {
        self.watched(&self.cache, self.cache.write_durable(work))
    }

    /// Reads what is our own.
    fn read_own<T>(&self, work: impl FnOnce(&rusqlite::Connection) -> Result<T>) -> Result<T> {
        self.watched(&self.own, self.own.read(work))
    }

    /// Changes what is our own, durably.
    fn write_own<T>(&self, work: impl FnOnce(&rusqlite::Connection) -> Result<T>) -> Result<T> {
        self.watched(&self.own, self.own.write_durable(work))
    }

    /// Sees to a file that an error says is damaged, so that the next call finds a sound one.
    fn watched<T>(&self, database: &Database, result: Result<T>) -> Result<T> {
        let Err(error) = result else { return result };
        if error.kind != Kind::CacheDamaged {
            return Err(error);
        }
        let _turn = opening_turn(&self.dir)?;
        match database.mend()? {
            Some(notice) => {
                if let Some(listener) = self.listener.get() {
                    listener(notice);
                }
                Err(error)
            }
            // The file is sound: another process has mended it, or it was something else.
            None => Err(Error::new(Kind::Internal, error.detail)),
        }
    }
}

/// Makes `dir` if missing, for its owner only.
pub(crate) fn private_dir(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Waits for the turn to open, migrate or set aside files: one process at a time. The turn ends
/// when the returned file is dropped.
fn opening_turn(dir: &Path) -> Result<std::fs::File> {
    let file = private_file(&dir.join("opening.lock"))?;
    file.lock()?;
    Ok(file)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let kind = match &error {
            rusqlite::Error::QueryReturnedNoRows => Kind::NotFound,
            // No room for the file that processes share a WAL by: said as a fault of input or output.
            rusqlite::Error::SqliteFailure(failure, _)
                if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE =>
            {
                Kind::DiskFull
            }
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                Code::DiskFull => Kind::DiskFull,
                Code::OperationInterrupted => Kind::CalledOff,
                // SQLCipher answers "out of memory" where a page cannot be decrypted.
                Code::DatabaseCorrupt | Code::NotADatabase | Code::OutOfMemory => {
                    Kind::CacheDamaged
                }
                Code::ReadOnly
                | Code::CannotOpen
                | Code::PermissionDenied
                | Code::SystemIoFailure
                | Code::DatabaseBusy
                | Code::DatabaseLocked => Kind::Disk,
                _ => Kind::Internal,
            },
            _ => Kind::Internal,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        // The text of serde_json's errors can quote the value, which may be from a mail.
        Self::new(
            Kind::Internal,
            format!("stored value unreadable ({:?})", error.classify()),
        )
    }
}
