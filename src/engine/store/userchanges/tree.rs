//! What the user changes in the tree of folders: making, renaming, deleting and emptying, the
//! effect here and the operation for the server in one transaction.
//!
//! Only the last operation on the tree is folded together with a later wish: one in between may
//! need the name it gives or takes.

use rusqlite::{Connection, OptionalExtension as _};
use tcv_domain::folder::Role;
use tcv_domain::folder::name::{self, is_within};
use tcv_domain::message::{AccountId, FolderId, MessageId, UnixTime};
use tcv_domain::text::nfc;

use super::{Changed, move_to};
use crate::error::{Error, Kind as Fault, Result};
use crate::store::folders::{Node, account_of, by_role, nodes};
use crate::store::opqueue::{self, discard, relabel, show_flags};
use crate::store::rows::place;
use crate::store::{Store, TakenBack};
use crate::types::UndoStep;

impl Store {
    /// Makes a folder, and those above it that are missing. `typed` holds levels joined by `/`.
    pub(crate) fn create_folder(
        &self,
        account: AccountId,
        parent: Option<FolderId>,
        typed: &str,
    ) -> Result<(FolderId, Changed)> {
        self.write_durable(|c| {
            let mut changed = Changed::default();
            changed.touch_tree(account);
            let id = create(c, account, parent, typed, &mut changed)?;
            Ok((id, changed))
        })
    }

    /// Gives a folder another last level of its name.
    pub(crate) fn rename_folder(&self, folder: FolderId, typed: &str) -> Result<Changed> {
        self.write_durable(|c| {
            let mut changed = Changed::default();
            rename(c, folder, typed, &mut changed)?;
            Ok(changed)
        })
    }

    /// Deletes a folder with those below it; its messages go to Trash. The server is told at
    /// `due`.
    pub(crate) fn delete_folder(&self, folder: FolderId, due: UnixTime) -> Result<Changed> {
        self.write_durable(|c| {
            let mut changed = Changed::default();
            delete(c, folder, due, &mut changed)?;
            Ok(changed)
        })
    }

    /// Removes all messages of Trash or Junk for good. The server is told at `due`.
    pub(crate) fn empty_folder(&self, folder: FolderId, due: UnixTime) -> Result<Changed> {
        self.write_durable(|c| {
            let mut changed = Changed::default();
            empty(c, folder, due, &mut changed)?;
            Ok(changed)
        })
    }
}

fn unwanted(detail: impl Into<String>) -> Error {
    Error::new(Fault::BadRequest, detail)
}

/// A folder that is shown, and all others of its account.
fn tree_of(c: &Connection, folder: FolderId) -> Result<(Node, Vec<Node>)> {
    let missing = || Error::new(Fault::NotFound, format!("folder {folder}"));
    let account = account_of(c, folder)?.ok_or_else(missing)?;
    let all = nodes(c, account)?;
    let node = all.iter().find(|node| node.id == folder && !node.leaving);
    Ok((node.cloned().ok_or_else(missing)?, all))
}

/// One the user made or may do with as they like.
fn own(node: &Node) -> Result<()> {
    match node.role {
        Some(role) => Err(unwanted(format!("{} is the {role:?} folder", node.name))),
        None => Ok(()),
    }
}

fn shown<'n>(all: &'n [Node], name: &str) -> Option<&'n Node> {
    let is_called = |node: &&Node| {
        !node.leaving
            && (nfc(&node.name) == name
                || (node.role == Some(Role::Inbox) && node.name.eq_ignore_ascii_case(name)))
    };
    all.iter().find(is_called)
}

/// Where new folders at the top lie: below the inbox where all others do (as
/// `imap::folders::top_name` has it).
fn top(all: &[Node]) -> Option<&Node> {
    let inbox = all.iter().find(|node| node.role == Some(Role::Inbox))?;
    let mut others = all.iter().filter(|node| node.id != inbox.id).peekable();
    let below = |node: &Node| node.name != inbox.name && is_within(&node.name, &inbox.name);
    (others.peek().is_some() && others.all(below)).then_some(inbox)
}

