//! Pulling a folder: what is new, changed and gone, headers first and newest first.
//!
//! Each batch is committed with its rows; the watermark moves only when the folder was seen
//! whole. So a server that goes away amid a folder costs nothing but the rest of it, and the
//! next round takes it from there.

use std::collections::HashSet;

use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::{Flags, FolderId};
use tcv_domain::op::Op;
use tcv_domain::plan::{Local, Plan, Remote, UidSet, plan};

use super::headers::answers;
use super::overlap::{HandOver, overlap};
use super::{Round, numbering};
use crate::error::Result;
use crate::imap::{Fetched, Figures, Selected, Session};
use crate::store::{FolderSync, SyncBatch, Watermark};
use crate::types::FolderReport;

/// The first batch is what a screen shows; it must not wait for more.
const FIRST_BATCH: usize = 50;

/// How batches grow after it.
const BATCHES: [usize; 3] = [FIRST_BATCH, 500, 2000];

/// UIDs that are listed one by one: beyond all mailboxes, within memory.
const MOST_LISTED: u64 = 5_000_000;

/// UIDs with their flags, and UIDs that are gone.
type Changes = (Vec<(u32, Flags)>, UidSet);

/// A folder being pulled.
pub(super) struct Pull<'f> {
    pub(super) folder: &'f Folder,
    known: FolderSync,
    selected: Selected,
    /// Never seen whole: nothing in it counts as having just arrived.
    pub(super) first: bool,
    /// Nothing of it was here before.
    empty: bool,
}

