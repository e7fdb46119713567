//! Messages whole: kept compressed, with their readable text beside them.

use std::cell::RefCell;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use flate2::{Compress, CompressError, Compression, FlushCompress, Status};
use rusqlite::{Connection, OptionalExtension as _};
use tcv_domain::message::{FolderId, MessageId, UnixTime};
use tcv_domain::mime::{self, Content};
use tcv_domain::report::{self, Report};

use super::Store;
use super::extracts;
use super::rows::{count, unsigned};
use super::search::{self, Indexed};
use crate::error::{Error, Kind, Result};

/// `body_state` of a message that is here whole, and of one that is here without attachments.
const WHOLE: i64 = 1;
const EXCERPT: i64 = 3;

/// A message taken apart and compressed, ready for the transaction.
pub(crate) struct Prepared {
    pub(super) content: Content,
    /// What it reports about mail of ours, if it is a report.
    pub(crate) report: Option<Report>,
    indexed: Indexed,
    state: i64,
    raw: Vec<u8>,
    text: Vec<u8>,
}

impl Prepared {
    /// The costly part, done outside any transaction.
    ///
    /// # Errors
    /// Where it cannot be compressed.
    pub(crate) fn new(raw: &[u8]) -> Result<Self> {
        let content = mime::parse(raw);
        let report = report::read(raw, &content);
        Self::of(raw, content, report, WHOLE)
    }

    /// The same for an excerpt.
    pub(crate) fn excerpt(raw: &[u8]) -> Result<Self> {
        Self::of(raw, mime::parse_excerpt(raw), None, EXCERPT)
    }

    /// Its Message-ID; empty where it has none.
    pub(crate) fn message_id(&self) -> &str {
        &self.content.envelope.message_id
    }

    /// The date in its header.
    pub(crate) fn date(&self) -> Option<UnixTime> {
        self.content.envelope.date
    }

    fn of(raw: &[u8], content: Content, report: Option<Report>, state: i64) -> Result<Self> {
        let text = compress(content.all_text().as_bytes())?;
        Ok(Self {
            indexed: Indexed::whole(&content, ""),
            content,
            report,
            state,
            raw: compress(raw)?,
            text,
        })
    }

    /// Stores the body and brings row and index up to what it tells. A message that is gone
    /// meanwhile is passed over.
    pub(super) fn store(&self, c: &Connection, id: MessageId) -> Result<()> {
        let Some((docid, indexed)) = place_in_index(c, id)? else {
            return Ok(());
        };
        if self.state == EXCERPT && is_whole(c, id)? {
            return Ok(());
        }
        c.prepare_cached("INSERT OR REPLACE INTO bodies (message, text, raw) VALUES (?1, ?2, ?3)")?
            .execute((id.0, &self.text, &self.raw))?;
        c.prepare_cached(
            "UPDATE messages SET preview = ?2, has_attachments = ?3, has_invitation = ?4,
                    body_state = ?5, indexed = 2, extracted = 0
              WHERE id = ?1",
        )?
        .execute((
            id.0,
            &self.content.preview,
            has_attachments(&self.content),
            self.content.has_invitation,
            self.state,
        ))?;
        // Read anew: the attachments may be others.
        extracts::forget(c, id)?;
        if indexed > 0 {
            search::forget(c, docid)?;
        }
        search::index(c, docid, &self.indexed)
    }
}

fn is_whole(c: &Connection, id: MessageId) -> Result<bool> {
    Ok(
        c.prepare_cached("SELECT 1 FROM messages WHERE id = ?1 AND body_state = ?2")?
            .exists((id.0, WHOLE))?,
    )
}

/// Whether there is something to save: pictures in the text are no attachments.
pub(super) fn has_attachments(content: &Content) -> bool {
    content
        .attachments
        .iter()
        .any(|attachment| !attachment.inline)
}

