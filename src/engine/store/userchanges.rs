//! What the user changes: the effect here and the operation for the server, in one transaction.
//!
//! Operations nobody has begun to push are folded together: opposite flags cancel, a second move
//! only changes where the first one goes, and moving back leaves nothing to do.

mod tree;

use rusqlite::Connection;
use tcv_domain::folder::Role;
use tcv_domain::message::{AccountId, FlagChange, Flags, FolderId, MessageId};

use super::Store;
use super::folders::by_role;
use super::opqueue::{self, Kind, Queued, of_message, place_row, show_flags};
use super::rows::{Place, place};
use crate::error::{Error, Kind as Fault, Result};
use crate::types::UndoStep;

/// A change the user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Set and clear flags.
    Flag(FlagChange),
    /// Move to a folder of the same account.
    Move(FolderId),
    /// Move to Trash; what lies there already stays.
    Delete,
    /// Remove for good.
    Expunge,
}

/// What a change did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Accounts concerned, each once.
    pub(crate) accounts: Vec<AccountId>,
    /// Folders concerned, each once, with the messages that came, went or changed there.
    pub(crate) folders: Vec<(FolderId, Vec<MessageId>)>,
    /// What takes it back.
    pub(crate) undo: Vec<UndoStep>,
    /// Messages that went for good.
    pub(crate) expunged: usize,
    /// Bytes nobody needs any more.
    spare_blobs: Vec<i64>,
}

impl Changed {
    fn touch_tree(&mut self, account: AccountId) {
        if !self.accounts.contains(&account) {
            self.accounts.push(account);
        }
    }

    fn touch(&mut self, account: AccountId, folder: FolderId, message: MessageId) {
        self.touch_tree(account);
        match self.folders.iter_mut().find(|(known, _)| *known == folder) {
            Some((_, messages)) => messages.push(message),
            None => self.folders.push((folder, vec![message])),
        }
    }

    /// How many messages were changed.
    pub(crate) fn count(&self) -> usize {
        let touched = self.undo.iter().map(|step| step.messages().len());
        touched.sum::<usize>() + self.expunged
    }
}

impl Store {
    /// Changes messages. Those that are gone meanwhile are passed over.
    pub(crate) fn change(&self, messages: &[MessageId], change: Change) -> Result<Changed> {
        let changed = self.write_durable(|c| {
            let mut changed = Changed::default();
            for id in messages {
                let Some(place) = place(c, *id)? else {
                    continue;
                };
                match change {
                    Change::Flag(flags) => flag(c, &place, flags, &mut changed)?,
                    Change::Move(to) => move_to(c, &place, to, &mut changed)?,
                    Change::Delete => delete(c, &place, &mut changed)?,
                    Change::Expunge => expunge(c, &place, &mut changed)?,
                }
            }
            Ok(changed)
        })?;
        for blob in &changed.spare_blobs {
            self.drop_blob(*blob)?;
        }
        Ok(changed)
    }

    /// Takes changes back, the last first. All or, where one cannot be taken back any more, none.
    pub(crate) fn undo(&self, steps: &[UndoStep]) -> Result<Changed> {
        self.write_durable(|c| {
            let mut changed = Changed::default();
            for step in steps.iter().rev() {
                match step {
                    UndoStep::Flag { message, change } => {
                        if let Some(place) = place(c, *message)? {
                            flag(c, &place, *change, &mut changed)?;
                        }
                    }
                    UndoStep::Move { message, back_to } => {
                        if let Some(place) = place(c, *message)? {
                            move_to(c, &place, *back_to, &mut changed)?;
                        }
                    }
                    UndoStep::Expunge { messages } => {
                        tree::undo_expunge(c, messages, &mut changed)?;
                    }
                    UndoStep::CreateFolder { folder } => {
                        tree::undo_create(c, *folder, &mut changed)?;
                    }
                    UndoStep::RenameFolder { folder, leaf } => {
                        tree::undo_rename(c, *folder, leaf, &mut changed)?;
                    }
                    UndoStep::DeleteFolder { folder } => {
                        tree::undo_delete(c, *folder, &mut changed)?;
                    }
                }
            }
            Ok(changed)
        })
    }

    /// Flags the message an answer or forward was made from, like a change of the user's.
    pub(crate) fn flag_source(&self, message: MessageId, change: FlagChange) -> Result<Changed> {
        self.change(&[message], Change::Flag(change))
    }
}

fn is_being_expunged(ops: &[Queued]) -> bool {
    ops.iter().any(|op| op.kind == Kind::Expunge)
}

fn flag(c: &Connection, place: &Place, wanted: FlagChange, changed: &mut Changed) -> Result<()> {
    // Only what changes what is shown, so that taking it back restores just that.
    let effective = FlagChange {
        add: wanted.add.without(place.flags),
        remove: Flags(wanted.remove.0 & place.flags.0),
    };
    let ops = of_message(c, place.id)?;
    if (effective.add.is_empty() && effective.remove.is_empty()) || is_being_expunged(&ops) {
        return Ok(());
    }
    queue_flag(c, place, effective, &ops)?;
    show_flags(c, place.id)?;
    changed.touch(place.account, place.folder, place.id);
    changed.undo.push(UndoStep::Flag {
        message: place.id,
        change: effective.inverse(),
    });
    Ok(())
}

