//! The program's windows and what flows between them: opens the engine, shows the right screen,
//! routes messages, keeps settings, says what was done and offers to take it back.

mod feed;
mod open;
mod route;
mod toast;
mod view;

use std::collections::HashMap;
use std::path::PathBuf;

use iced::futures::channel::mpsc;
use iced::keyboard::{Key, Modifiers};
use iced::{Size, Task, window};
use tcv_desktop::Signal;
use tcv_engine::{Account, Done, Engine, Error, Event, Notice, Settings, ThemeChoice};
use tcv_rendering::client::Renderer;
use tcv_words::{Language, Words};

use self::toast::Toast;
use crate::launch::{Launch, VaultNeed};
use crate::screen::{compose, mail, settings, setup, unlock};
use crate::theme::{FONT_FILES, Look, REGULAR, measure};

/// Everything that can happen.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// Whether a passphrase must be asked for.
    VaultNeed(VaultNeed),
    /// The engine was opened, or not.
    Opened(Result<(Engine, Vec<Notice>), Error>),
    /// Settings and accounts were read.
    Ready(Box<Result<(Settings, Vec<Account>), Error>>),
    /// The engine announced something; `None`: some announcements were missed.
    Announced(Option<Event>),
    /// Another start of the program, or a click on a notification.
    Signalled(Signal),
    /// The desktop is light or dark.
    SystemTheme(iced::theme::Mode),
    /// A minute passed.
    Ticked,
    /// Something happened to a window.
    Window(window::Id, WindowEvent),
    /// The passphrase screen.
    Unlock(unlock::Message),
    /// The account form.
    Setup(setup::Message),
    /// The main screen.
    Mail(mail::Message),
    /// A window for writing.
    Compose(window::Id, compose::Message),
    /// The settings sheet.
    Settings(settings::Message),
    /// Close the sheet on top.
    SheetClosed,
    /// Open the link that was asked about.
    LinkConfirmed(String),
    /// Take the last thing back.
    UndoPressed,
    /// It was taken back: these messages are where they were.
    Undone(Done, Result<(), Error>, Vec<tcv_domain::message::MessageId>),
    /// A letter on its way became a draft again.
    TakenBack(Result<tcv_domain::message::DraftId, Error>),
    /// The toast had its time.
    ToastExpired(u64),
    /// Close the toast.
    ToastClosed,
    /// Show the folder of a saved file.
    FolderPressed(PathBuf),
    /// A place to save was chosen.
    SavePlace(tcv_domain::message::MessageId, usize, Option<PathBuf>),
    /// It was saved there.
    SavedAs(Result<PathBuf, Error>),
    /// Files to attach were chosen.
    FilesPicked(window::Id, Vec<PathBuf>),
    /// A notice of the start was read.
    NoticeClosed,
    /// Settings are on the disk.
    SettingsKept(Result<(), Error>),
    /// The engine is shut down.
    Down,
}

/// What happens to windows.
#[derive(Clone, Debug)]
pub(crate) enum WindowEvent {
    /// A key; whether a field took it.
    Key(Key, Modifiers, bool),
    /// The modifier keys held now.
    Modifiers(Modifiers),
    /// The mouse was pressed and let go: the focus may be elsewhere.
    Clicked,
    /// It has the focus.
    Focused,
    /// It lost the focus.
    Unfocused,
    /// Its size.
    Resized(Size),
    /// Pixels of its screen for a point.
    Rescaled(f32),
    /// A file was dropped on it.
    FileDropped(PathBuf),
    /// The user wants to close it.
    CloseRequested,
    /// It is gone.
    Closed,
}

/// What the main window shows.
enum Stage {
    /// The engine is being opened.
    Opening,
    /// A passphrase is needed.
    Unlock(unlock::Unlock),
    /// No account yet, or another is added.
    Setup(Box<setup::Setup>),
    /// Mail.
    Mail(Box<mail::Mail>),
    /// It cannot be opened.
    Failed(Error),
}

/// A sheet over the main window.
enum Sheet {
    Settings(settings::SettingsSheet),
    Help,
    /// Where it leads, and the other address its words show.
    Link(String, Option<String>),
}

