//! Backups of what only we hold, and of the mail kept here if that is wanted; restoring them, on
//! another machine too.
//!
//! A backup is one file, sealed under a passphrase ([`sealed`]). It gets its name only when it was
//! opened again, read to its end and examined like files in use: a backup nobody tried to restore
//! is none. What is on the disk meanwhile is encrypted as ever. Passwords are not in it: they stay
//! in the keyring of their machine, and are asked for after a restore.

mod schedule;
mod sealed;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use tcv_domain::message::UnixTime;
use tcv_domain::mime::sanitize_file_name;
use zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};
use crate::health::Health;
use crate::opening::Hold;
use crate::secrets::{Cost, Secrets};
use crate::store::{self, CacheKey, private_dir};
use crate::types::Secret;
use crate::{Engine, Inner, Options};

pub(crate) use schedule::start;
pub use schedule::{BackupPlan, BackupStatus, Failed};
pub(crate) use sealed::BackupKey;
use sealed::{Opener, SealedReader, SealedWriter, damaged};

/// The ending of a backup's name.
const ENDING: &str = "tcvbackup";

/// Where copies lie while they are made or tried, in the data folder.
const WORK: &str = "backup-work";

/// No description of a backup is larger.
const LARGEST_MANIFEST: u32 = 1 << 20;

/// What stands first in a backup.
#[derive(Serialize, Deserialize)]
struct Manifest {
    program: String,
    created: UnixTime,
    addresses: Vec<String>,
    with_mail: bool,
    /// The key of the copies, Base64.
    key: String,
    files: Vec<Part>,
    health: Counts,
}

#[derive(Serialize, Deserialize)]
struct Part {
    name: String,
    size: u64,
}

/// What has to come out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    messages: u64,
    bodies: u64,
    drafts: u64,
    outbox: u64,
}

impl Counts {
    fn of(health: &Health) -> Self {
        Self {
            messages: health.messages,
            bodies: health.bodies,
            drafts: health.drafts,
            outbox: health.outbox,
        }
    }
}

/// A backup that was made or restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Its file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// When it was made.
    pub created: UnixTime,
    /// The addresses of its accounts.
    pub addresses: Vec<String>,
    /// Whether all mail kept on the machine is in it.
    pub with_mail: bool,
    /// Messages listed in it.
    pub messages: u64,
    /// Messages with their content.
    pub bodies: u64,
    /// Drafts.
    pub drafts: u64,
    /// Messages waiting to be sent.
    pub outbox: u64,
    /// Whether it was opened again and examined.
    pub verified: bool,
}

impl Backup {
    fn of(file: &Path, bytes: u64, manifest: Manifest) -> Self {
        Self {
            file: file.to_owned(),
            bytes,
            created: manifest.created,
            addresses: manifest.addresses,
            with_mail: manifest.with_mail,
            messages: manifest.health.messages,
            bodies: manifest.health.bodies,
            drafts: manifest.health.drafts,
            outbox: manifest.health.outbox,
            verified: true,
        }
    }
}

impl Engine {
    /// Makes a backup in a folder, under a passphrase or under the one set before
    /// ([`Engine::set_backup_passphrase`]), and tries it.
    ///
    /// # Errors
    /// [`Kind::BackupNoPassphrase`] where none is given or set, [`Kind::Disk`] or
    /// [`Kind::DiskFull`]; older backups are untouched then.
    pub async fn backup(
        &self,
        to: PathBuf,
        passphrase: Option<Secret>,
        with_mail: bool,
    ) -> Result<Backup> {
        self.run(move |inner| {
            let key = match passphrase {
                Some(passphrase) => BackupKey::new(&passphrase, Cost::STRONG)?,
                None => kept_key(inner)?,
            };
            make(inner, &to, &key, with_mail)
        })
        .await
    }

