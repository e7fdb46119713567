//! Folders: what the server lists, and where the sync of each stands.

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::{AccountId, FolderId};

use super::rows::unsigned;
use super::{FolderSync, RemoteFolder, Store};
use crate::error::Result;

const ROLES: [(Role, &str); 6] = [
    (Role::Inbox, "inbox"),
    (Role::Drafts, "drafts"),
    (Role::Sent, "sent"),
    (Role::Archive, "archive"),
    (Role::Junk, "junk"),
    (Role::Trash, "trash"),
];

fn role_name(role: Role) -> &'static str {
    ROLES
        .iter()
        .find(|(known, _)| *known == role)
        .map_or("", |(_, name)| name)
}

fn role(name: Option<String>) -> Option<Role> {
    let name = name?;
    ROLES
        .iter()
        .find(|(_, known)| **known == name)
        .map(|(role, _)| *role)
}

const SELECT_FOLDER: &str = "SELECT id, account, name, role, selectable, total, unread, uidvalidity
       FROM folders";

fn folder(row: &Row<'_>) -> rusqlite::Result<Folder> {
    Ok(Folder {
        id: FolderId(row.get(0)?),
        account: AccountId(row.get(1)?),
        name: row.get(2)?,
        role: role(row.get(3)?),
        selectable: row.get(4)?,
        total: row.get(5)?,
        unread: row.get(6)?,
        uidvalidity: row.get(7)?,
    })
}

impl Store {
    /// Takes over the server's list; folders it lacks go with their messages. Tells whether
    /// anything changed.
    pub(crate) fn put_folders(&self, account: AccountId, list: &[RemoteFolder]) -> Result<bool> {
        self.write(|c| {
            let mut changed = 0;
            let mut upsert = c.prepare_cached(
                "INSERT INTO folders (account, raw_name, name, role, selectable)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (account, raw_name) DO UPDATE
                    SET name = ?3, role = ?4, selectable = ?5
                  WHERE name <> ?3 OR role IS NOT ?4 OR selectable <> ?5",
            )?;
            for remote in list {
                let role = remote.role.map(role_name);
                changed += upsert.execute((
                    account.0,
                    &remote.raw_name,
                    &remote.name,
                    role,
                    remote.selectable,
                ))?;
            }
            for (id, raw_name) in raw_names(c, account)? {
                if !list.iter().any(|remote| remote.raw_name == raw_name) {
                    drop_folder(c, id)?;
                    changed += 1;
                }
            }
            Ok(changed > 0)
        })
    }

    /// The folders of an account.
    pub(crate) fn folders(&self, account: AccountId) -> Result<Vec<Folder>> {
        self.read(|c| {
            let mut statement =
                c.prepare_cached(&format!("{SELECT_FOLDER} WHERE account = ?1 ORDER BY id"))?;
            let rows = statement.query_map([account.0], folder)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The folder of an account that plays a part.
    pub(crate) fn folder_role(&self, account: AccountId, wanted: Role) -> Result<Option<FolderId>> {
        self.read(|c| by_role(c, account, wanted))
    }

    /// Where the sync of a folder stands.
    pub(crate) fn folder_sync(&self, id: FolderId) -> Result<FolderSync> {
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT raw_name, name, role, account, uidvalidity, uidnext, highestmodseq
                   FROM folders WHERE id = ?1",
            )?;
            Ok(statement.query_row([id.0], |row| {
                Ok(FolderSync {
                    raw_name: row.get(0)?,
                    name: row.get(1)?,
                    role: role(row.get(2)?),
                    account: AccountId(row.get(3)?),
                    uidvalidity: row.get(4)?,
                    uidnext: row.get(5)?,
                    highestmodseq: row.get::<_, Option<i64>>(6)?.map(unsigned),
                })
            })?)
        })
    }
}

/// The folder of an account that plays a part; the first listed where several claim it.
pub(super) fn by_role(
    c: &Connection,
    account: AccountId,
    wanted: Role,
) -> Result<Option<FolderId>> {
    let mut statement = c.prepare_cached(
        "SELECT id FROM folders
          WHERE account = ?1 AND role = ?2 AND selectable ORDER BY id LIMIT 1",
    )?;
    let id = statement
        .query_row((account.0, role_name(wanted)), |row| row.get(0))
        .optional()?;
    Ok(id.map(FolderId))
}

fn raw_names(c: &Connection, account: AccountId) -> Result<Vec<(i64, String)>> {
    let mut statement = c.prepare_cached("SELECT id, raw_name FROM folders WHERE account = ?1")?;
    let rows = statement.query_map([account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Removes a folder with its messages. Messages that were on their way into it are still where
/// they were on the server: those folders are looked through anew.
fn drop_folder(c: &Connection, id: i64) -> Result<()> {
    c.execute(
        "UPDATE folders SET uidnext = NULL, highestmodseq = NULL
          WHERE id IN (SELECT folder FROM ops WHERE target = ?1)",
        [id],
    )?;
    c.execute("DELETE FROM folders WHERE id = ?1", [id])?;
    Ok(())
}
