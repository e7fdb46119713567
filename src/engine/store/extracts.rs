//! The text of attachments, as `extract` reads it: kept compressed for showing what was found, and
//! in the index beside the text of the message.

use rusqlite::Connection;
use tcv_domain::message::MessageId;
use tcv_domain::mime::Content;

use super::Store;
use super::bodies::{compress, decompress};
use super::rows::count;
use super::search::{self, Indexed};
use crate::error::Result;
use crate::extract::{Extract, ExtractState, Extraction, Waiting};

/// The text of one attachment.
pub(super) struct AttachmentText {
    pub(super) name: String,
    pub(super) text: String,
}

/// Messages whose attachments were not read, newest first.
pub(super) const UNREAD: &str = "SELECT id FROM messages
      WHERE body_state = 1 AND has_attachments = 1 AND extracted = 0
      ORDER BY docid DESC LIMIT ?1";

/// Messages with an attachment that an older reader made nothing of.
pub(super) const REREAD: &str = "UPDATE messages SET extracted = 0 WHERE id IN
      (SELECT message FROM extracts WHERE state <> 1 AND version < ?1)";

/// Texts of a message's attachments, in their order.
pub(super) const TEXTS: &str = "SELECT name, text FROM extracts
      WHERE message = ?1 AND state = 1 ORDER BY attachment";

const fn number(state: ExtractState) -> i64 {
    match state {
        ExtractState::OtherKind => 0,
        ExtractState::Text => 1,
        ExtractState::NoText => 2,
        ExtractState::TooLarge => 3,
        ExtractState::Protected => 4,
        ExtractState::Damaged => 5,
        ExtractState::Failed => 6,
    }
}

/// The texts of a message's attachments, in the order of the attachments.
pub(super) fn texts(c: &Connection, id: MessageId) -> Result<Vec<AttachmentText>> {
    let mut statement = c.prepare_cached(TEXTS)?;
    let mut rows = statement.query([id.0])?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        let text = decompress(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
        texts.push(AttachmentText {
            name: row.get(0)?,
            text: String::from_utf8_lossy(&text).into_owned(),
        });
    }
    Ok(texts)
}

/// All of it, for the index.
pub(super) fn all_text(c: &Connection, id: MessageId) -> Result<String> {
    let texts = texts(c, id)?;
    Ok(joined(texts.iter().map(|one| one.text.as_str())))
}

/// Text of all attachments of a message that goes into the index.
const MOST_TEXT: usize = 4 << 20;

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut all = texts.collect::<Vec<_>>().join("\n\n");
    all.truncate(all.floor_char_boundary(MOST_TEXT));
    all
}

/// What was read of a message's attachments is not so any more: other bytes have come.
pub(super) fn forget(c: &Connection, id: MessageId) -> Result<()> {
    c.prepare_cached("DELETE FROM extracts WHERE message = ?1")?
        .execute([id.0])?;
    Ok(())
}

impl Store {
    /// Messages whose attachments are here and not read, newest first.
    pub(crate) fn unread_attachments(&self, limit: usize) -> Result<Vec<Waiting>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(UNREAD)?;
            let rows = statement.query_map([count(limit)], |row| row.get(0).map(MessageId))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Keeps what was read of a message's attachments and puts it into the index. A message that is
    /// gone or was fetched anew meanwhile is passed over.
    pub(crate) fn put_extracts(
        &self,
        id: MessageId,
        content: &Content,
        extracts: &[Extract],
        version: i64,
    ) -> Result<()> {
        // Packed and folded without a transaction: that is the work.
        let mut packed = Vec::with_capacity(extracts.len());
        for extract in extracts {
            let text = &extract.outcome.text;
            let blob = (!text.is_empty()).then(|| compress(text.as_bytes()));
            packed.push((extract, blob.transpose()?));
        }
        let texts = extracts.iter().map(|extract| extract.outcome.text.as_str());
        let texts = joined(texts.filter(|text| !text.is_empty()));
        let indexed = (!texts.is_empty()).then(|| Indexed::whole(content, &texts));
        self.write(|c| {
            let done = c
                .prepare_cached(
                    "UPDATE messages SET extracted = 1
                      WHERE id = ?1 AND body_state = 1 AND extracted = 0
                  RETURNING docid, indexed",
                )?
                .query_map([id.0], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })?
                .next();
            let Some((docid, state)) = done.transpose()? else {
                return Ok(());
            };
            forget(c, id)?;
            let mut insert = c.prepare_cached(
                "INSERT INTO extracts (message, attachment, version, state, name, text)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for (extract, blob) in &packed {
                let state = number(extract.outcome.state);
                let place = count(extract.index);
                insert.execute((id.0, place, version, state, &extract.name, blob))?;
            }
            // A message that waits for the index gets there with these texts.
            const WITH_TEXT: i64 = 2;
            if let Some(indexed) = indexed.as_ref().filter(|_| state == WITH_TEXT) {
                search::forget(c, docid)?;
                search::index(c, docid, indexed)?;
            }
            Ok(())
        })
    }

    /// Has attachments read again of which a reader older than `version` made nothing.
    pub(crate) fn reread_attachments(&self, version: i64) -> Result<()> {
        let old = self.read(|c| {
            let sql = "SELECT 1 FROM extracts WHERE state <> 1 AND version < ?1 LIMIT 1";
            Ok(c.prepare_cached(sql)?.exists([version])?)
        })?;
        if !old {
            return Ok(());
        }
        self.write(|c| Ok(c.prepare_cached(REREAD)?.execute([version]).map(drop)?))
    }

    /// How far the attachments have been read.
    pub(crate) fn extraction(&self) -> Result<Extraction> {
        self.read(|c| {
            let waiting: i64 = c
                .prepare_cached(
                    "SELECT count(*) FROM messages
                      WHERE body_state = 1 AND has_attachments = 1 AND extracted = 0",
                )?
                .query_row([], |row| row.get(0))?;
            let mut extraction = Extraction {
                waiting: usize::try_from(waiting).unwrap_or_default(),
                ..Extraction::default()
            };
            let sql = "SELECT state, count(*) FROM extracts GROUP BY state";
            let mut statement = c.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let files = usize::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
                match row.get::<_, i64>(0)? {
                    0 => {}
                    1 => extraction.with_text += files,
                    2 => extraction.without_text += files,
                    _ => extraction.unreadable += files,
                }
            }
            Ok(extraction)
        })
    }
}
