//! What the user does to mail on the main screen. Every change is shown at once; the engine's
//! answer brings the way back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use iced::Task;
use iced::widget::operation::scroll_to;
use iced::widget::scrollable::AbsoluteOffset;
use tcv_domain::draft::{Draft, ReplyKind};
use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::{AccountId, DraftId, FlagChange, Flags, FolderId, MessageId, OutboxId};
use tcv_engine::{DraftRow, Error, Filter, Settings, SyncPhase, Undo};
use tcv_words::Words;

use super::list::Order;
use super::reader::quote_words;
use super::{Action, Mail, Menu, Message, Reader, Split, list_view};

/// Order of the folders that play a part.
const ROLES: [Role; 6] = [
    Role::Inbox,
    Role::Sent,
    Role::Drafts,
    Role::Archive,
    Role::Junk,
    Role::Trash,
];

/// Two clicks on the same row within this time are one double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);
/// Least widths of the panes, points.
const LEAST: (f32, f32, f32) = (180.0, 280.0, 380.0);

impl Mail {
    /// The folders as the tree lists them.
    pub(super) fn folders_in_order(&self) -> impl Iterator<Item = &Folder> {
        self.accounts.iter().flat_map(move |account| {
            let own = move || {
                self.folders
                    .iter()
                    .filter(move |folder| folder.account == account.id)
            };
            let with_role = ROLES
                .iter()
                .flat_map(move |role| own().filter(move |folder| folder.role == Some(*role)));
            with_role.chain(own().filter(|folder| folder.role.is_none()))
        })
    }

    /// The local drafts above the list, where they are shown.
    pub(super) fn drafts_above(&self) -> &[DraftRow] {
        match self.current_folder().and_then(|folder| folder.role) {
            Some(Role::Drafts) => &self.drafts,
            _ => &[],
        }
    }

    pub(super) fn row_pressed(&mut self, index: usize) -> Action {
        self.menu = None;
        self.draft_chosen = None;
        self.awaited.clear();
        if self.modifiers.shift() {
            self.list.extend(index);
        } else if self.modifiers.command() {
            self.list.toggle(index);
        } else {
            self.list.choose(index);
        }
        let chosen = (self.list.chosen.len() == 1).then(|| self.list.chosen.first().copied());
        let now = Instant::now();
        let before = self.pressed.replace((chosen.flatten(), now));
        if before.is_some_and(|(id, at)| id == chosen.flatten() && now - at < DOUBLE_CLICK)
            && let Some(id) = chosen
                .flatten()
                .filter(|id| self.lies_in(*id, Role::Drafts))
        {
            self.pressed = None;
            return self.continue_draft(id);
        }
        Action::Run(self.open_chosen())
    }

    /// Enter: a draft is gone on with; without a choice the first letter is opened.
    pub(super) fn enter(&mut self) -> Action {
        if let Some(draft) = self.draft_chosen {
            return Action::Compose(draft);
        }
        match self.draft_in_hand() {
            Some(id) => self.continue_draft(id),
            None if self.list.chosen.is_empty() => self.step(1),
            None => Action::none(),
        }
    }

    /// The message in the reading pane, if it lies among the drafts.
    pub(super) fn draft_in_hand(&self) -> Option<MessageId> {
        let id = self.reader.id()?;
        self.lies_in(id, Role::Drafts).then_some(id)
    }

    pub(super) fn continue_draft(&self, id: MessageId) -> Action {
        let engine = self.engine.clone();
        let go_on = async move {
            let before = engine.drafts().await?;
            let draft = engine.continue_draft(id).await?;
            Ok((draft, before.iter().all(|row| row.id != draft)))
        };
        Action::Run(Task::perform(go_on, Message::DraftContinued))
    }

    fn open_chosen(&mut self) -> Task<Message> {
        let mut chosen = self.list.chosen.iter().copied();
        match (chosen.next(), self.list.chosen.len()) {
            (Some(id), 1) => self.open(id),
            (Some(_), many) => {
                self.reader = Reader::Many(many);
                Task::none()
            }
            (None, _) => {
                self.reader = Reader::Nothing;
                Task::none()
            }
        }
    }

