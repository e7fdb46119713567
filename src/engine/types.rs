//! The values that pass through the engine's public face.

mod insight;
mod lists;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tcv_domain::address::Address;
use tcv_domain::message::{
    AccountId, DraftId, FolderId, MessageId, MessageRow, OutboxId, UnixTime,
};
use tcv_domain::mime::Content;
use tcv_domain::policy::Verdict;
use tcv_domain::profile::ServerUrl;

pub use self::insight::*;
pub use self::lists::*;
use crate::error::{Error, Kind};

/// A mailbox the program works with. The password is in the keyring, never here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Local identifier.
    pub id: AccountId,
    /// The address mail is sent from, with the owner's name.
    pub identity: Address,
    /// Further addresses that are this mailbox (before a merger, of a position).
    pub aliases: Vec<String>,
    /// Login name at the servers.
    pub login: String,
    /// Where mail is read.
    pub imap: ServerUrl,
    /// Where mail is handed in.
    pub smtp: ServerUrl,
}

/// What the user gave to set up an account.
#[derive(Clone)]
pub struct NewAccount {
    /// Address and name of the owner.
    pub identity: Address,
    /// Login name; `None` tries the whole address, then the part before `@`.
    pub login: Option<String>,
    /// Servers typed by hand; `None` means discovery.
    pub imap: Option<ServerUrl>,
    /// See `imap`.
    pub smtp: Option<ServerUrl>,
    /// Password. Wiped from memory when dropped.
    pub password: Secret,
}

/// A password or key: wiped when dropped, never printed.
#[derive(Clone)]
pub struct Secret(zeroize::Zeroizing<String>);

impl Secret {
    /// Takes a secret over.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(zeroize::Zeroizing::new(secret.into()))
    }

    /// The secret itself; for the one call that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A step of setting up an account, as the window lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupStep {
    /// What is being done.
    pub stage: SetupStage,
    /// What it is tried on (a host, a login name), for display.
    pub subject: String,
    /// How it went; `None` while it runs.
    pub outcome: Option<std::result::Result<(), Kind>>,
    /// Technical text of a failure.
    pub detail: String,
}

/// The stages of setting up an account, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetupStage {
    /// Is the address allowed and well-formed?
    Address,
    /// Servers named by the agency's profile.
    Profile,
    /// `autoconfig.<domain>` and `/.well-known/autoconfig`.
    Autoconfig,
    /// SRV records (RFC 6186).
    DnsRecords,
    /// The usual names and ports.
    Guess,
    /// Connecting to the server for reading, with TLS.
    ImapConnect,
    /// Signing in there.
    ImapSignIn,
    /// Connecting to the server for sending, with TLS.
    SmtpConnect,
    /// Signing in there.
    SmtpSignIn,
    /// Putting the password into the keyring.
    Store,
}

impl SetupStage {
    /// The Fluent key of the stage's name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Address => "setup-step-address",
            Self::Profile => "setup-step-profile",
            Self::Autoconfig => "setup-step-autoconfig",
            Self::DnsRecords => "setup-step-dns-records",
            Self::Guess => "setup-step-guess",
            Self::ImapConnect => "setup-step-imap-connect",
            Self::ImapSignIn => "setup-step-imap-sign-in",
            Self::SmtpConnect => "setup-step-smtp-connect",
            Self::SmtpSignIn => "setup-step-smtp-sign-in",
            Self::Store => "setup-step-store",
        }
    }
}

/// A message opened for reading.
#[derive(Clone, Debug)]
pub struct OpenMessage {
    /// Its row.
    pub row: MessageRow,
    /// What there is to read.
    pub content: Content,
    /// What it is beyond its text.
    pub insight: Insight,
}

/// A hit of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The row.
    #[serde(flatten)]
    pub row: MessageRow,
    /// Text around what was found, one line.
    pub snippet: String,
    /// What was found in it, as bytes of it, ascending and apart.
    #[serde(skip)]
    pub found: Vec<std::ops::Range<usize>>,
    /// The name of the attachment the snippet is from; `None`: from the message itself.
    pub attachment: Option<String>,
}

/// Result of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hits {
    /// How many messages match, as far as was counted.
    pub total: usize,
    /// Whether there are more than `total`.
    pub more: bool,
    /// The best of them.
    pub hits: Vec<Hit>,
}

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRequest {
    /// What the user typed.
    pub text: String,
    /// Whether the last word may be unfinished.
    pub typing: bool,
    /// Only in this account.
    pub account: Option<AccountId>,
    /// Hits wanted at most.
    pub limit: usize,
    /// How far hits are counted.
    pub count_to: usize,
}

