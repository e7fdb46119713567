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
