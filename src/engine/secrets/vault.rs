//! A file of secrets under a passphrase, for machines where no keyring answers.
//!
//! Layout, integers little-endian: `TCVVAULT` · version (1 byte) · Argon2id memory in KiB, passes,
//! lanes (4 bytes each) · salt (16) · nonce (24) · entries as JSON, sealed by XChaCha20-Poly1305
//! with all before it as associated data · SHA-256 of all before it (32). The checksum is what
//! tells a damaged file from a wrong passphrase; secrecy and authenticity rest on the seal.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use tcv_domain::text::nfc;
use zeroize::Zeroizing;

use super::files;
use crate::error::{Error, Kind, Result};
use crate::types::Secret;

const MAGIC: &[u8; 8] = b"TCVVAULT";
const VERSION: u8 = 1;
const SALT: usize = 16;
const NONCE: usize = 24;
const HEADER: usize = MAGIC.len() + 1 + 3 * 4 + SALT + NONCE;
const CHECKSUM: usize = 32;
/// No vault needs more; a length bounds what a strange file can make us read.
const LARGEST: u64 = 1 << 20;

/// What guessing the passphrase costs (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Memory in KiB.
    memory: u32,
    /// Passes over it.
    passes: u32,
    /// Lanes.
    lanes: u32,
}

impl Cost {
    /// RFC 9106 §4, second recommendation, with one lane: 64 MiB, 3 passes.
    pub(crate) const STRONG: Self = Self {
        memory: 64 * 1024,
        passes: 3,
        lanes: 1,
    };
    /// Where the passphrase is public anyway.
    pub(crate) const LIGHT: Self = Self {
        memory: 1024,
        passes: 1,
        lanes: 1,
    };

    /// As files hold it: memory, passes, lanes.
    pub(crate) fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        let numbers = [self.memory, self.passes, self.lanes];
        for (place, number) in bytes.chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// Out of a file; `None` where it asks for too much.
    pub(crate) fn from_bytes(bytes: &[u8; 12]) -> Option<Self> {
        let number = |at: usize| {
            let four = bytes.get(at..at + 4)?;
            Some(u32::from_le_bytes(four.try_into().ok()?))
        };
        let cost = Self {
            memory: number(0)?,
            passes: number(4)?,
            lanes: number(8)?,
        };
        cost.is_sane().then_some(cost)
    }

    /// Whether a file may ask for it: a crafted one must not eat all memory.
    const fn is_sane(self) -> bool {
        self.memory <= 1024 * 1024 && self.passes <= 64 && self.lanes <= 16
    }

    pub(crate) fn derive(
        self,
        passphrase: &Secret,
        salt: &[u8; SALT],
    ) -> Result<Zeroizing<[u8; 32]>> {
        let fault = |fault: argon2::Error| Error::new(Kind::Internal, fault.to_string());
        let params = Params::new(self.memory, self.passes, self.lanes, Some(32)).map_err(fault)?;
        let mut key = Zeroizing::new([0_u8; 32]);
        // Input methods differ in how they compose Vietnamese letters: one form for all.
        let passphrase = Zeroizing::new(nfc(passphrase.reveal()).into_owned());
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
            .map_err(fault)?;
        Ok(key)
    }
}

/// An opened vault.
pub(super) struct Vault {
    path: PathBuf,
    cost: Cost,
    salt: [u8; SALT],
    key: Zeroizing<[u8; 32]>,
}

type Entries = BTreeMap<String, Secret>;

impl Vault {
    /// Opens the vault at `path`, or makes an empty one of `cost`.
    pub(super) fn open(path: &Path, passphrase: &Secret, cost: Cost) -> Result<Self> {
        let _guard = files::guard(path)?;
        if !path.exists() {
            let mut salt = [0_u8; SALT];
            files::random(&mut salt)?;
            let key = cost.derive(passphrase, &salt)?;
            let vault = Self {
                path: path.to_path_buf(),
                cost,
                salt,
                key,
            };
            vault.write(&Entries::new())?;
            return Ok(vault);
        }
        let sealed = Sealed::read(path)?;
        let key = sealed.cost.derive(passphrase, &sealed.salt)?;
        let vault = Self {
            path: path.to_path_buf(),
            cost: sealed.cost,
            salt: sealed.salt,
            key,
        };
        vault.unseal(&sealed)?;
        Ok(vault)
    }

