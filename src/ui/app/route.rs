//! What the screens ask of the program, and what windows and the engine tell it.

use std::path::{Path, PathBuf};

use iced::advanced::widget::Id;
use iced::advanced::widget::operation::{self, Operation, focusable};
use iced::{Task, window};
use tcv_desktop::Signal;
use tcv_domain::message::{DraftId, FolderId, MessageId};
use tcv_engine::{Event, Settings};

use super::{App, Message, Sheet, Stage, WindowEvent, view, window_settings};
use crate::screen::{compose, mail, settings};
use crate::shortcut::{self, Shortcut};
use crate::widget::{SHEET, Way, walk};

impl App {
    pub(super) fn mail_message(&mut self, message: mail::Message) -> Task<Message> {
        let (settings, words) = (self.settings.clone(), self.words.clone());
        match self
            .mail()
            .map(|mail| mail.update(message, &settings, &words))
        {
            Some(action) => self.mail_action(action),
            None => Task::none(),
        }
    }

    fn mail_action(&mut self, action: mail::Action) -> Task<Message> {
        match action {
            mail::Action::Run(task) => task.map(Message::Mail),
            mail::Action::Compose(draft) => self.open_compose(draft, false),
            mail::Action::ComposeCopy(draft) => self.open_compose(draft, true),
            mail::Action::Done(undo) => self.say_done(undo),
            mail::Action::Failed(error) => self.say_error(&error),
            mail::Action::Saved(path) => self.saved(Ok(path)),
            mail::Action::OpenLink(target, shown) => self.open_sheet(Sheet::Link(target, shown)),
            mail::Action::OpenFile(path) => self.open_file(&path),
            mail::Action::SaveAs(id, index, name) => {
                let title = self.words.text("attachment-save-as");
                let place = self
                    .launch
                    .desktop
                    .pick_save(&title, &self.launch.downloads, &name);
                Task::perform(place, move |path| Message::SavePlace(id, index, path))
            }
            mail::Action::Settings => self.open_settings(),
            mail::Action::Keep(settings) => self.keep(settings),
        }
    }

    fn open_settings(&mut self) -> Task<Message> {
        let Some(engine) = self.engine.clone() else {
            return Task::none();
        };
        let (sheet, task) = settings::SettingsSheet::new(engine, &self.settings);
        let open = self.open_sheet(Sheet::Settings(sheet));
        Task::batch([open, task.map(Message::Settings)])
    }

    /// Shows a sheet over the main window. The fields below lose the focus and with it the keys.
    fn open_sheet(&mut self, sheet: Sheet) -> Task<Message> {
        self.sheet = Some(sheet);
        within(self.main, focusable::focus(Id::new(SHEET)))
    }

    pub(super) fn settings_message(&mut self, message: settings::Message) -> Task<Message> {
        let Some(Sheet::Settings(sheet)) = &mut self.sheet else {
            return Task::none();
        };
        match sheet.update(message, &self.settings) {
            settings::Action::Run(task) => task.map(Message::Settings),
            settings::Action::Keep(settings) => self.keep(settings),
            settings::Action::Failed(error) => self.say_error(&error),
            settings::Action::Close => {
                self.sheet = None;
                Task::none()
            }
            settings::Action::AddAccount => {
                self.sheet = None;
                self.engine
                    .clone()
                    .map_or_else(Task::none, |engine| self.show_setup(engine, true))
            }
        }
    }

    /// Opens a draft in a window of its own; one that is open comes forward. A `copy` just made
    /// of a draft on the server goes again unless it is changed.
    pub(super) fn open_compose(&mut self, draft: DraftId, copy: bool) -> Task<Message> {
        let open = self
            .composes
            .iter()
            .find(|(_, compose)| compose.id == draft)
            .map(|(window, _)| *window);
        if let Some(window) = open {
            return window::gain_focus(window);
        }
        let Some(engine) = self.engine.clone() else {
            return Task::none();
        };
        let identities = self
            .mail()
            .map(|mail| mail.identities())
            .unwrap_or_default();
        let (mut screen, load) = compose::Compose::new(engine, draft, identities);
        screen.copy = copy;
        let (window, opened) = window::open(window_settings());
        self.composes.insert(window, screen);
        Task::batch([
            opened.discard(),
            load.map(move |message| Message::Compose(window, message)),
        ])
    }

    pub(super) fn compose_message(
        &mut self,
        window: window::Id,
        message: compose::Message,
    ) -> Task<Message> {
        match self
            .composes
            .get_mut(&window)
            .map(|compose| compose.update(message))
        {
            Some(action) => self.compose_action(window, action),
            None => Task::none(),
        }
    }

