//! What the main screen asks of the engine, and how it takes the answers in.

use std::collections::BTreeSet;

use iced::Task;
use iced::widget::{Id, operation};
use tcv_domain::folder::Role;
use tcv_domain::message::{FolderId, MessageId, UnixTime};
use tcv_domain::query::{self, Typing};
use tcv_engine::{
    Account, Engine, Error, Filter, Hits, Kind, OpenMessage, Page, PageRequest, SearchRequest,
};
use tcv_words::{DayGroup, Words};

use super::list::{Group, PAGE, Source};
use super::{Action, Folder, Mail, Message, Reader};

/// Hits shown at most; a longer list would be read by nobody.
const HITS: usize = 300;

/// Hits counted at most.
const COUNTED: usize = 1_000;

/// How a list is divided by day, newest first; what is older stands under one last heading.
const HEADINGS: [DayGroup; 5] = [
    DayGroup::Today,
    DayGroup::Yesterday,
    DayGroup::ThisWeek,
    DayGroup::LastWeek,
    DayGroup::ThisMonth,
];

/// Reads the accounts and their folders.
pub(super) fn read_tree(engine: Engine) -> Task<Message> {
    Task::perform(
        async move {
            let accounts: Vec<Account> = engine.accounts().await?;
            let mut folders = Vec::new();
            for account in &accounts {
                folders.extend(engine.folders(account.id).await?);
            }
            Ok((accounts, folders))
        },
        Message::TreeLoaded,
    )
}

impl Mail {
    pub(super) fn load_tree(&self) -> Task<Message> {
        read_tree(self.engine.clone())
    }

    pub(super) fn tree_loaded(
        &mut self,
        tree: Result<(Vec<Account>, Vec<Folder>), Error>,
    ) -> Action {
        let (accounts, folders) = match tree {
            Ok(tree) => tree,
            Err(error) => return Action::Failed(error),
        };
        for account in &accounts {
            self.status
                .insert(account.id, self.engine.sync_status(account.id));
        }
        self.accounts = accounts;
        self.folders = folders;
        let gone = self
            .list
            .folder()
            .is_some_and(|folder| self.folder(folder).is_none());
        if (self.list.source.is_none() || gone) && !self.outbox_shown {
            let inbox = self
                .folders
                .iter()
                .find(|folder| folder.role == Some(Role::Inbox));
            if let Some(inbox) = inbox.map(|folder| folder.id) {
                return self.show_folder(inbox);
            }
        }
        Action::none()
    }

    pub(super) fn load_drafts(&self) -> Task<Message> {
        let engine = self.engine.clone();
        let read = async move {
            let rows = engine.drafts().await?;
            let mut continued = BTreeSet::new();
            for row in &rows {
                // One that has gone in the meantime continues nothing.
                if let Ok(draft) = engine.draft(row.id).await {
                    continued.extend(draft.continues);
                }
            }
            Ok((rows, continued))
        };
        Task::perform(read, Message::DraftsLoaded)
    }

    pub(super) fn load_outbox(&self) -> Task<Message> {
        let engine = self.engine.clone();
        Task::perform(async move { engine.outbox().await }, Message::OutboxLoaded)
    }

    pub(super) fn load_reminder(&self) -> Task<Message> {
        let engine = self.engine.clone();
        Task::perform(
            async move { engine.reminder_status().await },
            Message::ReminderLoaded,
        )
    }

    /// Shows a folder from its top.
    pub(super) fn show_folder(&mut self, folder: FolderId) -> Action {
        self.outbox_shown = false;
        self.draft_chosen = None;
        self.menu = None;
        self.drawer = false;
        self.search.clear();
        self.reader = Reader::Nothing;
        self.awaited.clear();
        self.generation += 1;
        self.list.show(Source::Folder(folder));
        let looked = self.note_inbox_looked();
        Action::Run(Task::batch([
            self.load_pages(vec![0]),
            self.load_groups(),
            looked,
            iced::widget::operation::scroll_to(
                super::list_view::SCROLL,
                iced::widget::scrollable::AbsoluteOffset { x: 0.0, y: 0.0 },
            ),
        ]))
    }

    /// Tells the engine that the inbox is before the user's eyes.
    pub fn note_inbox_looked(&self) -> Task<Message> {
        if self.current_folder().and_then(|folder| folder.role) != Some(Role::Inbox) {
            return Task::none();
        }
        let engine = self.engine.clone();
        Task::perform(
            async move { engine.inbox_looked_at().await },
            Message::Noted,
        )
    }

