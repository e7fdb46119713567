//! What must be done so that the cache of a folder says what the server says.
//!
//! Pure: it compares what we hold, what the server told and what is still to be told to the
//! server, and returns the steps. Fetching, storing and the second look that a suspicious plan
//! asks for are the engine's work.

use std::collections::{BTreeMap, HashSet};

use crate::message::Flags;

/// A set of UIDs as IMAP writes it (RFC 9051 `sequence-set` without `*`): ranges in the order
/// given. Never expanded, so that `1:4294967295` costs no more than `1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UidSet(Vec<(u32, u32)>);

impl UidSet {
    /// Reads `1,5:9,12`. Reversed ranges are turned round; `None` where it is no set of numbers.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut ranges = Vec::new();
        for part in text.split(',') {
            let (low, high) = match part.split_once(':') {
                Some((low, high)) => (low.parse().ok()?, high.parse().ok()?),
                None => {
                    let uid = part.parse().ok()?;
                    (uid, uid)
                }
            };
            ranges.push(if low <= high {
                (low, high)
            } else {
                (high, low)
            });
        }
        Some(Self(ranges))
    }

    /// The set of these UIDs, neighbours joined, ascending.
    #[must_use]
    pub fn from_uids(uids: impl IntoIterator<Item = u32>) -> Self {
        let mut sorted: Vec<u32> = uids.into_iter().collect();
        sorted.sort_unstable();
        let mut set = Self::default();
        for uid in sorted {
            set.push(uid);
        }
        set
    }

    /// Adds a UID, joining it to the last range where it follows on.
    pub fn push(&mut self, uid: u32) {
        match self.0.last_mut() {
            Some((low, high)) if *low <= uid && uid <= *high => {}
            Some((_, high)) if high.checked_add(1) == Some(uid) => *high = uid,
            _ => self.0.push((uid, uid)),
        }
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many UIDs it names; what is named twice counts twice.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0
            .iter()
            .map(|(low, high)| u64::from(high - low) + 1)
            .sum()
    }

    /// The UIDs in the order given, for sets whose size the caller bounds.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().flat_map(|(low, high)| *low..=*high)
    }

    /// The same set with ranges sorted and merged: look-ups want this.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(self.0.len());
        for (low, high) in self.0 {
            match merged.last_mut() {
                Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }

    /// Whether `uid` is in a set that came from [`UidSet::sorted`].
    #[must_use]
    pub fn contains(&self, uid: u32) -> bool {
        let after = self.0.partition_point(|(low, _)| *low <= uid);
        after
            .checked_sub(1)
            .and_then(|at| self.0.get(at))
            .is_some_and(|(_, high)| uid <= *high)
    }

    /// The set in pieces whose IMAP text is at most `limit` bytes long, for servers that bound
    /// the command line (Zimbra: 10 KB).
    #[must_use]
    pub fn pieces(&self, limit: usize) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut piece = Self::default();
        let mut length = 0;
        for range in &self.0 {
            let cost = range_text(*range).len() + 1;
            if length + cost > limit && !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
                length = 0;
            }
            piece.0.push(*range);
            length += cost;
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
        pieces
    }
}

impl std::fmt::Display for UidSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            f.write_str(&range_text(*range))?;
        }
        Ok(())
    }
}

fn range_text((low, high): (u32, u32)) -> String {
    if low == high {
        low.to_string()
    } else {
        format!("{low}:{high}")
    }
}

/// A message the cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Its UID.
    pub uid: u32,
    /// The flags the server last told; local changes still pending are not in them.
    pub flags: Flags,
}

/// What the server told about a folder.
#[derive(Clone, Copy, Debug)]
pub enum Remote<'a> {
    /// Every message with its flags. Repeats and any order are allowed.
    Whole(&'a [(u32, Flags)]),
    /// What changed since the last look (RFC 7162).
    Changes {
        /// New messages and those whose flags changed.
        changed: &'a [(u32, Flags)],
        /// UIDs the server calls gone ([`UidSet::sorted`]).
        vanished: &'a UidSet,
        /// Every UID there is ([`UidSet::sorted`]), where that was asked: whatever is not in it
        /// is gone.
        present: Option<&'a UidSet>,
    },
}

