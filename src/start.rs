//! From arguments to an open engine: the data folder, the agency's profile, the vault's passphrase, certificates, and
//! the practice server where it is wanted. The window and the commands both begin here.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tcv_domain::address::Address;
use tcv_domain::profile::{Protocol, ServerUrl, Transport};
use tcv_engine::{
    Account, Clock, Engine, Error, Kind, LoadedProfile, NewAccount, Notice, Options, Result,
    Secret, SecretsChoice, SystemClock,
};
use tcv_practice::Practice;
use tcv_words::{Language, Words};

use crate::headless::args::Common;

/// Folder of the practice mailbox inside the data folder: never mixed with real mail.
const PRACTICE_FOLDER: &str = "practice";
/// Folder of the practice server's own files inside that.
const PRACTICE_SERVER_FOLDER: &str = "server";
/// The command by which the program reads an attachment in a process of its own.
const READ_ATTACHMENT: &str = "read-attachment";
/// Folder of certificates the user trusts for his own accounts (`account add --ca`).
const CERTIFICATES_FOLDER: &str = "ca";

/// Everything an engine is opened with, except the passphrase.
pub struct Start {
    data_dir: PathBuf,
    profile: LoadedProfile,
    clock: Arc<SystemClock>,
    /// From `--vault-passphrase-file`.
    passphrase: Option<Secret>,
    /// Certificates trusted besides the system's and the profile's, DER.
    roots: Vec<Vec<u8>>,
    practice: Option<Practice>,
}

impl Start {
    /// Makes the data folder, reads the profile, and starts the practice server where it is wanted.
    ///
    /// # Errors
    /// Folders or files that cannot be used.
    pub fn prepare(common: &Common) -> Result<Self> {
        let clock = Arc::new(SystemClock);
        let data_dir = data_folder(common)?;
        let practice = if common.practice {
            Some(start_practice(&data_dir, &clock)?)
        } else {
            None
        };
        let mut roots = kept_certificates(&data_dir)?;
        roots.extend(practice.iter().map(|practice| practice.ca_der().to_vec()));
        Ok(Self {
            profile: tcv_engine::load_profile(common.profile.as_deref()),
            passphrase: common
                .vault_passphrase_file
                .as_deref()
                .map(read_passphrase)
                .transpose()?,
            data_dir,
            clock,
            roots,
            practice,
        })
    }

    /// The data folder in use.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// What time it is, here and for the engine.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<_>
    }

    /// Trusts the certificates of a file as well, and keeps a copy for the next start.
    ///
    /// # Errors
    /// The file cannot be read or holds no certificate.
    pub fn trust(&mut self, file: &Path) -> Result<KeepCertificate> {
        self.roots.extend(tcv_engine::read_certificates(file)?);
        let folder = self.data_dir.join(CERTIFICATES_FOLDER);
        Ok(KeepCertificate {
            bytes: fs::read(file)?,
            folder,
        })
    }

    /// Whether a passphrase must be asked for before [`Start::open`].
    pub fn needs_passphrase(&self) -> bool {
        Engine::vault_needed(&self.options(None))
    }

    /// Whether the passphrase to ask for is an old one, not a new one.
    pub fn has_vault(&self) -> bool {
        Engine::vault_exists(&self.data_dir)
    }

    /// Opens the engine; on the practice mailbox its account is there afterwards. Blocks.
    ///
    /// # Errors
    /// Whatever keeps the engine from opening.
    pub fn open(&self, passphrase: Option<Secret>) -> Result<(Engine, Vec<Notice>)> {
        let (engine, notices) = Engine::open(self.options(passphrase))?;
        // Without it attachments are found by their names only.
        if let Ok(program) = std::env::current_exe() {
            engine.read_attachments_with(program, vec![READ_ATTACHMENT.into()]);
        }
        if let Some(practice) = &self.practice {
            runtime()?.block_on(practice_account(&engine, practice))?;
        }
        Ok((engine, notices))
    }

    /// What an engine is opened with, or examined without being opened.
    pub fn options(&self, passphrase: Option<Secret>) -> Options {
        let secrets = if self.practice.is_some() {
            SecretsChoice::Practice
        } else {
            SecretsChoice::Auto {
                passphrase: passphrase.or_else(|| self.passphrase.clone()),
            }
        };
        Options {
            data_dir: self.data_dir.clone(),
            profile: self.profile.clone(),
            secrets,
            clock: self.clock(),
            extra_roots: self.roots.clone(),
        }
    }
}

