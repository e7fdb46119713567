//! Reading row by row what is left of a damaged file.
//!
//! SQLCipher gives a connection up for good at the first page whose authentication fails, so
//! after each fault the wreck is opened anew and reading goes on behind the bad place.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params_from_iter};

use super::CacheKey;
use super::database;
use crate::error::Result;

/// Rows in a row that may be unreadable before larger leaps are made: a page holds fewer.
const FAULTS_BEFORE_LEAPING: u32 = 512;

/// What was saved, as far as the user is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) drafts: usize,
    pub(super) outbox: usize,
}

/// A damaged file being read.
pub(super) struct Wreck {
    path: PathBuf,
    key: CacheKey,
    connection: Option<Connection>,
}

/// What came out of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Copied {
    rows: usize,
    /// Whether something could not be read, so that rows may be missing.
    torn: bool,
}

/// A table being copied: its name and columns, from the fresh file.
struct Table {
    name: &'static str,
    columns: String,
    marks: String,
}

impl Table {
    fn of(fresh: &Connection, name: &'static str) -> Result<Self> {
        let mut statement = fresh.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns: Vec<String> = statement
            .query_map([name], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let marks = vec!["?"; columns.len()].join(", ");
        Ok(Self {
            name,
            columns: columns.join(", "),
            marks,
        })
    }

    fn insert(&self, fresh: &Connection, values: Vec<Value>) -> Result<usize> {
        let Self {
            name,
            columns,
            marks,
        } = self;
        // OR IGNORE does not cover foreign keys: a row whose parent is lost is lost with it.
        let sql = format!("INSERT OR IGNORE INTO {name} ({columns}) VALUES ({marks})");
        match fresh
            .prepare_cached(&sql)?
            .execute(params_from_iter(values))
        {
            Ok(rows) => Ok(rows),
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) =>
            {
                Ok(0)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Wreck {
    pub(super) fn new(path: &Path, key: CacheKey) -> Self {
        Self {
            path: path.to_owned(),
            key,
            connection: None,
        }
    }

    /// Runs a query; a failure closes the connection, because it is of no more use.
    fn ask<T>(
        &mut self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> std::result::Result<T, ()> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open().map_err(|_| ())?,
        };
        let answer = query(&connection).map_err(|_| ())?;
        self.connection = Some(connection);
        Ok(answer)
    }

    fn open(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let connection = database::unlock(&self.path, &self.key, flags)?;
        // Lets SQLite open a file that is shorter than its header says.
        connection.pragma_update(None, "writable_schema", "ON")?;
        Ok(connection)
    }

    /// Copies all readable rows of a table.
    fn copy(&mut self, fresh: &Connection, name: &'static str) -> Result<Copied> {
        let table = Table::of(fresh, name)?;
        let mut copied = Copied::default();
        let readable = self.ask(|c| {
            c.query_row(&format!("SELECT 1 FROM {name} LIMIT 0"), [], |_| Ok(()))
                .optional()
        });
        if readable.is_err() && !self.has_table(name) {
            return Ok(Copied {
                rows: 0,
                torn: true,
            });
        }
        let (mut after, mut faults, mut leap) = (0_i64, 0_u32, 1_i64);
        loop {
            match self.next_row(&table, after) {
                Ok(None) => return Ok(copied),
                Ok(Some((rowid, values))) => {
                    copied.rows += table.insert(fresh, values)?;
                    (after, faults, leap) = (rowid, 0, 1);
                }
                Err(()) => {
                    copied.torn = true;
                    faults += 1;
                    if faults > FAULTS_BEFORE_LEAPING {
                        leap = leap.saturating_mul(2);
                    }
                    match after.checked_add(leap) {
                        Some(next) => after = next,
                        None => return Ok(copied),
                    }
                }
            }
        }
    }

    fn has_table(&mut self, name: &str) -> bool {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        self.ask(|c| c.query_row(sql, [name], |row| row.get::<_, i64>(0))) == Ok(1)
    }

    fn next_row(
        &mut self,
        table: &Table,
        after: i64,
    ) -> std::result::Result<Option<(i64, Vec<Value>)>, ()> {
        let Table { name, columns, .. } = table;
        let sql =
            format!("SELECT rowid, {columns} FROM {name} WHERE rowid > ?1 ORDER BY rowid LIMIT 1");
        self.ask(|c| {
            c.query_row(&sql, [after], |row| {
                let width = row.as_ref().column_count();
                let values = (1..width)
                    .map(|i| row.get(i))
                    .collect::<rusqlite::Result<_>>()?;
                Ok((row.get(0)?, values))
            })
            .optional()
        })
    }

    /// The rows of a numeric column, `None` where nothing can be read.
    fn numbers(&mut self, sql: &str) -> Vec<i64> {
        self.ask(|c| c.prepare(sql)?.query_map([], |row| row.get(0))?.collect())
            .unwrap_or_default()
    }
}

/// Saves accounts, settings, drafts with their files, and the outbox.
pub(super) fn own(wreck: &mut Wreck, fresh: &Connection) -> Result<Saved> {
    for table in [
        "accounts", "settings", "looks", "blobs", "answers", "receipts",
    ] {
        wreck.copy(fresh, table)?;
    }
    wreck.copy(fresh, "drafts")?;
    wreck.copy(fresh, "outbox")?;
    wreck.copy(fresh, "outbox_mail")?;
    let recipients = wreck.copy(fresh, "outbox_recipients")?;
    // What may lack its bytes or a recipient is not sent without the user's word.
    fresh.execute(
        "UPDATE outbox SET state = 'doubtful', due = NULL
          WHERE state IN ('held', 'queued', 'sending')
            AND (?1 OR id NOT IN (SELECT outbox FROM outbox_mail))",
        [recipients.torn],
    )?;
    let count = |sql: &str| -> Result<usize> {
        let rows: i64 = fresh.query_row(sql, [], |row| row.get(0))?;
        Ok(usize::try_from(rows).unwrap_or_default())
    };
    Ok(Saved {
        drafts: count("SELECT count(*) FROM drafts WHERE discarded IS NULL")?,
        outbox: count("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'cancelled')")?,
    })
}

/// Saves the folders, the changes the server does not have yet and the messages they concern;
/// everything else comes from the server again.
pub(super) fn cache(wreck: &mut Wreck, fresh: &Connection) -> Result<Saved> {
    start_numbering_afresh(fresh)?;
    wreck.copy(fresh, "folders")?;
    fresh.execute(
        "UPDATE folders SET uidnext = NULL, highestmodseq = NULL",
        [],
    )?;
    let messages = Table::of(fresh, "messages")?;
    for id in wreck.numbers("SELECT DISTINCT message FROM ops WHERE message IS NOT NULL") {
        if let Ok(Some((rowid, values))) = wreck.next_row(&messages, id - 1)
            && rowid == id
        {
            messages.insert(fresh, values)?;
        }
    }
    fresh.execute(
        "UPDATE messages SET body_state = 0, indexed = 0, extracted = 0",
        [],
    )?;
    fresh.execute_batch(RECOUNT)?;
    wreck.copy(fresh, "ops")?;
    Ok(Saved::default())
}

/// The counters of all folders anew.
const RECOUNT: &str = "UPDATE folders SET
    total  = (SELECT count(*) FROM messages m WHERE m.folder = folders.id AND m.flags & 8 = 0),
    unread = (SELECT count(*) FROM messages m WHERE m.folder = folders.id AND m.flags & 9 = 0)";

/// Identifiers of the lost cache are still held elsewhere (drafts that answer a message, other
/// processes): none of them may come to mean something else.
fn start_numbering_afresh(fresh: &Connection) -> Result<()> {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let start = i64::try_from(now.as_secs()).unwrap_or(i64::from(u32::MAX));
    for table in ["folders", "messages", "ops"] {
        fresh.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        fresh.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
            (table, start),
        )?;
    }
    Ok(())
}