    /// Moves the keyboard's place by some rows.
    pub(super) fn step(&mut self, by: isize) -> Action {
        self.draft_chosen = self.draft_at(by);
        if self.draft_chosen.is_some() {
            self.awaited.clear();
            self.list.chosen.clear();
            self.list.cursor = None;
            self.reader = Reader::Nothing;
            return Action::none();
        }
        let Some(index) = self.list.step(by) else {
            return Action::none();
        };
        self.awaited.clear();
        if self.modifiers.shift() && by.unsigned_abs() < 1000 {
            self.list.extend(index);
        } else {
            self.list.choose(index);
        }
        Action::Run(Task::batch([
            self.bring_into_sight(index),
            self.open_chosen(),
        ]))
    }

    /// Opens the next unread message below, or from the top; of those the list has read so far.
    pub(super) fn next_unread(&mut self) -> Action {
        let from = self.list.cursor.map_or(0, |at| at + 1);
        let unread = |at: &usize| {
            let row = self.list.row(*at);
            row.is_some_and(|row| !row.flags.contains(Flags::SEEN))
        };
        let Some(index) = (from..self.list.total).chain(0..from).find(unread) else {
            return Action::none();
        };
        self.awaited.clear();
        self.draft_chosen = None;
        self.list.choose(index);
        Action::Run(Task::batch([
            self.bring_into_sight(index),
            self.open_chosen(),
        ]))
    }

    /// The local draft above the list that a step ends on, if it does.
    fn draft_at(&self, by: isize) -> Option<DraftId> {
        let above = self.drafts_above();
        let on = |id| above.iter().position(|draft| draft.id == id);
        let to = match (self.draft_chosen.and_then(on), self.list.cursor) {
            (Some(at), _) => at.saturating_add_signed(by),
            (None, Some(row)) => (above.len() + row).saturating_add_signed(by),
            (None, None) => 0,
        };
        let to = if self.list.total == 0 {
            to.min(above.len().saturating_sub(1))
        } else {
            to
        };
        above.get(to).map(|draft| draft.id)
    }

    fn bring_into_sight(&self, index: usize) -> Task<Message> {
        self.list
            .scroll_to_show(index)
            .map_or_else(Task::none, |y| {
                scroll_to(list_view::SCROLL, AbsoluteOffset { x: 0.0, y })
            })
    }

    /// Messages that come back are chosen again as soon as the list has them.
    pub fn await_again(&mut self, ids: Vec<MessageId>) -> Task<Message> {
        self.awaited = ids;
        self.reload_list()
    }

    /// Chooses and opens those that are awaited and here.
    pub(super) fn choose_awaited(&mut self) -> Task<Message> {
        let here: BTreeSet<MessageId> = self
            .awaited
            .iter()
            .copied()
            .filter(|id| self.list.position(*id).is_some())
            .collect();
        let Some(first) = here.iter().find_map(|id| self.list.position(*id)) else {
            return Task::none();
        };
        self.awaited.clear();
        self.list.choose(first);
        self.list.chosen = here;
        Task::batch([self.bring_into_sight(first), self.open_chosen()])
    }

    #[allow(clippy::cast_possible_wrap)] // a window is never that high
    pub(super) fn rows_in_sight(&self) -> isize {
        (self.list.height / self.list.row_height).max(1.0) as isize
    }

    pub(super) fn scrolled(&mut self, offset: f32, height: f32) -> Action {
        self.list.scroll = offset;
        self.list.height = height;
        Action::Run(self.load_wanted())
    }

    pub(super) fn pick_filter(&mut self, filter: Filter) -> Action {
        self.list.filter = filter;
        self.show_again()
    }

    pub(super) fn pick_order(&mut self, order: Order) -> Action {
        self.list.order = order;
        self.show_again()
    }

    /// The folder from its top, in another order or with other rows.
    fn show_again(&mut self) -> Action {
        self.menu = None;
        self.list
            .folder()
            .map_or_else(Action::none, |folder| self.show_folder(folder))
    }

