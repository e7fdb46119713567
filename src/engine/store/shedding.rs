//! Keeping the cache within its budget: bodies the server has are dropped, the oldest first, and
//! fetched again when they are opened. Lists and search go on without them.
//!
//! Never dropped: what the server does not have or is about to change, what the user starred or
//! is answering, and recent mail.

use rusqlite::{Connection, named_params};
use tcv_domain::message::UnixTime;

use super::Store;
use crate::error::Result;

/// Bodies dropped in one transaction.
const AT_ONCE: i64 = 200;

/// What stays.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    /// Bytes the cache may take; `None` sets no bound.
    pub(crate) bytes: Option<u64>,
    /// Younger bodies stay whatever they take.
    pub(crate) recent: UnixTime,
}

/// Bytes in use; pages that were freed are used again before the file grows.
const USED: &str = "SELECT (page_count - freelist_count) * page_size
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size";

/// Bodies that may go. 20 = flagged or a draft; a UID says that the server has it.
pub(super) const SHEDDABLE: &str = "SELECT m.id FROM messages m
      WHERE m.body_state IN (1, 3) AND m.uid IS NOT NULL AND m.date < :recent
        AND m.flags & 20 = 0
        AND NOT EXISTS (SELECT 1 FROM ops WHERE ops.message = m.id)
        AND m.conversation NOT IN (
            SELECT kept.conversation FROM json_each(:kept) one
              JOIN messages kept ON kept.id = one.value)
      ORDER BY m.docid LIMIT :limit";

impl Store {
    /// Drops bodies until the cache is within its budget or nothing may go any more; how many went.
    pub(crate) fn shed(&self, budget: &Budget) -> Result<usize> {
        let Some(bytes) = budget.bytes else {
            return Ok(0);
        };
        let mut dropped = 0;
        while self.used()? > bytes {
            let kept = serde_json::to_string(&self.answered_in_drafts()?)?;
            let some = self.write(|c| shed_some(c, budget.recent, &kept))?;
            if some == 0 {
                break;
            }
            dropped += some;
        }
        Ok(dropped)
    }

    fn used(&self) -> Result<u64> {
        self.read(|c| {
            let used: i64 = c.prepare_cached(USED)?.query_row([], |row| row.get(0))?;
            Ok(u64::try_from(used).unwrap_or_default())
        })
    }

    /// Messages that drafts answer or forward.
    fn answered_in_drafts(&self) -> Result<Vec<i64>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached(
                "SELECT draft ->> '$.source[0]' AS source FROM drafts
                  WHERE discarded IS NULL AND source IS NOT NULL",
            )?;
            let sources = statement.query_map([], |row| row.get(0))?;
            Ok(sources.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn shed_some(c: &Connection, recent: UnixTime, kept: &str) -> Result<usize> {
    let ids: Vec<i64> = c
        .prepare_cached(SHEDDABLE)?
        .query_map(
            named_params! { ":recent": recent.0, ":kept": kept, ":limit": AT_ONCE },
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let mut forget = c.prepare_cached("DELETE FROM bodies WHERE message = ?1")?;
    let mut mark = c.prepare_cached("UPDATE messages SET body_state = 4 WHERE id = ?1")?;
    for id in &ids {
        forget.execute([id])?;
        mark.execute([id])?;
    }
    Ok(ids.len())
}
