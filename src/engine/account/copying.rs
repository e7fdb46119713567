//! Moving where the server has no MOVE (RFC 6851): copy, see that the copy is there, remove the
//! original by its UID.
//!
//! A try that was cut short may have got as far as the copy. Before the first one it is noted
//! where new messages begin in the target; a later try looks from there on, by Message-ID, size
//! and date. An older message that looks alike is no copy of ours.

use tcv_domain::message::{FolderId, MessageRow};
use tcv_domain::mime;

use super::Round;
use super::push::Outcome;
use crate::imap::{Fault, Fetched};
use crate::store::{PendingOp, is_believed};

/// How the note of a first try begins; the first UID a copy can have follows.
const NOTE: &str = "copying from ";

/// How many of the newest messages are looked through first; a copy is among them.
const FEW: u32 = 20;

/// A message to be moved.
pub(super) struct Copying<'a> {
    pub(super) op: &'a PendingOp,
    pub(super) row: MessageRow,
    pub(super) from: FolderId,
    /// Its UID there.
    pub(super) uid: u32,
    pub(super) to: FolderId,
}

impl Round<'_> {
    /// Moves one message; adds its old and new UID to `pairs` where the server told them.
    pub(super) fn copy_and_remove(
        &mut self,
        copying: &Copying<'_>,
        pairs: &mut Vec<(u32, u32)>,
    ) -> Result<Outcome, Fault> {
        let target = self.raw_name(copying.to)?;
        let noted = copying.op.note.strip_prefix(NOTE);
        let copied_before = match noted.and_then(|first| first.parse().ok()) {
            Some(first) => self.has_copy(copying, &target, first)?,
            None => false,
        };
        if !copied_before {
            let first = match noted {
                Some(first) => first.parse().unwrap_or(0),
                None => self.first_new(&target)?,
            };
            // On the disk before it is tried: after a crash in between we must look first.
            let note = format!("{NOTE}{first}");
            let store = &self.inner.store;
            store.note_op(copying.op.id, &note).map_err(Fault::Lost)?;
            if !self.open(copying.from)? {
                return Ok(Outcome::Later);
            }
            let told = self.session.copy_to(&[copying.uid], &target)?;
            let is_told = told.iter().any(|(old, _)| *old == copying.uid);
            pairs.extend(told);
            // A copy nobody can point at is no reason to remove the original.
            if !is_told && !self.has_copy(copying, &target, first)? {
                return Err(Fault::refusal("the copy cannot be found"));
            }
        }
        if !self.open(copying.from)? {
            return Ok(Outcome::Later);
        }
        self.session.remove(&[copying.uid])?;
        Ok(Outcome::Done)
    }

    /// A UID above all those a folder has. UIDNEXT would tell it too, where it can be relied upon.
    fn first_new(&mut self, raw_name: &str) -> Result<u32, Fault> {
        self.session.select(raw_name, None)?;
        let newest = self.session.newest_headers(1)?;
        let last = newest.iter().filter_map(|found| found.uid).max();
        Ok(last.unwrap_or(0).saturating_add(1))
    }

    /// Whether the target has this message among those that came since `first`.
    fn has_copy(&mut self, copying: &Copying<'_>, target: &str, first: u32) -> Result<bool, Fault> {
        // Opened anew: what a folder held when it was opened is not all it holds.
        let exists = self.session.select(target, None)?.exists;
        let mut count = FEW;
        loop {
            let newest = self.session.newest_headers(count)?;
            let new = |found: &&Fetched| found.uid.is_some_and(|uid| uid >= first);
            if newest.iter().filter(new).any(|found| copying.is(found)) {
                return Ok(true);
            }
            if count >= exists || newest.iter().any(|found| !new(&found)) {
                return Ok(false);
            }
            count = count.saturating_mul(FEW);
        }
    }
}

impl Copying<'_> {
    /// Whether this is the message. The date of its row is that of its arrival where `Date` cannot
    /// be believed; then `Date` tells nothing.
    fn is(&self, found: &Fetched) -> bool {
        let differs = |date| date != self.row.date && is_believed(date, Some(self.row.date));
        let envelope = mime::envelope(found.header.as_deref().unwrap_or_default());
        envelope.message_id == self.row.message_id
            && found.size == Some(self.row.size)
            && !envelope.date.is_some_and(differs)
    }
}