impl Round<'_> {
    /// Brings the list of a folder up to date; `report` counts what was committed, also when it
    /// ends in an error.
    pub(super) fn pull(
        &mut self,
        folder: &Folder,
        figures: Option<&Figures>,
        report: &mut FolderReport,
    ) -> Result<()> {
        let mut known = self.inner.store.folder_sync(folder.id)?;
        if self.is_unchanged(folder.id, &known, figures)? {
            return Ok(());
        }
        let since = known.uidvalidity.zip(known.highestmodseq);
        self.moved = false;
        let selected = self.session.select(&known.raw_name, since)?.clone();
        if known
            .uidvalidity
            .is_some_and(|validity| validity != selected.uidvalidity)
        {
            self.inner
                .store
                .reset_folder(folder.id, selected.uidvalidity)?;
            known = self.inner.store.folder_sync(folder.id)?;
        }
        let first = known.uidnext.is_none();
        let mut pull = Pull {
            folder,
            known,
            selected,
            first,
            empty: false,
        };
        let outer = std::mem::replace(&mut self.at_inbox, folder.role == Some(Role::Inbox));
        if pull.first && self.inner.store.count_local(folder.id)? == 0 {
            pull.empty = true;
            self.newest(&pull, report)?;
        }
        self.compare_and_fetch(&pull, report)?;
        self.at_inbox = outer;
        Ok(())
    }

    /// Whether the figures that came with the list prove that nothing happened.
    fn is_unchanged(
        &self,
        folder: FolderId,
        known: &FolderSync,
        figures: Option<&Figures>,
    ) -> Result<bool> {
        let Some(figures) = figures else {
            return Ok(false);
        };
        let same = figures.highestmodseq.is_some_and(|modseq| modseq > 0)
            && figures.highestmodseq == known.highestmodseq
            && figures.uidvalidity == known.uidvalidity
            && figures.uidnext == known.uidnext;
        if !same {
            return Ok(false);
        }
        // Without QRESYNC a removal need not move the modseq.
        let held = self.inner.store.count_local(folder)?;
        Ok(figures
            .messages
            .is_some_and(|messages| messages as usize == held))
    }

    /// The newest messages of a folder never seen before, at once.
    fn newest(&mut self, pull: &Pull<'_>, report: &mut FolderReport) -> Result<()> {
        let fetched = self
            .session
            .newest_headers(u32::try_from(FIRST_BATCH).unwrap_or(50))?;
        let begun = Watermark {
            uidvalidity: pull.selected.uidvalidity,
            uidnext: None,
            highestmodseq: None,
        };
        let headers = answers(fetched, |_| true);
        let batch = SyncBatch {
            headers,
            watermark: Some(begun),
            ..SyncBatch::default()
        };
        self.ledger().apply(pull, &batch, report)
    }

    fn compare_and_fetch(&mut self, pull: &Pull<'_>, report: &mut FolderReport) -> Result<()> {
        let plan = self.compare(pull)?;
        let visible = SyncBatch {
            flags: plan.update_flags,
            vanished: plan.vanished,
            ..SyncBatch::default()
        };
        if !visible.flags.is_empty() || !visible.vanished.is_empty() {
            self.ledger().apply(pull, &visible, report)?;
        }
        self.fetch_headers(pull, &plan.fetch_headers, report)?;
        // What did not come would never be told again: next time everything is looked at.
        let held = self.inner.store.count_local(pull.folder.id)?;
        let whole = held == self.session.exists() as usize;
        let watermark = Watermark {
            uidvalidity: pull.selected.uidvalidity,
            uidnext: Some(self.uidnext(pull)?),
            highestmodseq: pull.selected.highestmodseq.filter(|_| whole),
        };
        if !pull.known.stands_at(&watermark) {
            let batch = SyncBatch {
                watermark: Some(watermark),
                ..SyncBatch::default()
            };
            self.inner.store.apply_sync(pull.folder.id, &batch)?;
        }
        // A message moved here while we looked got its UID after our look.
        if !self.moved && self.inner.store.drop_unmatched(pull.folder.id)? > 0 {
            self.ledger().announce(pull.folder.id, Vec::new());
        }
        Ok(())
    }

    /// What the server says, compared with what we hold. Absence is believed only when the
    /// numbers add up or a second look confirms it.
    fn compare(&mut self, pull: &Pull<'_>) -> Result<Plan> {
        let messages = self.inner.store.local_uids(pull.folder.id)?;
        let local: Vec<Local> = messages
            .iter()
            .map(|m| Local {
                uid: m.uid,
                flags: m.flags,
            })
            .collect();
        let leaving = self.leaving(pull.folder.id)?;
        if let Some((changed, vanished)) = self.changes(pull)? {
            let remote = Remote::Changes {
                changed: &changed,
                vanished: &vanished,
                present: None,
            };
            let plan = plan(&local, &remote, &leaving);
            let adds_up = local.len() - plan.vanished.len() + plan.fetch_headers.len()
                == self.session.exists() as usize;
            if adds_up && !plan.suspicious {
                return Ok(plan);
            }
        }
        if pull.empty
            && let Some(present) = self.session.present()?
            && present.len() <= MOST_LISTED
        {
            // What is here was told a moment ago: the UIDs alone are a small answer.
            let nothing = UidSet::default();
            let remote = Remote::Changes {
                changed: &[],
                vanished: &nothing,
                present: Some(&present),
            };
            let mut plan = plan(&local, &remote, &leaving);
            let known: HashSet<u32> = local.iter().map(|m| m.uid).collect();
            let unknown = |uid: &u32| !known.contains(uid) && !leaving.contains(uid);
            plan.fetch_headers = present.iter().filter(unknown).collect();
            plan.fetch_headers.reverse();
            return Ok(plan);
        }
        let mut look = self.session.look()?;
        look.messages.retain(|(uid, _)| *uid > 0);
        let mut whole = plan(&local, &Remote::Whole(&look.messages), &leaving);
        let distinct: HashSet<u32> = look.messages.iter().map(|(uid, _)| *uid).collect();
        let complete = !look.doubtful && distinct.len() == self.session.exists() as usize;
        if whole.vanished.is_empty() || (complete && !whole.suspicious) {
            return Ok(whole);
        }
        let Some(present) = self.session.present()? else {
            tracing::warn!(folder = %pull.folder.id, "the server contradicts itself; nothing is dropped");
            whole.vanished.clear();
            return Ok(whole);
        };
        let nothing = UidSet::default();
        let remote = Remote::Changes {
            changed: &look.messages,
            vanished: &nothing,
            present: Some(&present),
        };
        Ok(plan(&local, &remote, &leaving))
    }

    /// What changed since the last whole look, where the server keeps modseqs (RFC 7162).
    fn changes(&mut self, pull: &Pull<'_>) -> Result<Option<Changes>> {
        let selected = &pull.selected;
        let (Some(before), Some(now)) = (pull.known.highestmodseq, selected.highestmodseq) else {
            return Ok(None);
        };
        if now < before {
            // A server that lost its last changes gives new ones numbers we have seen.
            return Ok(None);
        }
        if selected.resynced {
            let changed = selected.changed.iter();
            let changed = changed.filter_map(|f| Some((f.uid?, f.flags?))).collect();
            return Ok(Some((changed, selected.vanished.clone())));
        }
        if before == now {
            return Ok(Some((Vec::new(), UidSet::default())));
        }
        let look = self.session.look_since(before)?;
        let distinct: HashSet<u32> = look.messages.iter().map(|(uid, _)| *uid).collect();
        let clear = !look.doubtful && distinct.len() == look.messages.len();
        Ok(clear.then_some((look.messages, UidSet::default())))
    }

    /// UIDs here that pending operations take away.
    fn leaving(&self, folder: FolderId) -> Result<HashSet<u32>> {
        let ops = self.inner.store.pending_ops(self.account.id)?;
        let leaving = ops.into_iter().filter_map(|pending| match pending.op {
            Op::Move { from, uid, .. } if from == folder => Some(uid),
            Op::Expunge { folder: from, uid } if from == folder => Some(uid),
            _ => None,
        });
        Ok(leaving.collect())
    }

    /// Headers come in growing batches; one is read into rows and another stored while the next is
    /// on the wire.
    fn fetch_headers(
        &mut self,
        pull: &Pull<'_>,
        uids: &[u32],
        report: &mut FolderReport,
    ) -> Result<()> {
        if uids.is_empty() {
            return Ok(());
        }
        let ledger = self.ledger();
        let mut done = 0;
        overlap(
            |read| {
                overlap(
                    |told| self.read_headers(pull, uids, told),
                    |(asked, fetched): (Vec<u32>, Vec<Fetched>)| {
                        let wanted: HashSet<u32> = asked.iter().copied().collect();
                        read((asked.len(), answers(fetched, |uid| wanted.contains(&uid))))
                    },
                )
            },
            |(asked, headers)| {
                let batch = SyncBatch {
                    headers,
                    ..SyncBatch::default()
                };
                ledger.apply(pull, &batch, report)?;
                done += asked;
                ledger.progress(done, uids.len());
                Ok(())
            },
        )
    }

    /// Hands over batches: the UIDs that were asked for, and what came.
    fn read_headers(
        &mut self,
        pull: &Pull<'_>,
        uids: &[u32],
        hand_over: HandOver<'_, (Vec<u32>, Vec<Fetched>)>,
    ) -> Result<()> {
        let mut sizes = BATCHES.into_iter();
        let mut size = FIRST_BATCH;
        let mut rest = uids;
        while !rest.is_empty() {
            self.attend()?;
            size = sizes.next().unwrap_or(size);
            let (batch, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            if !pull.is_open(self.session)? {
                return Err(numbering::renewed());
            }
            let fetched = self.session.headers(batch)?;
            hand_over((batch.to_vec(), fetched))?;
        }
        Ok(())
    }

    /// UIDNEXT, or the best that is known of it where the server does not tell.
    fn uidnext(&self, pull: &Pull<'_>) -> Result<u32> {
        if let Some(next) = pull.selected.uidnext {
            return Ok(next);
        }
        let last = self
            .inner
            .store
            .local_uids(pull.folder.id)?
            .last()
            .map_or(0, |m| m.uid);
        Ok(last.saturating_add(1))
    }
}

impl Pull<'_> {
    /// Opens it again after other work; whether its UIDs are still those of this pull.
    fn is_open(&self, session: &mut Session) -> Result<bool> {
        session.ensure_selected(&self.known.raw_name)?;
        let now = session.selected(&self.known.raw_name);
        Ok(now.is_some_and(|now| now.uidvalidity == self.selected.uidvalidity))
    }
}

impl FolderSync {
    fn stands_at(&self, watermark: &Watermark) -> bool {
        self.uidvalidity == Some(watermark.uidvalidity)
            && self.uidnext == watermark.uidnext
            && self.highestmodseq == watermark.highestmodseq
    }
}
