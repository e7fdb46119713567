//! Changes the user makes to messages: done here at once, told to the server when it can be
//! reached, taken back on request. Those to folders are in `changes::folders`; how all of them are
//! queued is the store's work.

mod folders;

use tcv_domain::message::{FlagChange, Flags, FolderId, MessageId};

use crate::error::Result;
use crate::event::Event;
use crate::store::{Change, Changed};
use crate::types::{Done, Undo};
use crate::{Engine, Inner};

/// Messages named in an event at most; more are a reload anyway.
const MAX_NAMED: usize = 500;

impl Engine {
    /// Sets and clears flags.
    ///
    /// # Errors
    /// Where it cannot be stored; nothing is changed then.
    pub async fn flag(&self, messages: Vec<MessageId>, change: FlagChange) -> Result<Undo> {
        let done = if change == FlagChange::set(Flags::SEEN) {
            Done::MarkedRead
        } else if change == FlagChange::clear(Flags::SEEN) {
            Done::MarkedUnread
        } else {
            Done::Flagged
        };
        self.change(messages, Change::Flag(change), done).await
    }

    /// Moves messages to a folder of their account.
    ///
    /// # Errors
    /// [`crate::Kind::BadRequest`] where the folder cannot take them; nothing is moved then.
    pub async fn move_to(&self, messages: Vec<MessageId>, folder: FolderId) -> Result<Undo> {
        self.change(messages, Change::Move(folder), Done::Moved(folder))
            .await
    }

    /// Moves messages to Trash; without one they are marked deleted, IMAP's own way. Those that
    /// lie in Trash already stay and are not counted: nothing goes for good by this.
    ///
    /// # Errors
    /// Where it cannot be stored; nothing is deleted then.
    pub async fn delete(&self, messages: Vec<MessageId>) -> Result<Undo> {
        self.change(messages, Change::Delete, Done::Deleted).await
    }

    /// Removes messages for good, wherever they lie. Nothing takes it back.
    ///
    /// # Errors
    /// Where it cannot be stored; nothing is removed then.
    pub async fn expunge(&self, messages: Vec<MessageId>) -> Result<Undo> {
        self.change(messages, Change::Expunge, Done::Expunged).await
    }

    /// Takes a change back.
    ///
    /// # Errors
    /// [`crate::Kind::BadRequest`] for what the server knows already and cannot be taken back any
    /// more (a folder that was emptied or deleted); where it cannot be stored. Everything stays
    /// as it is then.
    pub async fn undo(&self, undo: Undo) -> Result<()> {
        self.run(move |inner| {
            let changed = inner.store.undo(&undo.steps)?;
            announce(inner, &changed);
            Ok(())
        })
        .await
    }

    async fn change(&self, messages: Vec<MessageId>, change: Change, done: Done) -> Result<Undo> {
        self.run(move |inner| {
            let changed = inner.store.change(&messages, change)?;
            announce(inner, &changed);
            let count = changed.count();
            Ok(Undo {
                done,
                count,
                steps: changed.undo,
            })
        })
        .await
    }
}

/// Tells what changed and wakes the workers that have something to push.
pub(crate) fn announce(inner: &Inner, changed: &Changed) {
    for (folder, ids) in &changed.folders {
        let ids = if ids.len() > MAX_NAMED {
            Vec::new()
        } else {
            ids.clone()
        };
        inner.announce(Event::MessagesChanged {
            folder: *folder,
            ids,
        });
    }
    for account in &changed.accounts {
        inner.announce(Event::FoldersChanged(*account));
        inner.workers.poke(*account);
    }
}