    fn compose_action(&mut self, window: window::Id, action: compose::Action) -> Task<Message> {
        let said = match action {
            compose::Action::Run(task) => {
                return task.map(move |message| Message::Compose(window, message));
            }
            compose::Action::Focus(field, task) => {
                return Task::batch([
                    task.map(move |message| Message::Compose(window, message)),
                    within(window, focusable::focus(field)),
                ]);
            }
            compose::Action::PickFiles => {
                let title = self.words.text("compose-attach");
                let files = self.launch.desktop.pick_files(&title);
                return Task::perform(files, move |files| Message::FilesPicked(window, files));
            }
            compose::Action::Sent(accepted) => self.say_sent(accepted.outbox_id),
            compose::Action::Discarded(draft) => self.say_discarded(draft),
            compose::Action::Close => Task::none(),
        };
        self.composes.remove(&window);
        let end = if self.quitting && self.composes.is_empty() {
            self.shut_down()
        } else {
            Task::none()
        };
        Task::batch([window::close(window), said, end])
    }

    pub(super) fn window_event(&mut self, window: window::Id, event: WindowEvent) -> Task<Message> {
        let main = window == self.main;
        match event {
            WindowEvent::Key(key, modifiers, typing) => match shortcut::of(&key, modifiers, typing)
            {
                Some(shortcut) => self.shortcut(window, shortcut),
                None => Task::none(),
            },
            WindowEvent::Modifiers(modifiers) => {
                if let Some(mail) = self.mail() {
                    mail.set_modifiers(modifiers);
                }
                Task::none()
            }
            WindowEvent::Clicked => self.find_focus(window),
            WindowEvent::Focused if main => {
                self.focused = true;
                self.mail()
                    .map_or_else(Task::none, |mail| mail.note_inbox_looked())
                    .map(Message::Mail)
            }
            WindowEvent::Unfocused if main => {
                self.focused = false;
                Task::none()
            }
            WindowEvent::Resized(size) if main => {
                self.settings.window = (size.width, size.height);
                Task::none()
            }
            WindowEvent::Rescaled(pixels) if main => {
                self.pixels = pixels;
                if let Some(mail) = self.mail() {
                    mail.set_pixels(pixels);
                }
                Task::none()
            }
            WindowEvent::FileDropped(path) => {
                self.compose_message(window, compose::Message::FilesGiven(vec![path]))
            }
            WindowEvent::CloseRequested | WindowEvent::Closed if main => {
                if self.quitting {
                    Task::none()
                } else {
                    self.leave()
                }
            }
            WindowEvent::CloseRequested => {
                self.compose_message(window, compose::Message::ClosePressed)
            }
            WindowEvent::Closed => {
                self.composes.remove(&window);
                Task::none()
            }
            _ => Task::none(),
        }
    }

    /// Keeps the window's size, then leaves.
    fn leave(&mut self) -> Task<Message> {
        let kept = self.keep(self.settings.clone());
        Task::batch([kept, self.quit()])
    }

    fn shortcut(&mut self, window: window::Id, shortcut: Shortcut) -> Task<Message> {
        match shortcut {
            Shortcut::Next => return self.walk(window, walk(Way::Next)),
            Shortcut::Previous => return self.walk(window, walk(Way::Previous)),
            Shortcut::Quit => return self.leave(),
            Shortcut::ZoomIn => return self.zoom(10),
            Shortcut::ZoomOut => return self.zoom(-10),
            Shortcut::ZoomReset => {
                return self.keep(Settings {
                    scale: 100,
                    ..self.settings.clone()
                });
            }
            _ => {}
        }
        if let Some(compose) = self.composes.get_mut(&window) {
            if shortcut == Shortcut::Compose {
                return self.mail_message(mail::Message::ComposePressed);
            }
            let action = compose.shortcut(shortcut);
            return self.compose_action(window, action);
        }
        match shortcut {
            Shortcut::Escape if self.sheet.take().is_some() => Task::none(),
            Shortcut::Help => {
                if matches!(self.sheet, Some(Sheet::Help)) {
                    self.sheet = None;
                    Task::none()
                } else {
                    self.open_sheet(Sheet::Help)
                }
            }
            _ if self.sheet.is_some() || !matches!(self.stage, Stage::Mail(_)) => Task::none(),
            Shortcut::Search => within(self.main, focusable::focus(Id::new(mail::SEARCH))),
            Shortcut::Find if !self.mail().is_some_and(|mail| mail.can_find()) => {
                within(self.main, focusable::focus(Id::new(mail::SEARCH)))
            }
            Shortcut::Undo => self.undo_last(),
            _ => {
                let (settings, words) = (self.settings.clone(), self.words.clone());
                match self
                    .mail()
                    .map(|mail| mail.shortcut(shortcut, &settings, &words))
                {
                    Some(action) => self.mail_action(action),
                    None => Task::none(),
                }
            }
        }
    }

    /// Moves the focus, within the sheet if one is open; a letter being written is told, after the focus has gone.
    fn walk(&self, window: window::Id, step: impl Operation<Message> + 'static) -> Task<Message> {
        let compose = self.composes.get(&window);
        let sheet = compose.map_or(window == self.main && self.sheet.is_some(), |compose| {
            compose.has_sheet()
        });
        if sheet {
            return within(window, operation::scope(Id::new(SHEET), step));
        }
        let gone = within(window, step);
        if compose.is_none() {
            return gone;
        }
        let left = Message::Compose(window, compose::Message::FieldLeft);
        gone.chain(Task::done(left)).chain(self.find_focus(window))
    }

