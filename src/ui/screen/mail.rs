//! The main screen: folders, list and letter side by side.
//!
//! State and messages are here; `act` changes mail, `tree` changes folders, `load` asks the
//! engine, the `*_view` modules draw. Nothing is kept that the engine could be asked for again,
//! but what is visible.

mod act;
mod attachments_view;
mod closer;
mod closer_view;
mod insight;
mod insight_view;
pub mod list;
mod list_view;
mod load;
mod menu_view;
mod outbox_view;
mod page;
mod page_view;
mod pictures;
pub mod preview;
mod preview_view;
pub mod reader;
mod reader_view;
mod search_view;
mod sidebar;
mod status_view;
pub mod tree;
mod tree_view;
mod view;

use std::collections::{BTreeSet, HashMap};

use iced::keyboard::Modifiers;
use iced::{Element, Task};
use tcv_domain::address::Address;
use tcv_domain::draft::ReplyKind;
use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::{AccountId, DraftId, Flags, FolderId, MessageId, MessageRow, OutboxId};
use tcv_domain::policy::{self, Relation};
use tcv_domain::reminder;
use tcv_engine::{
    Account, DraftRow, Engine, Error, Event, Filter, Hits, OpenMessage, OutboxItem, Page, Settings,
    SyncStatus, Undo,
};
use tcv_rendering::client::{Place, Renderer};
use tcv_words::Words;

pub use self::attachments_view::kind_of_name;
use self::list::{List, Order};
pub use self::reader::Reader;
pub use self::view::SEARCH;
use crate::scene::Scene;
use crate::shortcut::Shortcut;

/// What happened on the main screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// Accounts and folders were read.
    TreeLoaded(Result<(Vec<Account>, Vec<Folder>), Error>),
    /// A page of rows was read, for the list of this generation.
    PageLoaded(u64, usize, Result<Page, Error>),
    /// Numbers of rows under each heading.
    GroupsLoaded(u64, Result<Vec<usize>, Error>),
    /// Hits of a search.
    HitsLoaded(u64, Result<Hits, Error>),
    /// Local drafts, and the messages on the server they go on writing.
    DraftsLoaded(Result<(Vec<DraftRow>, BTreeSet<MessageId>), Error>),
    /// The outbox.
    OutboxLoaded(Result<Vec<OutboxItem>, Error>),
    /// Whether the mailbox was checked today.
    ReminderLoaded(Result<reminder::Status, Error>),
    /// A letter was read from the store or the server.
    Opened(MessageId, Box<Result<OpenMessage, Error>>),
    /// A change was made and can be taken back.
    Changed(Result<Undo, Error>),
    /// A folder was clicked.
    FolderPressed(FolderId),
    /// The outbox was clicked.
    OutboxPressed,
    /// A row was clicked.
    RowPressed(usize),
    /// Go on writing the draft that is shown.
    ContinuePressed,
    /// The list was scrolled.
    Scrolled {
        /// From the top, points.
        offset: f32,
        /// Height of the visible part, points.
        height: f32,
    },
    /// Other rows of the folder are wanted.
    FilterPicked(Filter),
    /// Another order is wanted.
    OrderPicked(Order),
    /// Comfortable or compact rows.
    DensityToggled,
    /// The search text was changed.
    SearchChanged(String),
    /// This is to be added to the search text.
    SearchAdded(String),
    /// Enter in the search field: to the first hit.
    SearchSubmitted,
    /// Back from the hits to the folder.
    SearchClosed,
    /// A new letter.
    ComposePressed,
    /// Reply, reply all, forward.
    ReplyPressed(ReplyKind),
    /// A draft was made or found: open it.
    DraftReady(Result<DraftId, Error>),
    /// A draft on the server is gone on with here; whether its copy was only now made.
    DraftContinued(Result<(DraftId, bool), Error>),
    /// A local draft was clicked.
    DraftOpened(DraftId),
    /// Star or unstar.
    FlagPressed,
    /// Mark read or unread.
    ReadPressed,
    /// To Archive.
    ArchivePressed,
    /// To Junk.
    JunkPressed,
    /// To Trash, or for good from there.
    DeletePressed,
    /// Removing for good was confirmed.
    ExpungeConfirmed,
    /// The folder menu was opened or closed.
    MenuToggled(Menu),
    /// A folder was chosen to move to.
    MovePressed(FolderId),
    /// Fetch now.
    RefreshPressed,
    /// The settings were asked for.
    SettingsPressed,
    /// Something in the tree of folders.
    Tree(tree::Message),
    /// Pause or go on syncing this account.
    PausePressed(AccountId),
    /// Something in the letter.
    Reader(reader::Message),
    /// Something on the cards above it.
    Insight(insight::Message),
    /// Something about a message in the outbox.
    OutboxRetry(OutboxId),
    /// Back to a draft.
    OutboxCancel(OutboxId),
    /// The refusal of some recipients was read.
    OutboxDismiss(OutboxId),
    /// Show or hide the folders where there is no room for them.
    DrawerToggled,
    /// From the letter back to the list, where there is room for one of them.
    BackPressed,
    /// A split is being dragged, or was let go.
    SplitGrabbed(Option<Split>),
    /// The mouse moved while a split is dragged.
    SplitMoved(f32),
    /// The engine took note of something; nothing to show.
    Noted(Result<(), Error>),
}

