//! Looking closely at the files: each page, each reference, each body, each counter. Nothing is
//! changed, not even a write-ahead log brought into its file.

mod cache;
mod own;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tcv_domain::message::UnixTime;

use super::schema::{self, Schema};
use super::{CacheKey, database};
use crate::error::{Kind, Result};
use crate::health::{Check, FileHealth, Finding, Health};

pub(super) use cache::{STRAY_PEOPLE_KEYS, UNLISTED, WRONG_COUNTERS};
pub(super) use own::referred;

/// Lines of SQLite's complaints that are kept.
const LINES: usize = 20;

/// The two files.
pub(super) const CACHE_FILE: &str = "cache.db";
pub(super) const OWN_FILE: &str = "own.db";

/// Whether there is anything to examine.
pub(crate) fn is_in_use(dir: &Path) -> bool {
    [CACHE_FILE, OWN_FILE]
        .iter()
        .any(|name| dir.join(name).exists())
}

/// Examines both files. Without a key no file can be opened.
pub(crate) fn inspect(dir: &Path, key: Option<&CacheKey>, now: UnixTime) -> Result<Health> {
    let mut health = Health::default();
    let mut pending = Vec::new();
    let cache = examine(dir, CACHE_FILE, key, &schema::CACHE, |c, notes| {
        health.messages = number(c, "SELECT count(*) FROM messages")?;
        health.bodies = number(c, "SELECT count(*) FROM bodies")?;
        cache::look(c, notes)?;
        pending = cache::blobs_awaited(c)?;
        Ok(())
    })?;
    let own = examine(dir, OWN_FILE, key, &schema::OWN, |c, notes| {
        health.drafts = number(c, "SELECT count(*) FROM drafts WHERE discarded IS NULL")?;
        health.outbox = number(
            c,
            "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'cancelled')",
        )?;
        own::look(c, &pending, now, notes)
    })?;
    health.files = vec![own, cache];
    Ok(health)
}

/// What is found in one file.
#[derive(Default)]
struct Notes(Vec<Finding>);

impl Notes {
    /// Damage, if there is any of it.
    fn damage(&mut self, check: Check, count: u64, detail: impl Into<String>) {
        self.add(check, true, count, detail.into());
    }

    /// Something worth knowing, if there is any of it.
    fn note(&mut self, check: Check, count: u64, detail: impl Into<String>) {
        self.add(check, false, count, detail.into());
    }

    fn add(&mut self, check: Check, is_damage: bool, count: u64, detail: String) {
        if count > 0 {
            self.0.push(Finding {
                check,
                is_damage,
                count,
                detail,
            });
        }
    }
}

/// Examines a file: as a whole, then by what its tables mean.
fn examine(
    dir: &Path,
    name: &str,
    key: Option<&CacheKey>,
    schema: &Schema,
    look: impl FnOnce(&Connection, &mut Notes) -> Result<()>,
) -> Result<FileHealth> {
    let path = dir.join(name);
    let bytes = match fs::metadata(&path) {
        Ok(metadata) => Some(metadata.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let mut notes = Notes::default();
    if bytes.is_some() {
        match key {
            None => notes.damage(Check::Key, 1, "no key is kept on this machine"),
            Some(key) => examine_with(&path, key, schema, look, &mut notes)?,
        }
    }
    Ok(FileHealth {
        name: name.to_owned(),
        bytes,
        findings: notes.0,
    })
}

fn examine_with(
    path: &Path,
    key: &CacheKey,
    schema: &Schema,
    look: impl FnOnce(&Connection, &mut Notes) -> Result<()>,
    notes: &mut Notes,
) -> Result<()> {
    let connection = match open(path, key) {
        Err(error) if error.kind == Kind::CacheDamaged => {
            notes.damage(Check::Key, 1, error.detail);
            return Ok(());
        }
        opened => opened?,
    };
    let version = database::version(&connection)?;
    let known = schema.migrations.len();
    match whole(&connection, notes) {
        // SQLCipher is of no more use after a bad page: only the pages are counted, by another.
        Err(error) if error.kind == Kind::CacheDamaged => {
            drop(connection);
            let (count, detail) = bad_pages(path, key, error.detail);
            notes.damage(Check::Pages, count, detail);
            return Ok(());
        }
        done => done?,
    }
    if version != known {
        let detail = format!("data version {version}, this program writes {known}");
        notes.note(Check::Version, 1, detail);
        return Ok(());
    }
    match look(&connection, notes) {
        Err(error) if error.kind == Kind::CacheDamaged => {
            notes.damage(Check::Pages, 1, error.detail);
            Ok(())
        }
        done => done,
    }
}

/// A connection that leaves the file as it is.
fn open(path: &Path, key: &CacheKey) -> Result<Connection> {
    let connection = database::unlock(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// What SQLite itself says.
fn whole(c: &Connection, notes: &mut Notes) -> Result<()> {
    // This reads every page in use, follows every index and, for FTS5, the search index too.
    let complaints = lines(c, "PRAGMA integrity_check(100)")?;
    let (index, others): (Vec<_>, Vec<_>) = complaints
        .into_iter()
        .filter(|line| line != "ok")
        .partition(|line| line.to_ascii_lowercase().contains("fts5"));
    notes.damage(Check::Index, length(&index), joined(&index));
    notes.damage(Check::Structure, length(&others), joined(&others));
    let strays = lines(
        c,
        "SELECT \"table\" || ' -> ' || parent FROM pragma_foreign_key_check",
    )?;
    notes.damage(Check::References, length(&strays), joined(&strays));
    Ok(())
}

/// How many pages are not as they were written.
fn bad_pages(path: &Path, key: &CacheKey, detail: String) -> (u64, String) {
    let found = open(path, key).and_then(|c| lines(&c, "PRAGMA cipher_integrity_check"));
    match found {
        Ok(found) if !found.is_empty() => (length(&found), joined(&found)),
        _ => (1, detail),
    }
}

fn lines(c: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = c.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn joined(lines: &[String]) -> String {
    let shown: Vec<&str> = lines.iter().take(LINES).map(String::as_str).collect();
    shown.join("; ")
}

fn length(lines: &[String]) -> u64 {
    u64::try_from(lines.len()).unwrap_or(u64::MAX)
}

/// A statement that gives one number.
fn number(c: &Connection, sql: &str) -> Result<u64> {
    let number: i64 = c.query_row(sql, [], |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
}
