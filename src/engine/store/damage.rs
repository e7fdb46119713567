//! What happens to a file that cannot be read: it is kept aside under another name, a fresh one
//! takes its place, and what is still readable is carried over. Nothing damaged is deleted before
//! a newer wreck of the same cache exists.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use super::database::{self, Database, Pool};
use super::salvage::{Saved, Wreck};
use super::schema::Schema;
use super::{CacheKey, Store};
use crate::error::{Kind, Result};
use crate::types::Notice;

impl Database {
    /// Looks closely at a file an error pointed to. A damaged one is replaced and the notice
    /// returned; a sound one only gets fresh connections (SQLCipher refuses all further work on
    /// a connection that met a bad page). The caller holds the turn to open.
    pub(super) fn mend(&self) -> Result<Option<Notice>> {
        let mut pool = self.pool.write().unwrap_or_else(PoisonError::into_inner);
        *pool = None;
        if is_sound(&self.path, &self.key) {
            let writer = database::open_writer(&self.path, &self.key, self.schema)?;
            *pool = Some(Pool::new(writer));
            return Ok(None);
        }
        let (writer, notice) = replace(&self.path, &self.key, self.schema)?;
        *pool = Some(Pool::new(writer));
        Ok(Some(notice))
    }
}

fn is_sound(path: &Path, key: &CacheKey) -> bool {
    let check = || -> Result<String> {
        let connection = database::connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        Ok(connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?)
    };
    check().is_ok_and(|verdict| verdict == "ok")
}

impl Store {
    /// What is wrong with the files to their last page, in SQLite's words; `None` when they are
    /// sound. Takes as long as reading them whole.
    pub(crate) fn complaint(&self) -> Result<Option<String>> {
        let check = |c: &Connection| -> Result<String> {
            Ok(c.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?)
        };
        let verdicts = [self.read_own(check)?, self.read(check)?];
        Ok(verdicts.into_iter().find(|verdict| verdict != "ok"))
    }
}

/// Sets the file aside, makes a fresh one and saves what can be saved.
pub(super) fn replace(
    path: &Path,
    key: &CacheKey,
    schema: &Schema,
) -> Result<(Connection, Notice)> {
    let aside = set_aside(path, schema)?;
    tracing::warn!(file = %path.display(), aside = %aside.display(), "damaged file set aside");
    let outcome = database::open_writer(path, key, schema)
        .and_then(|fresh| Ok((save(&aside, key, schema, &fresh)?, fresh)));
    match outcome {
        Ok((saved, fresh)) => Ok((fresh, (schema.notice)(aside, saved))),
        Err(error) => {
            // Back to where it was, so that the next start tries the salvage again.
            let _ = rename_all(&aside, path);
            Err(error)
        }
    }
}

/// All or nothing: half of a salvage is not mixed with what is done afterwards. A disk that is
/// full now is an error; anything else only means that less could be saved.
fn save(aside: &Path, key: &CacheKey, schema: &Schema, fresh: &Connection) -> Result<Saved> {
    fresh.execute_batch("PRAGMA synchronous = FULL; BEGIN IMMEDIATE")?;
    let mut wreck = Wreck::new(aside, key.clone());
    let result = (schema.salvage)(&mut wreck, fresh);
    let saved = match result {
        Ok(saved) => {
            fresh.execute_batch("COMMIT")?;
            saved
        }
        Err(error) => {
            fresh.execute_batch("ROLLBACK")?;
            if error.kind == Kind::DiskFull {
                return Err(error);
            }
            tracing::warn!(%error, "nothing could be salvaged");
            Saved::default()
        }
    };
    fresh.execute_batch("PRAGMA synchronous = NORMAL")?;
    Ok(saved)
}

/// Renames the file and its companions to `<name>.damaged-<unix time>`.
fn set_aside(path: &Path, schema: &Schema) -> Result<PathBuf> {
    if !schema.keep_all_wrecks {
        remove_older_wrecks(path);
    }
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let mut stamp = now.as_secs();
    let mut aside = with_suffix(path, &format!(".damaged-{stamp}"));
    while aside.exists() {
        stamp += 1;
        aside = with_suffix(path, &format!(".damaged-{stamp}"));
    }
    rename_all(path, &aside)?;
    Ok(aside)
}

/// Renames a file with its companions; companions of a file that was there go.
fn rename_all(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)?;
    for companion in ["-wal", "-shm"] {
        let (from, to) = (with_suffix(from, companion), with_suffix(to, companion));
        if from.exists() {
            std::fs::rename(&from, &to)?;
        } else if to.exists() {
            std::fs::remove_file(&to)?;
        }
    }
    Ok(())
}

/// A failing disk must not fill up with old caches, which the server has anyway.
fn remove_older_wrecks(path: &Path) {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let prefix = format!("{}.damaged-", name.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