    /// Marks an opened message as read, without offering to take that back.
    pub(super) fn mark_read(&mut self, id: MessageId) -> Task<Message> {
        if self
            .list
            .find(id)
            .is_none_or(|row| row.flags.contains(Flags::SEEN))
        {
            return Task::none();
        }
        let change = FlagChange::set(Flags::SEEN);
        self.list
            .edit(&[id], |row| row.flags = change.apply(row.flags));
        let engine = self.engine.clone();
        Task::perform(
            async move { engine.flag(vec![id], change).await.map(|_| ()) },
            Message::Noted,
        )
    }

    pub(super) fn toggle_flag(&mut self, flag: Flags) -> Action {
        let ids = self.chosen();
        if ids.is_empty() {
            return Action::none();
        }
        let change = if self.chosen_has(flag) {
            FlagChange::clear(flag)
        } else {
            FlagChange::set(flag)
        };
        self.list
            .edit(&ids, |row| row.flags = change.apply(row.flags));
        self.reader
            .edit(&ids, |row| row.flags = change.apply(row.flags));
        let engine = self.engine.clone();
        Action::Run(Task::perform(
            async move { engine.flag(ids, change).await },
            Message::Changed,
        ))
    }

    pub(super) fn toggle_menu(&mut self, menu: Menu) -> Action {
        self.menu = if self.menu == Some(menu) {
            None
        } else {
            Some(menu)
        };
        Action::none()
    }

    pub(super) fn move_to_role(&mut self, role: Role) -> Action {
        let account = self.chosen_account();
        let target = self
            .folders
            .iter()
            .find(|folder| folder.role == Some(role) && Some(folder.account) == account);
        target
            .map(|folder| folder.id)
            .map_or_else(Action::none, |folder| self.move_to(folder))
    }

    /// The account the chosen messages lie in; the hits of a search may be any account's.
    pub(super) fn chosen_account(&self) -> Option<AccountId> {
        let row = self.list.chosen.first().and_then(|id| self.list.find(*id));
        let folder = row.and_then(|row| self.folder(row.folder));
        folder
            .map(|folder| folder.account)
            .or_else(|| self.account().map(|account| account.id))
    }

    pub(super) fn move_to(&mut self, folder: FolderId) -> Action {
        self.menu = None;
        let ids = self.chosen();
        if ids.is_empty() || self.list.folder() == Some(folder) {
            return Action::none();
        }
        let engine = self.engine.clone();
        self.leave_list(Task::perform(
            async move { engine.move_to(ids, folder).await },
            Message::Changed,
        ))
    }

    /// Deletes the chosen messages: to Trash. Those that lie there already go for good, after a
    /// question; wherever the list came from, each message's own folder decides.
    pub(super) fn delete(&mut self) -> Action {
        let ids = self.chosen();
        if ids.is_empty() {
            return Action::none();
        }
        if ids.iter().any(|id| self.lies_in(*id, Role::Trash)) {
            self.menu = Some(Menu::Expunge);
            return Action::none();
        }
        let engine = self.engine.clone();
        self.leave_list(Task::perform(
            async move { engine.delete(ids).await },
            Message::Changed,
        ))
    }

    /// Removes the chosen messages for good; the user was asked.
    pub(super) fn expunge(&mut self) -> Action {
        let ids = self.chosen();
        let engine = self.engine.clone();
        self.leave_list(Task::perform(
            async move { engine.expunge(ids).await },
            Message::Changed,
        ))
    }

    fn leave_list(&mut self, change: Task<Message>) -> Action {
        self.menu = None;
        Action::Run(Task::batch([self.choose_next(), change]))
    }

    fn lies_in(&self, id: MessageId, role: Role) -> bool {
        let folder = self.list.find(id).and_then(|row| self.folder(row.folder));
        folder.is_some_and(|folder| folder.role == Some(role))
    }

    /// After messages leave the list the next one below them is opened.
    fn choose_next(&mut self) -> Task<Message> {
        let last = self
            .list
            .chosen
            .iter()
            .filter_map(|id| self.list.position(*id))
            .max();
        let next = last.and_then(|last| {
            let below = last + 1;
            if below < self.list.total {
                Some(below)
            } else {
                last.checked_sub(self.list.chosen.len())
            }
        });
        self.list.chosen.clear();
        match next
            .and_then(|index| self.list.row(index))
            .map(|row| row.id)
        {
            Some(id) => {
                self.list.chosen.insert(id);
                self.open(id)
            }
            None => {
                self.reader = Reader::Nothing;
                Task::none()
            }
        }
    }

