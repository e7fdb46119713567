//! The mailboxes on disk: one directory per account and folder, one `.eml` per UID, one index per
//! account.
//!
//! The index is the truth and is replaced as a whole (new file, fsync, rename). Messages are
//! written before the index that names them and removed after the one that forgets them, so a
//! crash leaves at most files nobody names; those are swept at the next start. One index for a
//! whole account makes a move between folders one step.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::folder::{Account, Folder, StoredMessage};
use crate::store::StoreError;

#[derive(Debug, Serialize, Deserialize)]
struct Index {
    address: String,
    next_folder: u32,
    folders: Vec<FolderIndex>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FolderIndex {
    id: u32,
    name: String,
    special: Option<String>,
    subscribed: bool,
    uid_validity: u32,
    uid_next: u32,
    highest_modseq: u64,
    messages: Vec<MessageIndex>,
    removed: Vec<(u32, u64)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MessageIndex {
    uid: u32,
    flags: Vec<String>,
    internal_date: i64,
    modseq: u64,
}

/// The data folder, locked for this process.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    /// Held for its lock, which the system frees when the process ends in any way.
    _lock: File,
}

impl Disk {
    /// Opens the data folder, making it where it is missing.
    pub fn open(root: PathBuf) -> Result<Disk, StoreError> {
        fs::create_dir_all(&root).map_err(at(&root))?;
        let path = root.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Disk { root, _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::InUse(root)),
            Err(fs::TryLockError::Error(fault)) => Err(at(&path)(fault)),
        }
    }

    /// The account as it was left, or `None` when it never was.
    pub fn load(&self, address: &str) -> Result<Option<Account>, StoreError> {
        let dir = self.account_dir(address);
        let path = dir.join("index.json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(at(&path)(fault)),
        };
        let index: Index = serde_json::from_slice(&text).map_err(|fault| StoreError::Damaged {
            path,
            reason: fault.to_string(),
        })?;
        let mut account = Account::new(&index.address);
        account.next_folder = index.next_folder;
        for folder in index.folders {
            account.folders.push(load_folder(&dir, folder)?);
        }
        sweep(&dir, &account);
        Ok(Some(account))
    }

    /// Writes what the last change touched, then the index, then removes what it forgot.
    pub fn save(&self, account: &Account) -> Result<(), StoreError> {
        let dir = self.account_dir(&account.address);
        fs::create_dir_all(&dir).map_err(at(&dir))?;
        for &(folder, uid) in &account.unwritten {
            let found = account
                .folders
                .iter()
                .find(|f| f.id == folder)
                .and_then(|f| f.get(uid));
            let Some(message) = found else { continue };
            let folder_dir = dir.join(folder_name(folder));
            fs::create_dir_all(&folder_dir).map_err(at(&folder_dir))?;
            replace(&message_path(&dir, folder, uid), &message.bytes)?;
        }
        let index =
            serde_json::to_vec(&index_of(account)).map_err(|fault| StoreError::Damaged {
                path: dir.clone(),
                reason: fault.to_string(),
            })?;
        replace(&dir.join("index.json"), &index)?;
        for &(folder, uid) in &account.discarded {
            let path = message_path(&dir, folder, uid);
            if let Err(fault) = fs::remove_file(&path) {
                // The next start sweeps it; the change itself is safe.
                tracing::debug!(path = %path.display(), %fault, "message file stays for now");
            }
        }
        Ok(())
    }

    fn account_dir(&self, address: &str) -> PathBuf {
        let safe = |c: char| {
            if c.is_ascii_alphanumeric() || "@.-".contains(c) {
                c
            } else {
                '_'
            }
        };
        self.root
            .join(address.to_lowercase().chars().map(safe).collect::<String>())
    }
}

fn load_folder(dir: &Path, index: FolderIndex) -> Result<Folder, StoreError> {
    let mut messages = Vec::with_capacity(index.messages.len());
    for message in index.messages {
        let path = message_path(dir, index.id, message.uid);
        let bytes = fs::read(&path).map_err(at(&path))?;
        messages.push(StoredMessage {
            uid: message.uid,
            flags: message.flags,
            internal_date: message.internal_date,
            modseq: message.modseq,
            bytes: Arc::from(bytes),
        });
    }
    Ok(Folder {
        id: index.id,
        name: index.name,
        special: index.special,
        subscribed: index.subscribed,
        uid_validity: index.uid_validity,
        uid_next: index.uid_next,
        highest_modseq: index.highest_modseq,
        messages,
        removed: index.removed,
    })
}

fn index_of(account: &Account) -> Index {
    let message = |m: &StoredMessage| MessageIndex {
        uid: m.uid,
        flags: m.flags.clone(),
        internal_date: m.internal_date,
        modseq: m.modseq,
    };
    let folder = |f: &Folder| FolderIndex {
        id: f.id,
        name: f.name.clone(),
        special: f.special.clone(),
        subscribed: f.subscribed,
        uid_validity: f.uid_validity,
        uid_next: f.uid_next,
        highest_modseq: f.highest_modseq,
        messages: f.messages.iter().map(message).collect(),
        removed: f.removed.clone(),
    };
    Index {
        address: account.address.clone(),
        next_folder: account.next_folder,
        folders: account.folders.iter().map(folder).collect(),
    }
}

/// Removes message files the index does not name: traces of a crash. Failing here harms nothing.
fn sweep(dir: &Path, account: &Account) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let Ok(files) = fs::read_dir(entry.path()) else {
            continue;
        };
        let folder = account
            .folders
            .iter()
            .find(|f| entry.file_name() == *folder_name(f.id));
        for file in files.flatten() {
            let name = file.file_name();
            let uid = name
                .to_str()
                .and_then(|n| n.strip_suffix(".eml"))
                .and_then(|n| n.parse().ok());
            let known = folder.zip(uid).is_some_and(|(f, uid)| f.get(uid).is_some());
            if !known {
                let _ = fs::remove_file(file.path());
            }
        }
    }
}

fn folder_name(id: u32) -> String {
    format!("f{id:04}")
}

fn message_path(dir: &Path, folder: u32, uid: u32) -> PathBuf {
    dir.join(folder_name(folder)).join(format!("{uid}.eml"))
}

/// Replaces a file so that a crash at any moment leaves the old or the new one, whole.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh).map_err(at(&fresh))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(at(&fresh))?;
    drop(file);
    fs::rename(&fresh, path).map_err(at(path))?;
    // A rename lasts once its directory is flushed; Windows has no such call and needs none.
    #[cfg(unix)]
    if let Some(dir) = path.parent() {
        File::open(dir)
            .and_then(|d| d.sync_all())
            .map_err(at(dir))?;
    }
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Disk { path, source }
}