impl Store {
    /// Stores a message's bytes.
    pub(crate) fn put_body(&self, id: MessageId, raw: &[u8]) -> Result<()> {
        let prepared = Prepared::new(raw)?;
        self.write(|c| prepared.store(c, id))
    }

    /// Stores several messages in one transaction. An excerpt never takes the place of a whole.
    pub(crate) fn put_prepared(&self, prepared: &[(MessageId, Prepared)]) -> Result<()> {
        self.write(|c| {
            let mut ordered = Vec::with_capacity(prepared.len());
            for (id, body) in prepared {
                ordered.push((place_in_index(c, *id)?.map(|(docid, _)| docid), *id, body));
            }
            // FTS5 starts a new segment whenever a row number goes back.
            ordered.sort_by_key(|(docid, ..)| *docid);
            for (_, id, body) in ordered {
                body.store(c, id)?;
            }
            Ok(())
        })
    }

    /// Stores the excerpt of a large message, unless the whole is here.
    pub(crate) fn put_excerpt(&self, id: MessageId, raw: &[u8]) -> Result<()> {
        self.put_prepared(&[(id, Prepared::excerpt(raw)?)])
    }

    /// A message's bytes, if all of them are here.
    pub(crate) fn body(&self, id: MessageId) -> Result<Option<Vec<u8>>> {
        self.held(id, WHOLE)
    }

    /// The excerpt of a large message, if that is what is here.
    pub(crate) fn excerpt(&self, id: MessageId) -> Result<Option<Vec<u8>>> {
        self.held(id, EXCERPT)
    }

