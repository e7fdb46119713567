//! What the tables of the cache must agree on.

use rusqlite::Connection;

use super::{Notes, number};
use crate::error::{Error, Kind, Result};
use crate::health::Check;
use crate::store::bodies;

/// Messages the index should hold and does not.
pub(in crate::store) const UNLISTED: &str = "FROM messages WHERE indexed > 0
    AND NOT EXISTS (SELECT 1 FROM search_docsize s WHERE s.id = messages.docid)";

/// What the index holds of no message.
const GHOSTS: &str = "FROM search_docsize s
    WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.docid = s.id)";

/// Folders that count otherwise than their rows.
pub(in crate::store) const WRONG_COUNTERS: &str = "FROM folders
    WHERE total <> (SELECT count(*) FROM messages m WHERE m.folder = folders.id AND m.flags & 8 = 0)
       OR unread <> (SELECT count(*) FROM messages m WHERE m.folder = folders.id AND m.flags & 9 = 0)";

/// Completion keys of nobody.
pub(in crate::store) const STRAY_PEOPLE_KEYS: &str =
    "FROM people_keys WHERE person NOT IN (SELECT id FROM people)";

/// Messages said to be here, whole or in part, of which nothing is.
const BODILESS: &str = "FROM messages m WHERE m.body_state IN (1, 3)
    AND NOT EXISTS (SELECT 1 FROM bodies b WHERE b.message = m.id)";

pub(super) fn look(c: &Connection, notes: &mut Notes) -> Result<()> {
    let counted = |from: &str| number(c, &format!("SELECT count(*) {from}"));
    notes.damage(
        Check::Index,
        counted(UNLISTED)?,
        "messages not in the index",
    );
    notes.damage(Check::Index, counted(GHOSTS)?, "entries of no message");
    notes.damage(Check::Counters, counted(WRONG_COUNTERS)?, "folders");
    notes.damage(Check::Bodies, counted(BODILESS)?, "bytes missing");
    let (unreadable, differing) = unpack(c)?;
    notes.damage(Check::Bodies, unreadable, "bytes that cannot be unpacked");
    notes.note(Check::Sizes, differing, "not as large as the server said");
    Ok(())
}

/// Unpacks every body; how many cannot be, and how many differ in size from what the server said.
fn unpack(c: &Connection) -> Result<(u64, u64)> {
    let mut statement = c.prepare(
        "SELECT m.size, m.body_state, b.text, b.raw FROM bodies b JOIN messages m ON m.id = b.message",
    )?;
    let (mut unreadable, mut differing) = (0, 0);
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (size, state): (i64, i64) = (row.get(0)?, row.get(1)?);
        let blob = |column| {
            row.get_ref(column)?
                .as_blob()
                .map_err(rusqlite::Error::from)
        };
        match (bodies::unpacked(blob(2)?), bodies::unpacked(blob(3)?)) {
            (Ok(_), Ok(length)) => {
                differing += u64::from(state == 1 && i64::try_from(length) != Ok(size));
            }
            _ => unreadable += 1,
        }
    }
    Ok((unreadable, differing))
}

/// The bytes that pending changes wait with: keys in the other file.
pub(super) fn blobs_awaited(c: &Connection) -> Result<Vec<i64>> {
    let mut statement = c.prepare("SELECT blob FROM ops WHERE blob IS NOT NULL")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect::<rusqlite::Result<_>>()
        .map_err(|error| match Error::from(error) {
            // Numbers only: what cannot be read as one is no number any more.
            Error {
                kind: Kind::Internal,
                detail,
                ..
            } => Error::new(Kind::CacheDamaged, detail),
            other => other,
        })
}