fn create(
    c: &Connection,
    account: AccountId,
    parent: Option<FolderId>,
    typed: &str,
    changed: &mut Changed,
) -> Result<FolderId> {
    let all = nodes(c, account)?;
    let delimiter = all.iter().find_map(|node| node.delimiter);
    let levels = name::levels(typed, delimiter).map_err(|fault| unwanted(fault.to_string()))?;
    let mut above = match parent {
        Some(id) => Some(tree_of(c, id)?.0),
        None => top(&all).cloned(),
    };
    if above.as_ref().is_some_and(|above| above.account != account) {
        return Err(unwanted("the folder is another account's"));
    }
    let mut made = None;
    for leaf in levels {
        let full = match &above {
            Some(above) => format!("{}/{leaf}", above.name),
            None => leaf.clone(),
        };
        if let Some(known) = shown(&all, &full) {
            above = Some(known.clone());
            continue;
        }
        if let Some(known) = called_off(c, &all, &full)? {
            changed
                .undo
                .push(UndoStep::CreateFolder { folder: known.id });
            made = Some(known.id);
            above = Some(known);
            continue;
        }
        if above.is_some() && delimiter.is_none() {
            return Err(unwanted("the server has no folders within folders"));
        }
        let id = insert(c, account, above.as_ref(), (&full, &leaf, delimiter))?;
        changed.undo.push(UndoStep::CreateFolder { folder: id });
        made = Some(id);
        above = nodes(c, account)?.into_iter().find(|node| node.id == id);
    }
    made.ok_or_else(|| unwanted("there is a folder of this name"))
}

/// Where a folder of this name is to be deleted and nobody has begun to: it stays instead, emptied
/// as it is.
fn called_off(c: &Connection, all: &[Node], name: &str) -> Result<Option<Node>> {
    for node in all
        .iter()
        .filter(|node| node.leaving && nfc(&node.name) == name)
    {
        if call_deletion_off(c, node.id)? {
            let leaving = false;
            return Ok(Some(Node {
                leaving,
                ..node.clone()
            }));
        }
    }
    Ok(None)
}

/// Takes a deletion back that nobody has begun to push; whether there was one.
fn call_deletion_off(c: &Connection, folder: FolderId) -> Result<bool> {
    let open =
        "DELETE FROM ops WHERE folder = ?1 AND kind = 'delete' AND state = 0 AND attempts = 0";
    let called_off = c.prepare_cached(open)?.execute([folder.0])? > 0;
    if called_off {
        c.prepare_cached("UPDATE ops SET due = NULL WHERE folder = ?1 AND kind = 'create'")?
            .execute([folder.0])?;
    }
    Ok(called_off)
}

fn insert(
    c: &Connection,
    account: AccountId,
    above: Option<&Node>,
    (name, leaf, delimiter): (&str, &str, Option<char>),
) -> Result<FolderId> {
    c.prepare_cached(
        "INSERT INTO folders (account, raw_name, name, selectable, delimiter, made)
         VALUES (?1, '', ?2, 1, ?3, 0)",
    )?
    .execute((account.0, name, delimiter.map(String::from)))?;
    let id = FolderId(c.last_insert_rowid());
    c.prepare_cached(
        "INSERT INTO ops (account, kind, folder, target, leaf) VALUES (?1, 'create', ?2, ?3, ?4)",
    )?
    .execute((account.0, id.0, above.map(|above| above.id.0), leaf))?;
    Ok(id)
}