/// A certificate file to be kept once the account that needs it is there.
pub struct KeepCertificate {
    bytes: Vec<u8>,
    folder: PathBuf,
}

impl KeepCertificate {
    /// Keeps it. The same certificate given again replaces itself.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn keep(&self, address: &str) -> Result<()> {
        private_folder(&self.folder)?;
        let name: String = address
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || "@.-".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        Ok(fs::write(
            self.folder.join(format!("{name}.pem")),
            &self.bytes,
        )?)
    }
}

/// The words of the command line's choice of language, else of the system's.
pub fn words(common: &Common) -> Words {
    Words::new(Language::from_setting(
        common.lang.as_deref().unwrap_or_default(),
    ))
}

/// A runtime for waiting on the engine, which has threads of its own for the work.
///
/// # Errors
/// The system gives no more resources.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?)
}

/// The data folder the arguments ask for, made if it is missing.
///
/// # Errors
/// It cannot be made, or the system names no place for it.
pub fn data_folder(common: &Common) -> Result<PathBuf> {
    let mut folder = match &common.data_dir {
        Some(given) => std::path::absolute(given)?,
        None => platform_folder()?,
    };
    if common.practice {
        folder = folder.join(PRACTICE_FOLDER);
    }
    private_folder(&folder)?;
    Ok(folder)
}

fn platform_folder() -> Result<PathBuf> {
    directories::ProjectDirs::from("vn", "", "ThuCongVu")
        .map(|dirs| dirs.data_local_dir().to_path_buf())
        .ok_or_else(|| {
            Error::new(
                Kind::Disk,
                "the system names no home folder; give one with --data-dir",
            )
        })
}

/// Makes a folder nobody else may look into, if it is missing.
fn private_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| in_file(path, &error))
}

/// The passphrase is the file's text without the line end that editors add.
pub fn read_passphrase(file: &Path) -> Result<Secret> {
    let text = fs::read_to_string(file).map_err(|error| in_file(file, &error))?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
}

fn kept_certificates(data_dir: &Path) -> Result<Vec<Vec<u8>>> {
    let entries = match fs::read_dir(data_dir.join(CERTIFICATES_FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut roots = Vec::new();
    for entry in entries {
        roots.extend(tcv_engine::read_certificates(&entry?.path())?);
    }
    Ok(roots)
}

/// An error about a file, with its name.
pub fn in_file(path: &Path, error: &io::Error) -> Error {
    let kind = Error::from(io::Error::from(error.kind())).kind;
    Error::new(kind, format!("{}: {error}", path.display()))
}

fn start_practice(data_dir: &Path, clock: &SystemClock) -> Result<Practice> {
    let now = clock.now();
    let folder = data_dir.join(PRACTICE_SERVER_FOLDER);
    let options = tcv_practice::Options::practice(Some(folder), now.0, clock.offset_seconds(now));
    Practice::start(options).map_err(|error| Error::new(Kind::AlreadyRunning, error.to_string()))
}

/// The practice account, added at the first start and told the server's ports of this one at every other.
async fn practice_account(engine: &Engine, practice: &Practice) -> Result<Account> {
    let at = |protocol, port| {
        ServerUrl::new(protocol, Transport::Implicit, practice.host()).at_port(port)
    };
    let imap = at(Protocol::Imap, practice.imap_addr().port());
    let smtp = at(Protocol::Smtp, practice.smtp_addr().port());
    let known = engine
        .accounts()
        .await?
        .into_iter()
        .find(|account| account.identity.address == tcv_practice::ADDRESS);
    if let Some(account) = known {
        return engine.set_servers(account.id, imap, smtp).await;
    }
    let new = NewAccount {
        identity: Address::new(tcv_practice::DISPLAY_NAME, tcv_practice::ADDRESS),
        login: Some(tcv_practice::ADDRESS.to_owned()),
        imap: Some(imap),
        smtp: Some(smtp),
        password: Secret::new(tcv_practice::PASSWORD),
    };
    let (steps, _) = tokio::sync::mpsc::unbounded_channel();
    engine.add_account(new, steps).await
}
