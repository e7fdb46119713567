//! The half of the queue that changes the tree of folders: what its operations come to once the
//! server has done or refused them.

use rusqlite::{Connection, OptionalExtension as _};
use tcv_domain::folder::name::{is_within, raw_is_within, rebased, with_leaf};
use tcv_domain::message::{AccountId, FolderId, MessageId, UnixTime};

use super::{Kind, Queued, SELECT_OP, by_id, place_row, queued, remove, take_move_back};
use crate::error::Result;
use crate::store::folders::{Node, account_of, drop_folder, heir, nodes};
use crate::store::rows::place;
use crate::store::{Store, TakenBack};

impl Store {
    /// The server has done a change of the tree; `raw_name` is the folder's name there, as the
    /// server writes it (of no meaning for one that was deleted).
    pub(crate) fn finish_tree_op(&self, id: i64, raw_name: &str) -> Result<()> {
        self.write_durable(|c| {
            let Some(op) = by_id(c, id)? else {
                return Ok(());
            };
            remove(c, id)?;
            match (op.kind, op.folder) {
                (Kind::Create, Some(folder)) => made(c, folder, raw_name),
                (Kind::Rename, Some(folder)) => renamed(c, folder, raw_name),
                (Kind::Delete, Some(folder)) => drop_folder(c, folder),
                _ => Ok(()),
            }
        })
    }

    /// The raw names of a folder and of those below it.
    pub(crate) fn raw_names_within(&self, folder: FolderId) -> Result<Vec<String>> {
        self.read(|c| {
            let Some(account) = account_of(c, folder)? else {
                return Ok(Vec::new());
            };
            let all = nodes(c, account)?;
            let Some(top) = all.iter().find(|node| node.id == folder) else {
                return Ok(Vec::new());
            };
            let within = |node: &&Node| {
                node.made && raw_is_within(&node.raw_name, &top.raw_name, top.delimiter)
            };
            let names = all.iter().filter(within);
            Ok(names.map(|node| node.raw_name.clone()).collect())
        })
    }

    /// Forgets folders that were made and deleted again before the server heard of them. Whether
    /// there were any.
    pub(crate) fn forget_stillborn(&self, account: AccountId, now: UnixTime) -> Result<bool> {
        const STILLBORN: &str = "SELECT d.folder FROM ops d
              JOIN ops b ON b.folder = d.folder AND b.kind = 'create'
                        AND b.state = 0 AND b.attempts = 0
             WHERE d.account = ?1 AND d.kind = 'delete' AND d.state = 0
               AND (d.due IS NULL OR d.due <= ?2)";
        let any = self.read(|c| {
            let mut statement = c.prepare_cached(STILLBORN)?;
            Ok(statement.exists((account.0, now.0))?)
        })?;
        if !any {
            return Ok(false);
        }
        self.write_durable(|c| {
            let sql = format!("DELETE FROM folders WHERE NOT made AND id IN ({STILLBORN})");
            Ok(c.execute(&sql, (account.0, now.0))? > 0)
        })
    }
}

/// The server has the folder. Should a row for it have come with a list, that one stays: it has
/// the messages.
fn made(c: &Connection, folder: FolderId, raw_name: &str) -> Result<()> {
    let Some(account) = account_of(c, folder)? else {
        return Ok(());
    };
    let known: Option<i64> = c
        .prepare_cached("SELECT id FROM folders WHERE account = ?1 AND raw_name = ?2 AND made")?
        .query_row((account.0, raw_name), |row| row.get(0))
        .optional()?;
    let Some(known) = known else {
        c.execute(
            "UPDATE folders SET raw_name = ?2, made = 1 WHERE id = ?1",
            (folder.0, raw_name),
        )?;
        return Ok(());
    };
    for sql in [
        "UPDATE messages SET folder = ?2 WHERE folder = ?1",
        "UPDATE ops SET folder = ?2 WHERE folder = ?1",
        "UPDATE ops SET target = ?2 WHERE target = ?1",
    ] {
        c.execute(sql, (folder.0, known))?;
    }
    c.execute("DELETE FROM folders WHERE id = ?1", [folder.0])?;
    Ok(())
}

/// The server has renamed a folder; those below followed.
fn renamed(c: &Connection, folder: FolderId, raw_name: &str) -> Result<()> {
    let Some(account) = account_of(c, folder)? else {
        return Ok(());
    };
    let all = nodes(c, account)?;
    let Some(top) = all.iter().find(|node| node.id == folder) else {
        return Ok(());
    };
    if top.raw_name == raw_name {
        return Ok(());
    }
    let follows =
        |node: &&Node| node.made && raw_is_within(&node.raw_name, &top.raw_name, top.delimiter);
    // Whatever else was listed under the new names meanwhile is the same folders.
    for other in all.iter().filter(|node| node.made && !follows(node)) {
        if raw_is_within(&other.raw_name, raw_name, top.delimiter) {
            drop_folder(c, other.id)?;
        }
    }
    for node in all.iter().filter(follows) {
        let to = rebased(&node.raw_name, &top.raw_name, raw_name, top.delimiter);
        c.prepare_cached("UPDATE folders SET raw_name = ?2 WHERE id = ?1")?
            .execute((node.id.0, to))?;
    }
    Ok(())
}

