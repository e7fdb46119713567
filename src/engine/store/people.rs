//! Everybody whose address was seen in mail: for completion, and to know the official address
//! of somebody who writes from elsewhere.

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::address::Address;
use tcv_domain::message::{Envelope, UnixTime};
use tcv_domain::text::fold;

use super::{Seen, Store};
use crate::error::Result;

/// People looked at for one completion; more share a beginning only in absurd directories.
const MAX_CANDIDATES: i64 = 2_000;

/// People of a key range.
pub(super) const CANDIDATES: &str = "SELECT DISTINCT p.name, p.address, p.written, p.seen, p.last
       FROM people_keys k JOIN people p ON p.id = k.person
      WHERE k.key >= ?1 AND k.key < ?2 LIMIT ?3";

/// Takes note of everybody in a message. `written`: we wrote it.
pub(super) fn note(c: &Connection, mail: &Envelope, written: bool, date: UnixTime) -> Result<()> {
    if written {
        for address in mail.to.iter().chain(&mail.cc).chain(&mail.bcc) {
            note_one(c, address, true, date)?;
        }
    } else {
        for address in mail.from.iter().chain(&mail.to).chain(&mail.cc) {
            note_one(c, address, false, date)?;
        }
    }
    Ok(())
}

fn note_one(c: &Connection, person: &Address, written: bool, date: UnixTime) -> Result<()> {
    let address = person.address.trim().to_lowercase();
    if !address.contains('@') {
        return Ok(());
    }
    let known: Option<(i64, String, i64)> = c
        .prepare_cached("SELECT id, name, last FROM people WHERE address = ?1")?
        .query_row([&address], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let offered = person.name.trim();
    let (id, rename) = match &known {
        // The newest name wins: people get married, offices get renamed.
        Some((id, name, last)) => {
            let better = !offered.is_empty() && offered != name;
            (*id, better && (date.0 >= *last || name.is_empty()))
        }
        None => {
            c.prepare_cached("INSERT INTO people (address, name) VALUES (?1, '')")?
                .execute([&address])?;
            (c.last_insert_rowid(), true)
        }
    };
    if rename {
        c.prepare_cached("UPDATE people SET name = ?2 WHERE id = ?1")?
            .execute((id, offered))?;
        c.prepare_cached("DELETE FROM people_keys WHERE person = ?1")?
            .execute([id])?;
        let mut put =
            c.prepare_cached("INSERT OR IGNORE INTO people_keys (key, person) VALUES (?1, ?2)")?;
        for key in keys(offered, &address) {
            put.execute((key, id))?;
        }
    }
    c.prepare_cached(
        "UPDATE people SET written = written + ?2, seen = seen + 1, last = max(last, ?3)
          WHERE id = ?1",
    )?
    .execute((id, written, date.0))?;
    Ok(())
}

/// What a person is found by: words of the name, its initials ("nva" for Nguyễn Văn An), the
/// address and the words of its local part.
pub(super) fn keys(name: &str, address: &str) -> Vec<String> {
    let name = fold(name);
    let mut keys: Vec<String> = words(&name).map(str::to_owned).collect();
    if keys.len() > 1 {
        keys.push(keys.iter().filter_map(|word| word.chars().next()).collect());
    }
    let address = fold(address);
    let local = address.split('@').next().unwrap_or_default();
    keys.extend(words(local).map(str::to_owned));
    keys.push(address);
    keys
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn seen(row: &Row<'_>) -> rusqlite::Result<Seen> {
    Ok(Seen {
        name: row.get(0)?,
        address: row.get(1)?,
        written: row.get(2)?,
        seen: row.get(3)?,
        last: UnixTime(row.get(4)?),
    })
}

impl Store {
    /// Everybody whose address was seen.
    pub(crate) fn seen_addresses(&self) -> Result<Vec<Seen>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT name, address, written, seen, last FROM people ORDER BY id",
            )?;
            let rows = statement.query_map([], seen)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// People each word of `typed` is the beginning of a key of, in no order.
    pub(crate) fn people_matching(&self, typed: &str) -> Result<Vec<Seen>> {
        let typed = fold(typed.trim());
        let wanted: Vec<&str> = if typed.contains('@') {
            vec![typed.as_str()]
        } else {
            words(&typed).collect()
        };
        // The longest word narrows most.
        let Some(longest) = wanted.iter().max_by_key(|word| word.len()) else {
            return Ok(Vec::new());
        };
        let candidates: Vec<Seen> = self.read(|c| {
            let mut statement = c.prepare_cached(CANDIDATES)?;
            let beyond = format!("{longest}\u{10ffff}");
            let rows = statement.query_map((longest, beyond, MAX_CANDIDATES), seen)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        let fits = |person: &Seen| {
            let keys = keys(&person.name, &person.address);
            wanted
                .iter()
                .all(|word| keys.iter().any(|key| key.starts_with(word)))
        };
        Ok(candidates.into_iter().filter(fits).collect())
    }
}
