//! The outbox: messages frozen for sending, and how far each has come.
//!
//! The bytes and the Message-ID never change once they are here; whether a message may be tried
//! again is the sender's decision, this only keeps the states durable.

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::address::mailbox_key;
use tcv_domain::draft::{Draft, ReplyKind};
use tcv_domain::message::{AccountId, DraftId, MessageId, OutboxId, UnixTime};

use super::{NewOutbox, OutboxCopy, OutboxUpdate, OutboxWork, Store, answers, drafts};
use crate::error::{Error, Kind, Result};
use crate::types::{OutboxItem, OutboxState, RecipientState};

const STATES: [(OutboxState, &str); 7] = [
    (OutboxState::Held, "held"),
    (OutboxState::Queued, "queued"),
    (OutboxState::Sending, "sending"),
    (OutboxState::Sent, "sent"),
    (OutboxState::Refused, "refused"),
    (OutboxState::Doubtful, "doubtful"),
    (OutboxState::Cancelled, "cancelled"),
];

const REPLIES: [(ReplyKind, &str); 3] = [
    (ReplyKind::Reply, "reply"),
    (ReplyKind::ReplyAll, "reply_all"),
    (ReplyKind::Forward, "forward"),
];

/// Entries shown at most, newest first.
const SHOWN: i64 = 500;

fn state_name(state: OutboxState) -> &'static str {
    STATES
        .iter()
        .find(|(known, _)| *known == state)
        .map_or("", |(_, name)| name)
}

/// An unknown state is one the user must look at.
pub(super) fn state(name: &str) -> OutboxState {
    STATES
        .iter()
        .find(|(_, known)| *known == name)
        .map_or(OutboxState::Doubtful, |(s, _)| *s)
}

fn source(id: Option<i64>, kind: Option<&str>) -> Option<(MessageId, ReplyKind)> {
    let kind = REPLIES
        .iter()
        .find(|(_, name)| Some(*name) == kind)
        .map(|(kind, _)| *kind)?;
    Some((MessageId(id?), kind))
}

const SELECT_ITEM: &str =
    "SELECT id, message_id, subject, account, state, since, detail, due, reason, dismissed,
            handed_over
       FROM outbox";

fn item(row: &Row<'_>) -> rusqlite::Result<OutboxItem> {
    Ok(OutboxItem {
        outbox_id: OutboxId(row.get(0)?),
        message_id: row.get(1)?,
        subject: row.get(2)?,
        account: AccountId(row.get(3)?),
        state: state(row.get_ref(4)?.as_str()?),
        since: UnixTime(row.get(5)?),
        due: row.get::<_, Option<i64>>(7)?.map(UnixTime),
        detail: row.get(6)?,
        reason: row.get_ref(8)?.as_str_or_null()?.and_then(Kind::from_key),
        dismissed: row.get(9)?,
        handed_over: row.get(10)?,
        recipients: Vec::new(),
    })
}

