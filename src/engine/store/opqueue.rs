//! The queue of changes the server does not have yet, as the workers empty it.
//!
//! An operation that was handed to a worker ([`Store::begin_ops`]) is not changed any more; later
//! wishes of the user become operations of their own behind it. Until then it may change at any
//! moment: a worker gets only what it has read as it is. One that waits for a UID the
//! server has not told yet is left out until it has.

mod tree;

pub(super) use tree::{discard, relabel, turn_all_back};

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::folder::Role;
use tcv_domain::message::{AccountId, FlagChange, Flags, FolderId, MessageId, UnixTime};
use tcv_domain::op::Op;

use super::arrivals::NewRow;
use super::bodies::{self, Prepared};
use super::folders::by_role;
use super::{PendingOp, Store, TakenBack, people};
use crate::error::{self, Error, Result};

/// An operation as it lies in the queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queued {
    pub(super) id: i64,
    pub(super) kind: Kind,
    pub(super) message: Option<MessageId>,
    /// Where the server has the message (move), or where it goes (append).
    pub(super) folder: Option<FolderId>,
    pub(super) target: Option<FolderId>,
    pub(super) uid: Option<u32>,
    pub(super) change: FlagChange,
    pub(super) blob: Option<i64>,
    pub(super) started: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flag,
    Move,
    Expunge,
    Append,
    Create,
    Rename,
    Delete,
}

impl Kind {
    fn of(text: &str) -> Self {
        match text {
            "flag" => Self::Flag,
            "move" => Self::Move,
            "expunge" => Self::Expunge,
            "create" => Self::Create,
            "rename" => Self::Rename,
            "delete" => Self::Delete,
            _ => Self::Append,
        }
    }
}

const SELECT_OP: &str = "SELECT id, kind, message, folder, target, uid, add_flags, remove_flags, \
     blob, state FROM ops";

fn queued(row: &Row<'_>) -> rusqlite::Result<Queued> {
    let kind: String = row.get(1)?;
    Ok(Queued {
        id: row.get(0)?,
        kind: Kind::of(&kind),
        message: row.get::<_, Option<i64>>(2)?.map(MessageId),
        folder: row.get::<_, Option<i64>>(3)?.map(FolderId),
        target: row.get::<_, Option<i64>>(4)?.map(FolderId),
        uid: row.get(5)?,
        change: FlagChange {
            add: Flags(row.get(6)?),
            remove: Flags(row.get(7)?),
        },
        blob: row.get(8)?,
        started: row.get::<_, i64>(9)? == 1,
    })
}

