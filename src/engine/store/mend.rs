//! Mending what [`super::inspect`] found. Files damaged as such are replaced by what `salvage` can
//! read of them; what only contradicts itself is set right in place.

use std::path::Path;

use rusqlite::Connection;
use tcv_domain::draft::Draft;
use tcv_domain::message::MessageId;

use super::inspect::{CACHE_FILE, OWN_FILE, STRAY_PEOPLE_KEYS, UNLISTED, WRONG_COUNTERS, referred};
use super::schema::{self, Schema};
use super::{CacheKey, Store, bodies, damage, opening_turn};
use crate::error::Result;
use crate::health::{Check, FileHealth, Health, Mended, Step};

/// Messages put into the index in one transaction.
const BATCH: usize = 500;

/// Damage after which a file cannot be worked with. Our own is also copied where references are
/// broken: nothing of it may be removed for being inconvenient, and the old file is kept.
const BEYOND_USE: [Check; 3] = [Check::Key, Check::Pages, Check::Structure];
const OWN_BEYOND_USE: [Check; 4] = [
    Check::Key,
    Check::Pages,
    Check::Structure,
    Check::References,
];

/// Mends what was found. The caller has the folder for itself.
pub(crate) fn mend(dir: &Path, key: &CacheKey, health: &Health) -> Result<Vec<Mended>> {
    let mut steps = Vec::new();
    let found = |name: &str| health.files.iter().find(|file| file.name == name);
    {
        let _turn = opening_turn(dir)?;
        let plans: [(&str, &Schema, &[Check]); 2] = [
            (OWN_FILE, &schema::OWN, &OWN_BEYOND_USE),
            (CACHE_FILE, &schema::CACHE, &BEYOND_USE),
        ];
        for (name, schema, fatal) in plans {
            if found(name).is_some_and(|file| file.fails(fatal)) {
                let (fresh, notice) = damage::replace(&dir.join(name), key, schema)?;
                drop(fresh);
                steps.extend(Step::of(notice));
            }
        }
    }
    let (store, notices) = Store::open(dir, key.clone())?;
    steps.extend(notices.into_iter().filter_map(Step::of));
    store.mend_tables(found(CACHE_FILE), &mut steps)?;
    Ok(steps)
}

impl Store {
    fn mend_tables(&self, cache: Option<&FileHealth>, steps: &mut Vec<Mended>) -> Result<()> {
        let mut done = |step, count: usize| {
            if count > 0 {
                steps.push(Mended {
                    step,
                    count: u64::try_from(count).unwrap_or(u64::MAX),
                    aside: None,
                });
            }
        };
        done(Step::StrayRowsRemoved, self.write(remove_strays)?);
        done(Step::BodiesDropped, self.drop_unreadable_bodies()?);
        let rebuilt = if cache.is_some_and(|file| file.fails(&[Check::Index])) {
            self.rebuild_index()?
        } else {
            self.write(unlist)?
        };
        done(Step::IndexRebuilt, rebuilt);
        done(Step::CountersCorrected, self.write(recount)?);
        let (restored, lost) = self.restore_bytes()?;
        done(Step::BytesRestored, restored);
        done(Step::AttachmentsLost, lost);
        done(Step::OutboxHeld, self.write_own(hold_torn)?);
        Ok(())
    }