/// A menu that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Folders to move to.
    Move,
    /// Further actions.
    More,
    /// Which rows the list shows, in which order.
    List,
    /// Charsets to read the letter in.
    Decode,
    /// "Remove for good?"
    Expunge,
    /// What can be typed into the search field.
    Search,
}

/// The lines between panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Between folders and list.
    Folders,
    /// Between list and letter.
    List,
}

/// What the parent must do.
#[derive(Debug)]
pub enum Action {
    /// Run this.
    Run(Task<Message>),
    /// Open a draft in a window of its own.
    Compose(DraftId),
    /// The same for one just copied from the server: unless it is changed the copy goes again.
    ComposeCopy(DraftId),
    /// Say that something was done, and offer to take it back.
    Done(Undo),
    /// Say that something failed.
    Failed(Error),
    /// Tell where a file was saved.
    Saved(std::path::PathBuf),
    /// Open a link in the browser, after asking; with it the other address its words show, if they do.
    OpenLink(String, Option<String>),
    /// Open a private copy of an attachment.
    OpenFile(std::path::PathBuf),
    /// Ask where to save, then save.
    SaveAs(MessageId, usize, String),
    /// Show the settings.
    Settings,
    /// Keep changed settings.
    Keep(Settings),
}

impl Action {
    pub(super) fn none() -> Self {
        Self::Run(Task::none())
    }
}

/// The main screen.
pub struct Mail {
    engine: Engine,
    pub(super) accounts: Vec<Account>,
    pub(super) folders: Vec<Folder>,
    pub(super) list: List,
    pub(super) drafts: Vec<DraftRow>,
    /// Messages on the server that local drafts go on writing.
    pub(super) continued: BTreeSet<MessageId>,
    /// The local draft the keyboard stands on, above the list.
    pub(super) draft_chosen: Option<DraftId>,
    pub(super) outbox: Vec<OutboxItem>,
    pub(super) outbox_shown: bool,
    pub(super) reader: Reader,
    pub(super) search: String,
    pub(super) status: HashMap<AccountId, SyncStatus>,
    pub(super) reminder: Option<reminder::Status>,
    pub(super) menu: Option<Menu>,
    /// What is open in the tree of folders.
    pub(super) tree: tree::State,
    pub(super) modifiers: Modifiers,
    pub(super) practice: bool,
    /// Whether the folders lie over the list, in a narrow window.
    pub(super) drawer: bool,
    /// Counts what the list shows; answers of an older generation are dropped.
    generation: u64,
    /// The folder shown before a search, and what was chosen there.
    before_search: Option<(FolderId, Vec<MessageId>)>,
    dragged: Option<Split>,
    downloads: std::path::PathBuf,
    /// The row clicked last, and when.
    pressed: Option<(Option<MessageId>, std::time::Instant)>,
    /// Messages that are coming back to the list, to be chosen then.
    awaited: Vec<MessageId>,
    renderer: Renderer,
    /// The renderer of attachments, once one is needed.
    previews: Option<Renderer>,
    /// Pixels of the screen for a point, before the user's own scale.
    pub(super) pixels: f32,
}