/// The last operation on the tree, if it is one on this folder that nobody has begun to push.
fn last_op(c: &Connection, node: &Node) -> Result<Option<(i64, String, String)>> {
    let op = c
        .prepare_cached(
            "SELECT id, kind, was FROM ops
              WHERE folder = ?2 AND state = 0 AND attempts = 0
                AND id = (SELECT max(id) FROM ops
                           WHERE account = ?1 AND kind IN ('create', 'rename', 'delete'))",
        )?
        .query_row((node.account.0, node.id.0), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        });
    Ok(op.optional()?)
}

fn rename(c: &Connection, folder: FolderId, typed: &str, changed: &mut Changed) -> Result<()> {
    let (node, all) = tree_of(c, folder)?;
    own(&node)?;
    let leaf = name::level(typed, node.delimiter).map_err(|fault| unwanted(fault.to_string()))?;
    changed.touch_tree(node.account);
    if leaf == node.leaf() {
        return Ok(());
    }
    if shown(&all, &name::with_leaf(&node.name, Some('/'), &leaf)).is_some() {
        return Err(unwanted("there is a folder of this name"));
    }
    match last_op(c, &node)? {
        Some((op, kind, was)) if kind == "rename" && was == leaf => opqueue::remove(c, op)?,
        Some((op, kind, _)) if kind != "delete" => {
            c.prepare_cached("UPDATE ops SET leaf = ?2 WHERE id = ?1")?
                .execute((op, &leaf))?;
        }
        _ => {
            c.prepare_cached(
                "INSERT INTO ops (account, kind, folder, leaf, was)
                 VALUES (?1, 'rename', ?2, ?3, ?4)",
            )?
            .execute((node.account.0, folder.0, &leaf, node.leaf()))?;
        }
    }
    relabel(c, folder, &leaf)?;
    changed.undo.push(UndoStep::RenameFolder {
        folder,
        leaf: node.leaf().to_owned(),
    });
    Ok(())
}

fn delete(c: &Connection, folder: FolderId, due: UnixTime, changed: &mut Changed) -> Result<()> {
    let (top, all) = tree_of(c, folder)?;
    changed.touch_tree(top.account);
    let mut tree: Vec<&Node> = all
        .iter()
        .filter(|node| !node.leaving && is_within(&node.name, &top.name))
        .collect();
    // The server deletes only what has nothing below it (RFC 9051 §6.3.5).
    tree.sort_by_key(|node| std::cmp::Reverse(node.name.matches('/').count()));
    for node in &tree {
        own(node)?;
        clear(c, node, changed)?;
    }
    for node in tree {
        c.prepare_cached(
            "INSERT INTO ops (account, kind, folder, due) VALUES (?1, 'delete', ?2, ?3)",
        )?
        .execute((node.account.0, node.id.0, due.0))?;
        // One the server does not know yet need not be made first.
        c.prepare_cached("UPDATE ops SET due = ?2 WHERE folder = ?1 AND kind = 'create'")?
            .execute((node.id.0, due.0))?;
        changed
            .undo
            .push(UndoStep::DeleteFolder { folder: node.id });
    }
    Ok(())
}

/// Moves the messages of a folder to Trash.
fn clear(c: &Connection, node: &Node, changed: &mut Changed) -> Result<()> {
    let kept = c
        .prepare_cached("SELECT 1 FROM ops WHERE folder = ?1 AND state = 2")?
        .exists([node.id.0])?;
    let messages = ids(
        c,
        "SELECT id FROM messages WHERE folder = ?1 AND flags & 8 = 0",
        node.id,
    )?;
    if messages.is_empty() && !kept {
        return Ok(());
    }
    let trash = by_role(c, node.account, Role::Trash)?.filter(|_| !kept);
    let trash = trash.ok_or_else(|| unwanted("the folder is not empty"))?;
    for id in messages {
        if let Some(place) = place(c, id)? {
            move_to(c, &place, trash, changed)?;
        }
    }
    Ok(())
}