    /// A secret. Read from the file each time: another process may have changed it.
    pub(super) fn get(&self, name: &str) -> Result<Option<Secret>> {
        Ok(self.unseal(&Sealed::read(&self.path)?)?.remove(name))
    }

    /// Changes the entries as they now are in the file.
    pub(super) fn change(&self, change: impl FnOnce(&mut Entries)) -> Result<()> {
        let _guard = files::guard(&self.path)?;
        let mut entries = self.unseal(&Sealed::read(&self.path)?)?;
        change(&mut entries);
        self.write(&entries)
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Entries> {
        let wrong = || {
            Error::new(
                Kind::VaultWrongPassphrase,
                "the passphrase does not open the vault",
            )
        };
        let cipher = XChaCha20Poly1305::new(&Key::from(*self.key));
        let payload = Payload {
            msg: &sealed.body,
            aad: &sealed.header,
        };
        let plain = cipher
            .decrypt(&XNonce::from(sealed.nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| wrong())?;
        // The text of a JSON error may quote what it stumbled over: it is not passed on.
        let entries: BTreeMap<String, String> = serde_json::from_slice(&plain)
            .map_err(|_| Error::new(Kind::Internal, "the vault's entries cannot be read"))?;
        Ok(entries
            .into_iter()
            .map(|(name, secret)| (name, Secret::new(secret)))
            .collect())
    }

    fn write(&self, entries: &Entries) -> Result<()> {
        let mut nonce = [0_u8; NONCE];
        files::random(&mut nonce)?;
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(MAGIC);
        header.push(VERSION);
        for number in [self.cost.memory, self.cost.passes, self.cost.lanes] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        header.extend_from_slice(&self.salt);
        header.extend_from_slice(&nonce);

        let plain: BTreeMap<&str, &str> = entries
            .iter()
            .map(|(name, secret)| (name.as_str(), secret.reveal()))
            .collect();
        let plain = serde_json::to_vec(&plain)
            .map(Zeroizing::new)
            .map_err(|fault| Error::new(Kind::Internal, fault.to_string()))?;
        let cipher = XChaCha20Poly1305::new(&Key::from(*self.key));
        let body = cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: &plain,
                    aad: &header,
                },
            )
            .map_err(|_| Error::new(Kind::Internal, "the vault cannot be sealed"))?;

        let mut file = header;
        file.extend_from_slice(&body);
        let checksum = Sha256::digest(&file);
        file.extend_from_slice(&checksum);
        files::replace(&self.path, &file)
    }
}

/// A vault's file taken apart, its checksum proven.
struct Sealed {
    cost: Cost,
    salt: [u8; SALT],
    nonce: [u8; NONCE],
    header: Vec<u8>,
    body: Vec<u8>,
}

impl Sealed {
    /// Reads a vault's file. A damaged one is moved aside, so that it can be examined and a new
    /// one made.
    fn read(path: &Path) -> Result<Self> {
        if fs::metadata(path)?.len() > LARGEST {
            return Err(set_aside(path, "it is too large"));
        }
        let bytes = fs::read(path)?;
        let Some((covered, checksum)) = bytes.split_last_chunk::<CHECKSUM>() else {
            return Err(set_aside(path, "it is too short"));
        };
        if Sha256::digest(covered).as_slice() != checksum {
            return Err(set_aside(path, "its checksum is wrong"));
        }
        if covered.starts_with(MAGIC) && covered.get(MAGIC.len()).is_some_and(|v| *v > VERSION) {
            // Not damaged: left where it is for the program that wrote it.
            return Err(Error::new(
                Kind::Disk,
                "the vault was written by a newer version",
            ));
        }
        Self::parse(covered).ok_or_else(|| set_aside(path, "its header cannot be read"))
    }

    fn parse(covered: &[u8]) -> Option<Self> {
        let (header, body) = covered.split_at_checked(HEADER)?;
        let rest = header.strip_prefix(MAGIC)?;
        let (version, rest) = rest.split_first()?;
        let (memory, rest) = rest.split_first_chunk::<4>()?;
        let (passes, rest) = rest.split_first_chunk::<4>()?;
        let (lanes, rest) = rest.split_first_chunk::<4>()?;
        let (salt, rest) = rest.split_first_chunk::<SALT>()?;
        let nonce = rest.first_chunk::<NONCE>()?;
        let cost = Cost {
            memory: u32::from_le_bytes(*memory),
            passes: u32::from_le_bytes(*passes),
            lanes: u32::from_le_bytes(*lanes),
        };
        (*version == VERSION && cost.is_sane()).then(|| Self {
            cost,
            salt: *salt,
            nonce: *nonce,
            header: header.to_vec(),
            body: body.to_vec(),
        })
    }
}

