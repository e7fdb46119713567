//! The search index: what goes in. How it is asked is `search::ask`'s business.
//!
//! The index holds text folded by [`fold`], because no tokenizer of FTS5 folds đ. Its rows are
//! numbered by date ([`free_docid`]), so that "newest first" costs nothing however many match.
//! Beside it, `hints` holds what ranks a hit: see [`Hints`].

mod ask;
mod plan;
mod turns;
mod words;

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::address::Address;
use tcv_domain::document::{self, Kind};
use tcv_domain::message::{Envelope, MessageId, UnixTime};
use tcv_domain::mime::Content;
use tcv_domain::text::{exact_key, fold, has_marks, words};

pub(crate) use ask::Search;
#[cfg(test)]
pub(super) use ask::statements;
pub(super) use turns::Turns;

use super::rows::count;
use super::{Store, bodies, extracts};
use crate::error::Result;

/// 1985-01-01, in minutes: the numbering starts here.
const FIRST_MINUTE: i64 = 473_385_600 / 60;

/// Messages of one minute that get neighbouring numbers before they spill into the next.
const PER_MINUTE: i64 = 256;

/// Text beyond this is not indexed: such bodies are machine output, and one of them could hold
/// the index back for seconds.
const MAX_INDEXED: usize = 1 << 20;

/// Text taken into memory at once while indexing what is here already.
const MAX_BATCH: usize = 16 << 20;

/// What is indexed of a message.
#[derive(Default)]
pub(super) struct Indexed {
    subject: String,
    senders: String,
    recipients: String,
    body: String,
    attachments: String,
    documents: String,
    hints: String,
}

impl Indexed {
    /// From a row, before the body is here.
    fn row(row: &Row<'_>) -> Result<Self> {
        let addresses = |column: &str| -> Result<Vec<Address>> {
            let text = row
                .get_ref(column)?
                .as_str()
                .map_err(rusqlite::Error::from)?;
            if text.is_empty() {
                return Ok(Vec::new());
            }
            Ok(serde_json::from_str(text)?)
        };
        let envelope = Envelope {
            subject: row.get("subject")?,
            from: addresses("senders")?,
            to: addresses("recipients")?,
            cc: addresses("copies")?,
            ..Envelope::default()
        };
        Ok(Self::of(&envelope, &[], "", ""))
    }

    /// All of it; `documents` is the text of the attachments.
    pub(super) fn whole(content: &Content, documents: &str) -> Self {
        let names: Vec<&str> = content
            .attachments
            .iter()
            .map(|a| a.name.as_str())
            .collect();
        let text = content.all_text();
        let body = truncated(&text, MAX_INDEXED);
        Self::of(&content.envelope, &names, body, documents)
    }

    fn of(envelope: &Envelope, names: &[&str], body: &str, documents: &str) -> Self {
        let mut hints = Hints::default();
        hints.head(&envelope.subject);
        for address in &envelope.from {
            hints.head(&address.name);
            hints.head(&address.address);
        }
        let recipients = || envelope.to.iter().chain(&envelope.cc).chain(&envelope.bcc);
        for address in recipients() {
            hints.text(&address.name);
        }
        for text in names.iter().copied().chain([body, documents]) {
            hints.text(text);
        }
        let mut attachments = fold(&names.join(" "));
        for kind in document::kinds(&envelope.subject, names.iter().copied(), body) {
            attachments.push(' ');
            attachments.push_str(&kind_word(kind));
        }
        Self {
            subject: fold(&envelope.subject),
            senders: people(envelope.from.iter()),
            recipients: people(recipients()),
            body: fold(body),
            attachments,
            documents: fold(documents),
            hints: hints.words,
        }
    }
}

fn people<'a>(addresses: impl Iterator<Item = &'a Address>) -> String {
    let mut text = String::new();
    for address in addresses {
        text.push_str(&fold(&address.name));
        text.push(' ');
        text.push_str(&fold(&address.address));
        text.push('\n');
    }
    text
}

/// The word that stands for a kind of document in the index. It begins with a character of
/// private use, which no typed word has.
fn kind_word(kind: Kind) -> String {
    format!("\u{e000}{}", kind.number())
}

/// Words that tell how good a hit is. Each begins with a digit that says what it is.
#[derive(Default)]
struct Hints {
    words: String,
    seen: HashSet<String>,
}

/// A word with marks that stands anywhere.
const EXACT: char = '0';
/// A folded word of the subject or the senders.
const HEAD: char = '1';
/// A word with marks of the subject or the senders.
const EXACT_HEAD: char = '2';

impl Hints {
    fn head(&mut self, text: &str) {
        for (_, word) in words(text) {
            self.add(HEAD, fold(word));
            if has_marks(word) {
                let key = exact_key(word);
                self.add(EXACT_HEAD, key.clone());
                self.add(EXACT, key);
            }
        }
    }

