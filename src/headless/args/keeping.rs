//! Arguments of the commands that keep mail: taking it out, bringing it in, examining and mending.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tcv_engine::ExportFormat;

use super::InAccount;

/// Arguments of `repair`.
#[derive(Args)]
pub struct RepairArgs {
    /// Do not fetch from the server afterwards what is missing
    #[arg(long)]
    pub offline: bool,
}

/// Arguments of `export`.
#[derive(Args)]
pub struct ExportArgs {
    /// Only this account; alone, all of its folders
    #[command(flatten)]
    pub within: InAccount,
    /// Folder: full name, last part, or role
    #[arg(long, value_name = "NAME", conflicts_with = "ids")]
    pub folder: Option<String>,
    /// Messages, as listed
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub ids: Vec<i64>,
    /// eml: a file for each message; mbox: mboxrd (RFC 4155); maildir: in a zip, with flags
    #[arg(long, value_enum)]
    pub format: FormatArg,
    /// File or folder to make; nothing there is overwritten
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
    /// Do not fetch what is not here; it is listed as missing
    #[arg(long)]
    pub offline: bool,
    /// What divides name and flags in a Maildir; ; for unpacking on Windows
    #[arg(long, value_name = "CHAR", default_value = ":", value_parser = [":", ";", "!"])]
    pub flag_mark: String,
}

/// Arguments of `import`.
#[derive(Args)]
pub struct ImportArgs {
    /// mbox, message file, Maildir, Thunderbird profile, or a folder of these
    pub from: PathBuf,
    /// Into this account
    #[command(flatten)]
    pub within: InAccount,
    /// Into this folder; those found in the source are made below it [default: matched from the top]
    #[arg(long, value_name = "NAME")]
    pub folder: Option<String>,
    /// Leave it to the next sync to give it to the server
    #[arg(long)]
    pub offline: bool,
}

/// Arguments of `backup`.
#[derive(Args)]
pub struct BackupArgs {
    /// Folder the backup goes into, which is there
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// All mail kept on this machine too, not only what nobody else has
    #[arg(long)]
    pub with_mail: bool,
    /// Make one here every day from now on, under this passphrase
    #[arg(long)]
    pub daily: bool,
    /// What seals it
    #[command(flatten)]
    pub passphrase: BackupPassphrase,
}

/// Arguments of `restore`.
#[derive(Args)]
pub struct RestoreArgs {
    /// The backup
    pub file: PathBuf,
    /// Where data is already, keep it aside and put the backup in its place
    #[arg(long)]
    pub replace: bool,
    /// What opens it
    #[command(flatten)]
    pub passphrase: BackupPassphrase,
}

/// Where the passphrase of a backup comes from; never from the arguments themselves.
#[derive(Args)]
pub struct BackupPassphrase {
    /// File with the passphrase [default: the one set before, else it is asked for]
    #[arg(long, value_name = "FILE", env = "THUCONGVU_BACKUP_PASSPHRASE_FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// Formats of an export.
#[derive(Clone, Copy, ValueEnum)]
pub enum FormatArg {
    /// A file for each message
    Eml,
    /// One file for each folder
    Mbox,
    /// A zip of Maildirs
    Maildir,
}

impl From<FormatArg> for ExportFormat {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Eml => Self::Eml,
            FormatArg::Mbox => Self::Mbox,
            FormatArg::Maildir => Self::Maildir,
        }
    }
}
