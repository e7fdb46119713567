//! Pulling bodies: newest first, small before large, so that a large one keeps no small one
//! waiting; committed group by group.

use std::collections::{HashMap, HashSet};

use tcv_domain::message::{FolderId, MessageId, UnixTime};

use super::ledger::Ledger;
use super::overlap::{HandOver, overlap};
use super::{Round, excerpt, numbering};
use crate::error::Result;
use crate::imap::{Fault, Fetched};
use crate::insight;
use crate::store::Prepared;
use crate::types::Bodies;

/// What is larger goes last and alone.
const SMALL: u64 = 256 << 10;

/// Bounds of a group of small ones.
const GROUP_BYTES: u64 = 4 << 20;
const GROUP_COUNT: usize = 100;

/// How many are asked of the store at once.
const LOT: usize = 5_000;

const SECONDS_OF_DAY: i64 = 86_400;

/// A body to fetch.
type Missing = (MessageId, u32, u64);

/// What came of a message.
enum Body {
    Whole(MessageId, Vec<u8>),
    /// Its text only.
    Text(MessageId, Vec<u8>),
}

impl Round<'_> {
    /// Fetches the bodies of a folder that are wanted and not here; how many came.
    pub(super) fn pull_bodies(&mut self, folder: FolderId, wanted: Bodies) -> Result<u32> {
        let since = match wanted {
            Bodies::None => return Ok(0),
            Bodies::Recent => self.recent(),
            Bodies::All => None,
        };
        let mut tried: HashSet<MessageId> = HashSet::new();
        let mut count = 0;
        loop {
            let store = &self.inner.store;
            let mut missing = store.missing_bodies(folder, since, LOT)?;
            if wanted == Bodies::All {
                missing.extend(store.excerpts(folder)?);
            }
            missing.retain(|(id, _, _)| tried.insert(*id));
            if missing.is_empty() {
                return Ok(count);
            }
            let total = missing.len();
            let ledger = self.ledger();
            let mut done = 0;
            // Three hands: one reads, one takes apart and compresses, one writes.
            overlap(
                |written| {
                    overlap(
                        |taken_apart| self.read_bodies(folder, missing, wanted, taken_apart),
                        |(asked, bodies)| written((asked, prepare(bodies)?)),
                    )
                },
                |(asked, bodies): (usize, Vec<Ready>)| {
                    count += u32::try_from(bodies.len()).unwrap_or(u32::MAX);
                    ledger.keep(folder, &bodies)?;
                    done += asked;
                    ledger.progress(done, total);
                    Ok(())
                },
            )?;
        }
    }

    /// Hands over groups: how many messages were asked for, and the bodies that came.
    fn read_bodies(
        &mut self,
        folder: FolderId,
        missing: Vec<Missing>,
        wanted: Bodies,
        hand_over: HandOver<'_, (usize, Vec<Body>)>,
    ) -> Result<()> {
        let known = self.inner.store.folder_sync(folder)?;
        for group in groups(missing) {
            self.attend()?;
            if !numbering::open(self.session, &known)? {
                return Ok(());
            }
            let text = match group.as_slice() {
                [one] if wanted != Bodies::All => self.read_excerpt(*one)?,
                _ => None,
            };
            let bodies = match text {
                Some(text) => vec![text],
                None => self.read_group(&group)?,
            };
            hand_over((group.len(), bodies))?;
        }
        Ok(())
    }

    /// The beginning of what is kept whole on the machine.
    pub(super) fn recent(&self) -> Option<UnixTime> {
        let days = i64::from(self.inner.profile.profile.sync_days);
        (days > 0).then(|| self.inner.clock.now().plus(-days * SECONDS_OF_DAY))
    }

    /// The text of a message that is too large to be fetched whole unasked.
    fn read_excerpt(&mut self, (id, uid, size): Missing) -> Result<Option<Body>> {
        if !excerpt::is_large(self.inner, size) {
            return Ok(None);
        }
        match excerpt::read(self.session, uid) {
            Ok(text) => Ok(text.map(|text| Body::Text(id, text))),
            // A refusal of this says nothing about the whole.
            Err(Fault::Refused(_)) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    fn read_group(&mut self, group: &[Missing]) -> Result<Vec<Body>> {
        let uids: Vec<u32> = group.iter().map(|(_, uid, _)| *uid).collect();
        match self.session.bodies(&uids) {
            Ok(fetched) => self.wanted_of(group, fetched),
            // One broken message must not keep its neighbours away.
            Err(fault @ Fault::Refused(_)) => match group {
                [(id, _, _)] if !fault.is_temporary() => {
                    self.inner.store.mark_unfetchable(*id)?;
                    Ok(Vec::new())
                }
                [_] => Ok(Vec::new()),
                _ => {
                    let mut bodies = Vec::new();
                    for one in group {
                        bodies.extend(self.read_group(std::slice::from_ref(one))?);
                    }
                    Ok(bodies)
                }
            },
            Err(fault) => Err(fault.into()),
        }
    }

    /// The bodies of those that were asked for; servers may tell of others in between.
    fn wanted_of(&self, group: &[Missing], fetched: Vec<Fetched>) -> Result<Vec<Body>> {
        let wanted: HashMap<u32, MessageId> =
            group.iter().map(|(id, uid, _)| (*uid, *id)).collect();
        let mut bodies = Vec::with_capacity(group.len());
        for fetched in fetched {
            let Some(id) = fetched.uid.and_then(|uid| wanted.get(&uid).copied()) else {
                continue;
            };
            match fetched.body {
                Some(body) => bodies.push(Body::Whole(id, body)),
                None if fetched.too_large => self.inner.store.mark_unfetchable(id)?,
                // An unsolicited change of flags for one of them.
                None => {}
            }
        }
        Ok(bodies)
    }
}

/// A message ready to be written.
type Ready = (MessageId, Prepared);

fn prepare(bodies: Vec<Body>) -> Result<Vec<Ready>> {
    bodies
        .into_iter()
        .map(|body| match body {
            Body::Whole(id, raw) => Ok((id, Prepared::new(&raw)?)),
            Body::Text(id, raw) => Ok((id, Prepared::excerpt(&raw)?)),
        })
        .collect()
}

impl Ledger<'_> {
    fn keep(&self, folder: FolderId, bodies: &[Ready]) -> Result<()> {
        self.inner.store.put_prepared(bodies)?;
        for report in bodies.iter().filter_map(|(_, body)| body.report.as_ref()) {
            insight::note_report(self.inner, report)?;
        }
        if !bodies.is_empty() {
            self.announce(folder, bodies.iter().map(|(id, _)| *id).collect());
        }
        Ok(())
    }
}

