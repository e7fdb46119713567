//! What the server told: new messages, flags, messages gone. Our pending changes win over what
//! the server says of the same message, until the server has them.

use std::cmp::Reverse;

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::address::Address;
use tcv_domain::message::{Envelope, Flags, FolderId, MessageId, UnixTime};

use super::opqueue::show_flags;
use super::rows::{signed, unsigned};
use super::{
    Applied, FetchedHeader, LocalMessage, Store, SyncBatch, Watermark, bodies, people, search,
    threads,
};
use crate::error::Result;

/// Clocks of senders may be this many seconds ahead before their `Date` is not believed.
const DATE_AHEAD: i64 = 24 * 60 * 60;

/// 1985: no mail is older; a `Date` before it is a broken clock.
const EARLIEST_DATE: i64 = 473_385_600;

/// What a row keeps of a header that is out of all measure, in bytes and in addresses: lists are
/// read a page at a time and must stay so. The message itself is kept whole.
const LONGEST_SUBJECT: usize = 4_096;
const LONGEST_ID: usize = 1_000;
const MOST_LISTED: usize = 1_000;

/// The beginning of a text, cut between characters.
fn clipped(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// A Message-ID as rows keep it.
fn id_of(mail: &Envelope) -> &str {
    clipped(&mail.message_id, LONGEST_ID)
}

fn listed(addresses: &[Address]) -> &[Address] {
    addresses.get(..MOST_LISTED).unwrap_or(addresses)
}

/// The messages of a folder, also those moved away locally.
pub(super) const LOCAL_UIDS: &str = "SELECT m.id, m.uid AS uid, m.server_flags,
            EXISTS (SELECT 1 FROM ops WHERE ops.message = m.id)
       FROM messages m WHERE m.folder = ?1 AND m.uid IS NOT NULL
      UNION ALL
     SELECT m.id, o.uid AS uid, m.server_flags, 1
       FROM ops o JOIN messages m ON m.id = o.message
      WHERE o.folder = ?1 AND o.uid IS NOT NULL AND o.kind = 'move'
      ORDER BY uid";

/// How many these are.
pub(super) const COUNT_LOCAL: &str = "SELECT
    (SELECT count(*) FROM messages m WHERE m.folder = ?1 AND m.uid IS NOT NULL) +
    (SELECT count(*) FROM ops o JOIN messages m ON m.id = o.message
      WHERE o.folder = ?1 AND o.uid IS NOT NULL AND o.kind = 'move')";

/// Rows without a UID that a header may belong to.
pub(super) const HOMELESS: &str = "SELECT m.id, m.size, m.date FROM messages m
          WHERE m.folder = ?1 AND m.message_id = ?2 AND m.uid IS NULL
            AND NOT EXISTS (SELECT 1 FROM ops o
                             WHERE o.message = m.id AND o.kind = 'move' AND o.state = 0)";

/// Whether a header from a folder may be of a message that is here already: rows without UIDs, or
/// moves under way.
pub(super) const AWAITS: &str = "SELECT 1 FROM messages WHERE folder = ?1 AND uid IS NULL
      UNION ALL SELECT 1 FROM ops WHERE folder = ?1 AND kind = 'move' LIMIT 1";

/// The message of a UID.
pub(super) const BY_UID: &str = "SELECT id FROM messages WHERE folder = ?1 AND uid = ?2";

impl Store {
    /// The messages of a folder that have a UID there, ascending. Messages we moved away locally
    /// are among them: on the server they still lie here.
    pub(crate) fn local_uids(&self, folder: FolderId) -> Result<Vec<LocalMessage>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(LOCAL_UIDS)?;
            let rows = statement.query_map([folder.0], |row| {
                Ok(LocalMessage {
                    id: MessageId(row.get(0)?),
                    uid: row.get(1)?,
                    flags: Flags(row.get(2)?),
                    pending: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How many messages [`Store::local_uids`] has.
    pub(crate) fn count_local(&self, folder: FolderId) -> Result<usize> {
        self.read(|c| {
            let mut statement = c.prepare_cached(COUNT_LOCAL)?;
            let count: i64 = statement.query_row([folder.0], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or_default())
        })
    }

    /// Applies what one round with the server brought, and moves the watermark with it.
    pub(crate) fn apply_sync(&self, folder: FolderId, batch: &SyncBatch) -> Result<Applied> {
        self.write(|c| {
            let mut applied = Applied::default();
            for uid in &batch.vanished {
                applied.vanished += vanish(c, folder, *uid)?;
            }
            receive_all(c, folder, &batch.headers, &mut applied)?;
            for (uid, flags) in &batch.flags {
                if let Some(id) = by_uid(c, folder, *uid)?
                    && take_flags(c, id, *flags)?
                {
                    applied.changed.push(id);
                }
            }
            if let Some(watermark) = batch.watermark {
                put_watermark(c, folder, watermark)?;
            }
            Ok(applied)
        })
    }

    /// The server numbered the folder anew (UIDVALIDITY, RFC 9051 §2.3.1.1): rows keep their
    /// bodies and wait for their new UIDs.
    pub(crate) fn reset_folder(&self, folder: FolderId, uidvalidity: u32) -> Result<()> {
        self.write(|c| {
            c.execute(
                "UPDATE messages SET uid = NULL, modseq = NULL
                  WHERE folder = ?1 AND uid IS NOT NULL",
                [folder.0],
            )?;
            c.execute(
                "UPDATE ops SET uid = NULL, state = 0 WHERE folder = ?1 AND uid IS NOT NULL",
                [folder.0],
            )?;
            c.execute(
                "UPDATE folders SET uidvalidity = ?2, uidnext = NULL, highestmodseq = NULL
                  WHERE id = ?1",
                (folder.0, uidvalidity),
            )?;
            Ok(())
        })
    }

    /// After a complete pass over a folder: removes rows that the server turned out not to have
    /// and that nothing of ours will bring there. Returns how many went.
    pub(crate) fn drop_unmatched(&self, folder: FolderId) -> Result<usize> {
        self.write(|c| {
            let orphans = c.execute(
                "DELETE FROM messages
                  WHERE folder = ?1 AND uid IS NULL
                    AND NOT EXISTS (SELECT 1 FROM ops WHERE ops.message = messages.id
                                       AND ops.kind IN ('move', 'append'))",
                [folder.0],
            )?;
            // Moved on from here before their UID was known, and not found here: gone.
            let lost = c.execute(
                "DELETE FROM messages WHERE id IN (
                     SELECT o.message FROM ops o
                      WHERE o.folder = ?1 AND o.uid IS NULL AND o.kind = 'move'
                        AND NOT EXISTS (SELECT 1 FROM ops earlier
                                         WHERE earlier.message = o.message
                                           AND earlier.kind IN ('move', 'append')
                                           AND earlier.id < o.id))",
                [folder.0],
            )?;
            Ok(orphans + lost)
        })
    }
}

/// Takes over headers. Most folders await nothing: their headers need no looking for a match.
fn receive_all(
    c: &Connection,
    folder: FolderId,
    headers: &[FetchedHeader],
    applied: &mut Applied,
) -> Result<()> {
    if headers.is_empty() {
        return Ok(());
    }
    let written = is_sent_folder(c, folder)?;
    let awaits = c.prepare_cached(AWAITS)?.exists([folder.0])?;
    let mut met = people::Met::default();
    let mut added = Added::default();
    for header in newest_first(headers) {
        let received = if awaits {
            receive(c, folder, header)?
        } else {
            receive_new(c, folder, header)?
        };
        match received {
            Received::New(id) => {
                met.note(&header.envelope, written, shown_date(header));
                added.count(header.flags);
                applied.new.push(id);
            }
            Received::Changed(id) => applied.changed.push(id),
            Received::Nothing => {}
        }
    }
    // Told in the order they came.
    applied.new.reverse();
    added.store(c, folder)?;
    met.store(c)
}

/// New rows in the order of the indexes, which run from new to old as a first sync does: each row
/// goes behind the one before. Of one date the later UID comes last, and so stands first in lists.
fn newest_first(headers: &[FetchedHeader]) -> Vec<&FetchedHeader> {
    let mut sorted: Vec<&FetchedHeader> = headers.iter().collect();
    sorted.sort_by_key(|header| (Reverse(shown_date(header)), header.uid));
    sorted
}

/// Rows put into a folder, for its counters. Triggers keep these when rows change or go; for the
/// many rows of a first sync, one at each insertion would cost as much as the row itself.
#[derive(Default)]
struct Added {
    total: i64,
    unread: i64,
}

impl Added {
    /// Counts a row inserted with these flags.
    fn count(&mut self, flags: Flags) {
        if !flags.contains(Flags::DELETED) {
            self.total += 1;
            self.unread += i64::from(!flags.contains(Flags::SEEN));
        }
    }

    /// Adds them to the folder's counters.
    fn store(&self, c: &Connection, folder: FolderId) -> Result<()> {
        if self.total > 0 {
            c.prepare_cached(
                "UPDATE folders SET total = total + ?2, unread = unread + ?3 WHERE id = ?1",
            )?
            .execute((folder.0, self.total, self.unread))?;
        }
        Ok(())
    }
}

/// `Date`, unless it is missing or absurd.
fn believed_date(header: &FetchedHeader) -> Option<UnixTime> {
    let date = header.envelope.date?;
    is_believed(date, header.internal_date).then_some(date)
}

/// Whether a `Date` can be true of a message that arrived then.
pub(crate) fn is_believed(date: UnixTime, arrived: Option<UnixTime>) -> bool {
    date.0 >= EARLIEST_DATE && arrived.is_none_or(|arrived| date.0 <= arrived.0 + DATE_AHEAD)
}

/// `Date`, or the arrival where that cannot be believed.
fn shown_date(header: &FetchedHeader) -> UnixTime {
    believed_date(header)
        .or(header.internal_date)
        .unwrap_or_default()
}

fn is_sent_folder(c: &Connection, folder: FolderId) -> Result<bool> {
    let mut statement = c.prepare_cached("SELECT role IS 'sent' FROM folders WHERE id = ?1")?;
    Ok(statement.query_row([folder.0], |row| row.get(0))?)
}

fn put_watermark(c: &Connection, folder: FolderId, mark: Watermark) -> Result<()> {
    c.prepare_cached(
        "UPDATE folders SET uidvalidity = ?2, uidnext = ?3, highestmodseq = ?4 WHERE id = ?1",
    )?
    .execute((
        folder.0,
        mark.uidvalidity,
        mark.uidnext,
        mark.highestmodseq.map(signed),
    ))?;
    Ok(())
}

pub(super) fn by_uid(c: &Connection, folder: FolderId, uid: u32) -> Result<Option<MessageId>> {
    let mut statement = c.prepare_cached(BY_UID)?;
    Ok(statement
        .query_row((folder.0, uid), |row| row.get(0).map(MessageId))
        .optional()?)
}

/// A UID is gone from a folder. A message we were about to move from there went with it; one
/// whose move is being carried out went because of that.
fn vanish(c: &Connection, folder: FolderId, uid: u32) -> Result<usize> {
    let here = c
        .prepare_cached("DELETE FROM messages WHERE folder = ?1 AND uid = ?2")?
        .execute((folder.0, uid))?;
    let moved_away = c
        .prepare_cached(
            "DELETE FROM messages WHERE id IN (
                 SELECT message FROM ops
                  WHERE folder = ?1 AND uid = ?2 AND kind = 'move' AND state = 0)",
        )?
        .execute((folder.0, uid))?;
    Ok(here + moved_away)
}

/// Takes over the server's flags; tells whether the shown ones changed.
fn take_flags(c: &Connection, id: MessageId, flags: Flags) -> Result<bool> {
    c.prepare_cached("UPDATE messages SET server_flags = ?2 WHERE id = ?1 AND server_flags <> ?2")?
        .execute((id.0, flags.0))?;
    show_flags(c, id)
}

enum Received {
    New(MessageId),
    Changed(MessageId),
    Nothing,
}

/// One header where nothing is awaited: new, or told a second time.
fn receive_new(c: &Connection, folder: FolderId, header: &FetchedHeader) -> Result<Received> {
    if let Some(id) = insert(c, folder, header)? {
        return Ok(Received::New(id));
    }
    match by_uid(c, folder, header.uid)? {
        Some(id) => receive_known(c, id, header),
        None => Ok(Received::Nothing),
    }
}

fn receive_known(c: &Connection, id: MessageId, header: &FetchedHeader) -> Result<Received> {
    let changed = take_flags(c, id, header.flags)?;
    Ok(if changed {
        Received::Changed(id)
    } else {
        Received::Nothing
    })
}

/// One header: known already, one of ours coming home, or new.
fn receive(c: &Connection, folder: FolderId, header: &FetchedHeader) -> Result<Received> {
    if let Some(id) = by_uid(c, folder, header.uid)? {
        return receive_known(c, id, header);
    }
    if is_moved_away(c, folder, header)? {
        return Ok(Received::Nothing);
    }
    if let Some((id, same_size)) = homeless(c, folder, header)? {
        if !same_size {
            // Line ends made anew, or another's body: the server's is fetched.
            bodies::forget(c, id)?;
        }
        c.prepare_cached("UPDATE messages SET uid = ?2, modseq = ?3, size = ?4 WHERE id = ?1")?
            .execute((
                id.0,
                header.uid,
                header.modseq.map(signed),
                signed(header.size),
            ))?;
        take_flags(c, id, header.flags)?;
        return Ok(Received::Changed(id));
    }
    Ok(insert(c, folder, header)?.map_or(Received::Nothing, Received::New))
}

/// Whether an operation of ours will take this message away from here. One that waited for its
/// UID here learns it.
fn is_moved_away(c: &Connection, folder: FolderId, header: &FetchedHeader) -> Result<bool> {
    let known = c
        .prepare_cached(
            "SELECT 1 FROM ops WHERE folder = ?1 AND uid = ?2 AND kind = 'move' AND state <> 2",
        )?
        .exists((folder.0, header.uid))?;
    if known {
        return Ok(true);
    }
    // Devices give all they send one Message-ID: the date decides.
    let date = believed_date(header);
    let told = c
        .prepare_cached(
            "UPDATE ops SET uid = ?2 WHERE id = (
                 SELECT o.id FROM ops o JOIN messages m ON m.id = o.message
                  WHERE o.folder = ?1 AND o.uid IS NULL AND o.kind = 'move'
                    AND m.message_id = ?3 AND m.size = ?4
                    AND m.date = coalesce(?5, iif(?3 <> '', m.date, ?6))
                  ORDER BY o.id LIMIT 1)",
        )?
        .execute((
            folder.0,
            header.uid,
            id_of(&header.envelope),
            signed(header.size),
            date.map(|date| date.0),
            shown_date(header).0,
        ))?;
    Ok(told > 0)
}

/// Our row without a UID that this header belongs to, and whether their sizes agree. Rows whose
/// move has not begun are left alone: what the server has here then is another copy.
fn homeless(
    c: &Connection,
    folder: FolderId,
    header: &FetchedHeader,
) -> Result<Option<(MessageId, bool)>> {
    let mut statement = c.prepare_cached(HOMELESS)?;
    let candidate = |row: &Row<'_>| {
        Ok((
            MessageId(row.get(0)?),
            unsigned(row.get(1)?),
            UnixTime(row.get(2)?),
        ))
    };
    let mut candidates: Vec<(MessageId, u64, UnixTime)> = statement
        .query_map((folder.0, id_of(&header.envelope)), candidate)?
        .collect::<rusqlite::Result<_>>()?;
    let named = !header.envelope.message_id.is_empty();
    match believed_date(header) {
        Some(date) => candidates.retain(|(_, _, known)| *known == date),
        // The server's own date may be another after a restore.
        None if named => candidates.retain(|(_, size, _)| *size == header.size),
        None => candidates.retain(|(_, _, known)| *known == shown_date(header)),
    }
    let same_size = candidates.iter().find(|(_, size, _)| *size == header.size);
    // A server may rewrite line ends of what we append; Message-ID and date are enough then.
    let same_id = candidates.first().filter(|_| named);
    Ok(same_size
        .or(same_id)
        .map(|(id, size, _)| (*id, *size == header.size)))
}

/// `None` where the UID is taken. The row is not counted yet.
fn insert(c: &Connection, folder: FolderId, header: &FetchedHeader) -> Result<Option<MessageId>> {
    let row = NewRow {
        folder,
        uid: Some(header.uid),
        date: shown_date(header),
        flags: header.flags,
        size: header.size,
        modseq: header.modseq,
        has_attachments: header
            .has_attachments
            .unwrap_or(header.envelope.attachments_hint),
        has_invitation: header.has_invitation,
        envelope: &header.envelope,
    };
    row.insert_uncounted(c)
}

/// A message to be put into the cache.
pub(super) struct NewRow<'a> {
    pub(super) folder: FolderId,
    pub(super) uid: Option<u32>,
    pub(super) date: UnixTime,
    pub(super) flags: Flags,
    pub(super) size: u64,
    pub(super) modseq: Option<u64>,
    pub(super) has_attachments: bool,
    pub(super) has_invitation: bool,
    pub(super) envelope: &'a Envelope,
}