    /// Drops bodies that cannot be unpacked; they are fetched again.
    fn drop_unreadable_bodies(&self) -> Result<usize> {
        let bad = self.read(|c| {
            let mut bad = Vec::new();
            let mut statement = c.prepare("SELECT message, text, raw FROM bodies")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let blob = |column| {
                    row.get_ref(column)?
                        .as_blob()
                        .map_err(rusqlite::Error::from)
                };
                if bodies::unpacked(blob(1)?).is_err() || bodies::unpacked(blob(2)?).is_err() {
                    bad.push(MessageId(row.get(0)?));
                }
            }
            let mut missing = c.prepare(
                "SELECT id FROM messages m WHERE body_state IN (1, 3)
                    AND NOT EXISTS (SELECT 1 FROM bodies b WHERE b.message = m.id)",
            )?;
            for id in missing.query_map([], |row| row.get(0).map(MessageId))? {
                bad.push(id?);
            }
            Ok(bad)
        })?;
        self.write(|c| {
            bad.iter().try_for_each(|id| bodies::forget(c, *id))?;
            Ok(bad.len())
        })
    }

    /// Empties the index and fills it from rows and bodies.
    fn rebuild_index(&self) -> Result<usize> {
        self.write(|c| {
            c.execute_batch(
                "INSERT INTO search (search) VALUES ('delete-all');
                 INSERT INTO hints (hints) VALUES ('delete-all');",
            )?;
            c.execute("UPDATE messages SET indexed = 0", [])?;
            Ok(())
        })?;
        let mut count = 0;
        loop {
            match self.index_pending(BATCH)? {
                0 => return Ok(count),
                more => count += more,
            }
        }
    }

    /// Bytes pending changes wait with are made again from the message shown; attachments of
    /// drafts have no second copy.
    fn restore_bytes(&self) -> Result<(usize, usize)> {
        let waiting: Vec<(i64, i64)> = self.read(|c| {
            let sql =
                "SELECT blob, message FROM ops WHERE blob IS NOT NULL AND message IS NOT NULL";
            let mut statement = c.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        let mut restored = 0;
        for (blob, message) in waiting {
            if self.read_own(|c| has_blob(c, blob))? {
                continue;
            }
            if let Some(raw) = self.body(MessageId(message))? {
                restored += self.write_own(|c| {
                    let sql = "INSERT INTO blobs (id, created, bytes) VALUES (?1, 0, ?2)";
                    Ok(c.execute(sql, (blob, raw))?)
                })?;
            }
        }
        Ok((restored, self.write_own(drop_lost_attachments)?))
    }
}

/// Rows whose parent is gone.
fn remove_strays(c: &Connection) -> Result<usize> {
    let strays: Vec<(String, Option<i64>)> = {
        let mut statement = c.prepare("SELECT \"table\", rowid FROM pragma_foreign_key_check")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut removed = c.execute(&format!("DELETE {STRAY_PEOPLE_KEYS}"), [])?;
    for (table, rowid) in strays {
        if let Some(rowid) = rowid {
            // The name is one of our own tables, told by SQLite.
            let sql = format!("DELETE FROM \"{table}\" WHERE rowid = ?1");
            removed += c.execute(&sql, [rowid])?;
        }
    }
    Ok(removed)
}

/// Messages that are not in the index though they should be will be put there.
fn unlist(c: &Connection) -> Result<usize> {
    let sql = format!("UPDATE messages SET indexed = 0 WHERE id IN (SELECT id {UNLISTED})");
    Ok(c.execute(&sql, [])?)
}

fn recount(c: &Connection) -> Result<usize> {
    let sql = format!(
        "UPDATE folders SET
            total = (SELECT count(*) FROM messages m WHERE m.folder = folders.id AND m.flags & 8 = 0),
            unread = (SELECT count(*) FROM messages m WHERE m.folder = folders.id AND m.flags & 9 = 0)
          WHERE id IN (SELECT id {WRONG_COUNTERS})"
    );
    Ok(c.execute(&sql, [])?)
}

fn has_blob(c: &Connection, id: i64) -> Result<bool> {
    Ok(c.prepare_cached("SELECT 1 FROM blobs WHERE id = ?1")?
        .exists([id])?)
}

/// Attachments whose bytes are gone are taken out, so that nobody believes they are sent.
fn drop_lost_attachments(c: &Connection) -> Result<usize> {
    let (needed, _) = referred(c)?;
    let mut lost = Vec::new();
    for id in needed {
        if !has_blob(c, id)? {
            lost.push(id);
        }
    }
    if lost.is_empty() {
        return Ok(0);
    }
    let drafts: Vec<(i64, String)> = {
        let mut statement = c.prepare("SELECT id, draft FROM drafts")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut taken_out = 0;
    for (id, json) in drafts {
        let Ok(mut draft) = serde_json::from_str::<Draft>(&json) else {
            continue;
        };
        let before = draft.attachments.len();
        draft.attachments.retain(|file| !lost.contains(&file.blob));
        if draft.attachments.len() < before {
            taken_out += before - draft.attachments.len();
            let json = serde_json::to_string(&draft)?;
            c.execute("UPDATE drafts SET draft = ?2 WHERE id = ?1", (id, json))?;
        }
    }
    Ok(taken_out)
}

/// What lacks its bytes or a recipient is not sent without the user's word.
fn hold_torn(c: &Connection) -> Result<usize> {
    Ok(c.execute(
        "UPDATE outbox SET state = 'doubtful', due = NULL
          WHERE state IN ('held', 'queued', 'sending')
            AND (id NOT IN (SELECT outbox FROM outbox_mail)
                 OR id NOT IN (SELECT outbox FROM outbox_recipients))",
        [],
    )?)
}
