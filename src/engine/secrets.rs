//! Where passwords and the key of the cache live: the system's keyring, or, where none answers,
//! a passphrase-protected file ([`vault`]).
//!
//! One data folder keeps all its secrets in one place. Which one is written down beside the data
//! at first use (`secrets.json`, together with a random name that keeps two data folders apart in
//! one keyring), so that a keyring that comes or goes later never splits them. Keyring calls block
//! on other programs: they run on threads of their own and are waited for with a limit. What the
//! secrets are used for is not known here.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use tcv_domain::message::AccountId;
use zeroize::Zeroizing;

use crate::backup::BackupKey;
use crate::error::{Error, Kind, Result};
use crate::store::CacheKey;
use crate::types::Secret;

mod files;
mod keyring;
mod vault;

pub(crate) use files::random;
pub(crate) use vault::Cost;
use vault::Vault;

/// Name of the vault in the data folder.
const VAULT_FILE: &str = "vault";
/// Name of the file that says where the secrets of a data folder are.
const PLACE_FILE: &str = "secrets.json";
/// Entry of the cache's key.
const CACHE_KEY: &str = "cache-key";
/// Entry of what the passphrase of backups comes to.
const BACKUP_KEY: &str = "backup-key";
/// The practice mailbox holds nothing to protect; its passphrase is published on purpose.
const PRACTICE_PASSPHRASE: &str = "luyen-tap";

/// Where secrets shall live.
#[derive(Clone, Debug)]
pub enum SecretsChoice {
    /// The keyring, or where none answers the vault.
    Auto {
        /// Passphrase for the vault, if one was given.
        passphrase: Option<Secret>,
    },
    /// The vault in any case.
    Vault {
        /// Its passphrase.
        passphrase: Option<Secret>,
    },
    /// As `Auto`, with the published passphrase of the practice mailbox.
    Practice,
    /// Only in memory, for the life of the process (tests, tries).
    Memory,
}

/// Which kind of place holds the secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    /// Windows Credential Manager, Secret Service.
    Keyring,
    /// The passphrase-protected file.
    Vault,
    /// Nowhere.
    Memory,
}

/// The file beside the data that names the place.
#[derive(Clone, Serialize, Deserialize)]
struct PlaceFile {
    /// Distinguishes this data folder's entries in a shared keyring.
    id: String,
    /// Where the secrets are.
    place: Place,
}

/// The secrets of one data folder.
pub(crate) struct Secrets {
    place: Place,
    shelf: Shelf,
}

enum Shelf {
    Keyring { service: String },
    Vault(Mutex<Vault>),
    Memory { of: PathBuf },
}

/// Secrets kept in memory, by data folder, so that an engine can be closed and opened again.
static MEMORY: LazyLock<Mutex<HashMap<PathBuf, BTreeMap<String, Secret>>>> =
    LazyLock::new(Mutex::default);

/// A lock whose holder panicked still guards whole values: go on with them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether opening the secrets of a data folder needs a passphrase that `choice` does not bring.
/// [`vault_exists`] tells whether to ask for the old one or for a new one.
pub(crate) fn vault_needed(data_dir: &Path, choice: &SecretsChoice) -> bool {
    match choice {
        SecretsChoice::Auto { passphrase: None } => place_of(data_dir) == Place::Vault,
        SecretsChoice::Vault { passphrase: None } => true,
        _ => false,
    }
}

/// Whether the data folder already has a vault.
pub(crate) fn vault_exists(data_dir: &Path) -> bool {
    data_dir.join(VAULT_FILE).exists()
}

impl crate::Engine {
    /// Whether the data folder already has a vault: its passphrase is asked for, not a new one.
    #[must_use]
    pub fn vault_exists(data_dir: &Path) -> bool {
        vault_exists(data_dir)
    }
}

/// The place a data folder's secrets are in, or would be put.
fn place_of(data_dir: &Path) -> Place {
    if vault_exists(data_dir) {
        return Place::Vault;
    }
    match read_place(data_dir) {
        Some(PlaceFile {
            place: Place::Keyring,
            ..
        }) => Place::Keyring,
        _ if keyring::answers() => Place::Keyring,
        _ => Place::Vault,
    }
}

fn read_place(data_dir: &Path) -> Option<PlaceFile> {
    let text = fs::read_to_string(data_dir.join(PLACE_FILE)).ok()?;
    serde_json::from_str(&text).ok()
}

