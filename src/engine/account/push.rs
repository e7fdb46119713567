//! Pushing local changes to the server, oldest first. Replaying one that already arrived does no
//! more: flags are differences, moving what is gone moves nothing, a copy or an append looks for
//! its Message-ID before it is repeated.

mod tree;

use std::collections::HashSet;

use tcv_domain::message::{FlagChange, Flags, FolderId, MessageId, UnixTime};
use tcv_domain::op::Op;

use super::copying::Copying;
use super::{Round, numbering, tell};
use crate::Event;
use crate::error::{Error, Kind, Result};
use crate::imap::Fault;
use crate::store::{PendingOp, SLACK};

/// How many operations of one kind go out in one command.
const MOST_TOGETHER: usize = 500;

/// Operations that one command can do.
enum Task {
    Flag {
        folder: FolderId,
        uids: Vec<u32>,
        change: FlagChange,
    },
    Move {
        from: FolderId,
        to: FolderId,
        moves: Vec<(MessageId, u32)>,
    },
    Expunge {
        folder: FolderId,
        uids: Vec<u32>,
    },
    Append {
        folder: FolderId,
        message_id: String,
        blob: i64,
        flags: Flags,
        arrived: Option<UnixTime>,
    },
}

/// What became of operations that the server did not refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The server has them.
    Done,
    /// Their UIDs are of before a renumbering, or their folder is gone: first there is a pull.
    Later,
}

