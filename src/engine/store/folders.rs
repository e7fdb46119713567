//! Folders: what the server lists, and where the sync of each stands.
//!
//! Names and folders the server does not have yet (see `userchanges::tree`) outlive its list:
//! while an operation of ours is pending, the list is read as if it were done already.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _, Row};
use tcv_domain::folder::name::{is_within, raw_is_within, shown};
use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::{AccountId, FolderId};

use super::opqueue::turn_all_back;
use super::rows::unsigned;
use super::{FolderSync, Known, RemoteFolder, Store};
use crate::error::Result;

const ROLES: [(Role, &str); 6] = [
    (Role::Inbox, "inbox"),
    (Role::Drafts, "drafts"),
    (Role::Sent, "sent"),
    (Role::Archive, "archive"),
    (Role::Junk, "junk"),
    (Role::Trash, "trash"),
];

pub(super) fn role_name(role: Role) -> &'static str {
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
       FROM folders WHERE account = ?1";

/// A folder that is to be deleted is not shown any more.
const STAYS: &str = "NOT EXISTS (SELECT 1 FROM ops WHERE ops.folder = folders.id
                                    AND ops.kind = 'delete' AND ops.state <> 2)";

/// Messages are still to be moved out of a folder.
const IS_LEFT: &str = "EXISTS (SELECT 1 FROM ops WHERE ops.folder = folders.id
                                  AND ops.kind = 'move' AND ops.state <> 2)";

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
            let held = Held::of(c, account)?;
            let mut changed = 0;
            let mut upsert = c.prepare_cached(
                "INSERT INTO folders (account, raw_name, name, role, selectable, delimiter)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (account, raw_name) WHERE made DO UPDATE
                    SET name = ?3, role = ?4, selectable = ?5, delimiter = ?6
                  WHERE name <> ?3 OR role IS NOT ?4 OR selectable <> ?5
                     OR delimiter IS NOT ?6",
            )?;
            for remote in list.iter().filter(|remote| !held.speaks_for(remote)) {
                changed += upsert.execute((
                    account.0,
                    &remote.raw_name,
                    held.shown(remote),
                    remote.role.map(role_name),
                    remote.selectable,
                    remote.delimiter.map(String::from),
                ))?;
            }
            let listed: HashSet<&str> = list.iter().map(|f| f.raw_name.as_str()).collect();
            for node in held.nodes.iter().filter(|node| node.made) {
                if !listed.contains(node.raw_name.as_str()) && !held.keeps(node) {
                    drop_folder(c, node.id)?;
                    changed += 1;
                }
            }
            // Made here below one that is gone now, or saved without their operation.
            for id in orphans(c, account)? {
                drop_folder(c, id)?;
                changed += 1;
            }
            Ok(changed > 0)
        })
    }

    /// The folders of an account, as they are shown.
    pub(crate) fn folders(&self, account: AccountId) -> Result<Vec<Folder>> {
        self.read(|c| some_folders(c, account, STAYS))
    }

    /// Those the server has, also where it is to delete them.
    pub(crate) fn server_folders(&self, account: AccountId) -> Result<Vec<Folder>> {
        self.read(|c| some_folders(c, account, "made"))
    }

    /// Those of them that are looked through: one that is to be deleted as long as a message to be
    /// moved out of it may still have to learn its UID there.
    pub(crate) fn pulled_folders(&self, account: AccountId) -> Result<Vec<Folder>> {
        self.read(|c| some_folders(c, account, &format!("made AND ({STAYS} OR {IS_LEFT})")))
    }

    /// Whether a change of ours to the folder itself waits for the server.
    pub(crate) fn has_tree_op(&self, folder: FolderId) -> Result<bool> {
        self.read(|c| {
            let sql = "SELECT 1 FROM ops WHERE folder = ?1 AND state <> 2
                          AND kind IN ('create', 'rename', 'delete')";
            Ok(c.prepare_cached(sql)?.exists([folder.0])?)
        })
    }

    /// The newest messages the server has told of in a folder.
    pub(crate) fn sample(&self, folder: FolderId, most: usize) -> Result<Vec<Known>> {
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT uid, message_id, size FROM messages
                  WHERE folder = ?1 AND uid IS NOT NULL ORDER BY uid DESC LIMIT ?2",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = statement.query_map((folder.0, most), |row| {
                Ok(Known {
                    uid: row.get(0)?,
                    message_id: row.get(1)?,
                    size: unsigned(row.get(2)?),
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// A folder has another name on the server.
    pub(crate) fn follow_folder(&self, id: FolderId, raw_name: &str) -> Result<()> {
        self.write(|c| {
            c.execute(
                "UPDATE folders SET raw_name = ?2 WHERE id = ?1",
                (id.0, raw_name),
            )?;
            Ok(())
        })
    }

    /// Whether the server is still to delete the folder of this name.
    pub(crate) fn is_leaving(&self, account: AccountId, raw_name: &str) -> Result<bool> {
        self.read(|c| {
            let all = nodes(c, account)?;
            let leaves = |node: &Node| node.made && node.leaving && node.raw_name == raw_name;
            Ok(all.iter().any(leaves))
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
                "SELECT raw_name, name, role, account, uidvalidity, uidnext, highestmodseq,
                        delimiter
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
                    delimiter: delimiter(row.get(7)?),
                })
            })?)
        })
    }
}