/// Groups of small ones as they come, then the large ones singly.
fn groups(missing: Vec<Missing>) -> Vec<Vec<Missing>> {
    // A size that was not told may be any.
    let (small, large): (Vec<_>, Vec<_>) = missing
        .into_iter()
        .partition(|(_, _, size)| (1..=SMALL).contains(size));
    let mut groups: Vec<Vec<Missing>> = Vec::new();
    let mut bytes = 0;
    for one in small {
        match groups.last_mut() {
            Some(group) if group.len() < GROUP_COUNT && bytes + one.2 <= GROUP_BYTES => {
                bytes += one.2;
                group.push(one);
            }
            _ => {
                bytes = one.2;
                groups.push(vec![one]);
            }
        }
    }
    groups.extend(large.into_iter().map(|one| vec![one]));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_before_large_and_groups_are_bounded() {
        let missing: Vec<Missing> = (0..250_u32)
            .map(|n| {
                (
                    MessageId(i64::from(n)),
                    n,
                    if n % 50 == 0 { 30 << 20 } else { 1000 },
                )
            })
            .collect();
        let groups = groups(missing);
        let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
        assert_eq!(sizes, [100, 100, 45, 1, 1, 1, 1, 1]);
        let heavy: Vec<Missing> = (0..20_u32)
            .map(|n| (MessageId(i64::from(n)), n, SMALL))
            .collect();
        assert_eq!(
            super::groups(heavy)
                .iter()
                .map(Vec::len)
                .collect::<Vec<_>>(),
            [16, 4]
        );
    }
}