impl Mail {
    /// The screen and the task that fills it.
    pub fn new(
        engine: Engine,
        practice: bool,
        downloads: std::path::PathBuf,
        settings: &Settings,
    ) -> (Self, Task<Message>) {
        let mut mail = Self {
            engine,
            accounts: Vec::new(),
            folders: Vec::new(),
            list: List::default(),
            drafts: Vec::new(),
            continued: BTreeSet::new(),
            draft_chosen: None,
            outbox: Vec::new(),
            outbox_shown: false,
            reader: Reader::Nothing,
            search: String::new(),
            status: HashMap::new(),
            reminder: None,
            menu: None,
            tree: tree::State::Closed,
            modifiers: Modifiers::empty(),
            practice,
            drawer: false,
            generation: 0,
            before_search: None,
            dragged: None,
            downloads,
            pressed: None,
            awaited: Vec::new(),
            renderer: Renderer::new(Place::Thread),
            previews: None,
            pixels: 1.0,
        };
        mail.set_density(settings.compact);
        let tasks = Task::batch([
            mail.load_tree(),
            mail.load_drafts(),
            mail.load_outbox(),
            mail.load_reminder(),
        ]);
        (mail, tasks)
    }

    /// Where letters are laid out; without this, on a thread.
    pub fn set_renderer(&mut self, renderer: Renderer) {
        self.renderer = renderer;
        self.previews = None;
    }

    /// Pixels of the screen for a point.
    pub fn set_pixels(&mut self, pixels: f32) {
        self.pixels = pixels;
    }

    /// Comfortable or compact rows.
    pub fn set_density(&mut self, compact: bool) {
        self.list.row_height = if compact {
            list::COMPACT
        } else {
            list::COMFORTABLE
        };
    }

    /// The keys held down now.
    pub fn set_modifiers(&mut self, modifiers: Modifiers) {
        self.modifiers = modifiers;
    }

    /// The folder shown, if one is.
    pub(super) fn current_folder(&self) -> Option<&Folder> {
        self.list.folder().and_then(|id| self.folder(id))
    }