fn ids(c: &Connection, sql: &str, folder: FolderId) -> Result<Vec<MessageId>> {
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([folder.0], |row| row.get(0).map(MessageId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All at once: there may be many thousands.
fn empty(c: &Connection, folder: FolderId, due: UnixTime, changed: &mut Changed) -> Result<()> {
    const OPEN: &str = "folder = ?1 AND NOT EXISTS (
         SELECT 1 FROM ops WHERE ops.message = messages.id AND ops.kind = 'expunge')";
    let (node, _) = tree_of(c, folder)?;
    if !matches!(node.role, Some(Role::Trash | Role::Junk)) {
        return Err(unwanted("only Trash and Junk are emptied"));
    }
    changed.touch_tree(node.account);
    let messages = ids(c, &format!("SELECT id FROM messages WHERE {OPEN}"), folder)?;
    if messages.is_empty() {
        return Ok(());
    }
    c.execute(
        &format!(
            "INSERT INTO ops (account, kind, message, due)
             SELECT ?2, 'expunge', id, ?3 FROM messages WHERE {OPEN} ORDER BY id"
        ),
        (folder.0, node.account.0, due.0),
    )?;
    c.execute(
        "UPDATE messages SET flags = flags | 8 WHERE folder = ?1 AND flags & 8 = 0",
        [folder.0],
    )?;
    changed.folders.push((folder, messages.clone()));
    changed.undo.push(UndoStep::Expunge { messages });
    Ok(())
}

/// Takes back that a folder was made: as if it had never been, or deleted while it is empty.
pub(super) fn undo_create(c: &Connection, folder: FolderId, changed: &mut Changed) -> Result<()> {
    let Some(account) = account_of(c, folder)? else {
        return Ok(());
    };
    changed.touch_tree(account);
    let unborn = c
        .prepare_cached(
            "SELECT 1 FROM ops WHERE folder = ?1 AND kind = 'create'
                AND state = 0 AND attempts = 0",
        )?
        .exists([folder.0])?;
    if unborn {
        let mut taken = TakenBack::default();
        discard(c, folder, &mut taken)?;
        for folder in taken.folders {
            changed.folders.push((folder, Vec::new()));
        }
        return Ok(());
    }
    if !ids(c, "SELECT id FROM messages WHERE folder = ?1", folder)?.is_empty() {
        return Err(unwanted("the folder is not empty"));
    }
    delete(c, folder, UnixTime::default(), changed)
}

/// Takes back that a folder was renamed.
pub(super) fn undo_rename(
    c: &Connection,
    folder: FolderId,
    leaf: &str,
    changed: &mut Changed,
) -> Result<()> {
    rename(c, folder, leaf, changed)
}

/// Takes back that a folder was deleted, while the server does not know.
pub(super) fn undo_delete(c: &Connection, folder: FolderId, changed: &mut Changed) -> Result<()> {
    let gone = || unwanted("the folder is deleted on the server");
    changed.touch_tree(account_of(c, folder)?.ok_or_else(gone)?);
    call_deletion_off(c, folder)?;
    let begun = "SELECT 1 FROM ops WHERE folder = ?1 AND kind = 'delete' AND state <> 2";
    if c.prepare_cached(begun)?.exists([folder.0])? {
        return Err(gone());
    }
    Ok(())
}

/// Takes back that messages were removed for good, as far as the server does not know.
pub(super) fn undo_expunge(
    c: &Connection,
    messages: &[MessageId],
    changed: &mut Changed,
) -> Result<()> {
    let mut back = 0;
    for id in messages {
        let Some(place) = place(c, *id)? else {
            continue;
        };
        let open = "DELETE FROM ops
             WHERE message = ?1 AND kind = 'expunge' AND state = 0 AND attempts = 0";
        if c.prepare_cached(open)?.execute([id.0])? > 0 {
            show_flags(c, *id)?;
            changed.touch(place.account, place.folder, *id);
            back += 1;
        }
    }
    if back == 0 && !messages.is_empty() {
        return Err(unwanted("the messages are removed on the server"));
    }
    Ok(())
}
