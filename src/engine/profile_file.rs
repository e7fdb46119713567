//! Finding and reading the agency's profile, the certificates it names, and the lists of domains.
//!
//! A profile is taken whole or not at all. A refused one never keeps the program from starting:
//! the defaults are in force and the reason is kept for the user. What stands in a profile is
//! `domain::profile`'s.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use tcv_domain::policy::{ListTexts, Lists, Policy};
use tcv_domain::profile::Profile;

use crate::error::{Error, Kind, Result};

/// Name of the profile in the system's folder.
const FILE_NAME: &str = "agency.toml";
/// Folder beside the profile with lists that replace the shipped ones, file by file.
const LISTS_FOLDER: &str = "lists";

/// The agency's profile as found on this machine, or the defaults.
#[derive(Clone, Debug)]
pub struct LoadedProfile {
    /// The values in force.
    pub profile: Profile,
    /// The file they came from; `None` for the defaults.
    pub origin: Option<PathBuf>,
    /// Why a file that is there was refused: file, line and reason.
    pub refused: Option<Error>,
    /// The certificates of the agency's own authorities, DER.
    pub ca: Vec<Vec<u8>>,
    /// The lists of domains and the default policy.
    pub(crate) lists: Result<Arc<Lists>>,
}

impl Default for LoadedProfile {
    /// The profile of a machine without one.
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            origin: None,
            refused: None,
            ca: Vec::new(),
            lists: lists(None),
        }
    }
}

impl LoadedProfile {
    /// The lists of domains and the default policy.
    ///
    /// # Errors
    /// Where the shipped default policy is broken, which a test rules out.
    pub fn lists(&self) -> Result<&Arc<Lists>> {
        self.lists.as_ref().map_err(Clone::clone)
    }

    /// The policy in force.
    ///
    /// # Errors
    /// As [`LoadedProfile::lists`].
    pub fn policy(&self) -> Result<Policy> {
        Ok(self.profile.policy(self.lists()?))
    }
}