    /// Keeps what the passphrase comes to in the keyring, so that backups are made without asking.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] for an empty one; a keyring that does not answer.
    pub async fn set_backup_passphrase(&self, passphrase: Secret) -> Result<()> {
        self.run(move |inner| {
            if passphrase.reveal().trim().is_empty() {
                return Err(Error::new(Kind::BadRequest, "the passphrase is empty"));
            }
            let key = BackupKey::new(&passphrase, Cost::STRONG)?;
            inner.secrets.keep_backup_key(&key)
        })
        .await
    }

    /// Restores a backup into a data folder that nothing works on. With `replace` the files that
    /// are there are kept under other names; without, they are a reason not to. The copies are put
    /// under the key of this machine. Blocks.
    ///
    /// # Errors
    /// [`Kind::BackupWrongPassphrase`], [`Kind::BackupDamaged`], [`Kind::BadRequest`] where data is
    /// there, [`Kind::AlreadyRunning`], [`Kind::Disk`], [`Kind::DiskFull`]. The folder is as it was.
    pub fn restore(
        options: &Options,
        file: &Path,
        passphrase: &Secret,
        replace: bool,
    ) -> Result<Backup> {
        let dir = &options.data_dir;
        let _hold = Hold::take(dir)?;
        let in_use = store::is_in_use(dir);
        if in_use && !replace {
            let detail = format!("{} holds data already", dir.display());
            return Err(Error::new(Kind::BadRequest, detail));
        }
        let bytes = fs::metadata(file)
            .map_err(|error| in_file(file, &error))?
            .len();
        let work = Work::new(dir)?;
        let now = options.clock.now();
        let opener = Opener::Passphrase(passphrase);
        let (manifest, key) = tried(file, &opener, &work.0, now)?;
        let own_key = Secrets::open(dir, options.secrets.clone())?.cache_key()?;
        store::rekey_copies(&work.0, &key, &own_key)?;
        store::take_over(&work.0, dir, &format!(".before-restore-{}", now.0))?;
        Ok(Backup::of(file, bytes, manifest))
    }
}

fn kept_key(inner: &Inner) -> Result<BackupKey> {
    let none = || {
        Error::new(
            Kind::BackupNoPassphrase,
            "no passphrase was set for backups",
        )
    };
    inner.secrets.backup_key()?.ok_or_else(none)
}

/// A private folder for copies, removed with what is in it.
struct Work(PathBuf);

impl Work {
    fn new(data_dir: &Path) -> Result<Self> {
        let dir = data_dir.join(WORK);
        // What a power cut left.
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        private_dir(&dir)?;
        Ok(Self(dir))
    }

