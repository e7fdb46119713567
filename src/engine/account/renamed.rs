//! Folders another client renamed. A server lists a name less and a name more; whether both are one
//! folder is seen by what lies in it. It is followed, so that its messages with their bodies and
//! waiting changes stay instead of being fetched again and lost.

use std::collections::HashSet;

use tcv_domain::folder::Folder;
use tcv_domain::mime;

use super::Round;
use crate::error::{Error, Result};
use crate::imap::{Fault, Fetched};
use crate::store::{Known, RemoteFolder};

/// How many of a folder's newest messages are looked for.
const SAMPLE: usize = 20;

/// So many at their old numbers prove that all numbers are the old ones.
const PROOF: usize = 3;

/// How many are looked for one by one where the numbers are new.
const SEARCHED: usize = 5;

/// What a folder of another name turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Other,
    /// The folder, with the numbers it had.
    Same,
    /// The folder, with other numbers, which are of this UIDVALIDITY.
    Renumbered(u32),
}

impl Round<'_> {
    /// Gives folders of ours that the server does not list any more the names they have there now.
    pub(super) fn follow(&mut self, held: &[Folder], listed: &[RemoteFolder]) -> Result<()> {
        let names: HashSet<&str> = listed.iter().map(|one| one.raw_name.as_str()).collect();
        let mut known = HashSet::new();
        let mut missing = Vec::new();
        for folder in held {
            let sync = self.inner.store.folder_sync(folder.id)?;
            if !names.contains(sync.raw_name.as_str()) && folder.selectable {
                missing.push((folder, sync.clone()));
            }
            known.insert(sync.raw_name);
        }
        let is_new = |one: &&RemoteFolder| one.selectable && !known.contains(&one.raw_name);
        let mut new: Vec<&RemoteFolder> = listed.iter().filter(is_new).collect();
        for (folder, sync) in missing {
            if self.inner.store.has_tree_op(folder.id)? {
                continue; // Our own change of the tree finds out by itself.
            }
            let sample = self.inner.store.sample(folder.id, SAMPLE)?;
            for index in 0..new.len() {
                let Some(candidate) = new.get(index).copied() else {
                    break;
                };
                let likeness = self.compare_with(&candidate.raw_name, sync.uidvalidity, &sample);
                let likeness = match likeness {
                    Err(Fault::Refused(_)) => Likeness::Other,
                    other => other.map_err(Error::from)?,
                };
                if likeness != Likeness::Other {
                    tracing::info!(folder = %folder.id, ?likeness, "a folder was renamed elsewhere");
                    let store = &self.inner.store;
                    store.follow_folder(folder.id, &candidate.raw_name)?;
                    if let Likeness::Renumbered(uidvalidity) = likeness {
                        store.reset_folder(folder.id, uidvalidity)?;
                    }
                    new.remove(index);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Looks for a folder's newest messages in another one. An empty folder is like any other.
    fn compare_with(
        &mut self,
        raw_name: &str,
        uidvalidity: Option<u32>,
        sample: &[Known],
    ) -> std::result::Result<Likeness, Fault> {
        if sample.is_empty() {
            return Ok(Likeness::Other);
        }
        let selected = self.session.select(raw_name, None)?;
        if selected.exists == 0 {
            return Ok(Likeness::Other);
        }
        let now = selected.uidvalidity;
        if Some(now) == uidvalidity {
            let uids: Vec<u32> = sample.iter().map(|one| one.uid).collect();
            let fetched = self.session.headers(&uids)?;
            return Ok(at_their_numbers(sample, &fetched, now));
        }
        let named = sample.iter().filter(|one| !one.message_id.is_empty());
        let mut found = 0;
        for one in named.take(SEARCHED) {
            if self.session.find_message_id(&one.message_id)?.is_empty() {
                return Ok(Likeness::Other);
            }
            found += 1;
        }
        Ok(if found > 0 {
            Likeness::Renumbered(now)
        } else {
            Likeness::Other
        })
    }
}

/// Those that are gone prove nothing; one that is another disproves all.
fn at_their_numbers(sample: &[Known], fetched: &[Fetched], uidvalidity: u32) -> Likeness {
    let mut equal = 0;
    for one in sample {
        let told = fetched.iter().find(|found| found.uid == Some(one.uid));
        let Some((header, size)) =
            told.and_then(|found| Some((found.header.as_ref()?, found.size?)))
        else {
            continue;
        };
        if mime::envelope(header).message_id != one.message_id || size != one.size {
            return Likeness::Other;
        }
        equal += 1;
    }
    match equal {
        0 => Likeness::Other,
        few if few < PROOF && few < sample.len() => Likeness::Renumbered(uidvalidity),
        _ => Likeness::Same,
    }
}