    pub(super) fn load_pages(&self, pages: Vec<usize>) -> Task<Message> {
        self.load(pages.into_iter().map(|page| (page, None)).collect())
    }

    /// Asks for pages, each with the row it follows if that is known.
    fn load(&self, pages: Vec<(usize, Option<MessageId>)>) -> Task<Message> {
        let Some(folder) = self.list.folder() else {
            return Task::none();
        };
        let generation = self.generation;
        let (by, reversed) = self.list.order.request();
        Task::batch(pages.into_iter().map(|(page, after)| {
            let engine = self.engine.clone();
            let counted = PageRequest {
                by,
                reversed,
                filter: self.list.filter,
                offset: page * PAGE,
                ..PageRequest::new(folder, PAGE)
            };
            let load = async move {
                if after.is_some() {
                    let following = PageRequest {
                        after,
                        offset: 0,
                        ..counted.clone()
                    };
                    match engine.page(following).await {
                        // What the page was to follow has just gone.
                        Err(error) if error.kind == Kind::NotFound => {}
                        page => return page,
                    }
                }
                engine.page(counted).await
            };
            Task::perform(load, move |rows| {
                Message::PageLoaded(generation, page, rows)
            })
        }))
    }

    /// Counts the rows under each day's heading.
    pub(super) fn load_groups(&self) -> Task<Message> {
        let Some(folder) = self.list.folder() else {
            return Task::none();
        };
        if !self.list.has_headings() {
            return Task::none();
        }
        let (generation, unread_only) = (self.generation, self.list.filter == Filter::Unread);
        let starts = self.heading_starts();
        let engine = self.engine.clone();
        Task::perform(
            async move { engine.count_since(folder, unread_only, starts).await },
            move |counts| Message::GroupsLoaded(generation, counts),
        )
    }

    /// The first moment of each heading but the last, newest first.
    fn heading_starts(&self) -> Vec<UnixTime> {
        let clock = self.engine.clock();
        let today = clock.local(clock.now()).date();
        let monday = i32::from(today.weekday().to_monday_zero_offset());
        let back = |days: i32| {
            today
                .checked_sub(jiff::Span::new().days(days))
                .unwrap_or(today)
        };
        let starts = [
            today,
            back(1),
            back(monday),
            back(monday + 7),
            today.first_of_month(),
        ];
        // Early in a week or month the later headings would start after the earlier ones.
        let mut latest = today;
        starts
            .into_iter()
            .map(|start| {
                latest = latest.min(start);
                clock.moment(latest.at(0, 0, 0, 0))
            })
            .collect()
    }

    pub(super) fn groups_loaded(
        &mut self,
        generation: u64,
        counts: Result<Vec<usize>, Error>,
        words: &Words,
    ) -> Action {
        let counts = match counts {
            Ok(counts) if generation == self.generation => counts,
            Ok(_) => return Action::none(),
            Err(error) => return Action::Failed(error),
        };
        let total = self.list.total.max(counts.last().copied().unwrap_or(0));
        let mut before = 0;
        self.list.groups = HEADINGS
            .iter()
            .map(|group| words.day_group(*group))
            .chain([words.text("group-older")])
            .zip(counts.into_iter().chain([total]))
            .filter_map(|(title, until)| {
                let rows = until.saturating_sub(before);
                before = before.max(until);
                (rows > 0).then_some(Group { title, rows })
            })
            .collect();
        Action::none()
    }

    pub(super) fn page_loaded(
        &mut self,
        generation: u64,
        page: usize,
        rows: Result<Page, Error>,
    ) -> Action {
        if generation != self.generation {
            return Action::none();
        }
        match rows {
            Ok(Page { rows, total }) => {
                let changed = total != self.list.total;
                self.list.put_page(page, rows, total);
                let mut tasks = vec![self.load_wanted(), self.choose_awaited()];
                if changed {
                    tasks.push(self.load_groups());
                }
                Action::Run(Task::batch(tasks))
            }
            Err(error) => Action::Failed(error),
        }
    }

    pub(super) fn load_wanted(&mut self) -> Task<Message> {
        // Far down a list, finding the row before is quicker than counting to it.
        let wanted = self.list.wanted().into_iter();
        let wanted = wanted.map(|page| (page, self.list.before(page))).collect();
        self.load(wanted)
    }