/// Moves a damaged vault out of the way and says so.
fn set_aside(path: &Path, why: &str) -> Error {
    let aside = (1..1000)
        .map(|number| path.with_extension(format!("damaged-{number}")))
        .find(|aside| !aside.exists());
    let outcome = aside.map(|aside| fs::rename(path, &aside).map(|()| aside));
    let detail = match outcome {
        Some(Ok(aside)) => {
            format!(
                "the vault is damaged ({why}) and was kept aside as {}",
                aside.display()
            )
        }
        _ => format!("the vault {} is damaged ({why})", path.display()),
    };
    Error::new(Kind::Disk, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn open(path: &Path, passphrase: &str) -> Result<Vault> {
        Vault::open(path, &Secret::new(passphrase), Cost::LIGHT)
    }

    fn filled(dir: &tempfile::TempDir) -> PathBuf {
        let path = dir.path().join("vault");
        let vault = open(&path, "p").unwrap();
        vault
            .change(|entries| drop(entries.insert("a".into(), Secret::new("bí mật"))))
            .unwrap();
        path
    }

    #[test]
    fn what_is_on_disk_shows_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = filled(&dir);
        let bytes = fs::read(&path).unwrap();
        assert!(
            !bytes
                .windows(4)
                .any(|window| window == "mật".as_bytes()[..4].to_vec())
        );
        assert!(!dir.path().join("vault.new").exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn every_write_uses_another_nonce() {
        let dir = tempfile::tempdir().unwrap();
        let path = filled(&dir);
        let before = Sealed::read(&path).unwrap().nonce;
        open(&path, "p").unwrap().change(|_| ()).unwrap();
        assert_ne!(Sealed::read(&path).unwrap().nonce, before);
    }

    #[test]
    fn two_openers_do_not_lose_each_others_entries() {
        let dir = tempfile::tempdir().unwrap();
        let path = filled(&dir);
        let (one, two) = (open(&path, "p").unwrap(), open(&path, "p").unwrap());
        one.change(|entries| drop(entries.insert("b".into(), Secret::new("1"))))
            .unwrap();
        two.change(|entries| drop(entries.insert("c".into(), Secret::new("2"))))
            .unwrap();
        assert_eq!(one.get("c").unwrap().unwrap().reveal(), "2");
        assert_eq!(two.get("b").unwrap().unwrap().reveal(), "1");
    }

    #[test]
    fn any_damage_is_noticed_and_kept_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = filled(&dir);
        let whole = fs::read(&path).unwrap();
        for at in [0, MAGIC.len(), HEADER - 1, HEADER, whole.len() - 1] {
            let mut broken = whole.clone();
            broken[at] ^= 1;
            fs::write(&path, &broken).unwrap();
            let error = open(&path, "p").err().unwrap();
            assert_eq!(error.kind, Kind::Disk, "byte {at}");
            assert!(error.detail.contains("damaged"), "{error}");
            assert!(!path.exists());
        }
        for length in [0, 10, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(
                open(&path, "p").err().unwrap().kind,
                Kind::Disk,
                "{length} bytes"
            );
        }
        let aside = fs::read_dir(dir.path())
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .contains("damaged")
            })
            .count();
        assert_eq!(aside, 8);
    }

    #[test]
    fn a_newer_version_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = filled(&dir);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - CHECKSUM);
        bytes[MAGIC.len()] = VERSION + 1;
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        fs::write(&path, &bytes).unwrap();
        assert_eq!(open(&path, "p").err().unwrap().kind, Kind::Disk);
        assert!(path.exists());
    }

    #[test]
    fn the_form_of_accents_does_not_matter() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault");
        open(&path, "m\u{1ead}t").unwrap();
        open(&path, "ma\u{323}\u{302}t").unwrap();
    }

    #[test]
    fn a_wrong_passphrase_leaves_the_file_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = filled(&dir);
        assert_eq!(
            open(&path, "q").err().unwrap().kind,
            Kind::VaultWrongPassphrase
        );
        assert_eq!(
            open(&path, "p")
                .unwrap()
                .get("a")
                .unwrap()
                .unwrap()
                .reveal(),
            "bí mật"
        );
    }
}