    fn text(&mut self, text: &str) {
        let mut known: HashSet<&str> = HashSet::new();
        for (_, word) in words(text) {
            if !word.is_ascii() && known.insert(word) && has_marks(word) {
                self.add(EXACT, exact_key(word));
            }
        }
    }

    fn add(&mut self, what: char, word: String) {
        let mut word = word;
        word.insert(0, what);
        if !self.seen.contains(&word) {
            self.words.push_str(&word);
            self.words.push(' ');
            self.seen.insert(word);
        }
    }
}

/// The beginning of a text, at most `limit` bytes, cut between characters.
fn truncated(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// Puts a message that is not in the index into it.
pub(super) fn index(c: &Connection, docid: i64, text: &Indexed) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO search (rowid, subject, senders, recipients, body, attachments, documents)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        docid,
        &text.subject,
        &text.senders,
        &text.recipients,
        &text.body,
        &text.attachments,
        &text.documents,
    ))?;
    c.prepare_cached("INSERT INTO hints (rowid, words) VALUES (?1, ?2)")?
        .execute((docid, &text.hints))?;
    Ok(())
}

/// Takes a message out of the index.
pub(super) fn forget(c: &Connection, docid: i64) -> Result<()> {
    for table in ["search", "hints"] {
        c.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?
            .execute([docid])?;
    }
    Ok(())
}

/// The newest messages that are not in the index.
pub(super) const UNINDEXED: &str =
    "SELECT id, docid, subject, senders, recipients, copies, body_state IN (1, 3) AS here
       FROM messages WHERE indexed = 0 ORDER BY docid DESC LIMIT ?1";

/// A number for the index that grows with the date: minutes and a counter. The distances stay
/// small, and so does the index.
pub(super) fn free_docid(c: &Connection, date: UnixTime) -> Result<i64> {
    let mut last =
        c.prepare_cached("SELECT max(docid) FROM messages WHERE docid >= ?1 AND docid < ?2")?;
    let mut minute = minute(date);
    loop {
        let base = minute * PER_MINUTE;
        let taken: Option<i64> = last
            .query_row((base, base + PER_MINUTE), |row| row.get(0))
            .optional()?
            .flatten();
        match taken {
            None => return Ok(base),
            Some(taken) if taken + 1 < base + PER_MINUTE => return Ok(taken + 1),
            Some(_) => minute += 1,
        }
    }
}

fn minute(date: UnixTime) -> i64 {
    (date.0.div_euclid(60) - FIRST_MINUTE).clamp(0, 1 << 40)
}

/// The numbers between which messages of these moments lie; others may lie there too.
fn docids(from: Option<UnixTime>, until: Option<UnixTime>) -> (i64, i64) {
    /// How far messages of a crowded minute may have spilled: a week of minutes full of them.
    const SPILL: i64 = 7 * 24 * 60;
    (
        from.map_or(0, |from| minute(from) * PER_MINUTE),
        until.map_or(i64::MAX, |until| (minute(until) + SPILL) * PER_MINUTE),
    )
}

/// A message that waits for the index.
struct Waiting {
    id: MessageId,
    docid: i64,
    text: Indexed,
    /// What the column `indexed` will say.
    state: i64,
}

impl Store {
    /// Indexes at most `limit` messages that are not indexed yet, newest first; how many there
    /// were. A first sync leaves this for later: lists do not wait for it, and messages whose
    /// bodies come soon are indexed only once. Bodies that are here are taken apart again where
    /// the index was made anew.
    pub(crate) fn index_pending(&self, limit: usize) -> Result<usize> {
        // Read and folded without a transaction: that is most of the work.
        let waiting = self.read(|c| waiting(c, limit))?;
        if waiting.is_empty() {
            return Ok(0);
        }
        self.write(|c| {
            let mut done = c.prepare_cached(
                "UPDATE messages SET indexed = ?3 WHERE id = ?1 AND docid = ?2 AND indexed = 0",
            )?;
            // FTS5 starts a new segment whenever a row number goes back.
            for one in waiting.iter().rev() {
                if done.execute((one.id.0, one.docid, one.state))? > 0 {
                    index(c, one.docid, &one.text)?;
                }
            }
            Ok(waiting.len())
        })
    }
}

fn waiting(c: &Connection, limit: usize) -> Result<Vec<Waiting>> {
    let mut rows = Vec::new();
    let mut size = 0;
    let mut statement = c.prepare_cached(UNINDEXED)?;
    let mut found = statement.query([count(limit)])?;
    while let Some(row) = found.next()?
        && size < MAX_BATCH
    {
        let id = MessageId(row.get("id")?);
        let body = if row.get("here")? {
            bodies::content(c, id)?
        } else {
            None
        };
        let (text, state) = match &body {
            Some(content) => {
                let documents = extracts::all_text(c, id)?;
                size += content.text.len() + documents.len();
                (Indexed::whole(content, &documents), 2)
            }
            None => (Indexed::row(row)?, 1),
        };
        rows.push(Waiting {
            id,
            docid: row.get("docid")?,
            text,
            state,
        });
    }
    Ok(rows)
}