/// The steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// UIDs whose headers are missing, newest (highest) first.
    pub fetch_headers: Vec<u32>,
    /// Messages whose flags on the server differ from those last known. Pending changes of ours
    /// are laid over them by the store.
    pub update_flags: Vec<(u32, Flags)>,
    /// UIDs to drop, ascending.
    pub vanished: Vec<u32>,
    /// So much would vanish that a faulty answer is likelier than a tidy user: look again (by a
    /// search for all UIDs) before anything is dropped.
    pub suspicious: bool,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fetch_headers.is_empty() && self.update_flags.is_empty() && self.vanished.is_empty()
    }
}

/// More than this many, and more than half of the folder, vanishing at once is suspicious.
const MASS_DELETION: usize = 20;

/// Compares cache and server. `leaving` are the UIDs of messages the user moved away or removed
/// here and that the server still has: they must not come back.
#[must_use]
pub fn plan(local: &[Local], remote: &Remote<'_>, leaving: &HashSet<u32>) -> Plan {
    let known: BTreeMap<u32, Flags> = local.iter().map(|m| (m.uid, m.flags)).collect();
    let told: BTreeMap<u32, Flags> = match remote {
        Remote::Whole(all) => all.iter().copied().collect(),
        Remote::Changes { changed, .. } => changed.iter().copied().collect(),
    };
    let mut plan = Plan::default();
    for (uid, flags) in told.iter().rev() {
        match known.get(uid) {
            None if !leaving.contains(uid) => plan.fetch_headers.push(*uid),
            Some(before) if before != flags => plan.update_flags.push((*uid, *flags)),
            _ => {}
        }
    }
    plan.vanished = known
        .keys()
        .copied()
        .filter(|uid| is_gone(*uid, remote, &told))
        .collect();
    if let Remote::Changes {
        present: Some(present),
        ..
    } = remote
    {
        plan.fetch_headers.retain(|uid| present.contains(*uid));
    }
    plan.suspicious = plan.vanished.len() > MASS_DELETION && plan.vanished.len() * 2 > known.len();
    plan
}