/// Loads the profile from `explicit`, or else from the system's place if one is there:
/// `/etc/thu-cong-vu/agency.toml`, `%ProgramData%\ThuCongVu\agency.toml`.
#[must_use]
pub fn load_profile(explicit: Option<&Path>) -> LoadedProfile {
    let standard = system_folder().map(|folder| folder.join(FILE_NAME));
    let path = match (explicit, standard) {
        (Some(path), _) => path.to_path_buf(),
        (None, Some(path)) if path.exists() => path,
        _ => {
            return LoadedProfile {
                lists: lists(system_folder().as_deref()),
                ..LoadedProfile::default()
            };
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    match read(&path, folder) {
        Ok((profile, ca)) => LoadedProfile {
            profile,
            origin: Some(path.clone()),
            refused: None,
            ca,
            lists: lists(Some(folder)),
        },
        Err(refused) => {
            tracing::warn!(%refused, "the agency profile was refused");
            LoadedProfile {
                refused: Some(refused),
                ..LoadedProfile::default()
            }
        }
    }
}

/// The folder of the machine's administrator.
fn system_folder() -> Option<PathBuf> {
    if cfg!(windows) {
        std::env::var_os("ProgramData").map(|folder| PathBuf::from(folder).join("ThuCongVu"))
    } else {
        Some(PathBuf::from("/etc/thu-cong-vu"))
    }
}

/// Reads a profile and its certificates.
fn read(path: &Path, folder: &Path) -> Result<(Profile, Vec<Vec<u8>>)> {
    let at = |why: String| Error::new(Kind::BadProfile, format!("{}: {why}", path.display()));
    let bytes = fs::read(path).map_err(|error| at(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| at(error.to_string()))?;
    // Editors on Windows like to put a mark before the text.
    let profile = Profile::parse(text.trim_start_matches('\u{feff}'))
        .map_err(|error| at(error.to_string()))?;
    let mut ca = Vec::new();
    for name in &profile.ca_certificates {
        let file = folder.join(name);
        let certificates = crate::tls::read_certificates(&file)
            .map_err(|error| at(format!("certificate {}", error.detail)))?;
        for der in &certificates {
            let usable = RootCertStore::empty().add(CertificateDer::from(der.as_slice()));
            usable.map_err(|error| at(format!("certificate {}: {error}", file.display())))?;
        }
        ca.extend(certificates);
    }
    Ok((profile, ca))
}

/// The shipped lists, each replaced by the administrator's file of the same name where there is
/// a readable one.
fn lists(folder: Option<&Path>) -> Result<Arc<Lists>> {
    let folder = folder.map(|folder| folder.join(LISTS_FOLDER));
    let text = |name: &str, shipped: &'static str| -> Cow<'static, str> {
        let file = folder
            .as_ref()
            .map(|folder| folder.join(name))
            .filter(|file| file.exists());
        match file.map(|file| fs::read_to_string(&file).map_err(|error| (file, error))) {
            Some(Ok(text)) => Cow::Owned(text),
            Some(Err((file, error))) => {
                tracing::warn!(file = %file.display(), %error, "a list cannot be read");
                Cow::Borrowed(shipped)
            }
            None => Cow::Borrowed(shipped),
        }
    };
    let shipped_policy = include_str!("../../assets/lists/policy.toml");
    let texts = |policy: Cow<'static, str>| ListTexts {
        free: vec![
            text(
                "free-providers.txt",
                include_str!("../../assets/lists/free-providers.txt"),
            ),
            text(
                "free-providers-vn.txt",
                include_str!("../../assets/lists/free-providers-vn.txt"),
            ),
        ],
        disposable: text(
            "disposable.txt",
            include_str!("../../assets/lists/disposable.txt"),
        ),
        official: text(
            "official-suffixes.txt",
            include_str!("../../assets/lists/official-suffixes.txt"),
        ),
        typos: text("typos.txt", include_str!("../../assets/lists/typos.txt")),
        policy,
    };
    Lists::new(texts(text("policy.toml", shipped_policy)))
        .or_else(|error| {
            tracing::warn!(%error, "the administrator's default policy is refused");
            Lists::new(texts(Cow::Borrowed(shipped_policy)))
        })
        .map_err(|error| Error::new(Kind::Internal, format!("default policy: {error}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn folder_with(profile: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        fs::write(&path, profile).unwrap();
        (folder, path)
    }

    #[test]
    fn the_shipped_lists_are_sound() {
        let policy = LoadedProfile::default().policy().unwrap();
        assert!(policy.is_free("gmail.com") && policy.is_free("gmx.net"));
        assert!(policy.is_official("sonoivu.gialai.gov.vn"));
    }

    #[test]
    fn a_profile_is_read_with_its_origin() {
        let (_folder, path) = folder_with("\u{feff}[domains]\nown = [\"binhdinh.gov.vn\"]\n");
        let loaded = load_profile(Some(&path));
        assert!(loaded.refused.is_none(), "{:?}", loaded.refused);
        assert_eq!(loaded.origin, Some(path));
        assert_eq!(loaded.profile.own_domains, ["binhdinh.gov.vn"]);
    }

    #[test]
    fn a_broken_profile_is_refused_with_file_line_and_reason() {
        let (_folder, path) = folder_with("[domains]\nown = [\"a.gov.vn\"]\nbogus = 1\n");
        let loaded = load_profile(Some(&path));
        assert_eq!(loaded.profile, Profile::default());
        assert_eq!(loaded.origin, None);
        let refused = loaded.refused.unwrap();
        assert_eq!(refused.kind, Kind::BadProfile);
        assert!(refused.detail.contains(FILE_NAME), "{refused}");
        assert!(refused.detail.contains("line 3"), "{refused}");
        assert!(refused.detail.contains("bogus"), "{refused}");
        assert!(loaded.lists.is_ok());
    }

    #[test]
    fn a_profile_that_cannot_be_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let missing = load_profile(Some(&folder.path().join("none.toml")));
        assert_eq!(missing.refused.unwrap().kind, Kind::BadProfile);
        let path = folder.path().join("latin1.toml");
        fs::write(&path, b"# \xe9\n").unwrap();
        assert_eq!(
            load_profile(Some(&path)).refused.unwrap().kind,
            Kind::BadProfile
        );
    }

    #[test]
    fn certificates_lie_beside_the_profile_and_must_be_some() {
        let (folder, path) = folder_with("ca_certificates = [\"ca.pem\"]\n");
        assert!(
            load_profile(Some(&path))
                .refused
                .unwrap()
                .detail
                .contains("ca.pem")
        );
        fs::write(folder.path().join("ca.pem"), "no certificate").unwrap();
        assert!(
            load_profile(Some(&path))
                .refused
                .unwrap()
                .detail
                .contains("ca.pem")
        );
    }

    #[test]
    fn an_administrators_lists_replace_the_shipped_ones() {
        let (folder, path) = folder_with("");
        let lists = folder.path().join(LISTS_FOLDER);
        fs::create_dir(&lists).unwrap();
        fs::write(lists.join("free-providers.txt"), "mien-phi.example\n").unwrap();
        fs::write(lists.join("policy.toml"), "broken").unwrap();
        let policy = load_profile(Some(&path)).policy().unwrap();
        assert!(policy.is_free("mien-phi.example"));
        assert!(!policy.is_free("gmx.net"));
        assert!(!policy.severities.is_empty());
    }
}