    pub(super) fn folder(&self, id: FolderId) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.id == id)
    }

    /// Whether a row names the recipients instead of the sender.
    pub(super) fn shows_recipients(&self, row: &MessageRow) -> bool {
        self.folder(row.folder)
            .is_some_and(|folder| matches!(folder.role, Some(Role::Sent | Role::Drafts)))
    }

    /// What a folder is called: its role's name in the user's language, or its own.
    pub(super) fn folder_name(&self, folder: &Folder, words: &Words) -> String {
        match folder.role {
            Some(role) => words.text(role_key(role)),
            None => folder.leaf().to_owned(),
        }
    }

    /// The account a folder belongs to, or the first.
    pub(super) fn account(&self) -> Option<&Account> {
        let owner = self.current_folder().map(|folder| folder.account);
        self.accounts
            .iter()
            .find(|account| Some(account.id) == owner)
            .or_else(|| self.accounts.first())
    }

    /// Whom a message went to, the user himself called "me".
    pub(super) fn recipients(&self, row: &MessageRow, words: &Words) -> String {
        let mine = |to: &Address| {
            self.accounts
                .iter()
                .any(|account| account.identity.same_mailbox(to))
        };
        let name = |to: &Address| {
            if mine(to) {
                words.text("me")
            } else {
                to.display().to_owned()
            }
        };
        row.to.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn relation(&self, address: &Address) -> Relation {
        let own = self
            .account()
            .map(|account| account.identity.clone())
            .unwrap_or_default();
        policy::relation(address, &own, self.engine.policy())
    }

    pub(super) fn is_free(&self, address: &Address) -> bool {
        matches!(
            self.relation(address),
            Relation::Free | Relation::Disposable
        )
    }

    /// Messages the next action is about: the chosen ones.
    pub(super) fn chosen(&self) -> Vec<MessageId> {
        self.list.chosen.iter().copied().collect()
    }

    /// Whether the first chosen message carries a flag, as far as is known.
    pub(super) fn chosen_has(&self, flag: Flags) -> bool {
        self.list
            .chosen
            .iter()
            .find_map(|id| self.list.find(*id))
            .is_some_and(|row| row.flags.contains(flag))
    }

    /// Whom the user writes as.
    pub fn identities(&self) -> Vec<Address> {
        self.accounts
            .iter()
            .map(|account| account.identity.clone())
            .collect()
    }

    /// What a folder is called.
    pub fn name_of(&self, folder: FolderId, words: &Words) -> Option<String> {
        self.folder(folder)
            .map(|folder| self.folder_name(folder, words))
    }

    /// Takes a message in.
    pub fn update(&mut self, message: Message, settings: &Settings, words: &Words) -> Action {
        match message {
            Message::TreeLoaded(tree) => self.tree_loaded(tree),
            Message::PageLoaded(generation, page, rows) => self.page_loaded(generation, page, rows),
            Message::GroupsLoaded(generation, counts) => {
                self.groups_loaded(generation, counts, words)
            }
            Message::HitsLoaded(generation, hits) => self.hits_loaded(generation, hits),
            Message::DraftsLoaded(drafts) => self.keep(drafts, |mail, (drafts, continued)| {
                (mail.drafts, mail.continued) = (drafts, continued);
            }),
            Message::OutboxLoaded(outbox) => self.keep(outbox, |mail, outbox| mail.outbox = outbox),
            Message::ReminderLoaded(status) => {
                self.keep(status, |mail, status| mail.reminder = Some(status))
            }
            Message::Opened(id, opened) => self.opened(id, *opened),
            Message::Changed(undo) => self.changed(undo),
            Message::FolderPressed(folder) => self.show_folder(folder),
            Message::OutboxPressed => self.show_outbox(),
            Message::RowPressed(index) => self.row_pressed(index),
            Message::ContinuePressed => self.enter(),
            Message::Scrolled { offset, height } => self.scrolled(offset, height),
            Message::FilterPicked(filter) => self.pick_filter(filter),
            Message::OrderPicked(order) => self.pick_order(order),
            Message::DensityToggled => Action::Keep(Settings {
                compact: !settings.compact,
                ..settings.clone()
            }),
            Message::SearchChanged(query) => self.search_changed(query),
            Message::SearchAdded(words) => self.add_to_search(&words),
            Message::SearchSubmitted => self.first_hit(),
            Message::SearchClosed => self.close_search(),
            Message::ComposePressed => self.compose(settings),
            Message::ReplyPressed(kind) => self.reply(kind, words),
            Message::DraftReady(draft) => draft.map_or_else(Action::Failed, Action::Compose),
            Message::DraftContinued(draft) => draft.map_or_else(Action::Failed, |(id, new)| {
                if new {
                    Action::ComposeCopy(id)
                } else {
                    Action::Compose(id)
                }
            }),
            Message::DraftOpened(draft) => Action::Compose(draft),
            Message::FlagPressed => self.toggle_flag(Flags::FLAGGED),
            Message::ReadPressed => self.toggle_flag(Flags::SEEN),
            Message::ArchivePressed => self.move_to_role(Role::Archive),
            Message::JunkPressed => self.move_to_role(Role::Junk),
            Message::DeletePressed => self.delete(),
            Message::ExpungeConfirmed => self.expunge(),
            Message::MenuToggled(menu) => self.toggle_menu(menu),
            Message::MovePressed(folder) => self.move_to(folder),
            Message::RefreshPressed => self.refresh(),
            Message::SettingsPressed => Action::Settings,
            Message::Tree(message) => self.tree_update(message),
            Message::PausePressed(account) => self.toggle_pause(account),
            Message::Reader(message) => self.reader_update(message),
            Message::Insight(message) => self.insight_update(message, words),
            Message::OutboxRetry(id) => self.outbox_retry(id),
            Message::OutboxCancel(id) => self.outbox_cancel(id),
            Message::OutboxDismiss(id) => self.outbox_dismiss(id),
            Message::DrawerToggled => {
                self.drawer = !self.drawer;
                Action::none()
            }
            Message::BackPressed => {
                self.reader = Reader::Nothing;
                self.list.chosen.clear();
                Action::none()
            }
            Message::SplitGrabbed(split) => self.grab(split, settings),
            Message::SplitMoved(x) => self.drag(x, settings),
            Message::Noted(noted) => self.keep(noted, |_, ()| {}),
        }
    }

    /// Takes note of what the engine announced.
    pub fn announced(&mut self, event: &Event) -> Task<Message> {
        match event {
            Event::AccountsChanged | Event::FoldersChanged(_) => self.load_tree(),
            Event::MessagesChanged { folder, .. } | Event::MailArrived { folder, .. } => {
                if self.list.searching() || self.list.folder() == Some(*folder) {
                    self.reload_list()
                } else {
                    Task::none()
                }
            }
            Event::DraftChanged(_) => self.load_drafts(),
            Event::OutboxChanged(_) => self.load_outbox(),
            Event::SyncChanged(account) => {
                self.status
                    .insert(*account, self.engine.sync_status(*account));
                Task::none()
            }
            Event::CheckDue | Event::ReminderChanged => self.load_reminder(),
            Event::ChangeRefused { .. } => self.reload_list(),
            Event::FolderRefused { .. } => self.load_tree(),
            Event::ServerAlert { .. } | Event::BackupChanged => Task::none(),
            Event::Noticed(_) => self.reload(),
        }
    }

    /// Everything shown is asked for again: events were missed, or the day changed.
    pub fn reload(&mut self) -> Task<Message> {
        for account in &self.accounts {
            self.status
                .insert(account.id, self.engine.sync_status(account.id));
        }
        Task::batch([
            self.load_tree(),
            self.load_drafts(),
            self.load_outbox(),
            self.load_reminder(),
            self.reload_list(),
        ])
    }

    /// Does what a key asks for.
    pub fn shortcut(&mut self, shortcut: Shortcut, settings: &Settings, words: &Words) -> Action {
        let message = match shortcut {
            Shortcut::Compose => Message::ComposePressed,
            Shortcut::Reply => Message::ReplyPressed(ReplyKind::Reply),
            Shortcut::ReplyAll => Message::ReplyPressed(ReplyKind::ReplyAll),
            Shortcut::Forward => Message::ReplyPressed(ReplyKind::Forward),
            Shortcut::Delete => Message::DeletePressed,
            Shortcut::Refresh => Message::RefreshPressed,
            Shortcut::ToggleRead => Message::ReadPressed,
            Shortcut::ToggleFlag => Message::FlagPressed,
            Shortcut::Down => return self.step(1),
            Shortcut::Up => return self.step(-1),
            Shortcut::NextUnread => return self.next_unread(),
            Shortcut::PageDown => return self.step(self.rows_in_sight()),
            Shortcut::PageUp => return self.step(-self.rows_in_sight()),
            Shortcut::Home => return self.step(isize::MIN / 2),
            Shortcut::End => return self.step(isize::MAX / 2),
            Shortcut::SelectAll => {
                self.list.choose_all();
                self.reader = Reader::Many(self.list.chosen.len());
                return Action::none();
            }
            Shortcut::Folder(number) => match self.folders_in_order().nth(number - 1) {
                Some(folder) => Message::FolderPressed(folder.id),
                None => return Action::none(),
            },
            Shortcut::Open => return self.enter(),
            Shortcut::Find => return self.open_find(),
            Shortcut::Escape if self.end_find() => return Action::none(),
            Shortcut::Escape if self.menu.take().is_some() => return Action::none(),
            Shortcut::Escape if self.tree != tree::State::Closed => {
                Message::Tree(tree::Message::Cancelled)
            }
            Shortcut::Escape if self.drawer => Message::DrawerToggled,
            Shortcut::Escape if view::one_pane(settings) && self.reader.row().is_some() => {
                Message::BackPressed
            }
            Shortcut::Escape if self.list.searching() => Message::SearchClosed,
            _ => return Action::none(),
        };
        self.update(message, settings, words)
    }

    fn keep<T>(&mut self, answer: Result<T, Error>, put: impl FnOnce(&mut Self, T)) -> Action {
        match answer {
            Ok(value) => {
                put(self, value);
                Action::none()
            }
            Err(error) => Action::Failed(error),
        }
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        view::view(self, scene)
    }
}

/// The catalogue's key for the name of a role.
pub const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Inbox => "folder-inbox",
        Role::Drafts => "folder-drafts",
        Role::Sent => "folder-sent",
        Role::Archive => "folder-archive",
        Role::Junk => "folder-junk",
        Role::Trash => "folder-trash",
    }
}