impl NewRow<'_> {
    /// Inserts the row, unless its UID is taken. The search index follows
    /// ([`Store::index_pending`]).
    pub(super) fn insert(&self, c: &Connection) -> Result<Option<MessageId>> {
        let id = self.insert_uncounted(c)?;
        if id.is_some() {
            let mut added = Added::default();
            added.count(self.flags);
            added.store(c, self.folder)?;
        }
        Ok(id)
    }

    /// The same; the counters of the folder are left to the caller.
    fn insert_uncounted(&self, c: &Connection) -> Result<Option<MessageId>> {
        let docid = search::free_docid(c, self.date)?;
        let mail = self.envelope;
        let copies: Vec<&Address> = listed(&mail.cc).iter().chain(listed(&mail.bcc)).collect();
        let inserted = c.prepare_cached(INSERT)?.execute(rusqlite::params![
            self.folder.0,
            self.uid,
            docid,
            id_of(mail),
            clipped(&threads::join(c, mail)?, LONGEST_ID),
            self.date.0,
            serde_json::to_string(listed(&mail.from))?,
            serde_json::to_string(listed(&mail.to))?,
            clipped(&mail.subject, LONGEST_SUBJECT),
            self.flags.0,
            signed(self.size),
            self.modseq.map(signed),
            self.has_attachments,
            self.has_invitation,
            if copies.is_empty() {
                String::new()
            } else {
                serde_json::to_string(&copies)?
            },
        ])?;
        Ok((inserted > 0).then(|| MessageId(c.last_insert_rowid())))
    }
}

const INSERT: &str = "INSERT INTO messages (folder, uid, docid, message_id, conversation, date,
        senders, recipients, subject, flags, server_flags, size, modseq, has_attachments,
        has_invitation, copies)
 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14, ?15)
     ON CONFLICT (folder, uid) DO NOTHING";