fn some_folders(c: &Connection, account: AccountId, condition: &str) -> Result<Vec<Folder>> {
    let sql = format!("{SELECT_FOLDER} AND {condition} ORDER BY id");
    let mut statement = c.prepare_cached(&sql)?;
    let rows = statement.query_map([account.0], folder)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn delimiter(text: Option<String>) -> Option<char> {
    text?.chars().next()
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

/// Who takes over what one folder was to take in: another that plays its part, else the inbox.
pub(super) fn heir(
    c: &Connection,
    account: AccountId,
    folder: FolderId,
) -> Result<Option<FolderId>> {
    let mut statement = c.prepare_cached(
        "SELECT id FROM folders
          WHERE account = ?1 AND id <> ?2 AND selectable AND made
            AND (role = 'inbox' OR role = (SELECT role FROM folders WHERE id = ?2))
          ORDER BY role = 'inbox', id LIMIT 1",
    )?;
    let id = statement
        .query_row((account.0, folder.0), |row| row.get(0))
        .optional()?;
    Ok(id.map(FolderId))
}

/// A folder among the others, hidden ones included.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: FolderId,
    pub(super) account: AccountId,
    pub(super) raw_name: String,
    pub(super) name: String,
    pub(super) delimiter: Option<char>,
    pub(super) role: Option<Role>,
    /// Whether the server has it.
    pub(super) made: bool,
    /// Whether it is to be deleted.
    pub(super) leaving: bool,
}

impl Node {
    /// The last level of the shown name.
    pub(super) fn leaf(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// All folders of an account.
pub(super) fn nodes(c: &Connection, account: AccountId) -> Result<Vec<Node>> {
    let mut statement = c.prepare_cached(
        "SELECT id, raw_name, name, delimiter, role, made,
                EXISTS (SELECT 1 FROM ops WHERE ops.folder = folders.id
                           AND ops.kind = 'delete' AND ops.state <> 2)
           FROM folders WHERE account = ?1 ORDER BY id",
    )?;
    let rows = statement.query_map([account.0], |row| {
        Ok(Node {
            id: FolderId(row.get(0)?),
            account,
            raw_name: row.get(1)?,
            name: row.get(2)?,
            delimiter: delimiter(row.get(3)?),
            role: role(row.get(4)?),
            made: row.get(5)?,
            leaving: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Folders neither we nor the server will make.
fn orphans(c: &Connection, account: AccountId) -> Result<Vec<FolderId>> {
    let mut statement = c.prepare_cached(
        "SELECT id FROM folders WHERE account = ?1 AND NOT made
            AND NOT EXISTS (SELECT 1 FROM ops WHERE ops.folder = folders.id
                               AND ops.kind = 'create' AND ops.state <> 2)",
    )?;
    let rows = statement.query_map([account.0], |row| row.get(0).map(FolderId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The account of a folder.
pub(super) fn account_of(c: &Connection, id: FolderId) -> Result<Option<AccountId>> {
    let account = c
        .prepare_cached("SELECT account FROM folders WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0).map(AccountId));
    Ok(account.optional()?)
}

/// What pending operations hold against the server's list.
struct Held {
    nodes: Vec<Node>,
    /// Last level of the shown name, by raw name.
    renamed: HashMap<String, String>,
    /// Shown names that the server does not know yet or may just have learnt.
    new_names: Vec<String>,
    known: HashSet<String>,
}

impl Held {
    fn of(c: &Connection, account: AccountId) -> Result<Self> {
        let nodes = nodes(c, account)?;
        let mut statement = c.prepare_cached(
            "SELECT DISTINCT folder FROM ops
              WHERE account = ?1 AND kind = 'rename' AND state <> 2",
        )?;
        let renaming: HashSet<FolderId> = statement
            .query_map([account.0], |row| row.get(0).map(FolderId))?
            .collect::<rusqlite::Result<_>>()?;
        let is_renamed = |node: &&Node| node.made && renaming.contains(&node.id);
        let renamed = nodes.iter().filter(is_renamed);
        let new = nodes.iter().filter(|node| !node.made || is_renamed(node));
        Ok(Self {
            renamed: renamed
                .map(|node| (node.raw_name.clone(), node.leaf().to_owned()))
                .collect(),
            new_names: new.map(|node| node.name.clone()).collect(),
            known: nodes
                .iter()
                .filter(|node| node.made)
                .map(|node| node.raw_name.clone())
                .collect(),
            nodes,
        })
    }

    /// Whether a folder the server lists is one of ours that we do not know it has: the
    /// operation will find out.
    fn speaks_for(&self, remote: &RemoteFolder) -> bool {
        let is_new = |name: &String| is_within(&remote.name, name);
        !self.known.contains(&remote.raw_name)
            && !self.is_renamed(&remote.raw_name, remote.delimiter)
            && self.new_names.iter().any(is_new)
    }

    /// Whether a folder the server does not list may be there under its new name.
    fn keeps(&self, node: &Node) -> bool {
        self.is_renamed(&node.raw_name, node.delimiter)
    }

    fn is_renamed(&self, raw_name: &str, delimiter: Option<char>) -> bool {
        self.renamed
            .keys()
            .any(|from| raw_is_within(raw_name, from, delimiter))
    }

    fn shown(&self, remote: &RemoteFolder) -> String {
        shown(
            &remote.raw_name,
            &remote.name,
            remote.delimiter,
            &self.renamed,
        )
    }
}

/// Removes a folder with its messages. Those on their way into it turn back: on the server they
/// are still where they were, if it has them at all, and their folders are looked through anew.
pub(super) fn drop_folder(c: &Connection, id: FolderId) -> Result<()> {
    c.execute(
        "UPDATE folders SET uidnext = NULL, highestmodseq = NULL
          WHERE id IN (SELECT folder FROM ops WHERE target = ?1 AND kind = 'move')",
        [id.0],
    )?;
    turn_all_back(c, id)?;
    c.execute("DELETE FROM folders WHERE id = ?1", [id.0])?;
    Ok(())
}
