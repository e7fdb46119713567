//! What was answered to invitations and to requests for receipts, and what servers reported back
//! about mail that was sent.

use rusqlite::{Connection, OptionalExtension as _};
use tcv_domain::address::mailbox_key;
use tcv_domain::draft::Form;
use tcv_domain::invitation::Answer;
use tcv_domain::message::{AccountId, MessageId, OutboxId, UnixTime};

use super::outbox::state;
use super::rows::count;
use super::{NewOutbox, Store};
use crate::error::{Error, Kind, Result};
use crate::types::{Answered, OutboxState};

/// State of a recipient whom a message did not reach though the server took it.
const UNDELIVERED: &str = "undelivered";

impl Store {
    /// The last answer given to an event. One that was taken back before it left is none.
    pub(crate) fn answer_given(
        &self,
        account: AccountId,
        uid: &str,
        recurrence: &str,
    ) -> Result<Option<Answered>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached(
                "SELECT a.answer, a.sequence, a.at, a.outbox, o.state
                   FROM answers a LEFT JOIN outbox o ON o.id = a.outbox
                  WHERE a.account = ?1 AND a.uid = ?2 AND a.recurrence = ?3",
            )?;
            let row = statement.query_row((account.0, uid, recurrence), |row| {
                let answer = Answer::of(row.get_ref(0)?.as_str()?);
                let state = row
                    .get_ref(4)?
                    .as_str_or_null()?
                    .map_or(OutboxState::Sent, state);
                Ok(answer.map(|answer| {
                    Ok(Answered {
                        answer,
                        sequence: row.get(1)?,
                        at: UnixTime(row.get(2)?),
                        outbox: OutboxId(row.get(3)?),
                        state,
                    })
                }))
            });
            let answered: Option<rusqlite::Result<Answered>> = row.optional()?.flatten();
            let answered = answered.transpose()?;
            Ok(answered.filter(|one| one.state != OutboxState::Cancelled))
        })
    }

    /// Whether a receipt about a message was sent (or declined), and when; `None` while open.
    pub(crate) fn receipt_decided(
        &self,
        account: AccountId,
        about: &str,
    ) -> Result<Option<(bool, UnixTime)>> {
        self.read_own(|c| {
            let sql = "SELECT sent, at FROM receipts WHERE account = ?1 AND about = ?2";
            let row = c.prepare_cached(sql)?.query_row((account.0, about), |row| {
                Ok((row.get(0)?, UnixTime(row.get(1)?)))
            });
            Ok(row.optional()?)
        })
    }

    /// The user does not want to tell that a message was read.
    pub(crate) fn decline_receipt(
        &self,
        account: AccountId,
        about: &str,
        now: UnixTime,
    ) -> Result<()> {
        self.write_own(|c| put_receipt(c, account, about, false, now))
    }

    /// A server reported that a message did not reach these addresses. The entry it concerns, if
    /// anything is new about it: it is to be seen again then.
    pub(crate) fn mark_undelivered(
        &self,
        message_id: &str,
        addresses: &[String],
    ) -> Result<Option<OutboxId>> {
        self.write_own(|c| {
            let sql = "SELECT id FROM outbox WHERE message_id = ?1 AND state = 'sent'";
            let found = c
                .prepare_cached(sql)?
                .query_row([message_id], |row| row.get(0));
            let Some(id) = found.optional()? else {
                return Ok(None);
            };
            let mut changed = 0;
            for (row, address) in recipients_sent(c, id)? {
                let key = mailbox_key(&address);
                if addresses.iter().any(|one| mailbox_key(one) == key) {
                    changed += c
                        .prepare_cached("UPDATE outbox_recipients SET state = ?2 WHERE id = ?1")?
                        .execute((row, UNDELIVERED))?;
                }
            }
            if changed == 0 {
                return Ok(None);
            }
            c.prepare_cached("UPDATE outbox SET dismissed = 0 WHERE id = ?1")?
                .execute([id])?;
            Ok(Some(OutboxId(id)))
        })
    }

    /// Whether a message with this Message-ID ever left through the outbox.
    pub(crate) fn left_by_outbox(&self, message_id: &str) -> Result<bool> {
        self.read_own(|c| {
            let sql = "SELECT 1 FROM outbox WHERE message_id = ?1";
            Ok(c.prepare_cached(sql)?.exists([message_id])?)
        })
    }

    /// Messages of an account that bring invitations and are here, since then, newest first.
    pub(crate) fn invitations_since(
        &self,
        account: AccountId,
        since: UnixTime,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT m.id FROM messages m JOIN folders f ON f.id = m.folder
                  WHERE f.account = ?1 AND m.has_invitation AND m.body_state IN (1, 3)
                    AND m.date >= ?2 AND m.flags & 8 = 0
                  ORDER BY m.date DESC LIMIT ?3",
            )?;
            let rows = statement.query_map((account.0, since.0, count(limit)), |row| {
                Ok(MessageId(row.get(0)?))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn recipients_sent(c: &Connection, outbox: i64) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT id, address FROM outbox_recipients WHERE outbox = ?1 AND state = 'sent'";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([outbox], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Remembers what a message on its way answers, in the transaction that sends it. An answer
/// takes the place of the one before, which does not leave any more if it has not yet.
pub(super) fn remember(c: &Connection, new: &NewOutbox, outbox: OutboxId) -> Result<()> {
    match &new.form {
        None => Ok(()),
        Some(Form::Receipt { about, .. }) => put_receipt(c, new.account, about, true, new.now),
        Some(Form::Answer {
            uid,
            recurrence,
            sequence,
            answer,
        }) => {
            let place = (new.account.0, uid, recurrence);
            let before = c
                .prepare_cached(
                    "SELECT outbox FROM answers WHERE account = ?1 AND uid = ?2 AND recurrence = ?3",
                )?
                .query_row(place, |row| row.get::<_, i64>(0))
                .optional()?;
            if let Some(before) = before {
                withdraw(c, before, new.now)?;
            }
            c.prepare_cached(
                "INSERT INTO answers (account, uid, recurrence, sequence, answer, at, outbox)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (account, uid, recurrence)
                 DO UPDATE SET sequence = ?4, answer = ?5, at = ?6, outbox = ?7",
            )?
            .execute((
                new.account.0,
                uid,
                recurrence,
                sequence,
                answer,
                new.now.0,
                outbox.0,
            ))?;
            Ok(())
        }
    }
}

/// Keeps an answer that has not left yet from leaving.
fn withdraw(c: &Connection, outbox: i64, now: UnixTime) -> Result<()> {
    let waiting = c
        .prepare_cached(
            "UPDATE outbox SET state = 'cancelled', due = NULL, since = ?2
              WHERE id = ?1 AND state IN ('held', 'queued', 'refused')",
        )?
        .execute((outbox, now.0))?;
    if waiting == 1 {
        c.prepare_cached("DELETE FROM outbox_mail WHERE outbox = ?1")?
            .execute([outbox])?;
    }
    Ok(())
}

fn put_receipt(
    c: &Connection,
    account: AccountId,
    about: &str,
    sent: bool,
    now: UnixTime,
) -> Result<()> {
    let put = c
        .prepare_cached(
            "INSERT INTO receipts (account, about, sent, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account, about) DO NOTHING",
        )?
        .execute((account.0, about, sent, now.0))?;
    if put == 0 {
        return Err(Error::new(
            Kind::BadRequest,
            format!("a receipt about {about} was decided on before"),
        ));
    }
    Ok(())
}
