//! Lists of a folder's messages: which rows, in which order, a page at a time.

use tcv_domain::message::{FolderId, MessageId, MessageRow};

/// Which rows of a folder are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRequest {
    /// The folder.
    pub folder: FolderId,
    /// Rows to skip, newest first.
    pub offset: usize,
    /// Rows wanted at most.
    pub limit: usize,
    /// Only unread ones.
    pub unread_only: bool,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// Newest first.
    #[default]
    Date,
    /// The given name of the sender, the Vietnamese way; within it newest first.
    Sender,
    /// The subject without `Re:` and its kin, the Vietnamese way; within it newest first.
    Subject,
    /// Largest first; of one size newest first.
    Size,
}

/// Which messages of a folder a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Unread ones.
    Unread,
    /// Starred ones.
    Flagged,
    /// Those with something to save.
    Attachments,
    /// Those that wait for an answer of the user: sent to an address of the account by somebody
    /// else within [`Filter::WAITING_DAYS`], and not marked as answered.
    Waiting,
}

impl Filter {
    /// How old a message may be to wait for an answer. What is older has been settled otherwise.
    pub const WAITING_DAYS: i64 = 90;
}

/// Which part of a list is wanted, in which order.
///
/// A page that follows one that is shown is asked for by `after`: it is found as fast anywhere in
/// the list, and nothing is shown twice or left out when mail comes in between. `offset` counts
/// from there, or from the top; skipping costs time in proportion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The folder.
    pub folder: FolderId,
    /// The order.
    pub by: SortBy,
    /// The other way round.
    pub reversed: bool,
    /// What is shown.
    pub filter: Filter,
    /// Rows behind this message, which has to be in the folder still.
    pub after: Option<MessageId>,
    /// Rows to skip.
    pub offset: usize,
    /// Rows wanted at most.
    pub limit: usize,
}

impl PageRequest {
    /// The first `limit` rows of a folder, newest first.
    #[must_use]
    pub const fn new(folder: FolderId, limit: usize) -> Self {
        Self {
            folder,
            by: SortBy::Date,
            reversed: false,
            filter: Filter::All,
            after: None,
            offset: 0,
            limit,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows, in the order asked for.
    pub rows: Vec<MessageRow>,
    /// How many rows the whole list has.
    pub total: usize,
}
