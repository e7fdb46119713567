//! Messages brought in from elsewhere: queued for a folder, many in one transaction.
//!
//! A message is the same as one that is there when Message-ID and size agree. That is looked for
//! when it is queued, so that an import that was killed can be run again, and once more when it is
//! pushed (`account::push`).

use std::collections::HashSet;

use rusqlite::Connection;
use tcv_domain::message::{AccountId, Flags, FolderId, MessageId, UnixTime};

use super::arrivals::{NewRow, is_believed};
use super::bodies::{self, Prepared};
use super::{Store, people};
use crate::error::{Error, Kind, Result};

/// Bytes by which two copies of one message may differ: programs that keep mail in text files give
/// a last line an end, or take it.
pub(crate) const SLACK: u64 = 2;

/// A message to be brought in, taken apart.
pub(crate) struct Import {
    pub(crate) message_id: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) flags: Flags,
    /// When it arrived where it comes from.
    pub(crate) arrived: UnixTime,
    pub(crate) prepared: Prepared,
}

impl Import {
    fn size(&self) -> u64 {
        u64::try_from(self.raw.len()).unwrap_or(u64::MAX)
    }
}

impl Store {
    /// Queues messages for a folder and shows them there; how many were new. Bytes first, in the
    /// file that is never thrown away: what a crash leaves of them alone is swept.
    pub(crate) fn queue_imports(
        &self,
        account: AccountId,
        folder: FolderId,
        lot: &[Import],
        now: UnixTime,
    ) -> Result<usize> {
        let new = self.read(|c| unknown(c, folder, lot))?;
        let blobs: Vec<i64> = self.write_own(|c| {
            let mut insert =
                c.prepare_cached("INSERT INTO blobs (created, bytes) VALUES (?1, ?2)")?;
            let keys = new.iter().map(|import| {
                insert.execute((now.0, &import.raw))?;
                Ok(c.last_insert_rowid())
            });
            keys.collect()
        })?;
        let queued = self.write_durable(|c| {
            for (import, blob) in new.iter().zip(&blobs) {
                queue(c, account, folder, (import, *blob))?;
            }
            Ok(new.len())
        });
        if queued.is_err() {
            for blob in blobs {
                let _ = self.drop_blob(blob);
            }
        }
        queued
    }
}

/// Those of a lot that are neither in the folder nor twice in the lot.
fn unknown<'a>(c: &Connection, folder: FolderId, lot: &'a [Import]) -> Result<Vec<&'a Import>> {
    let mut known = c.prepare_cached(KNOWN)?;
    let mut seen = HashSet::new();
    let mut new = Vec::new();
    for import in lot {
        let size = i64::try_from(import.size()).unwrap_or(i64::MAX);
        let is_there = known.exists((&import.message_id, folder.0, size))?;
        if !is_there && seen.insert((&import.message_id, size)) {
            new.push(import);
        }
    }
    Ok(new)
}

/// A message of this Message-ID and size, give or take [`SLACK`], in a folder.
pub(super) const KNOWN: &str = "SELECT 1 FROM messages
      WHERE message_id = ?1 AND folder = ?2 AND abs(size - ?3) <= 2";

fn queue(
    c: &Connection,
    account: AccountId,
    folder: FolderId,
    (import, blob): (&Import, i64),
) -> Result<()> {
    let body = &import.prepared;
    let envelope = &body.content.envelope;
    let believed = |date: &UnixTime| is_believed(*date, Some(import.arrived));
    let date = envelope.date.filter(believed).unwrap_or(import.arrived);
    let row = NewRow {
        folder,
        uid: None,
        date,
        flags: import.flags,
        size: import.size(),
        modseq: None,
        has_attachments: bodies::has_attachments(&body.content),
        has_invitation: body.content.has_invitation,
        envelope,
    };
    let taken = || {
        Error::new(
            Kind::Internal,
            "an imported message was not put in its folder",
        )
    };
    let id: MessageId = row.insert(c)?.ok_or_else(taken)?;
    let mut met = people::Met::default();
    met.note(envelope, false, date);
    met.store(c)?;
    body.store(c, id)?;
    c.prepare_cached(
        "INSERT INTO ops (account, kind, message, folder, add_flags, message_id, blob, arrived)
         VALUES (?1, 'append', ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        account.0,
        id.0,
        folder.0,
        import.flags.0,
        &import.message_id,
        blob,
        import.arrived.0,
    ))?;
    Ok(())
}