/// Shows a folder, and so those below it, under another last level.
pub(in crate::store) fn relabel(c: &Connection, folder: FolderId, leaf: &str) -> Result<()> {
    let Some(account) = account_of(c, folder)? else {
        return Ok(());
    };
    let all = nodes(c, account)?;
    let Some(top) = all.iter().find(|node| node.id == folder) else {
        return Ok(());
    };
    let to = with_leaf(&top.name, Some('/'), leaf);
    let concerned = |node: &&Node| {
        node.id == folder
            || (!node.leaving && node.name != top.name && is_within(&node.name, &top.name))
    };
    for node in all.iter().filter(concerned) {
        let name = rebased(&node.name, &top.name, &to, Some('/'));
        c.prepare_cached("UPDATE folders SET name = ?2 WHERE id = ?1")?
            .execute((node.id.0, name))?;
    }
    Ok(())
}

/// Takes back the local half of what the server refused, if it was a change of the tree.
pub(super) fn take_back(c: &Connection, op: &Queued, taken: &mut TakenBack) -> Result<()> {
    let Some(folder) = op.folder else {
        return Ok(());
    };
    if !matches!(op.kind, Kind::Create | Kind::Rename | Kind::Delete) {
        return Ok(());
    }
    taken.name = c
        .prepare_cached("SELECT name FROM folders WHERE id = ?1")?
        .query_row([folder.0], |row| row.get(0))
        .optional()?;
    match op.kind {
        Kind::Create => discard(c, folder, taken),
        Kind::Rename => rename_back(c, op.id, folder),
        // Shown again as soon as its operation is gone.
        _ => Ok(()),
    }
}

/// Was it renamed once more meanwhile, that later wish stands and starts from the old name.
fn rename_back(c: &Connection, id: i64, folder: FolderId) -> Result<()> {
    let was: String = c
        .prepare_cached("SELECT was FROM ops WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    let later = c
        .prepare_cached(
            "UPDATE ops SET was = ?3 WHERE id = (
                 SELECT min(id) FROM ops WHERE folder = ?2 AND kind = 'rename' AND id > ?1)",
        )?
        .execute((id, folder.0, &was))?;
    if later > 0 {
        return Ok(());
    }
    relabel(c, folder, &was)
}

/// Removes a folder the server does not have and will not get. Messages on their way into it go
/// back to where they are; ones only we hold go to its heir.
pub(in crate::store) fn discard(
    c: &Connection,
    folder: FolderId,
    taken: &mut TakenBack,
) -> Result<()> {
    let mut statement =
        c.prepare_cached("SELECT folder FROM ops WHERE target = ?1 AND kind = 'create'")?;
    let below: Vec<FolderId> = statement
        .query_map([folder.0], |row| row.get(0).map(FolderId))?
        .collect::<rusqlite::Result<_>>()?;
    for child in below {
        discard(c, child, taken)?;
    }
    for op in turn_all_back(c, folder)? {
        taken.messages.extend(op.message);
        taken
            .folders
            .extend(op.folder.filter(|origin| *origin != folder));
    }
    c.execute("DELETE FROM folders WHERE id = ?1", [folder.0])?;
    Ok(())
}

/// Turns back what is on its way into a folder, the last first: messages that are moved to where
/// they are, ones only we hold to the folder's heir. Returns the operations as they were.
pub(in crate::store) fn turn_all_back(c: &Connection, folder: FolderId) -> Result<Vec<Queued>> {
    let on_their_way = format!(
        "{SELECT_OP} WHERE (target = ?1 AND kind = 'move') OR (folder = ?1 AND kind = 'append')
          ORDER BY id DESC"
    );
    let ops: Vec<Queued> = c
        .prepare_cached(&on_their_way)?
        .query_map([folder.0], queued)?
        .collect::<rusqlite::Result<_>>()?;
    for op in &ops {
        if let Some(message) = op.message {
            turn_back(c, folder, message, op)?;
        }
    }
    Ok(ops)
}

fn turn_back(c: &Connection, folder: FolderId, message: MessageId, op: &Queued) -> Result<()> {
    if op.kind == Kind::Move {
        remove(c, op.id)?;
        return take_move_back(c, message, op);
    }
    let Some(account) = account_of(c, folder)? else {
        return Ok(());
    };
    let Some(heir) = heir(c, account, folder)? else {
        return Ok(());
    };
    c.prepare_cached("UPDATE ops SET folder = ?2 WHERE id = ?1")?
        .execute((op.id, heir.0))?;
    // It may have been moved on from there.
    if place(c, message)?.is_some_and(|place| place.folder == folder) {
        place_row(c, message, heir, None)?;
    }
    Ok(())
}