    /// Asks again for what is visible, keeping place and choice.
    pub(super) fn reload_list(&mut self) -> Task<Message> {
        match &self.list.source {
            Some(Source::Search(query)) => self.load_hits(query.clone()),
            Some(Source::Folder(_)) => {
                let pages = self.list.reload();
                Task::batch([self.load_pages(pages), self.load_groups()])
            }
            None => Task::none(),
        }
    }

    /// Searches as the user types; an emptied field goes back to the folder.
    pub(super) fn search_changed(&mut self, query: String) -> Action {
        self.search = query;
        let query = self.search.trim().to_owned();
        if query.is_empty() {
            return if self.list.searching() {
                self.close_search()
            } else {
                Action::none()
            };
        }
        if let Some(folder) = self.list.folder() {
            self.before_search = Some((folder, self.chosen()));
        }
        self.outbox_shown = false;
        self.generation += 1;
        if self.list.searching() {
            // The old hits stay until the new ones are here: nothing flickers while typing.
            self.list.source = Some(Source::Search(query.clone()));
        } else {
            self.list.show(Source::Search(query.clone()));
            self.reader = Reader::Nothing;
        }
        Action::Run(self.load_hits(query))
    }

    fn load_hits(&self, query: String) -> Task<Message> {
        let engine = self.engine.clone();
        let generation = self.generation;
        Task::perform(
            async move {
                let request = SearchRequest {
                    text: query,
                    typing: true,
                    account: None,
                    limit: HITS,
                    count_to: COUNTED,
                };
                engine.search(request).await
            },
            move |hits| Message::HitsLoaded(generation, hits),
        )
    }

    pub(super) fn hits_loaded(&mut self, generation: u64, hits: Result<Hits, Error>) -> Action {
        if generation != self.generation {
            return Action::none();
        }
        match hits {
            Ok(hits) => {
                let clock = self.engine.clock();
                let today = clock.local(clock.now()).date();
                let query = query::parse(self.search.trim(), today, Typing::Ongoing);
                self.list.put_hits(query, hits);
                Action::Run(self.choose_awaited())
            }
            // The search that took its place answers.
            Err(error) if error.kind == Kind::CalledOff => Action::none(),
            Err(error) => Action::Failed(error),
        }
    }

    /// Adds something to what is looked for; the user goes on typing.
    pub(super) fn add_to_search(&mut self, words: &str) -> Action {
        self.menu = None;
        let mut query = self.search.trim_end().to_owned();
        if !query.is_empty() {
            query.push(' ');
        }
        query.push_str(words);
        let searched = self.search_changed(query);
        let field = Id::new(super::SEARCH);
        let go_on = Task::batch([
            operation::focus(field.clone()),
            operation::move_cursor_to_end(field),
        ]);
        match searched {
            Action::Run(task) => Action::Run(Task::batch([task, go_on])),
            _ => Action::Run(go_on),
        }
    }

    /// Opens the first hit; the keys then move among the hits.
    pub(super) fn first_hit(&mut self) -> Action {
        if !self.list.searching() {
            return Action::none();
        }
        self.list.cursor = None;
        self.step(1)
    }

    pub(super) fn close_search(&mut self) -> Action {
        self.search.clear();
        let Some((folder, chosen)) = self.before_search.take() else {
            return Action::none();
        };
        let hit = self.reader.row().filter(|row| row.folder == folder);
        let again = hit.map_or(chosen, |row| vec![row.id]);
        let shown = self.show_folder(folder);
        self.awaited = again;
        shown
    }

    /// Reads a message; the pane shows its head at once from the row.
    pub(super) fn open(&mut self, id: MessageId) -> Task<Message> {
        let Some(row) = self.list.find(id).cloned() else {
            return Task::none();
        };
        self.reader = Reader::Loading(Box::new(row));
        let engine = self.engine.clone();
        Task::perform(
            async move { engine.open_message(id).await },
            move |opened| Message::Opened(id, Box::new(opened)),
        )
    }

    pub(super) fn opened(&mut self, id: MessageId, opened: Result<OpenMessage, Error>) -> Action {
        if self.reader.id() != Some(id) {
            return Action::none();
        }
        match opened {
            Ok(message) => {
                self.reader = Reader::open(message);
                Action::Run(Task::batch([
                    self.read_document(id),
                    self.load_previews(id),
                    self.mark_read(id),
                    self.note_inbox_looked(),
                ]))
            }
            Err(error) => {
                self.reader.fail(error);
                Action::none()
            }
        }
    }
}