impl Round<'_> {
    /// Pushes everything that can be pushed now.
    pub(crate) fn push(&mut self) -> Result<()> {
        let mut tried: HashSet<i64> = HashSet::new();
        let mut tree_stands = true;
        loop {
            let mut ops = self.ready_ops()?;
            ops.retain(|op| !tried.contains(&op.id));
            if ops.is_empty() {
                break;
            }
            let mut rest = ops.as_slice();
            while let Some(first) = rest.first() {
                if self.is_called_off() {
                    return Ok(());
                }
                let count = rest
                    .iter()
                    .take(MOST_TOGETHER)
                    .take_while(|op| self.goes_with(first, op))
                    .count()
                    .max(1);
                let (group, later) = rest.split_at(count);
                rest = later;
                let of_the_tree = first.op.is_of_the_tree();
                if of_the_tree && !tree_stands {
                    tried.insert(first.id);
                    continue;
                }
                let begun = self.inner.store.begin_ops(group)?;
                tried.extend(begun.iter().map(|op| op.id));
                match begun.as_slice() {
                    // After one that must be tried again none may overtake it.
                    [op] if of_the_tree => tree_stands = self.push_tree(op)?,
                    ops => self.push_group(ops)?,
                }
                if begun.len() < group.len() {
                    break; // Something changed since it was read.
                }
            }
        }
        let pending = self.inner.store.pending_count(self.account.id)?;
        tell(self.inner, self.desk, |status| status.pending_ops = pending);
        Ok(())
    }

    /// Whether the round is to end at the next opportunity. A sync the user asks for goes on
    /// though the workers pause.
    pub(super) fn is_called_off(&self) -> bool {
        self.desk.stopping() || (self.attentive && self.desk.paused())
    }

    /// What nothing keeps from being pushed, oldest first. What is held back so that it can be
    /// taken back is held by the workers only: who syncs once wants it done.
    fn ready_ops(&self) -> Result<Vec<PendingOp>> {
        let now = if self.attentive {
            self.inner.clock.now()
        } else {
            UnixTime(i64::MAX)
        };
        let account = self.account.id;
        if self.inner.store.forget_stillborn(account, now)? {
            self.inner.announce(Event::FoldersChanged(account));
        }
        let mut ops = self.inner.store.pending_ops(account)?;
        let (mut tree_is_free, mut deleting_is_free) = (true, true);
        ops.retain(|op| {
            let due = op.due.is_none_or(|due| due <= now);
            if op.op.is_of_the_tree() {
                tree_is_free &= due;
                // The folders below go first. What is made may be what a deleting waits for.
                let deletes = matches!(op.op, Op::DeleteFolder { .. });
                deleting_is_free &= !deletes || !op.waits;
                return tree_is_free && !op.waits && (deleting_is_free || !deletes);
            }
            due && !op.waits
        });
        Ok(ops)
    }

    /// Whether `other` can ride in the command that `first` needs.
    fn goes_with(&self, first: &PendingOp, other: &PendingOp) -> bool {
        match (&first.op, &other.op) {
            (
                Op::Flag {
                    message: a,
                    change: x,
                },
                Op::Flag {
                    message: b,
                    change: y,
                },
            ) => x == y && (a == b || folder_of(first) == folder_of(other)),
            (Op::Move { from: a, to: x, .. }, Op::Move { from: b, to: y, .. }) => {
                // Copies are made one by one: each must be found again after a crash.
                a == b && x == y && (first.id == other.id || self.session.has("MOVE"))
            }
            (Op::Expunge { folder: a, .. }, Op::Expunge { folder: b, .. }) => a == b,
            _ => first.id == other.id,
        }
    }

    fn place(&self, message: MessageId) -> Option<FolderId> {
        Some(self.inner.store.message_place(message).ok()??.1)
    }

    /// Pushes operations that were begun.
    fn push_group(&mut self, group: &[PendingOp]) -> Result<()> {
        let Some(task) = task(group) else {
            return self.finish(group);
        };
        match self.execute(&task, group) {
            Ok(Outcome::Done) => self.finish(group),
            Ok(Outcome::Later) => {
                self.postponed = true;
                self.put_off(group, false)
            }
            // A folder that is no more here: nothing the server could do about it.
            Err(Fault::Lost(error)) if error.kind == Kind::NotFound => self.refused(group, &error),
            Err(Fault::Lost(error)) => {
                // It may have arrived all the same: what the user wishes next comes after it.
                let may_be_there = matches!(task, Task::Move { .. } | Task::Append { .. });
                self.put_off(group, may_be_there)?;
                Err(error)
            }
            Err(fault) if fault.is_temporary() => self.put_off(group, self.is_halfway(&task)),
            // Another client renamed it or took it away: the next look at the tree follows it,
            // makes it anew or turns back what was on its way.
            Err(Fault::Refused(_)) if self.misses_folder(&task)? => {
                self.postponed = true;
                self.put_off(group, self.is_halfway(&task))
            }
            // One of them is at fault: find out which.
            Err(Fault::Refused(_)) if group.len() > 1 => group
                .iter()
                .try_for_each(|op| self.push_group(std::slice::from_ref(op))),
            Err(fault) => self.refused(group, &Error::from(fault)),
        }
    }

    /// Whether what was tried may have been done in part.
    fn is_halfway(&self, task: &Task) -> bool {
        matches!(task, Task::Move { .. }) && !self.session.has("MOVE")
    }

    /// Whether the server has no folder of a name that the work needs.
    fn misses_folder(&mut self, task: &Task) -> Result<bool> {
        let folders = match task {
            Task::Flag { folder, .. }
            | Task::Expunge { folder, .. }
            | Task::Append { folder, .. } => vec![*folder],
            Task::Move { from, to, .. } => vec![*from, *to],
        };
        for folder in folders {
            let raw_name = self.inner.store.folder_sync(folder)?.raw_name;
            match self.session.listed(&raw_name) {
                Ok(Some(_)) | Err(Fault::Refused(_)) => {}
                Ok(None) => return Ok(true),
                Err(Fault::Lost(error)) => return Err(error),
            }
        }
        Ok(false)
    }

    /// To be tried again. Those `under_way` may have been done, wholly or in part.
    fn put_off(&self, group: &[PendingOp], under_way: bool) -> Result<()> {
        for op in group {
            tracing::info!(op = op.id, attempts = op.attempts, "a change is put off");
            self.inner.store.retry_op(op.id, under_way)?;
        }
        Ok(())
    }

    fn execute(&mut self, task: &Task, group: &[PendingOp]) -> std::result::Result<Outcome, Fault> {
        let numbered = match task {
            Task::Flag { folder, .. } | Task::Expunge { folder, .. } => Some(*folder),
            Task::Move { from, .. } => Some(*from),
            Task::Append { .. } => None,
        };
        if let Some(folder) = numbered
            && !self.open(folder)?
        {
            return Ok(Outcome::Later);
        }
        match task {
            Task::Flag { uids, change, .. } => self.session.change_flags(uids, *change)?,
            Task::Expunge { uids, .. } => self.session.remove(uids)?,
            Task::Move { from, to, moves } => {
                self.moved = true;
                return self.transfer(group, moves, (*from, *to));
            }
            Task::Append {
                folder,
                message_id,
                blob,
                flags,
                arrived,
            } => {
                let Some(bytes) = self.inner.store.blob(*blob).map_err(Fault::Lost)? else {
                    return Ok(Outcome::Done);
                };
                let target = self.raw_name(*folder)?;
                self.append(&target, message_id, (*flags, *arrived, &bytes))?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Puts a message where it is not yet.
    fn append(
        &mut self,
        target: &str,
        message_id: &str,
        (flags, arrived, bytes): (Flags, Option<UnixTime>, &[u8]),
    ) -> std::result::Result<(), Fault> {
        self.session.ensure_selected(target)?;
        // Should this folder be being pulled: it was looked at before.
        self.moved = true;
        let size = arrived.map(|_| bytes.len());
        if !self.is_there(message_id, size)? {
            self.session.append(target, (flags, arrived), bytes)?;
        }
        Ok(())
    }

    /// Whether the open folder has a message of this Message-ID; with a size, one of about that
    /// size.
    fn is_there(
        &mut self,
        message_id: &str,
        size: Option<usize>,
    ) -> std::result::Result<bool, Fault> {
        let found = self.session.find_message_id(message_id)?;
        let Some(size) = size.filter(|_| !found.is_empty()) else {
            return Ok(!found.is_empty());
        };
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        let uids: Vec<u32> = found.iter().collect();
        let found = self.session.headers(&uids)?;
        let mut sizes = found.iter().filter_map(|one| one.size);
        Ok(sizes.any(|other| other.abs_diff(size) <= SLACK))
    }

    /// Moves messages of the open folder `from`.
    fn transfer(
        &mut self,
        group: &[PendingOp],
        moves: &[(MessageId, u32)],
        (from, to): (FolderId, FolderId),
    ) -> std::result::Result<Outcome, Fault> {
        let mut outcome = Outcome::Done;
        let mut pairs = Vec::new();
        if self.session.has("MOVE") {
            let uids: Vec<u32> = moves.iter().map(|(_, uid)| *uid).collect();
            let target = self.raw_name(to)?;
            pairs = self.session.move_to(&uids, &target)?;
        } else if let ([op], [(message, uid)]) = (group, moves) {
            let row = self.inner.store.row(*message).map_err(Fault::Lost)?;
            let copying = Copying {
                op,
                row,
                from,
                uid: *uid,
                to,
            };
            outcome = self.copy_and_remove(&copying, &mut pairs)?;
        }
        self.note_uids(moves, &pairs)?;
        Ok(outcome)
    }

    fn note_uids(
        &self,
        moves: &[(MessageId, u32)],
        pairs: &[(u32, u32)],
    ) -> std::result::Result<(), Fault> {
        for (old, new) in pairs {
            if let Some((message, _)) = moves.iter().find(|(_, uid)| uid == old) {
                self.inner
                    .store
                    .set_uid(*message, *new)
                    .map_err(Fault::Lost)?;
            }
        }
        Ok(())
    }

    pub(super) fn raw_name(&self, folder: FolderId) -> std::result::Result<String, Fault> {
        Ok(self
            .inner
            .store
            .folder_sync(folder)
            .map_err(Fault::Lost)?
            .raw_name)
    }

    /// Opens a folder; whether its UIDs are still those we know.
    pub(super) fn open(&mut self, folder: FolderId) -> std::result::Result<bool, Fault> {
        let known = self.inner.store.folder_sync(folder).map_err(Fault::Lost)?;
        numbering::open(self.session, &known)
    }

    fn finish(&self, group: &[PendingOp]) -> Result<()> {
        let ids: Vec<i64> = group.iter().map(|op| op.id).collect();
        self.inner.store.finish_ops(&ids).map(drop)
    }

    /// The server will not have it: what was done here is taken back, and said.
    fn refused(&self, group: &[PendingOp], error: &Error) -> Result<()> {
        for op in group {
            let concerned = match &op.op {
                Op::Flag { message, .. } | Op::Move { message, .. } => Some(*message),
                _ => None,
            };
            let taken = self.inner.store.fail_op(op.id, &error.detail)?;
            let messages = taken.messages.iter().copied().chain(concerned);
            for message in messages.collect::<HashSet<_>>() {
                let error = error.clone();
                self.inner.announce(Event::ChangeRefused { message, error });
            }
            let place = taken.messages.first().and_then(|id| self.place(*id));
            for folder in folders_of(&op.op, place).into_iter().chain(taken.folders) {
                self.ledger().announce(folder, Vec::new());
            }
        }
        Ok(())
    }
}

/// Where a message whose flags change lies.
fn folder_of(op: &PendingOp) -> Option<FolderId> {
    op.place.map(|(folder, _)| folder)
}

/// What a group comes to; `None` when nothing of it is left to do.
fn task(group: &[PendingOp]) -> Option<Task> {
    let first = group.first()?;
    Some(match &first.op {
        Op::Flag { change, .. } => Task::Flag {
            folder: folder_of(first)?,
            uids: group.iter().filter_map(|op| Some(op.place?.1)).collect(),
            change: *change,
        },
        Op::Move { from, to, .. } => {
            let moves = group.iter().filter_map(|op| match op.op {
                Op::Move { message, uid, .. } => Some((message, uid)),
                _ => None,
            });
            Task::Move {
                from: *from,
                to: *to,
                moves: moves.collect(),
            }
        }
        Op::Expunge { folder, .. } => {
            let uids = group.iter().filter_map(|op| match op.op {
                Op::Expunge { uid, .. } => Some(uid),
                _ => None,
            });
            Task::Expunge {
                folder: *folder,
                uids: uids.collect(),
            }
        }
        Op::Append {
            folder,
            message_id,
            blob,
            flags,
            arrived,
        } => Task::Append {
            folder: *folder,
            message_id: message_id.clone(),
            blob: *blob,
            flags: *flags,
            arrived: *arrived,
        },
        // See `push_tree`.
        Op::CreateFolder { .. } | Op::RenameFolder { .. } | Op::DeleteFolder { .. } => return None,
    })
}

fn folders_of(op: &Op, place: Option<FolderId>) -> Vec<FolderId> {
    match op {
        Op::Move { from, to, .. } => vec![*from, *to],
        Op::Expunge { folder, .. } | Op::Append { folder, .. } => vec![*folder],
        Op::Flag { .. } => place.into_iter().collect(),
        Op::CreateFolder { .. } | Op::RenameFolder { .. } | Op::DeleteFolder { .. } => Vec::new(),
    }
}
