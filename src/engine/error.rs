//! What can go wrong, as a value: a kind the window can put into words, and the technical text
//! the help desk wants. No user-visible sentence is made here.

use std::fmt;

use tcv_domain::policy::Verdict;

/// Shorthand for results of the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// Kinds of failure. Each has a sentence in `i18n/*/errors.ftl` under its [`Kind::key`], saying
/// what happened, that nothing was lost (or what was), and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The name of the server cannot be resolved, or no network is there.
    NoNetwork,
    /// The server does not answer, or broke off.
    ServerUnreachable,
    /// The server answered something that is no IMAP or SMTP, or refused the command.
    ServerRefused,
    /// The certificate's issuer is unknown.
    CertificateUntrusted,
    /// The certificate is past its date or not valid yet.
    CertificateExpired,
    /// The certificate belongs to another name.
    CertificateWrongName,
    /// TLS could not be set up for another reason (plaintext port, old protocol).
    TlsFailed,
    /// User name or password refused.
    SignInRefused,
    /// No password is stored for the account.
    PasswordMissing,
    /// No keyring answers and no passphrase was given for the vault.
    VaultLocked,
    /// The passphrase does not open the vault.
    VaultWrongPassphrase,
    /// No servers could be found for the address.
    ServersNotFound,
    /// The policy of the agency forbids it; the verdicts say what and why.
    RefusedByPolicy,
    /// The address cannot be one.
    BadAddress,
    /// The disk is full.
    DiskFull,
    /// A file or folder cannot be read or written.
    Disk,
    /// The cache cannot be used; it was kept aside.
    CacheDamaged,
    /// Another instance of the program holds this data folder.
    AlreadyRunning,
    /// What was asked for is not there (any more).
    NotFound,
    /// The message cannot be fetched while offline.
    NotCached,
    /// The folder backups go to is not there.
    BackupNoFolder,
    /// No passphrase was set for backups.
    BackupNoPassphrase,
    /// The passphrase does not open the backup.
    BackupWrongPassphrase,
    /// The file is no backup, or not as it was written.
    BackupDamaged,
    /// The agency profile was refused.
    BadProfile,
    /// The request makes no sense (empty recipients, an unknown folder name).
    BadRequest,
    /// Given up because something newer took its place.
    CalledOff,
    /// A fault of the program.
    Internal,
}

impl Kind {
    /// Every kind.
    const ALL: [Self; 28] = [
        Self::NoNetwork,
        Self::ServerUnreachable,
        Self::ServerRefused,
        Self::CertificateUntrusted,
        Self::CertificateExpired,
        Self::CertificateWrongName,
        Self::TlsFailed,
        Self::SignInRefused,
        Self::PasswordMissing,
        Self::VaultLocked,
        Self::VaultWrongPassphrase,
        Self::ServersNotFound,
        Self::RefusedByPolicy,
        Self::BadAddress,
        Self::DiskFull,
        Self::Disk,
        Self::CacheDamaged,
        Self::AlreadyRunning,
        Self::NotFound,
        Self::NotCached,
        Self::BackupNoFolder,
        Self::BackupNoPassphrase,
        Self::BackupWrongPassphrase,
        Self::BackupDamaged,
        Self::BadProfile,
        Self::BadRequest,
        Self::CalledOff,
        Self::Internal,
    ];

    /// The kind of a Fluent key: as kinds are stored.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The Fluent key of the sentence for this kind.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoNetwork => "error-no-network",
            Self::ServerUnreachable => "error-server-unreachable",
            Self::ServerRefused => "error-server-refused",
            Self::CertificateUntrusted => "error-certificate-untrusted",
            Self::CertificateExpired => "error-certificate-expired",
            Self::CertificateWrongName => "error-certificate-wrong-name",
            Self::TlsFailed => "error-tls-failed",
            Self::SignInRefused => "error-sign-in-refused",
            Self::PasswordMissing => "error-password-missing",
            Self::VaultLocked => "error-vault-locked",
            Self::VaultWrongPassphrase => "error-vault-wrong-passphrase",
            Self::ServersNotFound => "error-servers-not-found",
            Self::RefusedByPolicy => "error-refused-by-policy",
            Self::BadAddress => "error-bad-address",
            Self::DiskFull => "error-disk-full",
            Self::Disk => "error-disk",
            Self::CacheDamaged => "error-cache-damaged",
            Self::AlreadyRunning => "error-already-running",
            Self::NotFound => "error-not-found",
            Self::NotCached => "error-not-cached",
            Self::BackupNoFolder => "error-backup-no-folder",
            Self::BackupNoPassphrase => "error-backup-no-passphrase",
            Self::BackupWrongPassphrase => "error-backup-wrong-passphrase",
            Self::BackupDamaged => "error-backup-damaged",
            Self::BadProfile => "error-bad-profile",
            Self::BadRequest => "error-bad-request",
            Self::CalledOff => "error-called-off",
            Self::Internal => "error-internal",
        }
    }

    /// Whether trying again later, with nothing changed, may succeed.
    #[must_use]
    pub const fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::NoNetwork | Self::ServerUnreachable | Self::DiskFull
        )
    }
}

/// A failure: its kind, technical detail for the help desk (never a secret, never the text of a
/// mail), and the policy's verdicts where it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What happened.
    pub kind: Kind,
    /// Technical text: the server's words, the file, the rule. May be empty.
    pub detail: String,
    /// The verdicts, for [`Kind::RefusedByPolicy`].
    pub verdicts: Vec<Verdict>,
}

impl Error {
    /// A failure of a kind with technical detail.
    #[must_use]
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            verdicts: Vec::new(),
        }
    }

    /// A refusal by policy.
    #[must_use]
    pub fn refused(verdicts: Vec<Verdict>) -> Self {
        Self {
            kind: Kind::RefusedByPolicy,
            detail: String::new(),
            verdicts,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Kind::DiskFull,
            _ => Kind::Disk,
        };
        Self::new(kind, error.to_string())
    }
}
