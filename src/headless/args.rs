//! The arguments: names and meanings are a contract with scripts. Add, don't rename.

mod keeping;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tcv_domain::message::Flags;

pub use keeping::{BackupArgs, BackupPassphrase, ExportArgs, ImportArgs, RepairArgs, RestoreArgs};

/// Thư Công Vụ: official mail on the desktop. Without a command it opens the window.
#[derive(Parser)]
#[command(name = "thucongvu", version)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
    /// The command; none is the window.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// Folder of the cache, drafts and settings [default: the platform's]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Agency profile to use in place of the machine's
    #[arg(long, global = true, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// Language of text output [default: the user's]
    #[arg(long, global = true, value_parser = ["vi", "en"])]
    pub lang: Option<String>,
    /// One JSON document on stdout, errors too; progress and logs go to stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// File with the passphrase of the vault, for machines without a keyring
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "THUCONGVU_VAULT_PASSPHRASE_FILE"
    )]
    pub vault_passphrase_file: Option<PathBuf>,
    /// Work on the practice mailbox: a made-up agency on this machine, nothing leaves it
    #[arg(long, global = true)]
    pub practice: bool,
}

/// Short names of the flags a user may change.
pub const FLAGS: [(&str, Flags); 6] = [
    ("seen", Flags::SEEN),
    ("flagged", Flags::FLAGGED),
    ("answered", Flags::ANSWERED),
    ("forwarded", Flags::FORWARDED),
    ("junk", Flags::JUNK),
    ("draft", Flags::DRAFT),
];

/// What `-flag` is called before clap sees it, which would take it for an option, or every option for a flag.
pub const CLEAR: char = '~';

/// The arguments as clap can read them: after the command `flag`, `-seen` becomes `~seen`.
pub fn readable(args: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut in_flag = false;
    args.map(move |arg| {
        in_flag |= arg == "flag";
        let cleared = arg
            .to_str()
            .and_then(|text| text.strip_prefix('-'))
            .filter(|name| {
                let name = name.trim_start_matches(['\\', '$']);
                in_flag
                    && FLAGS
                        .iter()
                        .any(|(known, _)| known.eq_ignore_ascii_case(name))
            });
        cleared
            .map(|name| format!("{CLEAR}{name}").into())
            .unwrap_or(arg)
    })
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Add, list and remove accounts
    #[command(subcommand)]
    Account(AccountCommand),
    /// List folders; create, rename, delete and empty them
    Folders(FoldersArgs),
    /// Send what waits and fetch what is new
    Sync(SyncArgs),
    /// List messages of a folder, newest first
    List(ListArgs),
    /// Show a message
    Show(ShowArgs),
    /// Show a message file; needs no account and no data folder
    Parse(ParseArgs),
    /// Paint a message file as the reading pane would, into a picture; needs no account and no data folder
    Render(RenderArgs),
    /// Search messages; marks and accents are optional
    Search(SearchArgs),
    /// Set and clear flags: flag 12 13 +seen -flagged
    Flag(FlagArgs),
    /// Move messages: move 12 13 "Công văn đến"
    Move(MoveArgs),
    /// Move messages to Trash; those in Trash go for good
    Delete(IdArgs),
    /// Send a message
    Send(SendArgs),
    /// List the outbox
    Outbox,
    /// Paint letters for the window, which starts this itself; speaks on stdin and stdout
    #[command(hide = true)]
    RenderLetters,
    /// Read the text of an attachment for the engine, which starts this itself; speaks on stdin and stdout
    #[command(hide = true)]
    ReadAttachment,
    /// Say what the policy would say of a message file
    CheckDraft(FileArg),
    /// Show the policy in force, test connections, name versions
    Doctor,
    /// Take messages, a folder or an account out into files others can read
    Export(ExportArgs),
    /// Bring mail of other programs in; run again, it goes on where it ended
    Import(ImportArgs),
    /// Make an encrypted backup and try it
    Backup(BackupArgs),
    /// Restore a backup, on another machine too
    Restore(RestoreArgs),
    /// Examine the files of the data folder to their last byte; changes nothing
    Verify,
    /// Examine and mend the files of the data folder
    Repair(RepairArgs),
}

/// Commands for accounts.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Set up an account; servers left out are discovered
    Add(AddArgs),
    /// List accounts
    List,
    /// Remove an account and what is kept of it on this machine
    Remove {
        /// Its address
        address: String,
    },
}

