//! The search index: what goes in, how it is asked, and the text shown around a hit.
//!
//! The index holds text folded by [`fold`], because no tokenizer of FTS5 folds đ. Its rows are
//! numbered by date ([`free_docid`]), so that "newest first" costs nothing however many match.

use rusqlite::{Connection, OptionalExtension as _, Row, ToSql};
use tcv_domain::address::Address;
use tcv_domain::message::{AccountId, Envelope, UnixTime};
use tcv_domain::mime::Content;
use tcv_domain::query::{Query, Term};
use tcv_domain::text::{fold, nfc};

use super::rows::{COLUMNS, count, message_row};
use super::{Store, bodies};
use crate::error::Result;
use crate::types::{Hit, Hits};

/// 1985-01-01, in minutes: the numbering starts here.
const FIRST_MINUTE: i64 = 473_385_600 / 60;

/// Messages of one minute that get neighbouring numbers before they spill into the next.
const PER_MINUTE: i64 = 256;

/// Text beyond this is not indexed: such bodies are machine output, and one of them could hold
/// the index back for seconds.
const MAX_INDEXED: usize = 1 << 20;

/// Text of a body that is looked through for a snippet.
const MAX_SCANNED: usize = 64 << 10;

/// Characters shown before and after the beginning of a match.
const BEFORE: usize = 40;
const AFTER: usize = 120;

/// What is indexed of a message.
#[derive(Default)]
pub(super) struct Indexed {
    subject: String,
    senders: String,
    recipients: String,
    body: String,
    attachments: String,
}

impl Indexed {
    /// What is known before the body is here.
    fn headers(envelope: &Envelope) -> Self {
        Self {
            subject: fold(&envelope.subject),
            senders: people(envelope.from.iter()),
            recipients: people(envelope.to.iter().chain(&envelope.cc).chain(&envelope.bcc)),
            ..Self::default()
        }
    }

    /// The same from a row.
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
        let subject: String = row.get("subject")?;
        Ok(Self {
            subject: fold(&subject),
            senders: people(addresses("senders")?.iter()),
            recipients: people(addresses("recipients")?.iter().chain(&addresses("copies")?)),
            ..Self::default()
        })
    }

    /// All of it.
    pub(super) fn whole(content: &Content) -> Self {
        let names: Vec<&str> = content
            .attachments
            .iter()
            .map(|a| a.name.as_str())
            .collect();
        Self {
            body: fold(truncated(&content.all_text(), MAX_INDEXED)),
            attachments: fold(&names.join(" ")),
            ..Self::headers(&content.envelope)
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

/// The beginning of a text, at most `limit` bytes, cut between characters.
fn truncated(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// Puts a message that is not in the index into it.
pub(super) fn index(c: &Connection, docid: i64, text: &Indexed) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO search (rowid, subject, senders, recipients, body, attachments)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        docid,
        &text.subject,
        &text.senders,
        &text.recipients,
        &text.body,
        &text.attachments,
    ))?;
    Ok(())
}

/// Takes a message out of the index.
pub(super) fn forget(c: &Connection, docid: i64) -> Result<()> {
    c.prepare_cached("DELETE FROM search WHERE rowid = ?1")?
        .execute([docid])?;
    Ok(())
}

/// The newest messages that are not in the index.
pub(super) const UNINDEXED: &str = "SELECT id, docid, subject, senders, recipients, copies
       FROM messages WHERE indexed = 0 ORDER BY docid DESC LIMIT ?1";

