//! The accounts. Passwords are in the keyring.

use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row};
use tcv_domain::address::Address;
use tcv_domain::message::AccountId;
use tcv_domain::profile::ServerUrl;

use super::Store;
use crate::error::Result;
use crate::types::Account;

const SELECT_ACCOUNT: &str = "SELECT id, name, address, aliases, login, imap, smtp FROM accounts";

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: AccountId(row.get(0)?),
        identity: Address::new(row.get::<_, String>(1)?, row.get::<_, String>(2)?),
        aliases: serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default(),
        login: row.get(4)?,
        imap: server(row, 5)?,
        smtp: server(row, 6)?,
    })
}

fn server(row: &Row<'_>, column: usize) -> rusqlite::Result<ServerUrl> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

impl Store {
    /// All accounts, in the order they were added.
    pub(crate) fn accounts(&self) -> Result<Vec<Account>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached(&format!("{SELECT_ACCOUNT} ORDER BY id"))?;
            let rows = statement.query_map([], account)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// One account.
    pub(crate) fn account(&self, id: AccountId) -> Result<Option<Account>> {
        self.read_own(|c| {
            let mut statement = c.prepare_cached(&format!("{SELECT_ACCOUNT} WHERE id = ?1"))?;
            Ok(statement.query_row([id.0], account).optional()?)
        })
    }

    /// Adds an account (its id is 0) or replaces one.
    pub(crate) fn put_account(&self, account: &Account) -> Result<AccountId> {
        let id = (account.id.0 != 0).then_some(account.id.0);
        let aliases = serde_json::to_string(&account.aliases)?;
        self.write_own(|c| {
            c.prepare_cached(
                "INSERT INTO accounts (id, name, address, aliases, login, imap, smtp)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (id) DO UPDATE SET name = ?2, address = ?3, aliases = ?4,
                    login = ?5, imap = ?6, smtp = ?7",
            )?
            .execute((
                id,
                &account.identity.name,
                &account.identity.address,
                &aliases,
                &account.login,
                account.imap.to_string(),
                account.smtp.to_string(),
            ))?;
            Ok(id.map_or_else(|| AccountId(c.last_insert_rowid()), AccountId))
        })
    }

    /// Forgets an account with its part of the cache. Drafts and what is in the outbox stay;
    /// nothing more is sent for it.
    pub(crate) fn remove_account(&self, id: AccountId) -> Result<()> {
        self.write_own(|c| {
            c.execute(
                "UPDATE outbox SET state = 'refused', due = NULL
                  WHERE account = ?1 AND state IN ('held', 'queued')",
                [id.0],
            )?;
            c.execute("DELETE FROM looks WHERE account = ?1", [id.0])?;
            c.execute("DELETE FROM accounts WHERE id = ?1", [id.0])?;
            Ok(())
        })?;
        self.write(|c| {
            c.execute("DELETE FROM ops WHERE account = ?1", [id.0])?;
            c.execute("DELETE FROM folders WHERE account = ?1", [id.0])?;
            Ok(())
        })
    }
}