impl Secrets {
    /// Opens the secrets of a data folder, which exists. [`Kind::VaultLocked`] where a passphrase
    /// is needed and none was given, or where the keyring that holds them does not answer.
    pub(crate) fn open(data_dir: &Path, choice: SecretsChoice) -> Result<Self> {
        let (place, passphrase, cost) = match choice {
            SecretsChoice::Memory => {
                let of = data_dir.to_path_buf();
                return Ok(Self {
                    place: Place::Memory,
                    shelf: Shelf::Memory { of },
                });
            }
            SecretsChoice::Auto { passphrase } => (place_of(data_dir), passphrase, Cost::STRONG),
            SecretsChoice::Vault { passphrase } => (Place::Vault, passphrase, Cost::STRONG),
            SecretsChoice::Practice => (
                place_of(data_dir),
                Some(Secret::new(PRACTICE_PASSPHRASE)),
                Cost::LIGHT,
            ),
        };
        let shelf = if place == Place::Keyring {
            if !keyring::answers() {
                let detail =
                    "the keyring that holds the secrets of this data folder does not answer";
                return Err(Error::new(Kind::VaultLocked, detail));
            }
            Shelf::Keyring {
                service: service_name(data_dir)?,
            }
        } else {
            let passphrase = passphrase
                .filter(|passphrase| !passphrase.reveal().is_empty())
                .ok_or_else(|| Error::new(Kind::VaultLocked, "no passphrase was given"))?;
            Shelf::Vault(Mutex::new(Vault::open(
                &data_dir.join(VAULT_FILE),
                &passphrase,
                cost,
            )?))
        };
        Ok(Self { place, shelf })
    }

    /// Which kind of place holds the secrets.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The password of an account; [`Kind::PasswordMissing`] where none is kept.
    pub(crate) fn password(&self, account: AccountId) -> Result<Secret> {
        self.get(&password_name(account))?
            .ok_or_else(|| Error::new(Kind::PasswordMissing, format!("account {account}")))
    }

    /// Keeps the password of an account.
    pub(crate) fn set_password(&self, account: AccountId, password: &Secret) -> Result<()> {
        self.set(&password_name(account), password)
    }

    /// Forgets the password of an account; none kept is fine.
    pub(crate) fn remove(&self, account: AccountId) -> Result<()> {
        let name = password_name(account);
        match &self.shelf {
            Shelf::Keyring { service } => keyring::remove(service, &name),
            Shelf::Vault(vault) => lock(vault).change(|entries| {
                entries.remove(&name);
            }),
            Shelf::Memory { of } => {
                lock(&MEMORY).entry(of.clone()).or_default().remove(&name);
                Ok(())
            }
        }
    }

    /// The key of the cache, if one was made.
    pub(crate) fn kept_cache_key(&self) -> Result<Option<CacheKey>> {
        let Some(kept) = self.get(CACHE_KEY)? else {
            return Ok(None);
        };
        let bytes = BASE64_STANDARD
            .decode(kept.reveal())
            .map(Zeroizing::new)
            .ok();
        match bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()) {
            Some(key) => Ok(Some(CacheKey::new(key))),
            None => Err(Error::new(
                Kind::CacheDamaged,
                "the key of the cache is malformed",
            )),
        }
    }

    /// The key of the cache, made at first use.
    pub(crate) fn cache_key(&self) -> Result<CacheKey> {
        if let Some(kept) = self.kept_cache_key()? {
            return Ok(kept);
        }
        let mut key = Zeroizing::new([0_u8; 32]);
        files::random(key.as_mut_slice())?;
        self.set(
            CACHE_KEY,
            &Secret::new(BASE64_STANDARD.encode(key.as_slice())),
        )?;
        Ok(CacheKey::new(*key))
    }

    /// What seals backups, if a passphrase was set for them.
    pub(crate) fn backup_key(&self) -> Result<Option<BackupKey>> {
        let kept = self.get(BACKUP_KEY)?;
        let bytes = kept.and_then(|kept| BASE64_STANDARD.decode(kept.reveal()).ok());
        let bytes = bytes.map(Zeroizing::new);
        Ok(bytes.and_then(|bytes| BackupKey::from_bytes(&bytes)))
    }

    /// Keeps what seals backups.
    pub(crate) fn keep_backup_key(&self, key: &BackupKey) -> Result<()> {
        let text = BASE64_STANDARD.encode(key.to_bytes().as_slice());
        self.set(BACKUP_KEY, &Secret::new(text))
    }

    fn get(&self, name: &str) -> Result<Option<Secret>> {
        match &self.shelf {
            Shelf::Keyring { service } => keyring::get(service, name),
            Shelf::Vault(vault) => lock(vault).get(name),
            Shelf::Memory { of } => Ok(lock(&MEMORY)
                .get(of)
                .and_then(|entries| entries.get(name))
                .cloned()),
        }
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<()> {
        match &self.shelf {
            Shelf::Keyring { service } => keyring::set(service, name, secret),
            Shelf::Vault(vault) => lock(vault).change(|entries| {
                entries.insert(name.to_owned(), secret.clone());
            }),
            Shelf::Memory { of } => {
                let mut memory = lock(&MEMORY);
                memory
                    .entry(of.clone())
                    .or_default()
                    .insert(name.to_owned(), secret.clone());
                Ok(())
            }
        }
    }
}

fn password_name(account: AccountId) -> String {
    format!("account-{account}")
}

