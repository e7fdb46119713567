//! The mailboxes of all accounts, shared by the sessions.
//!
//! One lock around all; a change is on disk before the lock is given back, and everybody is woken
//! after it. Sessions find out *what* changed by comparing (see `imap/view.rs`). Not here: what a
//! change does (`folder`), files (`disk`), protocols.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::disk::Disk;
use crate::folder::{Account, FlagChange, NewMessage, StoredMessage, apply_flags, expunge};
use crate::link::Waker;

/// Why the mailboxes could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such account.
    #[error("no account {0}")]
    NoAccount(String),
    /// No such folder.
    #[error("no folder {0}")]
    NoFolder(String),
    /// No message with this UID.
    #[error("no message with UID {0}")]
    NoMessage(u32),
    /// A folder of this name is there already.
    #[error("folder {0} exists")]
    Exists(String),
    /// The folder may not be renamed, removed or named so.
    #[error("not possible with folder {0}")]
    Cannot(String),
    /// Another server works on the same folder of the disk.
    #[error("{} is in use", .0.display())]
    InUse(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An index is not one of ours.
    #[error("{}: not readable as an index: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Result of a copy or move: the target's UIDVALIDITY and the pairs (old UID, new UID).
pub(crate) type Copied = (u32, Vec<(u32, u32)>);

/// All accounts.
#[derive(Debug)]
pub(crate) struct Store {
    state: Mutex<State>,
    wakers: Mutex<Vec<Waker>>,
}

#[derive(Debug)]
struct State {
    accounts: BTreeMap<String, Account>,
    disk: Option<Disk>,
}

impl Store {
    pub fn new(accounts: Vec<Account>, disk: Option<Disk>) -> Self {
        let accounts = accounts.into_iter().map(|a| (key(&a.address), a)).collect();
        Store {
            state: Mutex::new(State { accounts, disk }),
            wakers: Mutex::default(),
        }
    }

    /// From now on this session hears of changes.
    pub fn watch(&self, waker: Waker) {
        self.wakers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(waker);
    }

    /// Looks at an account.
    pub fn read<R>(
        &self,
        account: &str,
        look: impl FnOnce(&Account) -> R,
    ) -> Result<R, StoreError> {
        let state = self.lock();
        let found = state.accounts.get(&key(account));
        found
            .map(look)
            .ok_or_else(|| StoreError::NoAccount(account.to_owned()))
    }

    /// Changes an account: all of it, on disk too, or nothing.
    pub fn change<R>(
        &self,
        account: &str,
        edit: impl FnOnce(&mut Account) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let mut state = self.lock();
        let State { accounts, disk } = &mut *state;
        let Some(current) = accounts.get_mut(&key(account)) else {
            return Err(StoreError::NoAccount(account.to_owned()));
        };
        let before = disk.is_some().then(|| current.clone());
        let mut result = edit(current);
        if let (Ok(_), Some(disk)) = (&result, disk)
            && let Err(fault) = disk.save(current)
        {
            result = Err(fault);
        }
        if let (Err(_), Some(before)) = (&result, before) {
            *current = before;
        }
        current.unwritten.clear();
        current.discarded.clear();
        drop(state);
        if result.is_ok() {
            self.wakers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(Waker::wake);
        }
        result
    }

    pub fn append(
        &self,
        account: &str,
        folder: &str,
        message: NewMessage,
    ) -> Result<(u32, u32), StoreError> {
        self.change(account, |a| a.add(folder, message))
    }

    pub fn create(&self, account: &str, folder: &str) -> Result<(), StoreError> {
        self.change(account, |a| a.create(folder, None))
    }

    pub fn delete(&self, account: &str, folder: &str) -> Result<(), StoreError> {
        self.change(account, |a| a.delete_folder(folder))
    }

    pub fn rename(&self, account: &str, from: &str, to: &str) -> Result<(), StoreError> {
        self.change(account, |a| a.rename(from, to))
    }

    pub fn subscribe(&self, account: &str, folder: &str, on: bool) -> Result<(), StoreError> {
        self.change(account, |a| {
            a.folder_mut(folder)?.subscribed = on;
            Ok(())
        })
    }

    pub fn renew_uid_validity(&self, account: &str, folder: &str) -> Result<u32, StoreError> {
        self.change(account, |a| a.renumber(folder))
    }

    pub fn set_flags(
        &self,
        account: &str,
        folder: &str,
        uid: u32,
        flags: Vec<String>,
    ) -> Result<(), StoreError> {
        self.change(account, |a| match a.folder_mut(folder)?.get(uid) {
            None => Err(StoreError::NoMessage(uid)),
            Some(_) => apply_flags(a.folder_mut(folder)?, &[uid], FlagChange::Replace, &flags),
        })
    }

    /// Changes flags of the messages that exist.
    pub fn store_flags(
        &self,
        account: &str,
        folder: &str,
        uids: &[u32],
        (how, flags): (FlagChange, &[String]),
    ) -> Result<(), StoreError> {
        self.change(account, |a| {
            apply_flags(a.folder_mut(folder)?, uids, how, flags)
        })
    }

    /// Removes those of the messages that exist; returns their UIDs.
    pub fn expunge(
        &self,
        account: &str,
        folder: &str,
        uids: &[u32],
    ) -> Result<Vec<u32>, StoreError> {
        self.change(account, |a| expunge(a, folder, uids))
    }

    /// Copies messages; with `and_remove` it is a move, in one step (RFC 6851).
    pub fn copy(
        &self,
        account: &str,
        (from, to): (&str, &str),
        uids: &[u32],
        and_remove: bool,
    ) -> Result<Copied, StoreError> {
        self.change(account, |a| {
            let validity = a.need(to)?.uid_validity;
            let source = a.need(from)?;
            let found: Vec<StoredMessage> = uids
                .iter()
                .filter_map(|&u| source.get(u).cloned())
                .collect();
            let mut pairs = Vec::with_capacity(found.len());
            for message in found {
                let copy = NewMessage {
                    bytes: message.bytes,
                    flags: message.flags,
                    date: message.internal_date,
                };
                pairs.push((message.uid, a.add(to, copy)?.1));
            }
            if and_remove {
                expunge(a, from, uids)?;
            }
            Ok((validity, pairs))
        })
    }

    pub fn messages(&self, account: &str, folder: &str) -> Vec<StoredMessage> {
        let found = self.read(account, |a| a.folder(folder).map(|f| f.messages.clone()));
        found.ok().flatten().unwrap_or_default()
    }

    pub fn folder_names(&self, account: &str) -> Vec<String> {
        self.read(account, |a| {
            a.folders.iter().map(|f| f.name.clone()).collect()
        })
        .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Under which an address is looked up.
pub(crate) fn key(address: &str) -> String {
    address.to_lowercase()
}
