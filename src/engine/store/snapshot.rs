//! Copies of both files as they are at one moment, for a backup; and taking such copies over under
//! another key. Copies are encrypted like the files themselves.

use std::fs;
use std::path::Path;

use rusqlite::OpenFlags;

use super::database::Database;
use super::inspect::{CACHE_FILE, OWN_FILE};
use super::{CacheKey, Store, database, schema};
use crate::error::{Error, Kind, Result};

impl Store {
    /// Copies what only we hold into `dir`: our own file, and of the cache the changes the server
    /// does not have with what they concern; `with_mail`, all of the cache.
    pub(crate) fn snapshot(&self, dir: &Path, with_mail: bool) -> Result<()> {
        let (own, cache) = (dir.join(OWN_FILE), dir.join(CACHE_FILE));
        // A change refers to bytes in our own file that were there before it: copied in this
        // order, at most one that was pushed in between lacks them.
        if with_mail {
            vacuum_into(&self.cache, &cache)?;
        } else {
            drop(database::open_writer(
                &cache,
                &self.cache.key,
                &schema::CACHE,
            )?);
            self.copy_pending(&cache)?;
        }
        vacuum_into(&self.own, &own)?;
        drop_pushed(&own, &cache, &self.cache.key)
    }
}

/// What is pending, with what it concerns, and the numbering: an identifier held elsewhere must not
/// come to mean something else. All the rest comes from the server again.
const PENDING: &str = "
    BEGIN;
    INSERT INTO copy.folders SELECT * FROM main.folders;
    UPDATE copy.folders SET uidnext = NULL, highestmodseq = NULL;
    INSERT INTO copy.messages SELECT * FROM main.messages
     WHERE id IN (SELECT message FROM main.ops WHERE message IS NOT NULL);
    UPDATE copy.messages SET body_state = 0, indexed = 0;
    UPDATE copy.folders SET
        total  = (SELECT count(*) FROM copy.messages m WHERE m.folder = folders.id AND m.flags & 8 = 0),
        unread = (SELECT count(*) FROM copy.messages m WHERE m.folder = folders.id AND m.flags & 9 = 0);
    INSERT INTO copy.ops SELECT * FROM main.ops;
    DELETE FROM copy.sqlite_sequence;
    INSERT INTO copy.sqlite_sequence SELECT * FROM main.sqlite_sequence;
    COMMIT;";

impl Store {
    fn copy_pending(&self, copy: &Path) -> Result<()> {
        let key = &self.cache.key;
        let c = database::connect(&self.cache.path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let attach = "ATTACH DATABASE ?1 AS copy KEY ?2";
        c.execute(attach, (unicode(copy)?, key.literal().as_str()))?;
        c.execute_batch(PENDING)?;
        c.query_row("PRAGMA copy.journal_mode = DELETE", [], |_| Ok(()))?;
        Ok(())
    }
}

/// A compact copy, one moment's, under the same key.
fn vacuum_into(source: &Database, path: &Path) -> Result<()> {
    // Our readers may write nothing, not even another file.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let c = database::connect(&source.path, &source.key, flags)?;
    c.execute("VACUUM INTO ?1", [unicode(path)?])?;
    Ok(())
}

fn unicode(path: &Path) -> Result<&str> {
    let fault = || Error::new(Kind::Disk, "the folder's name is not Unicode");
    path.to_str().ok_or_else(fault)
}

/// Drops changes from the copy whose bytes went while it was made: the server has them.
fn drop_pushed(own: &Path, cache: &Path, key: &CacheKey) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let own = database::connect(own, key, flags)?;
    let cache = database::connect(cache, key, flags)?;
    let mut waiting = cache.prepare("SELECT id, blob FROM ops WHERE blob IS NOT NULL")?;
    let waiting: Vec<(i64, i64)> = waiting
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (op, blob) in waiting {
        let mut there = own.prepare_cached("SELECT 1 FROM blobs WHERE id = ?1")?;
        if !there.exists([blob])? {
            cache.execute("DELETE FROM ops WHERE id = ?1", [op])?;
        }
    }
    Ok(())
}

/// Whether a copy may bear this name.
pub(crate) fn is_copy_name(name: &str) -> bool {
    [OWN_FILE, CACHE_FILE].contains(&name)
}

/// Puts copies under another key, in place: they are nobody's yet.
pub(crate) fn rekey_copies(dir: &Path, from: &CacheKey, to: &CacheKey) -> Result<()> {
    for name in [OWN_FILE, CACHE_FILE] {
        let path = dir.join(name);
        let connection = database::connect(&path, from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        connection.pragma_update(None, "rekey", to.literal().as_str())?;
        drop(connection);
        drop(database::connect(
            &path,
            to,
            OpenFlags::SQLITE_OPEN_READ_WRITE,
        )?);
    }
    Ok(())
}

/// Moves copies to where the files are. Those that are there get `suffix` behind their names.
pub(crate) fn take_over(from: &Path, dir: &Path, suffix: &str) -> Result<()> {
    for name in [CACHE_FILE, OWN_FILE] {
        for companion in ["", "-wal", "-shm"] {
            let there = dir.join(format!("{name}{companion}"));
            if there.exists() {
                fs::rename(&there, dir.join(format!("{name}{suffix}{companion}")))?;
            }
        }
        fs::rename(from.join(name), dir.join(name))?;
    }
    Ok(())
}