/// The keyring's name for this data folder; written down at first use, together with the place.
fn service_name(data_dir: &Path) -> Result<String> {
    let file = match read_place(data_dir) {
        Some(file) if file.place == Place::Keyring => file,
        _ => {
            let mut random = [0_u8; 8];
            files::random(&mut random)?;
            let id = random.iter().map(|byte| format!("{byte:02x}")).collect();
            let file = PlaceFile {
                id,
                place: Place::Keyring,
            };
            let text = serde_json::to_string_pretty(&file)
                .map_err(|fault| Error::new(Kind::Internal, fault.to_string()))?;
            files::replace(&data_dir.join(PLACE_FILE), text.as_bytes())?;
            file
        }
    };
    Ok(format!("thu-cong-vu/{}", file.id))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn vault_choice(passphrase: &str) -> SecretsChoice {
        SecretsChoice::Vault {
            passphrase: Some(Secret::new(passphrase)),
        }
    }

    #[test]
    fn a_vault_keeps_secrets_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(dir.path(), vault_choice("mật khẩu dài")).unwrap();
        secrets
            .set_password(AccountId(1), &Secret::new("một"))
            .unwrap();
        secrets
            .set_password(AccountId(2), &Secret::new("hai"))
            .unwrap();
        secrets.remove(AccountId(1)).unwrap();
        secrets.cache_key().unwrap();
        drop(secrets);

        assert!(vault_exists(dir.path()));
        assert!(vault_needed(
            dir.path(),
            &SecretsChoice::Auto { passphrase: None }
        ));
        let choice = SecretsChoice::Auto {
            passphrase: Some(Secret::new("mật khẩu dài")),
        };
        assert!(!vault_needed(dir.path(), &choice));
        // A vault that exists wins, whatever keyring this machine has.
        let secrets = Secrets::open(dir.path(), choice).unwrap();
        assert_eq!(secrets.place(), Place::Vault);
        assert_eq!(secrets.password(AccountId(2)).unwrap().reveal(), "hai");
        assert_eq!(
            secrets.password(AccountId(1)).unwrap_err().kind,
            Kind::PasswordMissing
        );
    }

    #[test]
    fn a_wrong_or_missing_passphrase_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        Secrets::open(dir.path(), vault_choice("đúng")).unwrap();
        let error = |choice| Secrets::open(dir.path(), choice).err().unwrap().kind;
        assert_eq!(error(vault_choice("sai")), Kind::VaultWrongPassphrase);
        assert_eq!(error(vault_choice("")), Kind::VaultLocked);
        assert_eq!(
            error(SecretsChoice::Vault { passphrase: None }),
            Kind::VaultLocked
        );
        assert_eq!(
            error(SecretsChoice::Auto { passphrase: None }),
            Kind::VaultLocked
        );
    }

    #[test]
    fn memory_belongs_to_the_data_folder() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let open =
            |dir: &tempfile::TempDir| Secrets::open(dir.path(), SecretsChoice::Memory).unwrap();
        open(&one)
            .set_password(AccountId(1), &Secret::new("x"))
            .unwrap();
        assert_eq!(open(&one).password(AccountId(1)).unwrap().reveal(), "x");
        assert!(open(&two).password(AccountId(1)).is_err());
        open(&one).remove(AccountId(1)).unwrap();
        assert!(open(&one).password(AccountId(1)).is_err());
    }

    #[test]
    fn the_cache_key_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(dir.path(), SecretsChoice::Memory).unwrap();
        secrets.cache_key().unwrap();
        let first = secrets.get(CACHE_KEY).unwrap().unwrap();
        secrets.cache_key().unwrap();
        assert_eq!(
            secrets.get(CACHE_KEY).unwrap().unwrap().reveal(),
            first.reveal()
        );
        assert_eq!(BASE64_STANDARD.decode(first.reveal()).unwrap().len(), 32);
    }

    /// Runs where a Secret Service answers (`dbus-run-session` with gnome-keyring); elsewhere the
    /// vault must be what is chosen.
    #[test]
    fn the_keyring_is_used_where_one_answers() {
        let dir = tempfile::tempdir().unwrap();
        let choice = SecretsChoice::Auto {
            passphrase: Some(Secret::new("p")),
        };
        let secrets = Secrets::open(dir.path(), choice).unwrap();
        let expected = if keyring::answers() {
            Place::Keyring
        } else {
            Place::Vault
        };
        assert_eq!(secrets.place(), expected);
        assert_eq!(vault_exists(dir.path()), expected == Place::Vault);
        secrets
            .set_password(AccountId(7), &Secret::new("bí mật"))
            .unwrap();
        let again = SecretsChoice::Auto {
            passphrase: Some(Secret::new("p")),
        };
        let secrets = Secrets::open(dir.path(), again).unwrap();
        assert_eq!(secrets.password(AccountId(7)).unwrap().reveal(), "bí mật");
        secrets.remove(AccountId(7)).unwrap();
        secrets.remove(AccountId(7)).unwrap();
        assert_eq!(
            secrets.password(AccountId(7)).unwrap_err().kind,
            Kind::PasswordMissing
        );
    }
}
