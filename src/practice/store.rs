//! The mailboxes: accounts, folders, messages, and every change to them.
//!
//! One lock around all; a change is on disk before the lock is given back, and everybody is woken
//! after it. Sessions find out *what* changed by comparing (see `imap/view.rs`). Not here: files
//! (`disk`), protocols.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock;
use crate::disk::Disk;
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

/// A message as it lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Unique in its folder, growing.
    pub uid: u32,
    /// Flags and keywords, sorted, as spelt by the client that set them.
    pub flags: Vec<String>,
    /// INTERNALDATE, seconds since 1970.
    pub internal_date: i64,
    /// When it last changed, in the folder's count (RFC 7162).
    pub modseq: u64,
    /// The message itself.
    pub bytes: Arc<[u8]>,
}

impl StoredMessage {
    /// Whether a flag is set; flags ignore case (RFC 3501, 2.3.2).
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f.eq_ignore_ascii_case(flag))
    }
}

/// A message to be added.
#[derive(Debug, Clone)]
pub(crate) struct NewMessage {
    pub bytes: Arc<[u8]>,
    pub flags: Vec<String>,
    pub date: i64,
}

/// One folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    /// Name of its directory; stays when the folder is renamed.
    pub id: u32,
    /// Full name, decoded, levels separated by `/`.
    pub name: String,
    /// SPECIAL-USE attribute, such as `\Sent` (RFC 6154).
    pub special: Option<String>,
    pub subscribed: bool,
    pub uid_validity: u32,
    pub uid_next: u32,
    pub highest_modseq: u64,
    /// Sorted by UID.
    pub messages: Vec<StoredMessage>,
    /// Removed UIDs with the modseq of their removal (RFC 7162, VANISHED).
    pub removed: Vec<(u32, u64)>,
}

impl Folder {
    pub fn get(&self, uid: u32) -> Option<&StoredMessage> {
        let at = self.messages.binary_search_by_key(&uid, |m| m.uid).ok()?;
        self.messages.get(at)
    }

    fn get_mut(&mut self, uid: u32) -> Option<&mut StoredMessage> {
        let at = self.messages.binary_search_by_key(&uid, |m| m.uid).ok()?;
        self.messages.get_mut(at)
    }

    pub fn unseen(&self) -> usize {
        self.messages.iter().filter(|m| !m.has("\\Seen")).count()
    }

    fn tick(&mut self) -> u64 {
        self.highest_modseq += 1;
        self.highest_modseq
    }

    fn remove(&mut self, uids: &[u32]) -> Vec<u32> {
        let gone: Vec<u32> = uids
            .iter()
            .copied()
            .filter(|&u| self.get(u).is_some())
            .collect();
        if !gone.is_empty() {
            let modseq = self.tick();
            self.messages.retain(|m| !gone.contains(&m.uid));
            self.removed.extend(gone.iter().map(|&uid| (uid, modseq)));
        }
        gone
    }
}

/// One account's folders, and the files its last change touched.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub address: String,
    pub next_folder: u32,
    pub folders: Vec<Folder>,
    /// Messages not yet written: folder id and UID.
    pub unwritten: Vec<(u32, u32)>,
    /// Messages whose file is to go once the index no longer names them.
    pub discarded: Vec<(u32, u32)>,
}

impl Account {
    pub fn new(address: &str) -> Self {
        Account {
            address: address.to_owned(),
            next_folder: 1,
            folders: Vec::new(),
            unwritten: Vec::new(),
            discarded: Vec::new(),
        }
    }

    pub fn folder(&self, name: &str) -> Option<&Folder> {
        self.folders.iter().find(|f| same_name(&f.name, name))
    }

    pub fn need(&self, name: &str) -> Result<&Folder, StoreError> {
        self.folder(name)
            .ok_or_else(|| StoreError::NoFolder(name.to_owned()))
    }

    fn folder_mut(&mut self, name: &str) -> Result<&mut Folder, StoreError> {
        self.folders
            .iter_mut()
            .find(|f| same_name(&f.name, name))
            .ok_or_else(|| StoreError::NoFolder(name.to_owned()))
    }