/// What takes a change back. Opaque: hand it to [`crate::Engine::undo`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// What was done.
    pub done: Done,
    /// How many messages it touched.
    pub count: usize,
    pub(crate) steps: Vec<UndoStep>,
}

impl Undo {
    /// The messages that were changed.
    pub fn messages(&self) -> impl Iterator<Item = MessageId> {
        self.steps.iter().flat_map(UndoStep::messages).copied()
    }
}

/// What was done, for the words of the toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Flags were changed.
    Flagged,
    /// Marked read.
    MarkedRead,
    /// Marked unread.
    MarkedUnread,
    /// Moved to this folder.
    Moved(FolderId),
    /// Moved to Trash.
    Deleted,
    /// Removed for good: cannot be taken back.
    Expunged,
    /// All of Trash or Junk removed for good; can be taken back for a moment.
    Emptied,
    /// This folder was made.
    FolderCreated(FolderId),
    /// This folder got another name.
    FolderRenamed(FolderId),
    /// A folder was deleted; its messages are in Trash.
    FolderDeleted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UndoStep {
    Flag {
        message: MessageId,
        change: tcv_domain::message::FlagChange,
    },
    Move {
        message: MessageId,
        back_to: FolderId,
    },
    Expunge {
        messages: Vec<MessageId>,
    },
    CreateFolder {
        folder: FolderId,
    },
    RenameFolder {
        folder: FolderId,
        /// The last level of the name before.
        leaf: String,
    },
    DeleteFolder {
        folder: FolderId,
    },
}

impl UndoStep {
    /// The messages it changes back.
    pub(crate) fn messages(&self) -> &[MessageId] {
        match self {
            Self::Flag { message, .. } | Self::Move { message, .. } => {
                std::slice::from_ref(message)
            }
            Self::Expunge { messages } => messages,
            Self::CreateFolder { .. } | Self::RenameFolder { .. } | Self::DeleteFolder { .. } => {
                &[]
            }
        }
    }
}

/// State of a message handed in for sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Waits for its moment (the ten seconds of grace, or a time the user set).
    Held,
    /// Waits for the network or its turn.
    Queued,
    /// Being handed to the server now.
    Sending,
    /// The server has it.
    Sent,
    /// The server will not take it; the user must decide.
    Refused,
    /// The line broke after the message was handed over: it may have been sent. Never repeated
    /// without looking for it first or asking the user.
    Doubtful,
    /// Taken back before it was sent.
    Cancelled,
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutboxItem {
    /// Identifier.
    pub outbox_id: OutboxId,
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// Subject, for display.
    pub subject: String,
    /// Whose.
    pub account: AccountId,
    /// State.
    pub state: OutboxState,
    /// Since when.
    pub since: UnixTime,
    /// When it is next tried, for one that waits.
    pub due: Option<UnixTime>,
    /// The server's words about the last try, and nothing else; often empty.
    pub detail: String,
    /// Why it waits, was refused or is in doubt, for words of ours. [`Kind::ServerRefused`] on a
    /// queued one is a refusal for now: it is tried again by itself.
    #[serde(skip)]
    pub reason: Option<Kind>,
    /// While it is being sent: whether the server may have it already.
    #[serde(skip)]
    pub handed_over: bool,
    /// Whether the user has seen how it ended ([`crate::Engine::dismiss`]). One that was sent,
    /// but not to all, is to be shown until then.
    #[serde(skip)]
    pub dismissed: bool,
    /// Each recipient.
    pub recipients: Vec<RecipientState>,
}

/// A recipient and how it stands with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientState {
    /// The address.
    pub address: String,
    /// `queued`, `sent`, `refused`, or `undelivered`: sent, and reported not to have arrived.
    pub state: String,
}

/// What [`crate::Engine::send`] did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Its place in the outbox.
    pub outbox_id: OutboxId,
    /// Its Message-ID, fixed for ever.
    pub message_id: String,
    /// What the policy noted and the user acknowledged.
    pub verdicts: Vec<Verdict>,
}

/// A draft in the list of drafts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Identifier.
    pub id: DraftId,
    /// Last saved.
    pub saved: UnixTime,
    /// First recipients, for display.
    pub to: Vec<Address>,
    /// Subject.
    pub subject: String,
}

