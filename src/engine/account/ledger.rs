//! What a round commits and tells: the half of it that any of its threads may use, because it
//! has nothing to do with the connection.

use tcv_domain::folder::Role;
use tcv_domain::message::{Flags, FolderId, MessageId};

use super::folder::Pull;
use super::{Desk, tell};
use crate::error::Result;
use crate::store::SyncBatch;
use crate::types::{Account, FolderReport};
use crate::{Event, Inner};

/// More ids than this in an event help nobody: "reload" is shorter.
const MOST_IDS: usize = 200;

/// Store, listeners and status of an account.
#[derive(Clone, Copy)]
pub(super) struct Ledger<'a> {
    pub(super) inner: &'a Inner,
    pub(super) desk: &'a Desk,
    pub(super) account: &'a Account,
}

impl Ledger<'_> {
    /// Announces that messages of a folder changed.
    pub(super) fn announce(&self, folder: FolderId, mut ids: Vec<MessageId>) {
        if ids.len() > MOST_IDS {
            ids.clear();
        }
        self.inner.announce(Event::MessagesChanged { folder, ids });
        self.inner.announce(Event::FoldersChanged(self.account.id));
    }

    /// Shows how far the current work is.
    pub(super) fn progress(&self, done: usize, of: usize) {
        let figure = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let progress = (done < of).then(|| (figure(done), figure(of)));
        tell(self.inner, self.desk, |status| status.progress = progress);
    }

    /// Commits a batch and tells of it.
    pub(super) fn apply(
        &self,
        pull: &Pull<'_>,
        batch: &SyncBatch,
        report: &mut FolderReport,
    ) -> Result<()> {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let folder = pull.folder.id;
        let applied = self.inner.store.apply_sync(folder, batch)?;
        report.new += count(applied.new.len());
        report.vanished += count(applied.vanished);
        report.flags_changed += count(batch.flags.len());
        let arrived = if pull.first {
            Vec::new()
        } else {
            self.unread(pull, &applied.new)
        };
        if applied.vanished > 0 {
            self.announce(folder, Vec::new());
        } else if !applied.new.is_empty() || !applied.changed.is_empty() {
            let mut ids = applied.new;
            ids.extend(applied.changed);
            self.announce(folder, ids);
        }
        if !arrived.is_empty() {
            self.inner.announce(Event::MailArrived {
                folder,
                ids: arrived,
            });
        }
        Ok(())
    }

    /// Those of an inbox's new messages that nobody has read elsewhere already.
    fn unread(&self, pull: &Pull<'_>, new: &[MessageId]) -> Vec<MessageId> {
        if pull.folder.role != Some(Role::Inbox) {
            return Vec::new();
        }
        let is_unread = |id: &MessageId| {
            self.inner.store.row(*id).is_ok_and(|row| {
                !row.flags.contains(Flags::SEEN) && !row.flags.contains(Flags::DELETED)
            })
        };
        new.iter().copied().filter(is_unread).collect()
    }
}