    /// Tells a letter being written which of its fields has the focus.
    fn find_focus(&self, window: window::Id) -> Task<Message> {
        if !self.composes.contains_key(&window) {
            return Task::none();
        }
        within(window, focusable::find_focused())
            .map(move |field| Message::Compose(window, compose::Message::FieldReached(field)))
    }

    fn zoom(&mut self, by: i16) -> Task<Message> {
        let scale = self.settings.scale.saturating_add_signed(by).clamp(90, 160);
        self.keep(Settings {
            scale,
            ..self.settings.clone()
        })
    }

    pub(super) fn announced(&mut self, event: Option<Event>) -> Task<Message> {
        let Some(event) = event else {
            return self
                .mail()
                .map_or_else(Task::none, |mail| mail.reload())
                .map(Message::Mail);
        };
        let said = match &event {
            Event::CheckDue => {
                self.notify("notify-check-title", "notify-check-body", 0);
                Task::none()
            }
            Event::MailArrived { ids, .. } if !self.focused => {
                self.notify("notify-mail-title", "notify-mail-body", ids.len());
                Task::none()
            }
            Event::ChangeRefused { error, .. } | Event::FolderRefused { error, .. } => {
                self.say_error(error)
            }
            Event::ServerAlert { text, .. } => {
                let words = self.words.with("server-alert", &[("text", text.into())]);
                self.say(words, None, None, true)
            }
            Event::Noticed(notice) => {
                self.notices.push(notice.clone());
                Task::none()
            }
            _ => Task::none(),
        };
        let shown = self
            .mail()
            .map_or_else(Task::none, |mail| mail.announced(&event))
            .map(Message::Mail);
        Task::batch([said, shown])
    }

    fn notify(&self, title: &str, body: &str, count: usize) {
        let signals = self.signals.clone();
        let raise = Box::new(move || drop(signals.unbounded_send(Signal::Raise)));
        let body = self.words.with(body, &[("count", count.into())]);
        self.launch
            .desktop
            .notify(&self.words.text(title), &body, raise);
    }

    pub(super) fn signalled(&mut self, signal: Signal) -> Task<Message> {
        tracing::debug!(?signal, "asked to come forward");
        Task::batch([
            window::minimize(self.main, false),
            window::gain_focus(self.main),
        ])
    }

    /// A minute passed: relative dates move on; after midnight the headings do too.
    pub(super) fn ticked(&mut self) -> Task<Message> {
        let Some(engine) = &self.engine else {
            return Task::none();
        };
        let today = engine.clock().local(engine.clock().now()).date();
        if self.day == Some(today) {
            return Task::none();
        }
        self.day = Some(today);
        self.mail()
            .map_or_else(Task::none, |mail| mail.reload())
            .map(Message::Mail)
    }

    pub(super) fn folder_name(&mut self, folder: FolderId) -> String {
        let words = self.words.clone();
        self.mail()
            .and_then(|mail| mail.name_of(folder, &words))
            .unwrap_or_default()
    }

    pub(super) fn open_link(&mut self, target: &str) -> Task<Message> {
        self.sheet = None;
        match self.launch.desktop.open_url(target) {
            Ok(()) => Task::none(),
            Err(error) => self.say_not_opened(&error),
        }
    }

    fn open_file(&mut self, path: &Path) -> Task<Message> {
        match self.launch.desktop.open_file(path) {
            Ok(()) => Task::none(),
            Err(error) => self.say_not_opened(&error),
        }
    }

    pub(super) fn show_in_folder(&mut self, path: &Path) -> Task<Message> {
        let folder = path.parent().unwrap_or(path);
        match self.launch.desktop.open_folder(folder) {
            Ok(()) => Task::none(),
            Err(error) => self.say_not_opened(&error),
        }
    }

    fn say_not_opened(&mut self, error: &tcv_desktop::OpenError) -> Task<Message> {
        tracing::warn!(%error, "not opened");
        let words = self.words.text("error-cannot-open");
        self.say(words, None, None, true)
    }

    pub(super) fn save_place(
        &mut self,
        id: MessageId,
        index: usize,
        path: Option<PathBuf>,
    ) -> Task<Message> {
        match (path, self.engine.clone()) {
            (Some(path), Some(engine)) => Task::perform(
                async move { engine.save_attachment(id, index, path).await },
                Message::SavedAs,
            ),
            _ => Task::none(),
        }
    }
}

/// iced shows an operation the widgets of all windows, one after the other; this keeps it to one window.
fn within<T: Send + 'static>(window: window::Id, work: impl Operation<T> + 'static) -> Task<T> {
    iced::advanced::widget::operate(operation::scope(view::root(window), work))
}