/// Arguments of `account add`.
#[derive(Args)]
pub struct AddArgs {
    /// Mail address
    #[arg(long)]
    pub address: String,
    /// Owner's name, shown to recipients
    #[arg(long, default_value = "")]
    pub name: String,
    /// Login name [default: the address, then the part before @]
    #[arg(long)]
    pub login: Option<String>,
    /// imaps://host:port or imap+starttls://host:port
    #[arg(long, value_name = "URL")]
    pub imap: Option<String>,
    /// smtps://host:port or smtp+starttls://host:port
    #[arg(long, value_name = "URL")]
    pub smtp: Option<String>,
    /// Certificates to trust besides the system's (PEM)
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Read the password from standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// Restricts a command to one account.
#[derive(Args)]
pub struct InAccount {
    /// Only this account (its address)
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<String>,
}

/// Arguments of `folders`.
#[derive(Args)]
pub struct FoldersArgs {
    /// Only this account (its address)
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub account: Option<String>,
    /// What to do with one; none is to list them
    #[command(subcommand)]
    pub command: Option<FolderCommand>,
}

/// Commands for folders.
#[derive(Subcommand)]
pub enum FolderCommand {
    /// Make a folder; levels are joined by /
    Create {
        /// Its name
        name: String,
        /// The folder it goes into [default: where the account has its folders]
        #[arg(long, value_name = "FOLDER")]
        parent: Option<String>,
    },
    /// Give a folder another name; it stays where it is
    Rename {
        /// The folder: full name or last part
        folder: String,
        /// The new last part of its name
        name: String,
    },
    /// Delete a folder and those in it; their messages go to Trash
    Delete {
        /// The folder: full name or last part
        folder: String,
    },
    /// Remove all messages of Trash or Junk for good
    Empty {
        /// The folder: full name, last part, or role (trash, junk)
        folder: String,
    },
}

/// Arguments of `sync`.
#[derive(Args)]
pub struct SyncArgs {
    /// Only this account
    #[command(flatten)]
    pub within: InAccount,
    /// Only this folder; may be repeated
    #[arg(long = "folder", value_name = "NAME")]
    pub folders: Vec<String>,
    /// Which message bodies to fetch
    #[arg(long, value_enum, default_value = "recent")]
    pub bodies: BodiesArg,
    /// Stay and fetch new mail as it comes, until interrupted
    #[arg(long)]
    pub watch: bool,
}

/// Which bodies `sync` fetches.
#[derive(Clone, Copy, ValueEnum)]
pub enum BodiesArg {
    /// None
    None,
    /// Those of the last days, as the profile says
    Recent,
    /// All
    All,
}

/// What `list` sorts by.
#[derive(Clone, Copy, ValueEnum)]
pub enum SortArg {
    /// Newest first
    Date,
    /// Sender, by given name
    Sender,
    /// Subject without Re: and its kin
    Subject,
    /// Largest first
    Size,
}

/// What `list` lets through.
#[derive(Clone, Copy, ValueEnum)]
pub enum FilterArg {
    /// Unread
    Unread,
    /// Starred
    Flagged,
    /// With attachments
    Attachments,
    /// Sent to you and not answered
    Waiting,
}

/// Arguments of `list`.
#[derive(Args)]
pub struct ListArgs {
    /// Folder: full name, last part, or role (inbox, sent, drafts, archive, junk, trash)
    #[arg(long, value_name = "NAME")]
    pub folder: String,
    /// Only this account
    #[command(flatten)]
    pub within: InAccount,
    /// Messages at most
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
    /// Messages to skip
    #[arg(long, default_value_t = 0)]
    pub offset: usize,
    /// Only unread ones
    #[arg(long)]
    pub unread: bool,
    /// Only those
    #[arg(long, value_name = "WHICH", conflicts_with = "unread")]
    pub filter: Option<FilterArg>,
    /// The order
    #[arg(long, value_name = "BY", default_value = "date")]
    pub sort: SortArg,
    /// The other way round
    #[arg(long)]
    pub reverse: bool,
    /// Those behind this message, as listed
    #[arg(long, value_name = "ID")]
    pub after: Option<i64>,
}

/// Arguments of `show`.
#[derive(Args)]
pub struct ShowArgs {
    /// Message, as listed
    pub id: i64,
    /// Give the header as it stands in the message too
    #[arg(long)]
    pub raw: bool,
    /// Charset of the texts in place of the one the message names, such as tcvn3 or windows-1258
    #[arg(long, value_name = "LABEL")]
    pub charset: Option<String>,
    /// Save attachments into this folder
    #[arg(long, value_name = "DIR")]
    pub save_attachments: Option<PathBuf>,
}

/// Arguments of `parse`.
#[derive(Args)]
pub struct ParseArgs {
    /// Message file (RFC 5322)
    pub file: PathBuf,
    /// Whose mail it is: results of checks by the servers of its domain count
    #[arg(long, value_name = "ADDRESS")]
    pub mailbox: Option<String>,
    /// Give the header as it stands in the file too
    #[arg(long)]
    pub raw: bool,
    /// Charset of the texts in place of the one the message names, such as tcvn3 or windows-1258
    #[arg(long, value_name = "LABEL")]
    pub charset: Option<String>,
    /// Save attachments into this folder
    #[arg(long, value_name = "DIR")]
    pub save_attachments: Option<PathBuf>,
}

/// Arguments of `render`.
#[derive(Args)]
pub struct RenderArgs {
    /// Message file (RFC 5322)
    pub file: PathBuf,
    /// Picture to write
    #[arg(long, value_name = "OUT")]
    pub png: PathBuf,
    /// Width of the reading pane, pixels
    #[arg(long, default_value_t = 800, value_parser = clap::value_parser!(u32).range(100..=4000))]
    pub width: u32,
    /// Fetch pictures from the network too
    #[arg(long)]
    pub remote_images: bool,
}

/// Arguments of `search`.
#[derive(Args)]
pub struct SearchArgs {
    /// Words, and filters such as from:, to:, subject:
    #[arg(required = true)]
    pub query: Vec<String>,
    /// Only this account
    #[command(flatten)]
    pub within: InAccount,
    /// Messages at most
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

/// Arguments of `flag`.
#[derive(Args)]
pub struct FlagArgs {
    /// Messages, then +flag to set and -flag to clear: seen, flagged, answered, forwarded, junk
    #[arg(required = true, num_args = 2.., value_name = "ID… ±FLAG")]
    pub words: Vec<String>,
}

/// Arguments of `move`.
#[derive(Args)]
pub struct MoveArgs {
    /// Messages, then the folder they go to
    #[arg(required = true, num_args = 2.., value_name = "ID… FOLDER")]
    pub words: Vec<String>,
}

/// Messages.
#[derive(Args)]
pub struct IdArgs {
    /// Messages, as listed
    #[arg(required = true)]
    pub ids: Vec<i64>,
}

/// Arguments of `send`.
#[derive(Args)]
pub struct SendArgs {
    /// Sender: the address of an account
    #[arg(long)]
    pub from: String,
    /// Recipient; may be repeated
    #[arg(long, required = true, num_args = 1..)]
    pub to: Vec<String>,
    /// Recipient of a copy; may be repeated
    #[arg(long, num_args = 1..)]
    pub cc: Vec<String>,
    /// Recipient of a blind copy; may be repeated
    #[arg(long, num_args = 1..)]
    pub bcc: Vec<String>,
    /// Subject (trích yếu)
    #[arg(long)]
    pub subject: String,
    /// File with the text, UTF-8; - is standard input
    #[arg(long, value_name = "FILE")]
    pub body_file: PathBuf,
    /// File to attach; may be repeated
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// Acknowledge a rule of the policy, with a reason where it asks for one
    #[arg(long, value_name = "RULE[=REASON]")]
    pub ack: Vec<String>,
    /// Not before this time: 14:30, 2026-08-25 14:30, or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Wait until the server has it, at most this many seconds
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "300")]
    pub wait: Option<u64>,
}

