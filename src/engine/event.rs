//! What the engine announces: past facts with the ids of what changed, never data, always after
//! the commit that made them true. A receiver that falls behind is told so by its channel
//! (`Lagged`) and reloads what it shows.

use tcv_domain::message::{AccountId, DraftId, FolderId, MessageId, OutboxId};

use crate::error::Error;
use crate::types::Notice;

/// A fact that a window may want to know.
#[derive(Clone, Debug)]
pub enum Event {
    /// Accounts were added, changed or removed.
    AccountsChanged,
    /// Folders of an account appeared, went, were renamed, or their counts changed.
    FoldersChanged(AccountId),
    /// Messages of a folder appeared, went or changed.
    MessagesChanged {
        /// The folder.
        folder: FolderId,
        /// Those concerned; empty means "too many to name: reload".
        ids: Vec<MessageId>,
    },
    /// New unread mail arrived in an inbox.
    MailArrived {
        /// The inbox.
        folder: FolderId,
        /// The new messages.
        ids: Vec<MessageId>,
    },
    /// A draft was saved or discarded.
    DraftChanged(DraftId),
    /// The outbox or one of its messages changed state.
    OutboxChanged(OutboxId),
    /// An account's connection or sync state changed; ask [`crate::Engine::sync_status`].
    SyncChanged(AccountId),
    /// The time has come to remind the user to check the mailbox (a desktop notification is due).
    CheckDue,
    /// The mailbox was looked at, or a half day began: ask [`crate::Engine::reminder_status`].
    ReminderChanged,
    /// A change the server refused was taken back or stands open, with the server's words.
    ChangeRefused {
        /// The message.
        message: MessageId,
        /// Why.
        error: Error,
    },
    /// A change of the tree of folders that the server refused was taken back.
    FolderRefused {
        /// Whose.
        account: AccountId,
        /// Why; the detail begins with the folder's name.
        error: Error,
    },
    /// The server wants the user to read this (`ALERT`, RFC 9051 §7.1).
    ServerAlert {
        /// Whose server.
        account: AccountId,
        /// Its words.
        text: String,
    },
    /// A backup was made, failed, or is planned otherwise: ask [`crate::Engine::backup_status`].
    BackupChanged,
    /// A damaged file was set aside while the engine ran: as the notices of
    /// [`crate::Engine::open`]. What is shown has to be reloaded.
    Noticed(Notice),
}
