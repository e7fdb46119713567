//! Settings, and when the user had the inbox in front of him.

use rusqlite::OptionalExtension as _;
use tcv_domain::message::{AccountId, UnixTime};

use super::Store;
use crate::error::Result;

/// Looks are kept for two years: a yearly report asks for the one before.
const KEEP_LOOKS: i64 = 2 * 366 * 24 * 60 * 60;

/// Looks closer together than this are one.
const SAME_LOOK: i64 = 60;

impl Store {
    /// A setting's value.
    pub(crate) fn setting(&self, name: &str) -> Result<Option<String>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached("SELECT value FROM settings WHERE name = ?1")?;
            Ok(statement.query_row([name], |row| row.get(0)).optional()?)
        })
    }

    /// Sets a setting.
    pub(crate) fn put_setting(&self, name: &str, value: &str) -> Result<()> {
        self.write_own(|c| {
            c.prepare_cached(
                "INSERT INTO settings (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = ?2",
            )?
            .execute((name, value))?;
            Ok(())
        })
    }

    /// Whether the user wants an account to rest.
    pub(crate) fn is_paused(&self, account: AccountId) -> Result<bool> {
        Ok(self.setting(&paused(account))?.as_deref() == Some("yes"))
    }

    /// Remembers whether an account is to rest.
    pub(crate) fn remember_pause(&self, account: AccountId, rests: bool) -> Result<()> {
        self.put_setting(&paused(account), if rests { "yes" } else { "no" })
    }

    /// The user has an inbox in front of him.
    pub(crate) fn look(&self, account: AccountId, at: UnixTime) -> Result<()> {
        self.write_own(|c| {
            let recent = c
                .prepare_cached("SELECT 1 FROM looks WHERE at > ?2 AND at <= ?3 AND account = ?1")?
                .exists((account.0, at.plus(-SAME_LOOK).0, at.0))?;
            if !recent {
                c.prepare_cached("INSERT INTO looks (account, at) VALUES (?1, ?2)")?
                    .execute((account.0, at.0))?;
                c.prepare_cached("DELETE FROM looks WHERE at < ?1")?
                    .execute([at.plus(-KEEP_LOOKS).0])?;
            }
            Ok(())
        })
    }

    /// When inboxes were looked at since then, earliest first.
    pub(crate) fn looks_since(&self, since: UnixTime) -> Result<Vec<UnixTime>> {
        self.read_own(|c| {
            let mut statement =
                c.prepare_cached("SELECT at FROM looks WHERE at >= ?1 ORDER BY at")?;
            let rows = statement.query_map([since.0], |row| row.get(0).map(UnixTime))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Under what it is remembered whether an account rests. Numbers of accounts are never given twice.
fn paused(account: AccountId) -> String {
    format!("paused.{account}")
}