/// The program.
pub(crate) struct App {
    launch: Launch,
    words: Words,
    settings: Settings,
    system_dark: bool,
    engine: Option<Engine>,
    main: window::Id,
    focused: bool,
    stage: Stage,
    /// Mail kept while another account is being added.
    behind: Option<Box<mail::Mail>>,
    composes: HashMap<window::Id, compose::Compose>,
    sheet: Option<Sheet>,
    toast: Option<Toast>,
    toasts: u64,
    /// What Ctrl+Z takes back; it outlasts its toast.
    last: Option<toast::TakeBack>,
    notices: Vec<Notice>,
    signals: mpsc::UnboundedSender<Signal>,
    renderer: Renderer,
    /// Pixels of the main window's screen for a point, before the user's own scale.
    pixels: f32,
    /// The day the list's headings were made for.
    day: Option<jiff::civil::Date>,
    quitting: bool,
}

/// Runs the window until the user leaves.
///
/// # Errors
/// When no window can be opened: no display, no renderer.
pub fn run(launch: Launch) -> iced::Result {
    let launch = std::sync::Mutex::new(Some(launch));
    let boot = move || {
        let launch = launch.lock().ok().and_then(|mut launch| launch.take());
        // iced boots a program once; without a launch there is nothing to run.
        launch.map_or_else(|| std::process::exit(1), App::new)
    };
    let mut daemon = iced::daemon(boot, App::update, App::view)
        .title(App::title)
        .theme(|app: &App, _| app.look().theme())
        .scale_factor(|app, _| f32::from(app.settings.scale) / 100.0)
        .subscription(App::subscription)
        .default_font(REGULAR)
        .antialiasing(true);
    for font in FONT_FILES {
        daemon = daemon.font(font);
    }
    daemon.run()
}

impl App {
    fn new(mut launch: Launch) -> (Self, Task<Message>) {
        let settings = Settings::default();
        let words = Words::new(Language::from_setting(
            launch.language.as_deref().unwrap_or_default(),
        ));
        let (signals, incoming) = mpsc::unbounded();
        if let Some(raised) = launch.raised.take() {
            let sender = signals.clone();
            raised.listen(move |signal| drop(sender.unbounded_send(signal)));
        }
        let (main, opened) = window::open(main_window(&settings));
        let need = launch.vault_need.clone();
        let tasks = Task::batch([
            opened
                .then(window::scale_factor)
                .map(move |pixels| Message::Window(main, WindowEvent::Rescaled(pixels))),
            open::blocking(move || need()).map(Message::VaultNeed),
            Task::run(incoming, Message::Signalled),
            iced::system::theme().map(Message::SystemTheme),
        ]);
        let renderer = Renderer::new(launch.renderer.clone());
        renderer.warm_up();
        let app = Self {
            launch,
            words,
            settings,
            system_dark: false,
            engine: None,
            main,
            focused: true,
            stage: Stage::Opening,
            behind: None,
            composes: HashMap::new(),
            sheet: None,
            toast: None,
            toasts: 0,
            last: None,
            notices: Vec::new(),
            signals,
            renderer,
            pixels: 1.0,
            day: None,
            quitting: false,
        };
        (app, tasks)
    }

    fn look(&self) -> Look {
        let dark = match self.settings.theme {
            ThemeChoice::System => self.system_dark,
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
        };
        if dark { Look::DARK } else { Look::LIGHT }
    }

    fn title(&self, window: window::Id) -> String {
        let name = self.words.text("app-name");
        match self.composes.get(&window) {
            Some(compose) if compose.subject().is_empty() => self.words.text("compose-title"),
            Some(compose) => compose.subject().to_owned(),
            None if self.launch.practice => {
                format!("{name} – {}", self.words.text("practice-badge"))
            }
            None => name,
        }
    }

    fn mail(&mut self) -> Option<&mut mail::Mail> {
        match &mut self.stage {
            Stage::Mail(mail) => Some(mail),
            _ => self.behind.as_deref_mut(),
        }
    }

    fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::VaultNeed(need) => self.vault_need(need),
            Message::Opened(opened) => self.opened(opened),
            Message::Ready(ready) => self.ready(*ready),
            Message::Announced(event) => self.announced(event),
            Message::Signalled(signal) => self.signalled(signal),
            Message::SystemTheme(mode) => {
                self.system_dark = mode == iced::theme::Mode::Dark;
                Task::none()
            }
            Message::Ticked => self.ticked(),
            Message::Window(window, event) => self.window_event(window, event),
            Message::Unlock(message) => self.unlock(message),
            Message::Setup(message) => self.setup(message),
            Message::Mail(message) => self.mail_message(message),
            Message::Compose(window, message) => self.compose_message(window, message),
            Message::Settings(message) => self.settings_message(message),
            Message::SheetClosed => {
                self.sheet = None;
                Task::none()
            }
            Message::LinkConfirmed(target) => self.open_link(&target),
            Message::UndoPressed => self.undo_offered(),
            Message::Undone(what, done, back) => self.undone(what, done, back),
            Message::TakenBack(draft) => self.taken_back(draft),
            Message::ToastExpired(number) => self.toast_expired(number),
            Message::ToastClosed => {
                self.toast = None;
                Task::none()
            }
            Message::FolderPressed(path) => self.show_in_folder(&path),
            Message::SavePlace(id, index, path) => self.save_place(id, index, path),
            Message::SavedAs(saved) => self.saved(saved),
            Message::FilesPicked(window, files) => {
                self.compose_message(window, compose::Message::FilesGiven(files))
            }
            Message::NoticeClosed => {
                self.notices.pop();
                Task::none()
            }
            Message::SettingsKept(kept) => self.say_failure(kept),
            Message::Down => iced::exit(),
        }
    }

    /// The settings hold from now on, and from the next start on.
    fn keep(&mut self, settings: Settings) -> Task<Message> {
        let spoken = settings.language != self.settings.language;
        if spoken {
            self.words = Words::new(Language::from_setting(&settings.language));
        }
        self.settings = settings.clone();
        let compact = settings.compact;
        let mut tasks = Vec::new();
        if let Some(mail) = self.mail() {
            mail.set_density(compact);
            if spoken {
                // The list's headings are words that were made when it was loaded.
                tasks.push(mail.reload().map(Message::Mail));
            }
        }
        if let Some(engine) = self.engine.clone() {
            tasks.push(Task::perform(
                async move { engine.save_settings(settings).await },
                Message::SettingsKept,
            ));
        }
        Task::batch(tasks)
    }

    /// Leaves: letters being written are saved first, then the engine is shut down.
    fn quit(&mut self) -> Task<Message> {
        self.quitting = true;
        let windows: Vec<_> = self.composes.keys().copied().collect();
        if windows.is_empty() {
            return self.shut_down();
        }
        Task::batch(
            windows
                .into_iter()
                .map(|window| self.compose_message(window, compose::Message::ClosePressed)),
        )
    }

    fn shut_down(&self) -> Task<Message> {
        match self.engine.clone() {
            Some(engine) => {
                Task::perform(async move { engine.shutdown().await }, |()| Message::Down)
            }
            None => iced::exit(),
        }
    }
}

/// The program's picture in task bars: `assets/icon/thucongvu.svg` as 64 × 64 RGBA.
const ICON: &[u8] = include_bytes!("../../assets/icon/thucongvu-64.rgba");
const ICON_SIDE: u32 = 64;

/// How the main window opens.
fn main_window(settings: &Settings) -> window::Settings {
    window::Settings {
        size: Size::new(settings.window.0, settings.window.1),
        min_size: Some(Size::new(560.0, 420.0)),
        exit_on_close_request: false,
        ..window_settings()
    }
}

/// What all windows share.
fn window_settings() -> window::Settings {
    window::Settings {
        size: Size::new(980.0, 700.0),
        min_size: Some(Size::new(520.0, 400.0)),
        exit_on_close_request: false,
        icon: window::icon::from_rgba(ICON.to_vec(), ICON_SIDE, ICON_SIDE).ok(),
        #[cfg(target_os = "linux")]
        platform_specific: window::settings::PlatformSpecific {
            application_id: "thu-cong-vu".to_owned(),
            ..window::settings::PlatformSpecific::default()
        },
        ..window::Settings::default()
    }
}

/// Height of the strip in which toasts stand above the status line, points.
const TOAST_ABOVE: f32 = measure::STATUS + 16.0;