    fn below(&self, name: &str) -> Result<PathBuf> {
        let dir = self.0.join(name);
        private_dir(&dir)?;
        Ok(dir)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file that is being written; gone unless it got its name.
struct Unnamed {
    path: PathBuf,
    done: bool,
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a backup in `to`, which is there.
fn make(inner: &Inner, to: &Path, key: &BackupKey, with_mail: bool) -> Result<Backup> {
    if !to.is_dir() {
        let detail = format!("{} is not there", to.display());
        return Err(Error::new(Kind::BackupNoFolder, detail));
    }
    let now = inner.clock.now();
    let work = Work::new(&inner.data_dir)?;
    let copies = work.below("copies")?;
    inner.store.snapshot(&copies, with_mail)?;
    let own_key = inner.secrets.cache_key()?;
    let health = store::inspect(&copies, Some(&own_key), now)?;
    if !health.is_sound() {
        return Err(Error::new(
            Kind::CacheDamaged,
            "what is to be kept is damaged",
        ));
    }
    let accounts = inner.store.accounts()?;
    let manifest = Manifest {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        created: now,
        addresses: accounts
            .into_iter()
            .map(|one| one.identity.address)
            .collect(),
        with_mail,
        key: BASE64_STANDARD.encode(own_key.bytes()),
        files: parts(&copies)?,
        health: Counts::of(&health),
    };
    let id = schedule::id(inner)?;
    let name = name(&manifest.addresses, &id, inner.clock.local(now));
    let path = to.join(name);
    let mut unnamed = Unnamed {
        path: path.with_extension("part"),
        done: false,
    };
    write(&unnamed.path, key, &manifest, &copies)?;
    let trial = work.below("trial")?;
    let (found, _) = tried(&unnamed.path, &Opener::Key(key), &trial, now)?;
    if found.health != manifest.health {
        return Err(damaged("what came out is not what went in"));
    }
    let bytes = fs::metadata(&unnamed.path)?.len();
    fs::rename(&unnamed.path, &path)?;
    unnamed.done = true;
    #[cfg(unix)]
    File::open(to)?.sync_all()?;
    Ok(Backup::of(&path, bytes, manifest))
}

/// `thu-cong-vu <address> <id> 2026-11-24 083000.tcvbackup`.
fn name(addresses: &[String], id: &str, local: DateTime) -> String {
    let who = addresses.first().map_or("", String::as_str);
    let stamp = local.strftime("%Y-%m-%d %H%M%S");
    sanitize_file_name(&format!("thu-cong-vu {who} {id} {stamp}.{ENDING}"))
}

fn parts(dir: &Path) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        parts.push(Part {
            name: entry.file_name().to_string_lossy().into_owned(),
            size: entry.metadata()?.len(),
        });
    }
    Ok(parts)
}

/// Writes the backup; on the disk when this returns.
fn write(path: &Path, key: &BackupKey, manifest: &Manifest, copies: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path).map_err(|error| in_file(path, &error))?;
    let mut sealed = SealedWriter::new(BufWriter::with_capacity(1 << 18, file), key)?;
    let text = Zeroizing::new(serde_json::to_vec(manifest)?);
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    sealed.write_all(&length.to_le_bytes())?;
    sealed.write_all(&text)?;
    for part in &manifest.files {
        io::copy(&mut File::open(copies.join(&part.name))?, &mut sealed)?;
    }
    let file = sealed.finish()?.into_inner().map_err(io::Error::from)?;
    file.sync_all()?;
    Ok(())
}

/// Opens a backup into a folder and examines what came out.
fn tried(
    file: &Path,
    opener: &Opener<'_>,
    into: &Path,
    now: UnixTime,
) -> Result<(Manifest, CacheKey)> {
    let input = File::open(file).map_err(|error| in_file(file, &error))?;
    let mut sealed = SealedReader::new(BufReader::with_capacity(1 << 18, input), opener)?;
    let (manifest, key) = extract(&mut sealed, into).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => damaged(&error.to_string()),
        _ => Error::from(error),
    })?;
    let health = store::inspect(into, Some(&key), now)?;
    if !health.is_sound() || Counts::of(&health) != manifest.health {
        return Err(damaged("what came out is not sound"));
    }
    Ok((manifest, key))
}

fn extract(sealed: &mut impl Read, into: &Path) -> io::Result<(Manifest, CacheKey)> {
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "its description is unreadable");
    let mut length = [0; 4];
    sealed.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > LARGEST_MANIFEST {
        return Err(broken());
    }
    let mut text = Zeroizing::new(Vec::new());
    sealed.by_ref().take(length.into()).read_to_end(&mut text)?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| broken())?;
    let key = BASE64_STANDARD.decode(&manifest.key).map(Zeroizing::new);
    let key = key.ok().and_then(|key| key.as_slice().try_into().ok());
    let key = CacheKey::new(key.ok_or_else(broken)?);
    for part in &manifest.files {
        // Sealed by somebody who knew the passphrase; a name still must not lead elsewhere.
        if !store::is_copy_name(&part.name) {
            return Err(broken());
        }
        let mut file = File::create(into.join(&part.name))?;
        let copied = io::copy(&mut sealed.by_ref().take(part.size), &mut file)?;
        if copied != part.size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.sync_all()?;
    }
    // To the end: only the last piece tells that nothing was cut off.
    if io::copy(sealed, &mut io::sink())? != 0 {
        return Err(broken());
    }
    Ok((manifest, key))
}

fn in_file(path: &Path, error: &io::Error) -> Error {
    let kind = Error::from(io::Error::from(error.kind())).kind;
    Error::new(kind, format!("{}: {error}", path.display()))
}