/// The operations that concern a message and have not failed, oldest first.
pub(super) fn of_message(c: &Connection, message: MessageId) -> Result<Vec<Queued>> {
    let mut statement = c.prepare_cached(&format!(
        "{SELECT_OP} WHERE message = ?1 AND state <> 2 ORDER BY id"
    ))?;
    let rows = statement.query_map([message.0], queued)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn by_id(c: &Connection, id: i64) -> Result<Option<Queued>> {
    let mut statement = c.prepare_cached(&format!("{SELECT_OP} WHERE id = ?1"))?;
    Ok(statement.query_row([id], queued).optional()?)
}

pub(super) fn remove(c: &Connection, id: i64) -> Result<()> {
    c.prepare_cached("DELETE FROM ops WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// Brings the shown flags up to date: what the server said, with our pending changes applied.
/// Tells whether they changed.
pub(super) fn show_flags(c: &Connection, message: MessageId) -> Result<bool> {
    let stored: Option<Flags> = c
        .prepare_cached("SELECT server_flags FROM messages WHERE id = ?1")?
        .query_row([message.0], |row| row.get(0).map(Flags))
        .optional()?;
    let Some(mut flags) = stored else {
        return Ok(false);
    };
    for op in of_message(c, message)? {
        match op.kind {
            Kind::Flag => flags = op.change.apply(flags),
            Kind::Expunge => flags = flags.with(Flags::DELETED),
            _ => {}
        }
    }
    let changed = c
        .prepare_cached("UPDATE messages SET flags = ?2 WHERE id = ?1 AND flags <> ?2")?
        .execute((message.0, flags.0))?;
    Ok(changed > 0)
}

/// Puts a message's row somewhere else. Should the place be taken by a row that came with a sync,
/// that row goes: ours has the body and the pending changes.
pub(super) fn place_row(
    c: &Connection,
    message: MessageId,
    folder: FolderId,
    uid: Option<u32>,
) -> Result<()> {
    c.prepare_cached("DELETE FROM messages WHERE folder = ?1 AND uid = ?2 AND id <> ?3")?
        .execute((folder.0, uid, message.0))?;
    c.prepare_cached("UPDATE messages SET folder = ?2, uid = ?3 WHERE id = ?1")?
        .execute((message.0, folder.0, uid))?;
    Ok(())
}

impl Store {
    /// What is to be pushed and not for want of a UID only, oldest first.
    pub(crate) fn pending_ops(&self, account: AccountId) -> Result<Vec<PendingOp>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(&format!("{PENDING} {OF_ACCOUNT}"))?;
            let rows = statement.query_map([account.0], pending)?;
            let rows: Vec<Option<PendingOp>> = rows.collect::<rusqlite::Result<_>>()?;
            Ok(rows.into_iter().flatten().collect())
        })
    }

    /// How many changes the server does not have yet.
    pub(crate) fn pending_count(&self, account: AccountId) -> Result<u32> {
        self.read(|c| {
            let sql = "SELECT count(*) FROM ops WHERE account = ?1 AND state <> 2";
            Ok(c.prepare_cached(sql)?
                .query_row([account.0], |row| row.get(0))?)
        })
    }

    /// How many moves wait for the UID of their message.
    pub(crate) fn nameless_ops(&self, account: AccountId) -> Result<u32> {
        self.read(|c| {
            let sql = "SELECT count(*) FROM ops
                        WHERE account = ?1 AND kind = 'move' AND uid IS NULL AND state <> 2";
            Ok(c.prepare_cached(sql)?
                .query_row([account.0], |row| row.get(0))?)
        })
    }

    /// Whether a message waits to be put into the folder that plays this part.
    pub(crate) fn append_waits(&self, account: AccountId, role: Role) -> Result<bool> {
        self.read(|c| match by_role(c, account, role)? {
            Some(folder) => {
                let sql = "SELECT 1 FROM ops WHERE folder = ?1 AND kind = 'append' AND state <> 2";
                Ok(c.prepare_cached(sql)?.exists([folder.0])?)
            }
            None => Ok(false),
        })
    }

    /// When the next operation that is held back is due.
    pub(crate) fn held_until(&self, account: AccountId, now: UnixTime) -> Result<Option<UnixTime>> {
        self.read(|c| {
            let sql = "SELECT min(due) FROM ops WHERE account = ?1 AND state <> 2 AND due > ?2";
            let due: Option<i64> = c
                .prepare_cached(sql)?
                .query_row((account.0, now.0), |row| row.get(0))?;
            Ok(due.map(UnixTime))
        })
    }

    /// Hands operations to a worker and returns them. Those that are not as it has `read` them,
    /// because the user took them back or changed them or moved their message, stay as they are.
    pub(crate) fn begin_ops(&self, read: &[PendingOp]) -> Result<Vec<PendingOp>> {
        self.write_durable(|c| {
            let mut now = c.prepare_cached(&format!("{PENDING} {OF_ID}"))?;
            let mut begin = c.prepare_cached("UPDATE ops SET state = 1 WHERE id = ?1")?;
            let mut begun = Vec::with_capacity(read.len());
            for known in read {
                let op = now.query_row([known.id], pending).optional()?.flatten();
                if let Some(op) = op.filter(|op| op == known) {
                    begin.execute([op.id])?;
                    begun.push(op);
                }
            }
            Ok(begun)
        })
    }

    /// The server has them. Returns the messages whose rows changed.
    pub(crate) fn finish_ops(&self, ids: &[i64]) -> Result<Vec<MessageId>> {
        let (changed, blobs) = self.write_durable(|c| {
            let (mut changed, mut blobs) = (Vec::new(), Vec::new());
            for id in ids {
                let Some(op) = by_id(c, *id)? else { continue };
                remove(c, *id)?;
                changed.extend(finish(c, &op)?);
                blobs.extend(op.blob);
            }
            Ok((changed, blobs))
        })?;
        blobs
            .into_iter()
            .try_for_each(|blob| self.drop_blob(blob))?;
        Ok(changed)
    }

    /// It could not be pushed now; it will be tried again. While it is `under_way`, its outcome
    /// unknown, it must not be changed any more.
    pub(crate) fn retry_op(&self, id: i64, under_way: bool) -> Result<()> {
        self.write(|c| {
            c.prepare_cached("UPDATE ops SET state = ?2, attempts = attempts + 1 WHERE id = ?1")?
                .execute((id, under_way))?;
            Ok(())
        })
    }

    /// Writes down what the next try has to know, before this one.
    pub(crate) fn note_op(&self, id: i64, note: &str) -> Result<()> {
        self.write_durable(|c| {
            c.prepare_cached("UPDATE ops SET detail = ?2 WHERE id = ?1")?
                .execute((id, note))?;
            Ok(())
        })
    }

    /// The server will never take it: the local effect is taken back. An append keeps its bytes,
    /// which may be the only ones.
    pub(crate) fn fail_op(&self, id: i64, detail: &str) -> Result<TakenBack> {
        self.write_durable(|c| {
            let mut taken = TakenBack::default();
            let Some(op) = by_id(c, id)? else {
                return Ok(taken);
            };
            if op.kind == Kind::Append {
                c.prepare_cached("UPDATE ops SET state = 2, detail = ?2 WHERE id = ?1")?
                    .execute((id, detail))?;
                return Ok(taken);
            }
            tree::take_back(c, &op, &mut taken)?;
            remove(c, id)?;
            let Some(message) = op.message else {
                return Ok(taken);
            };
            if op.kind == Kind::Move {
                take_move_back(c, message, &op)?;
            }
            show_flags(c, message)?;
            taken.messages.push(message);
            Ok(taken)
        })
    }

    /// The server told the UID a message got by a move or append (RFC 4315). To be called before
    /// [`Store::finish_ops`].
    pub(crate) fn set_uid(&self, message: MessageId, uid: u32) -> Result<()> {
        self.write_durable(|c| {
            // It was moved on meanwhile: the UID is that of the place in between.
            let waiting = of_message(c, message)?
                .into_iter()
                .find(|op| op.kind == Kind::Move && op.uid.is_none());
            if let Some(op) = waiting {
                c.prepare_cached("UPDATE ops SET uid = ?2 WHERE id = ?1")?
                    .execute((op.id, uid))?;
                return Ok(());
            }
            match super::rows::place(c, message)? {
                Some(place) => place_row(c, message, place.folder, Some(uid)),
                None => Ok(()),
            }
        })
    }

    /// Queues a message only we hold for a folder and shows it there at once. A repeat with the
    /// same Message-ID does nothing.
    pub(crate) fn queue_append(
        &self,
        account: AccountId,
        folder: FolderId,
        message_id: &str,
        raw: &[u8],
        flags: Flags,
    ) -> Result<MessageId> {
        let known = self.read(|c| known_copy(c, folder, message_id))?;
        if let Some(id) = known {
            return Ok(id);
        }
        let prepared = Prepared::new(raw)?;
        let now = prepared.content.envelope.date.unwrap_or_default();
        // The bytes first, in the file that is never thrown away.
        let blob = self.put_blob(raw, now)?;
        let result = self.write_durable(|c| {
            if let Some(id) = known_copy(c, folder, message_id)? {
                return Ok((id, false));
            }
            let id = insert_own(c, folder, &prepared, raw.len(), flags)?;
            c.prepare_cached(
                "INSERT INTO ops (account, kind, message, folder, add_flags, message_id, blob)
                 VALUES (?1, 'append', ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((account.0, id.0, folder.0, flags.0, message_id, blob))?;
            Ok((id, true))
        });
        match result {
            Ok((id, true)) => Ok(id),
            Ok((id, false)) => {
                self.drop_blob(blob)?;
                Ok(id)
            }
            Err(error) => {
                let _ = self.drop_blob(blob);
                Err(error)
            }
        }
    }
}

/// The local half of what the server has done.
fn finish(c: &Connection, op: &Queued) -> Result<Option<MessageId>> {
    let Some(message) = op.message else {
        return Ok(None);
    };
    match op.kind {
        Kind::Flag => {
            let sql = "UPDATE messages SET server_flags = (server_flags | ?2) & ~?3
                        WHERE id = ?1";
            c.prepare_cached(sql)?
                .execute((message.0, op.change.add.0, op.change.remove.0))?;
            show_flags(c, message)?;
        }
        Kind::Expunge => {
            c.prepare_cached("DELETE FROM messages WHERE id = ?1")?
                .execute([message.0])?;
        }
        _ => {}
    }
    Ok(Some(message))
}

/// What is pending, with the UIDs as they are known now. It waits where its folder is not on the
/// server yet, and a folder is deleted only when nothing is on its way in or out any more.
pub(super) const PENDING: &str = "SELECT o.id, o.kind, o.message, o.folder, o.target, o.uid, \
     o.add_flags, o.remove_flags, o.blob, o.attempts, o.message_id, m.uid, m.folder, o.leaf, \
     o.due, \
     CASE o.kind \
        WHEN 'create' THEN o.target IS NOT NULL AND NOT t.made \
        WHEN 'delete' THEN NOT t.made OR EXISTS ( \
             SELECT 1 FROM ops x \
              WHERE (x.folder = o.folder OR x.target = o.folder) \
                AND x.kind IN ('move', 'append') AND x.state <> 2) \
        ELSE t.id IS NOT NULL AND NOT t.made END, \
     o.detail, o.arrived \
       FROM ops o LEFT JOIN messages m ON m.id = o.message \
                  LEFT JOIN folders t ON t.id = coalesce(o.target, o.folder)";

/// Of [`PENDING`], what an account waits for.
pub(super) const OF_ACCOUNT: &str = "WHERE o.account = ?1 AND o.state <> 2 ORDER BY o.id";

/// Of [`PENDING`], one operation.
pub(super) const OF_ID: &str = "WHERE o.id = ?1 AND o.state <> 2";

/// `None`: it waits for a UID.
fn pending(row: &Row<'_>) -> rusqlite::Result<Option<PendingOp>> {
    let kind: String = row.get(1)?;
    let message = row.get::<_, Option<i64>>(2)?.map(MessageId);
    let folder = row.get::<_, Option<i64>>(3)?.map(FolderId);
    let op = match (Kind::of(&kind), folder) {
        (Kind::Create, Some(folder)) => Some(Op::CreateFolder {
            folder,
            parent: row.get::<_, Option<i64>>(4)?.map(FolderId),
            leaf: row.get(13)?,
        }),
        (Kind::Rename, Some(folder)) => Some(Op::RenameFolder {
            folder,
            leaf: row.get(13)?,
        }),
        (Kind::Delete, Some(folder)) => Some(Op::DeleteFolder { folder }),
        (kind, folder) => pending_mail(row, kind, message, folder)?,
    };
    let (id, attempts) = (row.get(0)?, row.get(9)?);
    let due = row.get::<_, Option<i64>>(14)?.map(UnixTime);
    let waits = row.get(15)?;
    let note = row.get(16)?;
    let here = row.get::<_, Option<i64>>(12)?.map(FolderId);
    let place = here.zip(row.get(11)?);
    Ok(op.map(|op| PendingOp {
        id,
        op,
        place,
        attempts,
        due,
        waits,
        note,
    }))
}

/// An operation on a message.
fn pending_mail(
    row: &Row<'_>,
    kind: Kind,
    message: Option<MessageId>,
    folder: Option<FolderId>,
) -> rusqlite::Result<Option<Op>> {
    let here: Option<u32> = row.get(11)?;
    let flags = Flags(row.get(6)?);
    Ok(match kind {
        Kind::Flag => {
            let remove = Flags(row.get(7)?);
            let change = FlagChange { add: flags, remove };
            let message = message.filter(|_| here.is_some());
            message.map(|message| Op::Flag { message, change })
        }
        Kind::Move => {
            let target = row.get::<_, Option<i64>>(4)?.map(FolderId);
            let uid: Option<u32> = row.get(5)?;
            let known = message.zip(folder).zip(target.zip(uid));
            known.map(|((message, from), (to, uid))| Op::Move {
                message,
                from,
                to,
                uid,
            })
        }
        Kind::Expunge => {
            let folder = row.get::<_, Option<i64>>(12)?.map(FolderId);
            let known = folder.zip(here);
            known.map(|(folder, uid)| Op::Expunge { folder, uid })
        }
        _ => {
            let message_id = row.get(10)?;
            let arrived = row.get::<_, Option<i64>>(17)?.map(UnixTime);
            let known = folder.zip(row.get::<_, Option<i64>>(8)?);
            known.map(|(folder, blob)| Op::Append {
                folder,
                message_id,
                blob,
                flags,
                arrived,
            })
        }
    })
}

/// A move that failed: the message is still at its origin. Was it moved on meanwhile, the later
/// move starts from there.
fn take_move_back(c: &Connection, message: MessageId, failed: &Queued) -> Result<()> {
    let Some(origin) = failed.folder else {
        return Ok(());
    };
    let next = of_message(c, message)?
        .into_iter()
        .find(|op| op.kind == Kind::Move && op.folder == failed.target && op.uid.is_none());
    match next {
        Some(next) if next.target == Some(origin) => {
            remove(c, next.id)?;
            place_row(c, message, origin, failed.uid)
        }
        Some(next) => {
            c.prepare_cached("UPDATE ops SET folder = ?2, uid = ?3 WHERE id = ?1")?
                .execute((next.id, origin.0, failed.uid))?;
            Ok(())
        }
        None => place_row(c, message, origin, failed.uid),
    }
}

fn known_copy(c: &Connection, folder: FolderId, message_id: &str) -> Result<Option<MessageId>> {
    let sql = "SELECT id FROM messages WHERE message_id = ?1 AND folder = ?2";
    let id = c
        .prepare_cached(sql)?
        .query_row((message_id, folder.0), |row| row.get(0));
    Ok(id.optional()?.map(MessageId))
}

/// A row for a message that is ours and not on the server yet.
fn insert_own(
    c: &Connection,
    folder: FolderId,
    body: &Prepared,
    size: usize,
    flags: Flags,
) -> Result<MessageId> {
    let envelope = &body.content.envelope;
    let date = envelope.date.unwrap_or_default();
    let row = NewRow {
        folder,
        uid: None,
        date,
        flags,
        size: u64::try_from(size).unwrap_or_default(),
        modseq: None,
        has_attachments: bodies::has_attachments(&body.content),
        has_invitation: body.content.has_invitation,
        envelope,
    };
    // Without a UID none can be taken.
    let taken = || Error::new(error::Kind::Internal, "a copy was not put in its folder");
    let id = row.insert(c)?.ok_or_else(taken)?;
    let mut met = people::Met::default();
    met.note(envelope, true, date);
    met.store(c)?;
    body.store(c, id)?;
    Ok(id)
}

impl Store {
    /// The bytes under a key.
    pub(crate) fn blob(&self, id: i64) -> Result<Option<Vec<u8>>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached("SELECT bytes FROM blobs WHERE id = ?1")?;
            Ok(statement.query_row([id], |row| row.get(0)).optional()?)
        })
    }

    /// Stores bytes and returns their key.
    pub(crate) fn put_blob(&self, bytes: &[u8], now: UnixTime) -> Result<i64> {
        self.write_own(|c| {
            c.prepare_cached("INSERT INTO blobs (created, bytes) VALUES (?1, ?2)")?
                .execute((now.0, bytes))?;
            Ok(c.last_insert_rowid())
        })
    }

    pub(super) fn drop_blob(&self, id: i64) -> Result<()> {
        self.write_own(|c| {
            c.prepare_cached("DELETE FROM blobs WHERE id = ?1")?
                .execute([id])?;
            Ok(())
        })
    }
}