    pub(super) fn changed(&mut self, undo: Result<Undo, Error>) -> Action {
        // The cursor is a place; after rows have gone it must stand on the message still chosen.
        if let Some(id) = self.list.chosen.first().copied() {
            self.list.cursor = self.list.position(id);
        }
        undo.map_or_else(Action::Failed, Action::Done)
    }

    pub(super) fn toggle_pause(&self, account: AccountId) -> Action {
        if self.engine.sync_status(account).phase == SyncPhase::Paused {
            self.engine.resume(account);
        } else {
            self.engine.pause(account);
        }
        Action::none()
    }

    pub(super) fn refresh(&self) -> Action {
        self.engine.sync_now(None);
        Action::none()
    }

    pub(super) fn compose(&self, settings: &Settings) -> Action {
        let from = self
            .account()
            .map(|account| account.identity.clone())
            .unwrap_or_default();
        let body = signed(settings);
        let engine = self.engine.clone();
        let draft = Draft {
            from,
            body,
            ..Draft::default()
        };
        Action::Run(Task::perform(
            async move { engine.create_draft(draft).await },
            Message::DraftReady,
        ))
    }

    pub(super) fn reply(&self, kind: ReplyKind, words: &Words) -> Action {
        if let Some(draft) = self.draft_in_hand() {
            return self.continue_draft(draft);
        }
        let Some(message) = self.reader.message() else {
            return Action::none();
        };
        let id = message.row.id;
        let quote = quote_words(message, kind, words, self.engine.clock().as_ref());
        let engine = self.engine.clone();
        Action::Run(Task::perform(
            async move { engine.reply_draft(id, kind, quote).await },
            Message::DraftReady,
        ))
    }

    pub(super) fn show_outbox(&mut self) -> Action {
        self.outbox_shown = true;
        self.reader = Reader::Nothing;
        self.list.source = None;
        self.list.chosen.clear();
        self.drawer = false;
        Action::none()
    }

    pub(super) fn outbox_dismiss(&self, id: OutboxId) -> Action {
        let engine = self.engine.clone();
        Action::Run(Task::perform(
            async move { engine.dismiss(id).await },
            Message::Noted,
        ))
    }

    pub(super) fn outbox_retry(&self, id: OutboxId) -> Action {
        let engine = self.engine.clone();
        Action::Run(Task::perform(
            async move { engine.retry(id).await },
            Message::Noted,
        ))
    }

    pub(super) fn outbox_cancel(&self, id: OutboxId) -> Action {
        let engine = self.engine.clone();
        Action::Run(Task::perform(
            async move { engine.cancel(id).await },
            Message::DraftReady,
        ))
    }

    pub(super) fn grab(&mut self, split: Option<Split>, settings: &Settings) -> Action {
        let was = std::mem::replace(&mut self.dragged, split);
        if was.is_some() && split.is_none() {
            Action::Keep(settings.clone())
        } else {
            Action::none()
        }
    }

    pub(super) fn drag(&self, x: f32, settings: &Settings) -> Action {
        let (folders, list) = settings.panes;
        let most = settings.window.0 - LEAST.2;
        let panes = match self.dragged {
            Some(Split::Folders) => (x.clamp(LEAST.0, (most - list).max(LEAST.0)), list),
            Some(Split::List) => (
                folders,
                (x - folders).clamp(LEAST.1, (most - folders).max(LEAST.1)),
            ),
            None => return Action::none(),
        };
        Action::Keep(Settings {
            panes,
            ..settings.clone()
        })
    }

    /// Whether a split is being dragged now.
    pub(super) const fn dragging(&self) -> bool {
        self.dragged.is_some()
    }
}

/// The text a new letter begins with.
fn signed(settings: &Settings) -> String {
    if settings.signature.is_empty() {
        String::new()
    } else {
        format!("\n\n-- \n{}", settings.signature)
    }
}
