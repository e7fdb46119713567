//! Rows of messages: what lists show. Which rows, in which order, is `lists`' matter.

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::address::Address;
use tcv_domain::message::{AccountId, Flags, FolderId, MessageId, MessageRow, UnixTime};

use super::Store;
use crate::error::{Error, Kind, Result};

/// The columns of a row, in the order [`message_row`] reads them, of the table `m`.
pub(super) const COLUMNS: &str = "m.id, m.folder, m.uid, m.message_id, m.date, m.senders, \
     m.recipients, m.subject, m.flags, m.size, m.has_attachments, m.has_invitation, m.preview, \
     m.conversation";

/// Rows behind one, oldest first.
pub(super) const AFTER: &str = "FROM messages m WHERE m.folder = ?1 AND m.flags & 8 = 0 \
     AND (m.date, m.id) > (?2, ?3) ORDER BY m.date, m.id LIMIT ?4";

/// How many rows are dated at a moment or later.
pub(super) const SINCE: &str = "SELECT count(*) FROM messages m \
     WHERE m.folder = ?1 AND m.flags & 8 = 0 AND m.date >= ?2";

/// How many unread rows are.
pub(super) const UNREAD_SINCE: &str = "SELECT count(*) FROM messages m \
     WHERE m.folder = ?1 AND m.flags & 9 = 0 AND m.date >= ?2";

pub(super) fn message_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: MessageId(row.get(0)?),
        folder: FolderId(row.get(1)?),
        uid: row.get(2)?,
        message_id: row.get(3)?,
        date: UnixTime(row.get(4)?),
        from: addresses(row, 5)?,
        to: addresses(row, 6)?,
        subject: row.get(7)?,
        flags: Flags(row.get(8)?),
        size: unsigned(row.get(9)?),
        has_attachments: row.get(10)?,
        has_invitation: row.get(11)?,
        preview: row.get(12)?,
        conversation: row.get(13)?,
    })
}

fn addresses(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<Address>> {
    let text = row.get_ref(column)?.as_str()?;
    // Written by us: unreadable means damaged in a way no checksum saw. A nameless row is better
    // than a list that cannot be shown.
    Ok(serde_json::from_str(text).unwrap_or_default())
}

impl Store {
    /// For each moment, how many rows of a folder are dated then or later.
    pub(crate) fn count_since(
        &self,
        folder: FolderId,
        unread_only: bool,
        moments: &[UnixTime],
    ) -> Result<Vec<usize>> {
        let since = if unread_only { UNREAD_SINCE } else { SINCE };
        self.read(|c| {
            let mut statement = c.prepare_cached(since)?;
            let mut counts = Vec::with_capacity(moments.len());
            for at in moments {
                let count: i64 = statement.query_row((folder.0, at.0), |row| row.get(0))?;
                counts.push(usize::try_from(count).unwrap_or_default());
            }
            Ok(counts)
        })
    }

    /// Rows of a folder, oldest first, behind one that was read before.
    pub(crate) fn rows_after(
        &self,
        folder: FolderId,
        after: Option<(UnixTime, MessageId)>,
        limit: usize,
    ) -> Result<Vec<MessageRow>> {
        let (date, id) = after.map_or((i64::MIN, i64::MIN), |(date, id)| (date.0, id.0));
        self.read(|c| {
            let mut statement = c.prepare_cached(&format!("SELECT {COLUMNS} {AFTER}"))?;
            let rows = statement.query_map((folder.0, date, id, count(limit)), message_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// One row.
    pub(crate) fn row(&self, id: MessageId) -> Result<MessageRow> {
        self.read(|c| {
            let mut statement =
                c.prepare_cached(&format!("SELECT {COLUMNS} FROM messages m WHERE m.id = ?1"))?;
            statement
                .query_row([id.0], message_row)
                .optional()?
                .ok_or_else(|| Error::new(Kind::NotFound, format!("message {id}")))
        })
    }

    /// The message of an account with this Message-ID; where there are copies, the one among the
    /// sent messages.
    pub(crate) fn by_message_id(
        &self,
        account: AccountId,
        message_id: &str,
    ) -> Result<Option<MessageId>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT m.id FROM messages m JOIN folders f ON f.id = m.folder
                  WHERE m.message_id = ?1 AND f.account = ?2
                  ORDER BY f.role IS 'sent' DESC, m.id LIMIT 1",
            )?;
            let found = statement.query_row((message_id, account.0), |row| row.get(0));
            Ok(found.optional()?.map(MessageId))
        })
    }

    /// Where a message's row is and its UID there.
    pub(crate) fn message_place(
        &self,
        id: MessageId,
    ) -> Result<Option<(AccountId, FolderId, Option<u32>)>> {
        self.read(|c| Ok(place(c, id)?.map(|place| (place.account, place.folder, place.uid))))
    }
}

/// What changes need to know of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) id: MessageId,
    pub(super) account: AccountId,
    pub(super) folder: FolderId,
    pub(super) uid: Option<u32>,
    pub(super) flags: Flags,
    pub(super) server_flags: Flags,
}

/// A message's place; `None` when it is gone.
pub(super) fn place(c: &Connection, id: MessageId) -> Result<Option<Place>> {
    let mut statement = c.prepare_cached(
        "SELECT f.account, m.folder, m.uid, m.flags, m.server_flags
           FROM messages m JOIN folders f ON f.id = m.folder WHERE m.id = ?1",
    )?;
    let place = statement.query_row([id.0], |row| {
        Ok(Place {
            id,
            account: AccountId(row.get(0)?),
            folder: FolderId(row.get(1)?),
            uid: row.get(2)?,
            flags: Flags(row.get(3)?),
            server_flags: Flags(row.get(4)?),
        })
    });
    Ok(place.optional()?)
}

/// A number of rows as SQLite takes it.
pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A number that is never negative, as SQLite gives it.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// A number that is never negative, as SQLite takes it.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
