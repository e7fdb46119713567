//! Keys of the orders other than by date: by sender, subject and size.
//!
//! They cost as much room as the rows they sort, so nobody pays for them who never sorts: they are
//! made when first asked for, and completed from then on whenever they are. A row's headers never
//! change, so neither do its keys; folder, size and visibility follow by triggers.

use rusqlite::{Connection, Row};
use tcv_domain::address::Address;
use tcv_domain::text::{given_name_key, vi_sort_key};
use tcv_domain::thread::base_subject;

use super::Store;
use crate::error::Result;

/// Rows put in order in one transaction: others get their turn in between.
const AT_ONCE: i64 = 2_000;

/// Bytes of a key. Names differ within these; of subjects that do not, the newest stands first.
const LONGEST_SENDER: usize = 48;
const LONGEST_SUBJECT: usize = 96;

/// Rows without keys: the newest by number, for keys are made in the order of the numbers.
pub(super) const UNSORTED: &str = "SELECT id, folder, date, senders, subject, size, flags
       FROM messages WHERE id > (SELECT coalesce(max(message), 0) FROM sort_keys)
      ORDER BY id LIMIT ?1";

const INSERT: &str = "INSERT OR IGNORE INTO sort_keys
        (message, folder, shown, minus_date, sender, subject, minus_size)
 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

impl Store {
    /// Makes the keys that are missing.
    pub(super) fn complete_sort_keys(&self) -> Result<()> {
        // Asked first without a transaction: mostly there is nothing.
        while self.read(|c| Ok(c.prepare_cached(UNSORTED)?.exists([1])?))? {
            self.write(make_some)?;
        }
        Ok(())
    }
}

fn make_some(c: &Connection) -> Result<()> {
    let mut insert = c.prepare_cached(INSERT)?;
    let mut statement = c.prepare_cached(UNSORTED)?;
    let keys = statement
        .query_map([AT_ONCE], keys)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for keys in keys {
        insert.execute((
            keys.message,
            keys.folder,
            keys.flags & 8 == 0,
            -keys.date,
            keys.sender,
            keys.subject,
            -keys.size,
        ))?;
    }
    Ok(())
}

struct Keys {
    message: i64,
    folder: i64,
    date: i64,
    sender: String,
    subject: String,
    size: i64,
    flags: i64,
}

fn keys(row: &Row<'_>) -> rusqlite::Result<Keys> {
    let senders: Vec<Address> = serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default();
    let sender = senders.first().map(Address::display).unwrap_or_default();
    Ok(Keys {
        message: row.get(0)?,
        folder: row.get(1)?,
        date: row.get(2)?,
        sender: cut(given_name_key(sender), LONGEST_SENDER),
        subject: cut(
            vi_sort_key(base_subject(row.get_ref(4)?.as_str()?)),
            LONGEST_SUBJECT,
        ),
        size: row.get(5)?,
        flags: row.get(6)?,
    })
}

fn cut(mut key: String, limit: usize) -> String {
    key.truncate(key.floor_char_boundary(limit));
    key
}