/// A file.
#[derive(Args)]
pub struct FileArg {
    /// Message file (RFC 5322)
    pub file: PathBuf,
    /// Whose mail it is: results of checks by the servers of its domain count
    #[arg(long, value_name = "ADDRESS")]
    pub mailbox: Option<String>,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_with_a_minus_are_words_and_options_after_them_are_options() {
        let line = "thucongvu flag 12 +seen -flagged 13 -\\Answered --json --data-dir /d";
        let cli =
            Cli::try_parse_from(readable(line.split_whitespace().map(OsString::from))).unwrap();
        let Some(Command::Flag(flag)) = cli.command else {
            panic!("flag")
        };
        assert_eq!(flag.words, ["12", "+seen", "~flagged", "13", "~\\Answered"]);
        assert!(cli.common.json);
    }

    #[test]
    fn several_recipients_stand_after_one_option_or_several() {
        let send = "thucongvu send --from a@b.vn --to c@d.vn e@f.vn --cc g@h.vn --cc i@k.vn --subject S \
                    --body-file - --ack to-free-provider --wait --practice";
        let cli = Cli::try_parse_from(send.split_whitespace()).unwrap();
        let Some(Command::Send(send)) = cli.command else {
            panic!("send")
        };
        assert_eq!((send.to.len(), send.cc.len(), send.wait), (2, 2, Some(300)));
        assert!(cli.common.practice);
    }
}
