//! Conversations as they come together: messages arrive in any order, some never arrive, and some
//! programs name only the message they answer. Whatever message a header refers to (RFC 5322
//! §3.6.4) is remembered with its conversation, so that two that turn out to be one become one
//! (compare the linking step of RFC 5256, REFERENCES).
//!
//! Subjects play no part: "Giấy mời họp" is the subject of letters that have nothing else in common.

use rusqlite::{Connection, OptionalExtension as _};
use tcv_domain::message::Envelope;
use tcv_domain::thread::conversation_key;

use crate::error::Result;

/// References looked at: the first names the conversation, the last the message answered. Programs
/// leave out what is between them.
const FIRST: usize = 8;
const LAST: usize = 24;

/// The conversation of a referred message, by what was referred to.
pub(super) const LINKED: &str = "SELECT conversation FROM links WHERE id = ?1";

/// The conversation of a message that is here.
pub(super) const HERE: &str = "SELECT conversation FROM messages WHERE message_id = ?1 LIMIT 1";

/// Answers of a conversation, and the message it is named after.
pub(super) const RENAME: [&str; 3] = [
    "UPDATE messages SET conversation = ?2
      WHERE conversation = ?1 AND conversation <> message_id",
    "UPDATE messages SET conversation = ?2 WHERE message_id = ?1 AND conversation = ?1",
    "UPDATE links SET conversation = ?2 WHERE conversation = ?1",
];

/// The conversation of a message that is about to be put in. Conversations that it shows to be one
/// become one.
pub(super) fn join(c: &Connection, mail: &Envelope) -> Result<String> {
    let key = conversation_key(mail);
    let referred = referred(mail);
    let mut known: Vec<String> = Vec::new();
    for id in &referred {
        known.extend(match one(c, LINKED, id)? {
            Some(found) => Some(found),
            None => one(c, HERE, id)?,
        });
    }
    if !mail.message_id.is_empty() {
        known.extend(one(c, LINKED, &mail.message_id)?);
    }
    if known.is_empty() && referred.is_empty() {
        return Ok(key);
    }
    let conversation = known.first().cloned().unwrap_or_else(|| key.clone());
    known.push(key);
    known.sort_unstable();
    known.dedup();
    for other in known.iter().filter(|other| **other != conversation) {
        for statement in RENAME {
            c.prepare_cached(statement)?
                .execute((other, &conversation))?;
        }
    }
    let mut link =
        c.prepare_cached("INSERT OR IGNORE INTO links (id, conversation) VALUES (?1, ?2)")?;
    for id in referred {
        link.execute((id, &conversation))?;
    }
    Ok(conversation)
}

fn one(c: &Connection, statement: &str, id: &str) -> Result<Option<String>> {
    Ok(c.prepare_cached(statement)?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

/// The messages a header refers to, oldest first.
fn referred(mail: &Envelope) -> Vec<&str> {
    let ids = &mail.references;
    let last = ids.len().saturating_sub(LAST).max(FIRST);
    let ids = ids.iter().take(FIRST).chain(ids.iter().skip(last));
    ids.map(String::as_str)
        .filter(|id| !id.is_empty() && *id != mail.message_id)
        .collect()
}
