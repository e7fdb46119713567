//! One encrypted file: a writer, a few readers, migrations, transactions.
//!
//! What is in the tables is not known here; what happens to a damaged file is in `damage`.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, RwLock};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::CacheKey;
use super::damage;
use super::schema::Schema;
use crate::error::{Error, Kind, Result};
use crate::types::Notice;

/// Readers kept open for the next caller.
const IDLE_READERS: usize = 4;

/// Compiled statements a connection keeps.
const STATEMENTS: usize = 96;

/// How long a process waits for another one's transaction. Ours last milliseconds; a batch of
/// bodies on a slow disk may take a second.
const BUSY: Duration = Duration::from_secs(15);

/// An open file.
pub(super) struct Database {
    pub(super) path: PathBuf,
    pub(super) key: CacheKey,
    pub(super) schema: &'static Schema,
    /// Taken for writing only while the file itself is replaced.
    pub(super) pool: RwLock<Option<Pool>>,
}

/// The connections to a file.
pub(super) struct Pool {
    pub(super) writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Pool {
    pub(super) const fn new(writer: Connection) -> Self {
        Self {
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
        }
    }
}

impl Database {
    /// Opens the file, makes it if missing, brings its schema up to date; a damaged one is set
    /// aside and replaced. The caller holds the turn to open.
    pub(super) fn open(
        path: PathBuf,
        key: CacheKey,
        schema: &'static Schema,
    ) -> Result<(Self, Option<Notice>)> {
        let (writer, notice) = match open_writer(&path, &key, schema) {
            Ok(writer) => (writer, None),
            Err(error) if error.kind == Kind::CacheDamaged => {
                let (writer, notice) = damage::replace(&path, &key, schema)?;
                (writer, Some(notice))
            }
            Err(error) => return Err(error),
        };
        let pool = RwLock::new(Some(Pool::new(writer)));
        Ok((
            Self {
                path,
                key,
                schema,
                pool,
            },
            notice,
        ))
    }

    /// Runs `work` on a connection that cannot write.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.with_pool(|pool| {
            let idle = lock(&pool.readers).pop();
            let reader = match idle {
                Some(reader) => reader,
                None => open_reader(&self.path, &self.key)?,
            };
            let result = work(&reader);
            let mut idle = lock(&pool.readers);
            if idle.len() < IDLE_READERS && result.is_ok() {
                idle.push(reader);
            }
            result
        })
    }

    /// Runs `work` in one transaction.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.with_pool(|pool| transact(&mut lock(&pool.writer), work))
    }

    /// Runs `work` in one transaction that is on the disk when this returns.
    pub(super) fn write_durable<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        self.with_pool(|pool| {
            let mut writer = lock(&pool.writer);
            writer.pragma_update(None, "synchronous", "FULL")?;
            let result = transact(&mut writer, work);
            let back = writer.pragma_update(None, "synchronous", "NORMAL");
            let value = result?;
            back?;
            Ok(value)
        })
    }

    fn with_pool<T>(&self, work: impl FnOnce(&Pool) -> Result<T>) -> Result<T> {
        let pool = self.pool.read().unwrap_or_else(PoisonError::into_inner);
        match pool.as_ref() {
            Some(pool) => work(pool),
            None => Err(Error::new(Kind::Disk, "the file could not be replaced")),
        }
    }
}

/// A panic in another thread left the connection usable: its transaction was rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn transact<T>(writer: &mut Connection, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    // Immediate: taking the write lock later could fail half-way beside another process.
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// A file only its owner can read; made if missing. SQLite gives `-wal` and `-shm` the same mode.
pub(crate) fn private_file(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    Ok(options.open(path)?)
}

/// Opens for writing and brings the schema up to date.
pub(super) fn open_writer(path: &Path, key: &CacheKey, schema: &Schema) -> Result<Connection> {
    drop(private_file(path)?);
    let mut connection = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch(
        "PRAGMA synchronous = NORMAL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    migrate(&mut connection, schema)?;
    Ok(connection)
}

fn open_reader(path: &Path, key: &CacheKey) -> Result<Connection> {
    // Not opened read-only: a reader of a WAL file may have to make the -shm file.
    let connection = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")?;
    Ok(connection)
}

/// Opens, unlocks and reads the first page.
pub(super) fn connect(path: &Path, key: &CacheKey, flags: OpenFlags) -> Result<Connection> {
    let connection = unlock(path, key, flags)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Opens and sets the key; nothing is read yet.
pub(super) fn unlock(path: &Path, key: &CacheKey, flags: OpenFlags) -> Result<Connection> {
    // Tells OpenSSL not to clean up when the process ends: its clean-up races with threads that
    // are just ending, and frees twice what they free.
    openssl_sys::init();
    // The first connection of a process sets SQLCipher up, and SQLite lets a second one pass before
    // that is done: it would find no cipher.
    static READY: Once = Once::new();
    READY.call_once(|| drop(Connection::open_in_memory()));
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Its log would go to standard error, which belongs to the command line.
    connection.query_row("PRAGMA cipher_log = off", [], |_| Ok(()))?;
    connection.pragma_update(None, "key", key.literal().as_str())?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // The default of 16 is less than a sync uses in turn: each would be compiled again and again.
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    #[cfg(test)]
    let connection = super::tests::observing::observed(connection);
    Ok(connection)
}

/// Applies the migrations the file does not have yet, each in a transaction of its own.
fn migrate(connection: &mut Connection, schema: &Schema) -> Result<()> {
    let known = schema.migrations.len();
    let applied = version(connection)?;
    if applied > known {
        let detail = format!("data version {applied} is from a newer program (this one: {known})");
        return Err(Error::new(Kind::Disk, detail));
    }
    for (index, script) in schema.migrations.iter().enumerate().skip(applied) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(script)?;
        transaction.execute_batch(&format!("PRAGMA user_version = {}", index + 1))?;
        transaction.commit()?;
    }
    Ok(())
}

/// How many migrations a file has.
pub(super) fn version(connection: &Connection) -> Result<usize> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

#[cfg(test)]
impl Database {
    /// Pretends that the disk is full beyond what the file takes now and `spare` pages.
    pub(super) fn limit_pages(&self, spare: u32) -> Result<()> {
        self.with_pool(|pool| {
            let writer = lock(&pool.writer);
            let pages: u32 = writer.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            let limit = format!("PRAGMA max_page_count = {}", pages + spare);
            writer.query_row(&limit, [], |_| Ok(()))?;
            Ok(())
        })
    }
}
