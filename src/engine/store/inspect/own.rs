//! What the tables of our own file must agree on.

use std::collections::HashSet;

use rusqlite::Connection;
use tcv_domain::draft::Draft;
use tcv_domain::message::UnixTime;

use super::{Notes, number};
use crate::error::Result;
use crate::health::Check;

/// Bytes nobody refers to are swept after a day; older ones are worth a note.
const SWEPT_AFTER: i64 = 2 * 24 * 60 * 60;

/// Messages to be sent of which the bytes are gone.
const BYTELESS: &str = "SELECT count(*) FROM outbox
    WHERE state IN ('held', 'queued', 'sending') AND id NOT IN (SELECT outbox FROM outbox_mail)";

/// Messages to be sent to nobody.
const RECIPIENTLESS: &str = "SELECT count(*) FROM outbox
    WHERE state IN ('held', 'queued', 'sending')
      AND id NOT IN (SELECT outbox FROM outbox_recipients)";

pub(super) fn look(
    c: &Connection,
    pending: &[i64],
    now: UnixTime,
    notes: &mut Notes,
) -> Result<()> {
    notes.damage(Check::Writing, number(c, BYTELESS)?, "outbox without bytes");
    let detail = "outbox without recipients";
    notes.damage(Check::Writing, number(c, RECIPIENTLESS)?, detail);

    let (mut needed, unreadable) = referred(c)?;
    notes.damage(Check::Writing, unreadable, "drafts that cannot be read");
    needed.extend(pending);
    let mut missing = needed;
    let mut loose = 0;
    let mut statement = c.prepare("SELECT id, created FROM blobs")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, created): (i64, i64) = (row.get(0)?, row.get(1)?);
        let is_needed = missing.remove(&id);
        loose += u64::from(!is_needed && created < now.plus(-SWEPT_AFTER).0);
    }
    let count = u64::try_from(missing.len()).unwrap_or(u64::MAX);
    notes.damage(Check::Bytes, count, "referred to and not here");
    notes.note(Check::Leftovers, loose, "");
    Ok(())
}

/// The bytes drafts refer to, those frozen for sending too; and how many drafts cannot be read.
pub(in crate::store) fn referred(c: &Connection) -> Result<(HashSet<i64>, u64)> {
    let (mut needed, mut unreadable) = (HashSet::new(), 0);
    for sql in ["SELECT draft FROM drafts", "SELECT draft FROM outbox_mail"] {
        let mut statement = c.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let json = row.get_ref(0)?.as_str().unwrap_or("");
            match serde_json::from_str::<Draft>(json) {
                Ok(draft) => needed.extend(draft.attachments.iter().map(|file| file.blob)),
                Err(_) => unreadable += 1,
            }
        }
    }
    Ok((needed, unreadable))
}