fn is_gone(uid: u32, remote: &Remote<'_>, told: &BTreeMap<u32, Flags>) -> bool {
    match remote {
        Remote::Whole(_) => !told.contains_key(&uid),
        Remote::Changes {
            vanished, present, ..
        } => {
            // A message reported as changed in the same breath is not gone, whatever a careless
            // range says.
            !told.contains_key(&uid)
                && present.map_or_else(|| vanished.contains(uid), |all| !all.contains(uid))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const NONE: Flags = Flags::empty();
    const SEEN: Flags = Flags::SEEN;

    fn local(rows: &[(u32, Flags)]) -> Vec<Local> {
        rows.iter()
            .map(|(uid, flags)| Local {
                uid: *uid,
                flags: *flags,
            })
            .collect()
    }

    fn leaving(uids: &[u32]) -> HashSet<u32> {
        uids.iter().copied().collect()
    }

    fn set(text: &str) -> UidSet {
        UidSet::parse(text).unwrap().sorted()
    }

    #[test]
    fn whole_looks() {
        type Row<'a> = (
            &'a str,
            &'a [(u32, Flags)],
            &'a [(u32, Flags)],
            &'a [u32],
            &'a [u32],
            &'a [(u32, Flags)],
            &'a [u32],
        );
        let table: &[Row<'_>] = &[
            // what, local, remote, leaving -> fetch, flags, vanished
            ("nothing anywhere", &[], &[], &[], &[], &[], &[]),
            ("same", &[(1, SEEN)], &[(1, SEEN)], &[], &[], &[], &[]),
            (
                "newest first",
                &[],
                &[(1, NONE), (7, NONE), (3, NONE)],
                &[],
                &[7, 3, 1],
                &[],
                &[],
            ),
            (
                "repeated uid",
                &[],
                &[(2, NONE), (2, SEEN)],
                &[],
                &[2],
                &[],
                &[],
            ),
            (
                "flag set elsewhere",
                &[(4, NONE)],
                &[(4, SEEN)],
                &[],
                &[],
                &[(4, SEEN)],
                &[],
            ),
            (
                "flag cleared elsewhere",
                &[(4, SEEN)],
                &[(4, NONE)],
                &[],
                &[],
                &[(4, NONE)],
                &[],
            ),
            (
                "gone",
                &[(1, NONE), (2, NONE)],
                &[(2, NONE)],
                &[],
                &[],
                &[],
                &[1],
            ),
            (
                "moved away here stays away",
                &[],
                &[(5, NONE)],
                &[5],
                &[],
                &[],
                &[],
            ),
            (
                "all at once",
                &[(1, NONE), (2, NONE)],
                &[(2, SEEN), (9, NONE)],
                &[],
                &[9],
                &[(2, SEEN)],
                &[1],
            ),
        ];
        for (what, held, told, away, fetch, flags, vanished) in table {
            let plan = plan(&local(held), &Remote::Whole(told), &leaving(away));
            assert_eq!(plan.fetch_headers, *fetch, "{what}");
            assert_eq!(plan.update_flags, *flags, "{what}");
            assert_eq!(plan.vanished, *vanished, "{what}");
            assert!(!plan.suspicious, "{what}");
        }
    }

    #[test]
    fn changes_only_touch_what_they_name() {
        let held = local(&[(1, NONE), (2, NONE), (3, NONE)]);
        let vanished = set("2:900");
        let remote = Remote::Changes {
            changed: &[(3, SEEN), (8, NONE)],
            vanished: &vanished,
            present: None,
        };
        let plan = plan(&held, &remote, &leaving(&[]));
        assert_eq!(plan.fetch_headers, [8]);
        assert_eq!(plan.update_flags, [(3, SEEN)]);
        assert_eq!(
            plan.vanished,
            [2],
            "3 was reported as changed, so it is there"
        );
    }

    #[test]
    fn presence_overrules_vanished_and_limits_fetching() {
        let held = local(&[(1, NONE), (2, NONE)]);
        let (vanished, present) = (set("1:2"), set("1"));
        let remote = Remote::Changes {
            changed: &[(9, NONE)],
            vanished: &vanished,
            present: Some(&present),
        };
        let plan = plan(&held, &remote, &leaving(&[]));
        assert_eq!(plan.vanished, [2]);
        assert!(
            plan.fetch_headers.is_empty(),
            "9 was gone again at the second look"
        );
    }

    #[test]
    fn mass_deletion_is_suspicious() {
        let held: Vec<Local> = (1..=100).map(|uid| Local { uid, flags: NONE }).collect();
        let evil = set("1:4294967295");
        let remote = Remote::Changes {
            changed: &[],
            vanished: &evil,
            present: None,
        };
        assert!(plan(&held, &remote, &leaving(&[])).suspicious);
        let half = set("1:50");
        let remote = Remote::Changes {
            changed: &[],
            vanished: &half,
            present: None,
        };
        assert!(!plan(&held, &remote, &leaving(&[])).suspicious);
        let few: Vec<Local> = held.into_iter().take(20).collect();
        assert!(!plan(&few, &Remote::Whole(&[]), &leaving(&[])).suspicious);
    }

    #[test]
    fn sets_are_read_and_written() {
        for text in ["1", "1:5", "1,3,5:9", "4294967295"] {
            assert_eq!(UidSet::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "a", "1,", "1:", "-1", "1:*", "4294967296"] {
            assert_eq!(UidSet::parse(text), None, "{text}");
        }
        assert_eq!(UidSet::parse("9:5").unwrap().to_string(), "5:9");
        assert_eq!(UidSet::from_uids([7, 3, 2, 1, 9, 7]).to_string(), "1:3,7,9");
        assert_eq!(UidSet::from_uids([4_294_967_295]).len(), 1);
    }

    #[test]
    fn sets_are_looked_up() {
        let set = set("10:20,5,15:30,4294967295");
        for (uid, there) in [
            (5, true),
            (4, false),
            (10, true),
            (25, true),
            (31, false),
            (u32::MAX, true),
        ] {
            assert_eq!(set.contains(uid), there, "{uid}");
        }
        assert!(!UidSet::default().contains(1));
    }

    #[test]
    fn long_sets_are_cut_below_the_limit() {
        let set = UidSet::from_uids((0..5000).map(|n| n * 2 + 1));
        let pieces = set.pieces(1000);
        assert!(pieces.len() > 10);
        assert!(pieces.iter().all(|piece| piece.to_string().len() <= 1000));
        assert_eq!(pieces.iter().map(UidSet::len).sum::<u64>(), 5000);
    }
}
