//! Accounts, folders and messages as values, and each change to them.
//!
//! Not here: who may change them when (`store`), and their files (`disk`).

use std::sync::Arc;

use crate::clock;
use crate::store::StoreError;

/// How flags are to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlagChange {
    Replace,
    Add,
    Remove,
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

    pub fn folder_mut(&mut self, name: &str) -> Result<&mut Folder, StoreError> {
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

    /// Gives a folder a new UIDVALIDITY and its messages new UIDs from 1, in their order.
    pub fn renumber(&mut self, name: &str) -> Result<u32, StoreError> {
        let folder = self.folder_mut(name)?;
        let id = folder.id;
        let old: Vec<(u32, u32)> = folder.messages.iter().map(|m| (id, m.uid)).collect();
        folder.uid_validity = folder.uid_validity.wrapping_add(1000);
        folder.removed.clear();
        let modseq = folder.tick();
        for (uid, message) in (1..).zip(&mut folder.messages) {
            (message.uid, message.modseq) = (uid, modseq);
            folder.uid_next = uid + 1;
        }
        let new: Vec<(u32, u32)> = folder.messages.iter().map(|m| (id, m.uid)).collect();
        let validity = folder.uid_validity;
        self.discarded
            .extend(old.into_iter().filter(|place| !new.contains(place)));
        self.unwritten.extend(new);
        Ok(validity)
    }

    pub fn delete_folder(&mut self, name: &str) -> Result<(), StoreError> {
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

    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), StoreError> {
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

/// Changes the flags of those messages that exist.
pub(crate) fn apply_flags(
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

/// Removes those messages that exist; returns their UIDs.
pub(crate) fn expunge(
    account: &mut Account,
    folder: &str,
    uids: &[u32],
) -> Result<Vec<u32>, StoreError> {
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
