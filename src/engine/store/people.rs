//! Everybody whose address was seen in mail: for completion, and to know the official address
//! of somebody who writes from elsewhere.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::address::Address;
use tcv_domain::message::{Envelope, UnixTime};
use tcv_domain::text::fold;

use super::{Seen, Store};
use crate::error::Result;

/// People looked at for one completion; more share a beginning only in absurd directories.
const MAX_CANDIDATES: i64 = 2_000;

/// People of one message that are remembered: nobody knows more whom he was written together with.
const MOST_MET: usize = 1_000;

/// People of a key range.
pub(super) const CANDIDATES: &str = "SELECT DISTINCT p.name, p.address, p.written, p.seen, p.last
       FROM people_keys k JOIN people p ON p.id = k.person
      WHERE k.key >= ?1 AND k.key < ?2 LIMIT ?3";

/// Everybody met in a batch of messages. An office writes to itself: added up here, a few people
/// are stored once instead of thousands of times.
#[derive(Default)]
pub(super) struct Met(BTreeMap<String, Encounter>);

#[derive(Default)]
struct Encounter {
    /// The newest name, and when it was used.
    name: String,
    named: i64,
    written: u32,
    seen: u32,
    last: i64,
}

impl Met {
    /// Takes note of everybody in a message, of endless lists only of their beginning. `written`:
    /// we wrote it.
    pub(super) fn note(&mut self, mail: &Envelope, written: bool, date: UnixTime) {
        if written {
            let all = mail.to.iter().chain(&mail.cc).chain(&mail.bcc);
            for address in all.take(MOST_MET) {
                self.note_one(address, true, date);
            }
        } else {
            let all = mail.from.iter().chain(&mail.to).chain(&mail.cc);
            for address in all.take(MOST_MET) {
                self.note_one(address, false, date);
            }
        }
    }

    fn note_one(&mut self, person: &Address, written: bool, date: UnixTime) {
        let address = person.address.trim().to_lowercase();
        if !address.contains('@') {
            return;
        }
        let met = self.0.entry(address).or_default();
        let name = person.name.trim();
        // The newest name wins: people get married, offices get renamed.
        if !name.is_empty() && (date.0 >= met.named || met.name.is_empty()) {
            name.clone_into(&mut met.name);
            met.named = date.0;
        }
        met.written += u32::from(written);
        met.seen += 1;
        met.last = met.last.max(date.0);
    }

    /// Adds them to those known.
    pub(super) fn store(&self, c: &Connection) -> Result<()> {
        self.0
            .iter()
            .try_for_each(|(address, met)| store_one(c, address, met))
    }
}

fn store_one(c: &Connection, address: &str, met: &Encounter) -> Result<()> {
    let known: Option<(i64, String, i64)> = c
        .prepare_cached("SELECT id, name, last FROM people WHERE address = ?1")?
        .query_row([address], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (id, rename) = match &known {
        Some((id, name, last)) => {
            let better = !met.name.is_empty() && met.name != *name;
            (*id, better && (met.named >= *last || name.is_empty()))
        }
        None => {
            c.prepare_cached("INSERT INTO people (address, name) VALUES (?1, '')")?
                .execute([address])?;
            (c.last_insert_rowid(), true)
        }
    };
    if rename {
        c.prepare_cached("UPDATE people SET name = ?2 WHERE id = ?1")?
            .execute((id, &met.name))?;
        c.prepare_cached("DELETE FROM people_keys WHERE person = ?1")?
            .execute([id])?;
        let mut put =
            c.prepare_cached("INSERT OR IGNORE INTO people_keys (key, person) VALUES (?1, ?2)")?;
        for key in keys(&met.name, address) {
            put.execute((key, id))?;
        }
    }
    c.prepare_cached(
        "UPDATE people SET written = written + ?2, seen = seen + ?3, last = max(last, ?4)
          WHERE id = ?1",
    )?
    .execute((id, met.written, met.seen, met.last))?;
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
    /// What is known of one address.
    pub(crate) fn seen_address(&self, address: &str) -> Result<Option<Seen>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT name, address, written, seen, last FROM people WHERE address = ?1",
            )?;
            let key = address.trim().to_lowercase();
            Ok(statement.query_row([key], seen).optional()?)
        })
    }

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