    /// Makes a folder and the levels above it that are missing.
    pub fn create(&mut self, name: &str, special: Option<&str>) -> Result<(), StoreError> {
        let name = name.trim_end_matches('/');
        if name.is_empty()
            || name.split('/').any(str::is_empty)
            || name.chars().any(char::is_control)
        {
            return Err(StoreError::Cannot(name.to_owned()));
        }
        if self.folder(name).is_some() {
            return Err(StoreError::Exists(name.to_owned()));
        }
        if let Some((above, _)) = name.rsplit_once('/')
            && self.folder(above).is_none()
        {
            self.create(above, None)?;
        }
        let id = self.next_folder;
        self.next_folder += 1;
        // Time plus count: a folder made anew under an old name never repeats a UIDVALIDITY.
        let base = u32::try_from(clock::now() & 0x7fff_ffff).unwrap_or(1);
        self.folders.push(Folder {
            id,
            name: if name.eq_ignore_ascii_case("INBOX") {
                "INBOX".to_owned()
            } else {
                name.to_owned()
            },
            special: special.map(str::to_owned),
            subscribed: true,
            uid_validity: base.wrapping_add(id),
            uid_next: 1,
            highest_modseq: 1,
            messages: Vec::new(),
            removed: Vec::new(),
        });
        Ok(())
    }

    /// Adds a message; returns UIDVALIDITY and UID (RFC 4315).
    pub fn add(&mut self, name: &str, message: NewMessage) -> Result<(u32, u32), StoreError> {
        let folder = self.folder_mut(name)?;
        let (uid, modseq) = (folder.uid_next, folder.tick());
        folder.uid_next += 1;
        let mut flags = message.flags;
        tidy(&mut flags);
        folder.messages.push(StoredMessage {
            uid,
            flags,
            internal_date: message.date,
            modseq,
            bytes: message.bytes,
        });
        let place = (folder.id, uid);
        let validity = folder.uid_validity;
        self.unwritten.push(place);
        Ok((validity, uid))
    }

    fn delete_folder(&mut self, name: &str) -> Result<(), StoreError> {
        let folder = self.need(name)?;
        let below = format!("{}/", folder.name);
        if folder.name == "INBOX" || self.folders.iter().any(|f| f.name.starts_with(&below)) {
            return Err(StoreError::Cannot(name.to_owned()));
        }
        let id = folder.id;
        let files: Vec<(u32, u32)> = folder.messages.iter().map(|m| (id, m.uid)).collect();
        self.discarded.extend(files);
        self.folders.retain(|f| f.id != id);
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), StoreError> {
        let old = self.need(from)?.name.clone();
        let inside = format!("{old}/");
        if old == "INBOX" || to.starts_with(&inside) {
            return Err(StoreError::Cannot(from.to_owned()));
        }
        self.create(to, None)?;
        self.folders.pop();
        for folder in &mut self.folders {
            if folder.name == old {
                to.clone_into(&mut folder.name);
            } else if let Some(rest) = folder.name.strip_prefix(&inside) {
                folder.name = format!("{to}/{rest}");
            }
        }
        Ok(())
    }
}

/// How flags are to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlagChange {
    Replace,
    Add,
    Remove,
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
        self.change(account, |a| {
            let folder = a.folder_mut(folder)?;
            folder.uid_validity = folder.uid_validity.wrapping_add(1000);
            Ok(folder.uid_validity)
        })
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

fn apply_flags(
    folder: &mut Folder,
    uids: &[u32],
    how: FlagChange,
    flags: &[String],
) -> Result<(), StoreError> {
    let modseq = folder.highest_modseq + 1;
    let mut changed = false;
    for &uid in uids {
        let Some(message) = folder.get_mut(uid) else {
            continue;
        };
        let mut now = match how {
            FlagChange::Replace => flags.to_vec(),
            FlagChange::Add => message.flags.iter().chain(flags).cloned().collect(),
            FlagChange::Remove => {
                let kept = message
                    .flags
                    .iter()
                    .filter(|f| !flags.iter().any(|g| g.eq_ignore_ascii_case(f)));
                kept.cloned().collect()
            }
        };
        tidy(&mut now);
        if now != message.flags {
            message.flags = now;
            message.modseq = modseq;
            changed = true;
        }
    }
    if changed {
        folder.highest_modseq = modseq;
    }
    Ok(())
}

fn expunge(account: &mut Account, folder: &str, uids: &[u32]) -> Result<Vec<u32>, StoreError> {
    let folder = account.folder_mut(folder)?;
    let (id, gone) = (folder.id, folder.remove(uids));
    account.discarded.extend(gone.iter().map(|&uid| (id, uid)));
    Ok(gone)
}

/// Sorts flags and drops repetitions and `\Recent`, which no client may set.
fn tidy(flags: &mut Vec<String>) {
    flags.retain(|f| !f.is_empty() && !f.eq_ignore_ascii_case("\\Recent"));
    flags.sort_by_key(|f| f.to_ascii_lowercase());
    flags.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
}

/// INBOX is the one name whose case does not matter (RFC 3501, 5.1).
fn same_name(a: &str, b: &str) -> bool {
    a == b || (a == "INBOX" && b.eq_ignore_ascii_case("INBOX"))
}

/// Under which an address is looked up.
pub(crate) fn key(address: &str) -> String {
    address.to_lowercase()
}