/// How it stands with an account's connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncStatus {
    /// What it is doing.
    pub phase: SyncPhase,
    /// When everything was last seen to be up to date.
    pub last_done: Option<UnixTime>,
    /// Done and to do of the current work, in messages.
    pub progress: Option<(u32, u32)>,
    /// Local changes the server does not have yet.
    pub pending_ops: u32,
    /// How full the mailbox is, where the server tells (RFC 9208).
    pub fullness: Option<Fullness>,
}

/// How much of what a server allows a mailbox is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fullness {
    /// What is used, in KiB; a server that limits the number of messages only: that number.
    pub used: u64,
    /// What is allowed, in the same unit.
    pub limit: u64,
    /// Whether both count messages rather than KiB.
    pub of_messages: bool,
}

impl Fullness {
    /// From here on the user is warned, in percent.
    const WARNING: u64 = 80;

    /// Used of allowed in percent; may exceed 100.
    #[must_use]
    pub fn percent(&self) -> u64 {
        self.used.saturating_mul(100) / self.limit.max(1)
    }

    /// Whether the user should make room.
    #[must_use]
    pub fn is_nearly_full(&self) -> bool {
        self.percent() >= Self::WARNING
    }
}

/// What an account's worker is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SyncPhase {
    /// Not started.
    #[default]
    Idle,
    /// Connecting.
    Connecting,
    /// Working.
    Syncing,
    /// Up to date and listening.
    Connected,
    /// The user wants it to rest.
    Paused,
    /// No connection; it will be tried again by itself.
    Offline(Kind, String),
    /// It needs the user: password, certificate.
    Stopped(Kind, String),
}

/// What a sync did, as `sync --json` reports it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SyncReport {
    /// Each account.
    pub accounts: Vec<AccountReport>,
    /// Local changes still waiting.
    pub pending_ops: u32,
}

/// What a sync did for an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AccountReport {
    /// The address.
    pub address: String,
    /// Folders looked at.
    pub folders: Vec<FolderReport>,
    /// Commands sent and answered.
    pub round_trips: u32,
    /// Bytes read, after TLS.
    pub bytes_in: u64,
    /// Bytes written, before TLS.
    pub bytes_out: u64,
    /// Wall time.
    pub seconds: f64,
    /// How full the mailbox is, where the server tells and something came.
    pub fullness: Option<Fullness>,
    /// What went wrong, if something did.
    #[serde(skip)]
    pub error: Option<Error>,
}

/// What a sync did in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FolderReport {
    /// Its name.
    pub name: String,
    /// New messages.
    pub new: u32,
    /// Messages gone.
    pub vanished: u32,
    /// Messages whose flags changed.
    pub flags_changed: u32,
    /// Bodies fetched.
    pub bodies: u32,
}

/// Which bodies a sync fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bodies {
    /// None.
    None,
    /// Those of the last days, as the profile says.
    #[default]
    Recent,
    /// All.
    All,
}

/// What to sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncScope {
    /// Only this account.
    pub account: Option<AccountId>,
    /// Only folders of these names; empty means all.
    pub folders: Vec<String>,
    /// Which bodies.
    pub bodies: Bodies,
}

/// Something the start of the engine has to tell the user once.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The cache was damaged (or its key lost): it lies aside at this path and is being rebuilt
    /// from the server.
    CacheSetAside(PathBuf),
    /// The file of drafts and outbox was damaged: what was saved out of it, and where it lies.
    OwnDataSalvaged {
        /// The damaged file.
        aside: PathBuf,
        /// Drafts saved.
        drafts: usize,
        /// Unsent messages saved.
        outbox: usize,
    },
    /// The agency profile was refused; defaults are in force.
    ProfileRefused(Error),
}

/// Settings the user makes in the window; everything has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `vi` or `en`; empty follows the system, Vietnamese where that says neither.
    pub language: String,
    /// Light, dark or as the system.
    pub theme: ThemeChoice,
    /// Text scale in percent, 90–160.
    pub scale: u16,
    /// Compact rows.
    pub compact: bool,
    /// Text put under new mail.
    pub signature: String,
    /// Widths of the folder and list panes in points.
    pub panes: (f32, f32),
    /// Main window's size in points.
    pub window: (f32, f32),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: String::new(),
            theme: ThemeChoice::System,
            scale: 100,
            compact: false,
            signature: String::new(),
            panes: (228.0, 396.0),
            window: (1280.0, 720.0),
        }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the desktop says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}