fn recipients(c: &Connection, id: OutboxId) -> Result<Vec<RecipientState>> {
    let mut statement = c.prepare_cached(
        "SELECT address, state FROM outbox_recipients WHERE outbox = ?1 ORDER BY id",
    )?;
    let rows = statement.query_map([id.0], |row| {
        Ok(RecipientState {
            address: row.get(0)?,
            state: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn put_recipients(c: &Connection, id: OutboxId, list: &[RecipientState]) -> Result<()> {
    c.prepare_cached("DELETE FROM outbox_recipients WHERE outbox = ?1")?
        .execute([id.0])?;
    let mut put = c.prepare_cached(
        "INSERT INTO outbox_recipients (outbox, address, state) VALUES (?1, ?2, ?3)",
    )?;
    for recipient in list {
        put.execute((id.0, &recipient.address, &recipient.state))?;
    }
    Ok(())
}

/// The next message whose turn it is.
pub(super) const NEXT_DUE: &str = "SELECT o.id, o.account, o.sender, o.message_id, o.attempts
       FROM outbox o
      WHERE o.state IN ('held', 'queued') AND o.due <= ?1
        AND EXISTS (SELECT 1 FROM outbox_mail b WHERE b.outbox = o.id)
      ORDER BY o.due LIMIT 1";

impl Store {
    /// Turns a draft into a message to be sent: it leaves the drafts and enters the outbox in
    /// one transaction.
    pub(crate) fn draft_to_outbox(&self, new: &NewOutbox) -> Result<OutboxId> {
        self.write_own(|c| {
            let draft = drafts::json(c, new.draft)?
                .ok_or_else(|| Error::new(Kind::NotFound, format!("draft {}", new.draft)))?;
            let (source, kind) = new.source.unzip();
            let kind = kind.and_then(|kind| {
                REPLIES
                    .iter()
                    .find(|(known, _)| *known == kind)
                    .map(|(_, name)| *name)
            });
            c.prepare_cached(
                "INSERT INTO outbox (account, sender, subject, message_id, state, since, due,
                        source, source_kind, draft_id)
                 VALUES (?1, ?2, ?3, ?4, 'held', ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute((
                new.account.0,
                &new.from,
                &new.subject,
                &new.message_id,
                new.now.0,
                new.hold_until.0,
                source.map(|source| source.0),
                kind,
                new.draft.0,
            ))?;
            let id = OutboxId(c.last_insert_rowid());
            c.prepare_cached("INSERT INTO outbox_mail (outbox, draft, raw) VALUES (?1, ?2, ?3)")?
                .execute((id.0, draft, &new.raw))?;
            let queued = |address: &String| RecipientState {
                address: address.clone(),
                state: "queued".into(),
            };
            put_recipients(
                c,
                id,
                &new.recipients.iter().map(queued).collect::<Vec<_>>(),
            )?;
            answers::remember(c, new, id)?;
            c.prepare_cached("DELETE FROM drafts WHERE id = ?1")?
                .execute([new.draft.0])?;
            Ok(id)
        })
    }

    /// The outbox, newest first.
    pub(crate) fn outbox(&self) -> Result<Vec<OutboxItem>> {
        self.read_own(|c| {
            let mut statement =
                c.prepare_cached(&format!("{SELECT_ITEM} ORDER BY id DESC LIMIT ?1"))?;
            let items = statement.query_map([SHOWN], item)?;
            let mut items: Vec<OutboxItem> = items.collect::<rusqlite::Result<_>>()?;
            for item in &mut items {
                item.recipients = recipients(c, item.outbox_id)?;
            }
            Ok(items)
        })
    }

    /// One entry.
    pub(crate) fn outbox_item(&self, id: OutboxId) -> Result<Option<OutboxItem>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached(&format!("{SELECT_ITEM} WHERE id = ?1"))?;
            let Some(mut item) = statement.query_row([id.0], item).optional()? else {
                return Ok(None);
            };
            item.recipients = recipients(c, id)?;
            Ok(Some(item))
        })
    }

    /// The message whose turn it is.
    pub(crate) fn next_due(&self, now: UnixTime) -> Result<Option<OutboxWork>> {
        self.read_own(|c| {
            let work = c.prepare_cached(NEXT_DUE)?.query_row([now.0], |row| {
                Ok(OutboxWork {
                    id: OutboxId(row.get(0)?),
                    account: AccountId(row.get(1)?),
                    from: row.get(2)?,
                    recipients: Vec::new(),
                    raw: Vec::new(),
                    message_id: row.get(3)?,
                    attempts: row.get(4)?,
                })
            });
            let Some(mut work) = work.optional()? else {
                return Ok(None);
            };
            work.raw = raw(c, work.id)?;
            work.recipients = recipients(c, work.id)?
                .into_iter()
                .filter(|recipient| recipient.state == "queued")
                .map(|recipient| recipient.address)
                .collect();
            Ok(Some(work))
        })
    }

    /// When the next message is due.
    pub(crate) fn next_due_time(&self) -> Result<Option<UnixTime>> {
        self.read_own(|c| {
            let sql = "SELECT min(o.due) FROM outbox o
                        WHERE o.state IN ('held', 'queued')
                          AND EXISTS (SELECT 1 FROM outbox_mail b WHERE b.outbox = o.id)";
            let due: Option<i64> = c.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(due.map(UnixTime))
        })
    }

    /// Takes a message for sending; `false`: it was cancelled or taken meanwhile.
    pub(crate) fn outbox_claim(&self, id: OutboxId, now: UnixTime) -> Result<bool> {
        self.write_own(|c| {
            let claimed = c
                .prepare_cached(
                    "UPDATE outbox SET state = 'sending', handed_over = 0, since = ?2
                      WHERE id = ?1 AND state IN ('held', 'queued')",
                )?
                .execute((id.0, now.0))?;
            Ok(claimed == 1)
        })
    }

    /// Records how it stands with a message.
    pub(crate) fn outbox_set(&self, id: OutboxId, update: &OutboxUpdate) -> Result<()> {
        self.write_own(|c| {
            c.prepare_cached(
                "UPDATE outbox SET state = ?2, detail = ?3, due = ?4, since = ?5,
                        attempts = attempts + ?6, reason = ?7, handed_over = ?8
                  WHERE id = ?1",
            )?
            .execute((
                id.0,
                state_name(update.state),
                &update.detail,
                update.next_try.map(|time| time.0),
                update.now.0,
                update.failed,
                update.reason.map(Kind::key),
                update.handed_over,
            ))?;
            match &update.recipients {
                Some(list) => put_recipients(c, id, list),
                None => Ok(()),
            }
        })
    }

    /// Messages that were being sent when the program ended, and whether the server may have
    /// them.
    pub(crate) fn sending_left_over(&self) -> Result<Vec<(OutboxId, bool)>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached(
                "SELECT id, handed_over FROM outbox WHERE state = 'sending' ORDER BY id",
            )?;
            let rows = statement.query_map([], |row| Ok((OutboxId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Sent messages whose copies are not queued yet.
    pub(crate) fn outbox_copy_pending(&self) -> Result<Vec<OutboxCopy>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached(
                "SELECT o.id, o.account, o.message_id, b.raw, o.source, o.source_kind
                   FROM outbox o JOIN outbox_mail b ON b.outbox = o.id
                  WHERE o.state = 'sent' AND o.copied = 0 ORDER BY o.id",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(OutboxCopy {
                    id: OutboxId(row.get(0)?),
                    account: AccountId(row.get(1)?),
                    message_id: row.get(2)?,
                    raw: row.get(3)?,
                    source: source(row.get(4)?, row.get::<_, Option<String>>(5)?.as_deref()),
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Whether a copy of an account's waits to be queued.
    pub(crate) fn outbox_copy_waits(&self, account: AccountId) -> Result<bool> {
        self.read_own(|c| {
            let sql = "SELECT 1 FROM outbox o JOIN outbox_mail b ON b.outbox = o.id
                        WHERE o.state = 'sent' AND o.copied = 0 AND o.account = ?1";
            Ok(c.prepare_cached(sql)?.exists([account.0])?)
        })
    }

    /// The copy is on its way: the bytes are not needed here any more.
    pub(crate) fn outbox_copy_queued(&self, id: OutboxId) -> Result<()> {
        self.write_own(|c| {
            c.prepare_cached("UPDATE outbox SET copied = 1 WHERE id = ?1")?
                .execute([id.0])?;
            c.prepare_cached("DELETE FROM outbox_mail WHERE outbox = ?1")?
                .execute([id.0])?;
            Ok(())
        })
    }

    /// The user has seen how it ended.
    pub(crate) fn outbox_dismiss(&self, id: OutboxId) -> Result<()> {
        self.write_own(|c| {
            let dismissed = c
                .prepare_cached(
                    "UPDATE outbox SET dismissed = 1
                      WHERE id = ?1 AND state IN ('sent', 'cancelled')",
                )?
                .execute([id.0])?;
            if dismissed == 1 {
                return Ok(());
            }
            let sql = "SELECT 1 FROM outbox WHERE id = ?1";
            Err(if c.prepare_cached(sql)?.exists([id.0])? {
                Error::new(Kind::BadRequest, format!("outbox entry {id} is not done"))
            } else {
                Error::new(Kind::NotFound, format!("outbox entry {id}"))
            })
        })
    }

    /// Makes a message that is not under way a draft again, for those who do not have it yet.
    pub(crate) fn outbox_cancel(&self, id: OutboxId, now: UnixTime) -> Result<DraftId> {
        self.write_own(|c| {
            let found = c
                .prepare_cached(
                    "SELECT o.draft_id, b.draft, o.state
                       FROM outbox o LEFT JOIN outbox_mail b ON b.outbox = o.id WHERE o.id = ?1",
                )?
                .query_row([id.0], |row| {
                    Ok((
                        DraftId(row.get(0)?),
                        row.get::<_, Option<String>>(1)?,
                        state(row.get_ref(2)?.as_str()?),
                    ))
                })
                .optional()?;
            let Some((draft, json, state)) = found else {
                return Err(Error::new(Kind::NotFound, format!("outbox entry {id}")));
            };
            let open = matches!(
                state,
                OutboxState::Held
                    | OutboxState::Queued
                    | OutboxState::Refused
                    | OutboxState::Doubtful
            );
            let Some(json) = json.filter(|_| open) else {
                let detail = format!("outbox entry {id} is {}", state_name(state));
                return Err(Error::new(Kind::BadRequest, detail));
            };
            let draft_left = for_the_rest(&json, &recipients(c, id)?)?.ok_or_else(|| {
                Error::new(Kind::BadRequest, format!("outbox entry {id}: all have it"))
            })?;
            drafts::put(c, draft, &draft_left, now)?;
            c.prepare_cached(
                "UPDATE outbox SET state = 'cancelled', due = NULL, since = ?2 WHERE id = ?1",
            )?
            .execute((id.0, now.0))?;
            c.prepare_cached("DELETE FROM outbox_mail WHERE outbox = ?1")?
                .execute([id.0])?;
            Ok(draft)
        })
    }
}

/// A draft without the recipients that have it: sent again, it must not reach them twice. `None`
/// if nobody is left.
fn for_the_rest(json: &str, recipients: &[RecipientState]) -> Result<Option<String>> {
    let have_it: Vec<String> = recipients
        .iter()
        .filter(|one| one.state == "sent")
        .map(|one| mailbox_key(&one.address))
        .collect();
    if have_it.is_empty() {
        return Ok(Some(json.to_owned()));
    }
    let mut draft: Draft = serde_json::from_str(json)?;
    for list in [&mut draft.to, &mut draft.cc, &mut draft.bcc] {
        list.retain(|address| !have_it.contains(&mailbox_key(&address.address)));
    }
    if draft.recipients().next().is_none() {
        return Ok(None);
    }
    Ok(Some(serde_json::to_string(&draft)?))
}

fn raw(c: &Connection, id: OutboxId) -> Result<Vec<u8>> {
    let sql = "SELECT raw FROM outbox_mail WHERE outbox = ?1";
    Ok(c.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
}