    fn held(&self, id: MessageId, state: i64) -> Result<Option<Vec<u8>>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT b.raw FROM bodies b JOIN messages m ON m.id = b.message
                  WHERE b.message = ?1 AND m.body_state = ?2",
            )?;
            let raw = statement
                .query_row((id.0, state), |row| {
                    Ok(decompress(row.get_ref(0)?.as_blob()?))
                })
                .optional()?;
            raw.transpose()
        })
    }

    /// Messages of a folder whose bodies are not here, newest first, with UID and size.
    pub(crate) fn missing_bodies(
        &self,
        folder: FolderId,
        since: Option<UnixTime>,
        limit: usize,
    ) -> Result<Vec<(MessageId, u32, u64)>> {
        let since = since.map_or(i64::MIN, |since| since.0);
        self.read(|c| {
            let mut statement = c.prepare_cached(MISSING)?;
            let rows = statement.query_map((folder.0, since, count(limit)), |row| {
                Ok((MessageId(row.get(0)?), row.get(1)?, unsigned(row.get(2)?)))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Messages of a folder of which only the text is here, newest first, with UID and size.
    pub(crate) fn excerpts(&self, folder: FolderId) -> Result<Vec<(MessageId, u32, u64)>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(EXCERPTS)?;
            let rows = statement.query_map([folder.0], |row| {
                Ok((MessageId(row.get(0)?), row.get(1)?, unsigned(row.get(2)?)))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The server will not give this body: it is not asked for again by itself.
    pub(crate) fn mark_unfetchable(&self, id: MessageId) -> Result<()> {
        self.write(|c| {
            c.prepare_cached(
                "UPDATE messages SET body_state = 2 WHERE id = ?1 AND body_state = 0",
            )?
            .execute([id.0])?;
            Ok(())
        })
    }
}

/// Messages without a body, newest first.
pub(super) const MISSING: &str = "SELECT m.id, m.uid, m.size FROM messages m
      WHERE m.folder = ?1 AND m.body_state = 0 AND m.uid IS NOT NULL AND m.date >= ?2
      ORDER BY m.date DESC LIMIT ?3";

/// Messages without their attachments, newest first.
pub(super) const EXCERPTS: &str = "SELECT m.id, m.uid, m.size FROM messages m
      WHERE m.folder = ?1 AND m.body_state = 3 AND m.uid IS NOT NULL ORDER BY m.date DESC";

/// A message's readable text, if its body is here.
pub(super) fn text(c: &Connection, id: MessageId) -> Result<Option<String>> {
    let mut statement = c.prepare_cached("SELECT text FROM bodies WHERE message = ?1")?;
    let text = statement
        .query_row([id.0], |row| Ok(decompress(row.get_ref(0)?.as_blob()?)))
        .optional()?
        .transpose()?;
    Ok(text.map(|text| String::from_utf8_lossy(&text).into_owned()))
}

/// A message that is here, taken apart once more.
pub(super) fn content(c: &Connection, id: MessageId) -> Result<Option<Content>> {
    let mut statement = c.prepare_cached(
        "SELECT b.raw, m.body_state FROM bodies b JOIN messages m ON m.id = b.message
          WHERE b.message = ?1",
    )?;
    let held = statement
        .query_row([id.0], |row| {
            Ok((
                decompress(row.get_ref(0)?.as_blob()?),
                row.get::<_, i64>(1)?,
            ))
        })
        .optional()?;
    Ok(match held {
        Some((raw, EXCERPT)) => Some(mime::parse_excerpt(&raw?)),
        Some((raw, _)) => Some(mime::parse(&raw?)),
        None => None,
    })
}

/// A message's number in the index, and how much of it is there (the column `indexed`).
fn place_in_index(c: &Connection, id: MessageId) -> Result<Option<(i64, i64)>> {
    let mut statement = c.prepare_cached("SELECT docid, indexed FROM messages WHERE id = ?1")?;
    Ok(statement
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Drops a message's bytes, to be fetched again.
pub(super) fn forget(c: &Connection, id: MessageId) -> Result<()> {
    c.prepare_cached("DELETE FROM bodies WHERE message = ?1")?
        .execute([id.0])?;
    c.prepare_cached("UPDATE messages SET body_state = 0 WHERE id = ?1")?
        .execute([id.0])?;
    Ok(())
}

thread_local! {
    /// Its tables are larger than most messages: made once for a thread, not for each text.
    static DEFLATE: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), true));
}

pub(super) fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let broken = |error: CompressError| Error::new(Kind::Internal, error.to_string());
    DEFLATE.with_borrow_mut(|deflate| {
        deflate.reset();
        let mut packed = Vec::with_capacity(bytes.len() / 2 + 64);
        loop {
            let taken = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
            let rest = bytes.get(taken..).unwrap_or_default();
            let state = deflate
                .compress_vec(rest, &mut packed, FlushCompress::Finish)
                .map_err(broken)?;
            if state == Status::StreamEnd {
                return Ok(packed);
            }
            packed.reserve(bytes.len() / 2 + 64);
        }
    })
}

/// How long packed bytes are unpacked; an error where they cannot be.
pub(super) fn unpacked(bytes: &[u8]) -> std::io::Result<u64> {
    std::io::copy(&mut ZlibDecoder::new(bytes), &mut std::io::sink())
}

pub(super) fn decompress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::with_capacity(bytes.len() * 3);
    ZlibDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain)
}

#[cfg(test)]
impl Store {
    /// Stores the bytes of several messages in one transaction.
    pub(super) fn put_bodies(&self, bodies: &[(MessageId, Vec<u8>)]) -> Result<()> {
        let prepared: Result<Vec<_>> = bodies
            .iter()
            .map(|(id, raw)| Ok((*id, Prepared::new(raw)?)))
            .collect();
        self.put_prepared(&prepared?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let mut noise = 1_u32;
        let noisy: Vec<u8> = (0..300_000)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            })
            .collect();
        let even = vec![b'a'; 1_000_000];
        for bytes in [&b""[..], b"x", "đề nghị".as_bytes(), &noisy, &even] {
            assert_eq!(decompress(&compress(bytes).unwrap()).unwrap(), bytes);
        }
    }
}
