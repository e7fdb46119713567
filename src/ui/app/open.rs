//! From the start to the first screen: passphrase if needed, engine, settings, accounts.

use iced::{Size, Task, window};
use tcv_engine::{Account, Engine, Error, Kind, Notice, Settings};
use tcv_words::{Language, Words};

use super::{App, Message, Stage};
use crate::launch::VaultNeed;
use crate::screen::{mail, setup, unlock};

/// Runs blocking work away from the window's thread.
pub(super) fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Task<T> {
    Task::future(async move { tokio::task::spawn_blocking(work).await }).then(|done| match done {
        Ok(value) => Task::done(value),
        Err(fault) => {
            tracing::error!(%fault, "work for the window failed");
            Task::none()
        }
    })
}

impl App {
    pub(super) fn vault_need(&mut self, need: VaultNeed) -> Task<Message> {
        if need == VaultNeed::No {
            return self.open(None);
        }
        let (screen, task) = unlock::Unlock::new(need);
        self.stage = Stage::Unlock(screen);
        task.map(Message::Unlock)
    }

    fn open(&self, passphrase: Option<tcv_engine::Secret>) -> Task<Message> {
        let open = self.launch.open.clone();
        blocking(move || Message::Opened(open(passphrase)))
    }

    pub(super) fn unlock(&mut self, message: unlock::Message) -> Task<Message> {
        let Stage::Unlock(screen) = &mut self.stage else {
            return Task::none();
        };
        match screen.update(message) {
            unlock::Action::None => Task::none(),
            unlock::Action::Open(passphrase) => self.open(Some(passphrase)),
        }
    }

    pub(super) fn opened(&mut self, opened: Result<(Engine, Vec<Notice>), Error>) -> Task<Message> {
        match (opened, &mut self.stage) {
            (Ok((engine, notices)), _) => {
                self.engine = Some(engine.clone());
                self.notices = notices;
                let read = async move { Ok((engine.settings().await?, engine.accounts().await?)) };
                Task::perform(read, |ready| Message::Ready(Box::new(ready)))
            }
            (Err(error), Stage::Unlock(screen))
                if matches!(error.kind, Kind::VaultWrongPassphrase) =>
            {
                screen.failed(error);
                Task::none()
            }
            (Err(error), _) => {
                self.stage = Stage::Failed(error);
                Task::none()
            }
        }
    }

    pub(super) fn ready(
        &mut self,
        ready: Result<(Settings, Vec<Account>), Error>,
    ) -> Task<Message> {
        let (settings, accounts) = match ready {
            Ok(ready) => ready,
            Err(error) => {
                self.stage = Stage::Failed(error);
                return Task::none();
            }
        };
        let Some(engine) = self.engine.clone() else {
            return Task::none();
        };
        let language = self
            .launch
            .language
            .clone()
            .unwrap_or_else(|| settings.language.clone());
        self.words = Words::new(Language::from_setting(&language));
        let size = Size::new(settings.window.0, settings.window.1);
        let resize = if settings.window == self.settings.window {
            Task::none()
        } else {
            window::resize(self.main, size)
        };
        self.settings = settings;
        engine.start();
        let show = if accounts.is_empty() {
            self.show_setup(engine, false)
        } else {
            self.show_mail(engine)
        };
        Task::batch([resize, show])
    }

    pub(super) fn show_setup(&mut self, engine: Engine, can_cancel: bool) -> Task<Message> {
        let (screen, task) = setup::Setup::new(engine, can_cancel);
        if let Stage::Mail(mail) =
            std::mem::replace(&mut self.stage, Stage::Setup(Box::new(screen)))
        {
            self.behind = Some(mail);
        }
        task.map(Message::Setup)
    }

    pub(super) fn show_mail(&mut self, engine: Engine) -> Task<Message> {
        let clock = engine.clock();
        self.day = Some(clock.local(clock.now()).date());
        let (mut screen, task) = mail::Mail::new(
            engine,
            self.launch.practice,
            self.launch.downloads.clone(),
            &self.settings,
        );
        screen.set_renderer(self.renderer.clone());
        screen.set_pixels(self.pixels);
        self.stage = Stage::Mail(Box::new(screen));
        task.map(Message::Mail)
    }

    pub(super) fn setup(&mut self, message: setup::Message) -> Task<Message> {
        let Stage::Setup(screen) = &mut self.stage else {
            return Task::none();
        };
        match screen.update(message) {
            setup::Action::Run(task) => task.map(Message::Setup),
            setup::Action::Copy(text) => iced::clipboard::write(text),
            setup::Action::Cancel => {
                if let Some(mail) = self.behind.take() {
                    self.stage = Stage::Mail(mail);
                }
                Task::none()
            }
            setup::Action::Ready => {
                self.behind = None;
                self.engine
                    .clone()
                    .map_or_else(Task::none, |engine| self.show_mail(engine))
            }
        }
    }
}
