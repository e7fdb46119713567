//! The values that pass between the store and the other rooms of the engine. No SQL here.

use tcv_domain::draft::{Form, ReplyKind};
use tcv_domain::folder::Role;
use tcv_domain::message::{
    AccountId, DraftId, Envelope, Flags, FolderId, MessageId, OutboxId, UnixTime,
};
use tcv_domain::op::Op;

use crate::error::Kind;
use crate::types::{OutboxState, RecipientState};

/// A folder as the server lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteFolder {
    /// Decoded name, levels joined by `/`.
    pub(crate) name: String,
    /// The name as the server writes it; what identifies the folder.
    pub(crate) raw_name: String,
    /// Level separator of the raw name; `None` where there are no levels.
    pub(crate) delimiter: Option<char>,
    /// Special use, told by the server or guessed from the name.
    pub(crate) role: Option<Role>,
    /// Whether it can be selected.
    pub(crate) selectable: bool,
}

/// A message by which a folder is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) uid: u32,
    /// Without brackets; empty where it has none.
    pub(crate) message_id: String,
    pub(crate) size: u64,
}

/// What is needed to sync a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderSync {
    /// As the server writes it; empty while it does not have the folder yet.
    pub(crate) raw_name: String,
    pub(crate) name: String,
    /// Level separator of the raw name.
    pub(crate) delimiter: Option<char>,
    pub(crate) role: Option<Role>,
    pub(crate) account: AccountId,
    pub(crate) uidvalidity: Option<u32>,
    pub(crate) uidnext: Option<u32>,
    pub(crate) highestmodseq: Option<u64>,
}

/// A message we hold with a UID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalMessage {
    pub(crate) id: MessageId,
    pub(crate) uid: u32,
    /// What the server last told us, not what is shown.
    pub(crate) flags: Flags,
    /// Whether an operation concerns it.
    pub(crate) pending: bool,
}

/// A message the server told us about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FetchedHeader {
    pub(crate) uid: u32,
    pub(crate) flags: Flags,
    pub(crate) internal_date: Option<UnixTime>,
    /// RFC822.SIZE.
    pub(crate) size: u64,
    pub(crate) modseq: Option<u64>,
    pub(crate) envelope: Envelope,
    /// `None` where the structure was not asked for or not readable.
    pub(crate) has_attachments: Option<bool>,
    pub(crate) has_invitation: bool,
}

/// How far a folder is synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watermark {
    pub(crate) uidvalidity: u32,
    pub(crate) uidnext: Option<u32>,
    pub(crate) highestmodseq: Option<u64>,
}

/// What one round with the server brought; applied in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SyncBatch {
    /// New messages.
    pub(crate) headers: Vec<FetchedHeader>,
    /// Flags as they now are on the server.
    pub(crate) flags: Vec<(u32, Flags)>,
    /// UIDs that are gone.
    pub(crate) vanished: Vec<u32>,
    /// Where the folder stands after this; `None` while more batches follow.
    pub(crate) watermark: Option<Watermark>,
}

/// What a batch changed here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Messages that were not known before (not those adopted after a local move).
    pub(crate) new: Vec<MessageId>,
    /// Messages whose shown flags changed or that got their UID.
    pub(crate) changed: Vec<MessageId>,
    /// How many went.
    pub(crate) vanished: usize,
}

/// An operation to push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingOp {
    pub(crate) id: i64,
    pub(crate) op: Op,
    /// Where the server has the message, and its UID there; `None` while it is on its way.
    pub(crate) place: Option<(FolderId, u32)>,
    /// Failed tries so far.
    pub(crate) attempts: u32,
    /// Not to be pushed before this time, so that it can be taken back.
    pub(crate) due: Option<UnixTime>,
    /// Another operation has to be done first: its folder is not on the server yet, or still has
    /// messages on their way.
    pub(crate) waits: bool,
    /// What the worker wrote down for the next try.
    pub(crate) note: String,
}

/// What was taken back because the server refused it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TakenBack {
    /// Messages whose rows changed.
    pub(crate) messages: Vec<MessageId>,
    /// Folders that got messages back.
    pub(crate) folders: Vec<FolderId>,
    /// The shown name of the folder concerned, for a change of the tree.
    pub(crate) name: Option<String>,
}

/// A message accepted for sending, frozen.
#[derive(Clone, Debug)]
pub(crate) struct NewOutbox {
    pub(crate) account: AccountId,
    /// Envelope sender.
    pub(crate) from: String,
    /// Envelope recipients.
    pub(crate) recipients: Vec<String>,
    pub(crate) subject: String,
    /// Without brackets.
    pub(crate) message_id: String,
    /// The bytes, never made anew.
    pub(crate) raw: Vec<u8>,
    pub(crate) hold_until: UnixTime,
    /// Now.
    pub(crate) now: UnixTime,
    /// The message answered or forwarded.
    pub(crate) source: Option<(MessageId, ReplyKind)>,
    /// What it is besides a letter.
    pub(crate) form: Option<Form>,
    /// The draft it was.
    pub(crate) draft: DraftId,
}

/// A message whose turn it is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutboxWork {
    pub(crate) id: OutboxId,
    pub(crate) account: AccountId,
    pub(crate) from: String,
    /// Recipients that do not have it yet.
    pub(crate) recipients: Vec<String>,
    pub(crate) raw: Vec<u8>,
    pub(crate) message_id: String,
    /// Failed tries so far.
    pub(crate) attempts: u32,
}

/// How it now stands with a message in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutboxUpdate {
    pub(crate) state: OutboxState,
    /// Why it waits, was refused or is in doubt.
    pub(crate) reason: Option<Kind>,
    /// The server's words.
    pub(crate) detail: String,
    /// Whether the final dot may go out from now on.
    pub(crate) handed_over: bool,
    /// Each recipient; `None` leaves them as they are.
    pub(crate) recipients: Option<Vec<RecipientState>>,
    /// When to try again, for a queued one.
    pub(crate) next_try: Option<UnixTime>,
    /// Whether this counts as a failed try.
    pub(crate) failed: bool,
    pub(crate) now: UnixTime,
}

impl OutboxUpdate {
    /// This state, without a reason and without a next try; recipients as they are.
    pub(crate) const fn to(state: OutboxState, now: UnixTime) -> Self {
        Self {
            state,
            reason: None,
            detail: String::new(),
            handed_over: false,
            recipients: None,
            next_try: None,
            failed: false,
            now,
        }
    }
}

/// A sent message whose copy is not queued for the Sent folder yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutboxCopy {
    pub(crate) id: OutboxId,
    pub(crate) account: AccountId,
    pub(crate) message_id: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) source: Option<(MessageId, ReplyKind)>,
}

/// Somebody whose address was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) address: String,
    /// Messages of ours that went there.
    pub(crate) written: u32,
    /// Messages it stood in.
    pub(crate) seen: u32,
    /// The last of them.
    pub(crate) last: UnixTime,
}