/// A number for the index that grows with the date: minutes and a counter. The distances stay
/// small, and so does the index.
pub(super) fn free_docid(c: &Connection, date: UnixTime) -> Result<i64> {
    let mut last =
        c.prepare_cached("SELECT max(docid) FROM messages WHERE docid >= ?1 AND docid < ?2")?;
    let mut minute = (date.0.div_euclid(60) - FIRST_MINUTE).clamp(0, 1 << 40);
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

/// The FTS5 expression of a query; `None` where it has no words. Words are quoted: nothing in
/// them can be taken for syntax.
pub(super) fn expression(query: &Query) -> Option<String> {
    let anywhere = query.terms.iter().map(|term| ("", term));
    let from = query.from.iter().map(|term| ("senders : ", term));
    let to = query.to.iter().map(|term| ("recipients : ", term));
    let parts: Vec<String> = anywhere
        .chain(from)
        .chain(to)
        .map(|(column, term)| format!("({column}{})", phrase(term)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

fn phrase(term: &Term) -> String {
    let words = term.words.join(" ").replace('"', " ");
    // A single letter begins a tenth of all words: it is looked for as a word.
    let goes_on = term.prefix
        && term
            .words
            .last()
            .is_some_and(|last| last.chars().nth(1).is_some());
    format!("\"{words}\"{}", if goes_on { " *" } else { "" })
}

/// `FROM … WHERE …` of a search; `?1` is the expression, `?2` the account or NULL.
pub(super) fn source(query: &Query) -> String {
    let mut sql = if expression(query).is_some() {
        // CROSS JOIN keeps the order: the index first, its rows newest first.
        String::from(
            "FROM search s CROSS JOIN messages m ON m.docid = s.rowid
              WHERE s.search MATCH ?1 AND m.flags & 8 = 0",
        )
    } else {
        String::from("FROM messages m WHERE ?1 IS NULL AND m.flags & 8 = 0")
    };
    if query.unread {
        sql.push_str(" AND m.flags & 1 = 0");
    }
    if query.has_attachment {
        sql.push_str(" AND m.has_attachments");
    }
    sql.push_str(" AND (?2 IS NULL OR m.folder IN (SELECT id FROM folders WHERE account = ?2))");
    sql
}

impl Store {
    /// Indexes what headers tell of at most `limit` messages that are not indexed yet, newest
    /// first; how many there were. A first sync leaves this for later: lists do not wait for it,
    /// and messages whose bodies come soon are indexed only once.
    pub(crate) fn index_pending(&self, limit: usize) -> Result<usize> {
        // Asked first without a transaction: mostly there is nothing.
        let pending = self.read(|c| Ok(c.prepare_cached(UNINDEXED)?.exists([1])?))?;
        if !pending {
            return Ok(0);
        }
        self.write(|c| {
            let mut rows = Vec::new();
            let mut statement = c.prepare_cached(UNINDEXED)?;
            let mut found = statement.query([count(limit)])?;
            while let Some(row) = found.next()? {
                let id: i64 = row.get("id")?;
                let docid: i64 = row.get("docid")?;
                rows.push((id, docid, Indexed::row(row)?));
            }
            let mut done = c.prepare_cached("UPDATE messages SET indexed = 1 WHERE id = ?1")?;
            // FTS5 starts a new segment whenever a row number goes back.
            for (id, docid, text) in rows.iter().rev() {
                index(c, *docid, text)?;
                done.execute([id])?;
            }
            Ok(rows.len())
        })
    }

    /// The newest messages a query finds, and how many there are.
    pub(crate) fn search(
        &self,
        query: &Query,
        account: Option<AccountId>,
        limit: usize,
    ) -> Result<Hits> {
        if query.is_empty() {
            return Ok(Hits::default());
        }
        let expression = expression(query);
        let source = source(query);
        let order = if expression.is_some() {
            "s.rowid"
        } else {
            "m.docid"
        };
        let account = account.map(|account| account.0);
        self.read(|c| {
            let c = c.unchecked_transaction()?;
            let total: i64 = c
                .prepare_cached(&format!("SELECT count(*) {source}"))?
                .query_row((&expression, account), |row| row.get(0))?;
            let sql = format!("SELECT {COLUMNS} {source} ORDER BY {order} DESC LIMIT ?3");
            let mut statement = c.prepare_cached(&sql)?;
            let parameters: [&dyn ToSql; 3] = [&expression, &account, &count(limit)];
            let mut ranked = Vec::new();
            for row in statement.query_map(parameters, message_row)? {
                let row = row?;
                let text = bodies::text(&c, row.id)?.unwrap_or_default();
                let exact = is_exact(query, &row.subject, &text);
                let snippet = snippet(query, &text).unwrap_or_else(|| row.preview.clone());
                ranked.push((!exact, Hit { row, snippet }));
            }
            // Stable: among equals the newest stay first.
            ranked.sort_by_key(|(inexact, _)| *inexact);
            Ok(Hits {
                total: usize::try_from(total).unwrap_or_default(),
                hits: ranked.into_iter().map(|(_, hit)| hit).collect(),
            })
        })
    }
}

/// Whether the marks typed stand in the message too.
fn is_exact(query: &Query, subject: &str, text: &str) -> bool {
    let wanted: Vec<&str> = query
        .terms
        .iter()
        .filter_map(|t| t.exact.as_deref())
        .collect();
    if wanted.is_empty() {
        return true;
    }
    let subject = nfc(subject).to_lowercase();
    let text = nfc(truncated(text, MAX_SCANNED)).to_lowercase();
    wanted
        .iter()
        .all(|exact| subject.contains(exact) || text.contains(exact))
}

/// The text around the first word of the query, one line; `None` where it does not stand in it.
fn snippet(query: &Query, text: &str) -> Option<String> {
    let text = truncated(text, MAX_SCANNED);
    let words: Vec<&str> = query
        .terms
        .iter()
        .filter_map(|term| term.words.first())
        .map(String::as_str)
        .collect();
    let start = first_word(text, &words)?;
    let head = text.get(..start)?;
    let tail = text.get(start..)?;
    let from = head
        .char_indices()
        .rev()
        .nth(BEFORE)
        .map_or(0, |(at, _)| at);
    let from = if from == 0 {
        0
    } else {
        // Not in the middle of a word.
        head.get(from..)?
            .find(char::is_whitespace)
            .map_or(start, |space| from + space)
    };
    let until = tail
        .char_indices()
        .nth(AFTER)
        .map_or(text.len(), |(at, _)| start + at);
    let line: Vec<&str> = text.get(from..until)?.split_whitespace().collect();
    let (open, close) = (
        if from > 0 { "… " } else { "" },
        if until < text.len() { " …" } else { "" },
    );
    Some(format!("{open}{}{close}", line.join(" ")))
}

/// Where in `text` one of the folded words begins.
fn first_word(text: &str, words: &[&str]) -> Option<usize> {
    let mut begins = true;
    for (at, c) in text.char_indices() {
        if begins && c.is_alphanumeric() {
            let rest = text.get(at..)?;
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let word = fold(rest.get(..end)?);
            if words.iter().any(|wanted| word.starts_with(wanted)) {
                return Some(at);
            }
        }
        begins = !is_word(c);
    }
    None
}

/// Letters, digits, and the combining marks of decomposed text.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}
