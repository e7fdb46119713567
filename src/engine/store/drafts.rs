//! Drafts and the bytes of their attachments.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _};
use tcv_domain::draft::{Draft, DraftAttachment};
use tcv_domain::message::{DraftId, UnixTime};

use super::Store;
use crate::error::{Error, Kind, Result};
use crate::types::DraftRow;

/// A discarded draft can be taken back this long.
const KEEP_DISCARDED: i64 = 7 * 24 * 60 * 60;

/// Bytes nothing refers to are kept this long: a draft being written may be about to.
const KEEP_LOOSE_BLOBS: i64 = 24 * 60 * 60;

impl Store {
    /// A new draft.
    pub(crate) fn create_draft(&self, draft: &Draft, now: UnixTime) -> Result<DraftId> {
        let json = serde_json::to_string(draft)?;
        self.write_own(|c| {
            c.prepare_cached("INSERT INTO drafts (saved, draft) VALUES (?1, ?2)")?
                .execute((now.0, json))?;
            Ok(DraftId(c.last_insert_rowid()))
        })
    }

    /// Saves a draft. One that was sent or discarded meanwhile stays so: a late save must not
    /// bring it back.
    pub(crate) fn save_draft(&self, id: DraftId, draft: &Draft, now: UnixTime) -> Result<()> {
        let json = serde_json::to_string(draft)?;
        self.write_own(|c| {
            let sql = "UPDATE drafts SET saved = ?2, draft = ?3
                        WHERE id = ?1 AND discarded IS NULL";
            match c.prepare_cached(sql)?.execute((id.0, now.0, json))? {
                0 => Err(gone(id)),
                _ => Ok(()),
            }
        })
    }

    /// A draft that was not discarded.
    pub(crate) fn draft(&self, id: DraftId) -> Result<Option<Draft>> {
        self.read_own(|c| get(c, id))
    }

    /// All drafts that were not discarded, the last saved first.
    pub(crate) fn drafts(&self) -> Result<Vec<DraftRow>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached(
                "SELECT id, saved, draft FROM drafts WHERE discarded IS NULL
                  ORDER BY saved DESC, id DESC",
            )?;
            let mut rows = statement.query([])?;
            let mut drafts = Vec::new();
            while let Some(row) = rows.next()? {
                let draft: Draft = serde_json::from_str(row.get_ref(2)?.as_str().unwrap_or(""))?;
                drafts.push(DraftRow {
                    id: DraftId(row.get(0)?),
                    saved: UnixTime(row.get(1)?),
                    to: draft.to,
                    subject: draft.subject,
                });
            }
            Ok(drafts)
        })
    }

    /// Throws a draft away; it can be taken back for some days.
    pub(crate) fn discard_draft(&self, id: DraftId, now: UnixTime) -> Result<()> {
        self.set_discarded(id, Some(now))
    }

    /// Takes a discarded draft back.
    pub(crate) fn restore_draft(&self, id: DraftId) -> Result<()> {
        self.set_discarded(id, None)
    }

    fn set_discarded(&self, id: DraftId, at: Option<UnixTime>) -> Result<()> {
        self.write_own(|c| {
            let changed = c
                .prepare_cached("UPDATE drafts SET discarded = ?2 WHERE id = ?1")?
                .execute((id.0, at.map(|at| at.0)))?;
            if changed == 0 { Err(gone(id)) } else { Ok(()) }
        })
    }

    /// Stores an attachment's bytes and adds it to the draft, in one transaction.
    pub(crate) fn attach(
        &self,
        id: DraftId,
        file: DraftAttachment,
        bytes: &[u8],
        now: UnixTime,
    ) -> Result<DraftAttachment> {
        self.write_own(|c| {
            let mut draft = get(c, id)?.ok_or_else(|| gone(id))?;
            c.prepare_cached("INSERT INTO blobs (created, bytes) VALUES (?1, ?2)")?
                .execute((now.0, bytes))?;
            let attached = DraftAttachment {
                blob: c.last_insert_rowid(),
                ..file
            };
            draft.attachments.push(attached.clone());
            put(c, id, &serde_json::to_string(&draft)?, now)?;
            Ok(attached)
        })
    }

    /// Removes what nothing needs any more: drafts discarded long ago, bytes nobody refers to.
    pub(crate) fn sweep(&self, now: UnixTime) -> Result<()> {
        let waiting: HashSet<i64> = self.read(|c| {
            let mut statement = c.prepare("SELECT blob FROM ops WHERE blob IS NOT NULL")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        self.write_own(|c| {
            c.execute(
                "DELETE FROM drafts WHERE discarded < ?1",
                [now.plus(-KEEP_DISCARDED).0],
            )?;
            let mut needed = waiting;
            for sql in ["SELECT draft FROM drafts", "SELECT draft FROM outbox_mail"] {
                let mut statement = c.prepare(sql)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let json = row.get_ref(0)?.as_str().unwrap_or("");
                    let draft: Draft = serde_json::from_str(json)?;
                    needed.extend(draft.attachments.iter().map(|file| file.blob));
                }
            }
            let mut old = c.prepare("SELECT id FROM blobs WHERE created < ?1")?;
            let old: Vec<i64> = old
                .query_map([now.plus(-KEEP_LOOSE_BLOBS).0], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for id in old.iter().filter(|id| !needed.contains(id)) {
                c.prepare_cached("DELETE FROM blobs WHERE id = ?1")?
                    .execute([id])?;
            }
            Ok(())
        })
    }
}

fn gone(id: DraftId) -> Error {
    Error::new(Kind::NotFound, format!("draft {id}"))
}

fn get(c: &Connection, id: DraftId) -> Result<Option<Draft>> {
    Ok(json(c, id)?
        .map(|json| serde_json::from_str(&json))
        .transpose()?)
}

/// A draft as it is stored.
pub(super) fn json(c: &Connection, id: DraftId) -> Result<Option<String>> {
    let sql = "SELECT draft FROM drafts WHERE id = ?1 AND discarded IS NULL";
    Ok(c.prepare_cached(sql)?
        .query_row([id.0], |row| row.get(0))
        .optional()?)
}

/// Saves a draft under its id, whether it is there or not.
pub(super) fn put(c: &Connection, id: DraftId, json: &str, now: UnixTime) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO drafts (id, saved, draft) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET saved = ?2, draft = ?3, discarded = NULL",
    )?
    .execute((id.0, now.0, json))?;
    Ok(())
}