fn queue_flag(c: &Connection, place: &Place, change: FlagChange, ops: &[Queued]) -> Result<()> {
    let mut flag_ops = ops.iter().filter(|op| op.kind == Kind::Flag);
    let Some(open) = flag_ops.clone().rfind(|op| !op.started) else {
        c.prepare_cached(
            "INSERT INTO ops (account, kind, message, add_flags, remove_flags)
             VALUES (?1, 'flag', ?2, ?3, ?4)",
        )?
        .execute((place.account.0, place.id.0, change.add.0, change.remove.0))?;
        return Ok(());
    };
    let mut merged = FlagChange {
        add: open.change.add.without(change.remove).with(change.add),
        remove: open.change.remove.without(change.add).with(change.remove),
    };
    // While another one is under way nobody knows what the server has.
    if !flag_ops.any(|op| op.started) {
        merged.add = merged.add.without(place.server_flags);
        merged.remove = Flags(merged.remove.0 & place.server_flags.0);
    }
    if merged.add.is_empty() && merged.remove.is_empty() {
        return opqueue::remove(c, open.id);
    }
    c.prepare_cached("UPDATE ops SET add_flags = ?2, remove_flags = ?3 WHERE id = ?1")?
        .execute((open.id, merged.add.0, merged.remove.0))?;
    Ok(())
}

fn move_to(c: &Connection, place: &Place, to: FolderId, changed: &mut Changed) -> Result<()> {
    let ops = of_message(c, place.id)?;
    if to == place.folder || is_being_expunged(&ops) {
        return Ok(());
    }
    check_target(c, place.account, to)?;
    let open = ops
        .iter()
        .rfind(|op| matches!(op.kind, Kind::Move | Kind::Append) && !op.started);
    // A folder that is to be deleted waits until it is left. What leaves it must not wait for a
    // folder that is to be made, perhaps under its name.
    let open = match open.and_then(|op| op.folder) {
        Some(from) if is_leaving(c, from)? && !is_made(c, to)? => None,
        _ => open,
    };
    match open {
        Some(op) if op.kind == Kind::Append => {
            set_op_folder(c, op.id, "folder", to)?;
            place_row(c, place.id, to, None)?;
        }
        Some(op) if op.folder == Some(to) => {
            opqueue::remove(c, op.id)?;
            place_row(c, place.id, to, op.uid)?;
        }
        Some(op) => {
            set_op_folder(c, op.id, "target", to)?;
            place_row(c, place.id, to, None)?;
        }
        None => {
            c.prepare_cached(
                "INSERT INTO ops (account, kind, message, folder, target, uid)
                 VALUES (?1, 'move', ?2, ?3, ?4, ?5)",
            )?
            .execute((
                place.account.0,
                place.id.0,
                place.folder.0,
                to.0,
                place.uid,
            ))?;
            place_row(c, place.id, to, None)?;
        }
    }
    changed.touch(place.account, place.folder, place.id);
    changed.touch(place.account, to, place.id);
    changed.undo.push(UndoStep::Move {
        message: place.id,
        back_to: place.folder,
    });
    Ok(())
}

fn is_leaving(c: &Connection, folder: FolderId) -> Result<bool> {
    let sql = "SELECT 1 FROM ops WHERE folder = ?1 AND kind = 'delete' AND state <> 2";
    Ok(c.prepare_cached(sql)?.exists([folder.0])?)
}

fn is_made(c: &Connection, folder: FolderId) -> Result<bool> {
    let sql = "SELECT 1 FROM folders WHERE id = ?1 AND made";
    Ok(c.prepare_cached(sql)?.exists([folder.0])?)
}

fn set_op_folder(c: &Connection, op: i64, column: &str, folder: FolderId) -> Result<()> {
    c.prepare_cached(&format!("UPDATE ops SET {column} = ?2 WHERE id = ?1"))?
        .execute((op, folder.0))?;
    Ok(())
}

/// A move stays within the account and ends where messages can lie.
fn check_target(c: &Connection, account: AccountId, to: FolderId) -> Result<()> {
    let sql = "SELECT 1 FROM folders WHERE id = ?1 AND account = ?2 AND selectable
                  AND NOT EXISTS (SELECT 1 FROM ops WHERE ops.folder = folders.id
                                     AND ops.kind = 'delete' AND ops.state <> 2)";
    if c.prepare_cached(sql)?.exists((to.0, account.0))? {
        return Ok(());
    }
    Err(Error::new(
        Fault::BadRequest,
        format!("folder {to} cannot take this message"),
    ))
}

fn delete(c: &Connection, place: &Place, changed: &mut Changed) -> Result<()> {
    match by_role(c, place.account, Role::Trash)? {
        // Already there, `move_to` leaves it alone.
        Some(trash) => move_to(c, place, trash, changed),
        // Without a Trash, IMAP's own mark: hidden, and still to be taken back.
        None => flag(c, place, FlagChange::set(Flags::DELETED), changed),
    }
}

fn expunge(c: &Connection, place: &Place, changed: &mut Changed) -> Result<()> {
    let ops = of_message(c, place.id)?;
    if is_being_expunged(&ops) {
        return Ok(());
    }
    changed.touch(place.account, place.folder, place.id);
    changed.expunged += 1;
    for op in ops.iter().rev().filter(|op| !op.started) {
        opqueue::remove(c, op.id)?;
        match (op.kind, op.folder) {
            // The server still has it where it came from: it is removed there.
            (Kind::Move, Some(origin)) => {
                place_row(c, place.id, origin, op.uid)?;
                changed.touch(place.account, origin, place.id);
            }
            // The server never had it.
            (Kind::Append, _) => {
                changed.spare_blobs.extend(op.blob);
                c.prepare_cached("DELETE FROM messages WHERE id = ?1")?
                    .execute([place.id.0])?;
                return Ok(());
            }
            _ => {}
        }
    }
    c.prepare_cached("INSERT INTO ops (account, kind, message) VALUES (?1, 'expunge', ?2)")?
        .execute((place.account.0, place.id.0))?;
    show_flags(c, place.id)?;
    Ok(())
}
