//! The settings, on a sheet over the main screen. Every change holds at once.

use iced::widget::{Row, button, column, container, row, scrollable, space, text_editor};
use iced::{Alignment, Element, Length, Task};
use tcv_domain::message::AccountId;
use tcv_engine::{Account, Engine, Error, Settings, ThemeChoice};

use crate::icon::{Icon, sized};
use crate::scene::Scene;
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{
    bar_action, cut, hairline, icon_button, line, link, note, prose, secondary, sheet,
};

/// Text scales offered, percent.
const SCALES: [u16; 5] = [90, 100, 115, 130, 160];

/// What happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// A language was chosen.
    LanguageChosen(&'static str),
    /// Light, dark or as the system.
    ThemeChosen(ThemeChoice),
    /// A text scale was chosen.
    ScaleChosen(u16),
    /// Comfortable or compact.
    DensityChosen(bool),
    /// The signature was edited.
    SignatureEdited(text_editor::Action),
    /// Add an account.
    AddPressed,
    /// Ask whether to remove an account, or not after all.
    RemovePressed(Option<AccountId>),
    /// Remove it.
    RemoveConfirmed(AccountId),
    /// It is gone.
    Removed(Result<(), Error>),
    /// Accounts were read.
    AccountsLoaded(Result<Vec<Account>, Error>),
    /// Close the sheet.
    Closed,
}

/// What the parent must do.
pub enum Action {
    /// Run this.
    Run(Task<Message>),
    /// These settings hold from now on.
    Keep(Settings),
    /// Show the form for an account.
    AddAccount,
    /// Say that something failed.
    Failed(Error),
    /// Close the sheet.
    Close,
}

/// The sheet.
pub struct SettingsSheet {
    engine: Engine,
    accounts: Vec<Account>,
    signature: text_editor::Content,
    removing: Option<AccountId>,
}

impl SettingsSheet {
    /// The sheet, and the task that reads the accounts.
    pub fn new(engine: Engine, settings: &Settings) -> (Self, Task<Message>) {
        let signature = text_editor::Content::with_text(&settings.signature);
        let screen = Self {
            engine: engine.clone(),
            accounts: Vec::new(),
            signature,
            removing: None,
        };
        let load = Task::perform(
            async move { engine.accounts().await },
            Message::AccountsLoaded,
        );
        (screen, load)
    }

    /// Takes a message in.
    pub fn update(&mut self, message: Message, settings: &Settings) -> Action {
        let settings = settings.clone();
        match message {
            Message::LanguageChosen(language) => Action::Keep(Settings {
                language: language.to_owned(),
                ..settings
            }),
            Message::ThemeChosen(theme) => Action::Keep(Settings { theme, ..settings }),
            Message::ScaleChosen(scale) => Action::Keep(Settings { scale, ..settings }),
            Message::DensityChosen(compact) => Action::Keep(Settings {
                compact,
                ..settings
            }),
            Message::SignatureEdited(action) => {
                self.signature.perform(action);
                let signature = self.signature.text().trim_end().to_owned();
                Action::Keep(Settings {
                    signature,
                    ..settings
                })
            }
            Message::AddPressed => Action::AddAccount,
            Message::RemovePressed(account) => {
                self.removing = account;
                Action::Run(Task::none())
            }
            Message::RemoveConfirmed(account) => {
                self.removing = None;
                let engine = self.engine.clone();
                Action::Run(Task::perform(
                    async move { engine.remove_account(account).await },
                    Message::Removed,
                ))
            }
            Message::Removed(Ok(())) => {
                let engine = self.engine.clone();
                Action::Run(Task::perform(
                    async move { engine.accounts().await },
                    Message::AccountsLoaded,
                ))
            }
            Message::AccountsLoaded(Ok(accounts)) => {
                self.accounts = accounts;
                Action::Run(Task::none())
            }
            Message::Removed(Err(error)) | Message::AccountsLoaded(Err(error)) => {
                Action::Failed(error)
            }
            Message::Closed => Action::Close,
        }
    }

    /// Draws the sheet.
    pub fn view<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        let look = scene.look;
        let header = row![
            prose(
                scene.text("settings-title"),
                measure::TITLE,
                SEMIBOLD,
                look.ink
            ),
            space::horizontal(),
            icon_button(
                scene,
                Icon::Close,
                scene.text("close"),
                look.dim,
                Some(Message::Closed)
            ),
        ]
        .align_y(Alignment::Center);
        let content = column![
            self.appearance(scene),
            hairline(look),
            self.writing(scene),
            hairline(look),
            self.accounts(scene),
        ]
        .spacing(18);
        let card = container(
            column![
                header,
                scrollable(content)
                    .style(style::scroll(look))
                    .height(Length::Shrink)
            ]
            .spacing(16),
        )
        .padding(24)
        .max_width(640)
        .max_height(660)
        .style(style::floating(look));
        sheet(card, Message::Closed)
    }

    fn appearance<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        let now = scene.settings;
        let language = scene.words.language().code();
        let languages = [("vi", "Tiếng Việt"), ("en", "English")].map(|(code, name)| {
            (
                name.to_owned(),
                language == code,
                Message::LanguageChosen(code),
            )
        });
        let themes = [
            (ThemeChoice::System, "settings-theme-system"),
            (ThemeChoice::Light, "settings-theme-light"),
            (ThemeChoice::Dark, "settings-theme-dark"),
        ]
        .map(|(choice, key)| {
            (
                scene.text(key),
                now.theme == choice,
                Message::ThemeChosen(choice),
            )
        });
        let scales = SCALES.map(|scale| {
            (
                format!("{scale} %"),
                now.scale == scale,
                Message::ScaleChosen(scale),
            )
        });
        let densities =
            [(false, "settings-comfortable"), (true, "settings-compact")].map(|(compact, key)| {
                (
                    scene.text(key),
                    now.compact == compact,
                    Message::DensityChosen(compact),
                )
            });
        column![
            choice(scene, Icon::Languages, "settings-language", languages),
            choice(scene, Icon::Sun, "settings-theme", themes),
            choice(scene, Icon::TypeSize, "settings-scale", scales),
            choice(scene, Icon::Rows, "settings-density", densities),
        ]
        .spacing(14)
        .into()
    }

    fn writing<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        let look = scene.look;
        column![
            line(
                scene.text("settings-signature"),
                measure::TEXT,
                MEDIUM,
                look.ink
            ),
            note(look, scene.text("settings-signature-hint")),
            container(
                text_editor(&self.signature)
                    .on_action(Message::SignatureEdited)
                    .font(REGULAR)
                    .size(measure::TEXT)
                    .height(96)
                    .padding(6)
                    .style(style::paper(look)),
            )
            .padding(6)
            .style(style::card(look)),
        ]
        .spacing(6)
        .into()
    }

    fn accounts<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        let rows = self
            .accounts
            .iter()
            .map(|account| self.account(scene, account));
        column![line(
            scene.text("settings-accounts"),
            measure::TEXT,
            MEDIUM,
            scene.look.ink
        )]
        .extend(rows)
        .push(secondary(
            scene,
            scene.text("settings-add-account"),
            Some(Message::AddPressed),
        ))
        .spacing(10)
        .into()
    }

    fn account<'a>(&'a self, scene: Scene<'a>, account: &'a Account) -> Element<'a, Message> {
        let look = scene.look;
        let servers = format!("{} · {}", account.imap, account.smtp);
        let end: Element<'_, Message> = if self.removing == Some(account.id) {
            row![
                bar_action(
                    scene,
                    crate::scene::Tone::Red,
                    scene.text("settings-remove-confirm"),
                    Message::RemoveConfirmed(account.id)
                ),
                link(scene, scene.text("cancel"), Message::RemovePressed(None)),
            ]
            .spacing(6)
            .into()
        } else {
            link(
                scene,
                scene.text("settings-remove"),
                Message::RemovePressed(Some(account.id)),
            )
        };
        let asked = (self.removing == Some(account.id))
            .then(|| note(look, scene.text("settings-remove-hint")));
        column![
            row![
                column![
                    cut(
                        account.identity.address.clone(),
                        measure::TEXT,
                        MEDIUM,
                        look.ink
                    ),
                    cut(servers, measure::SMALL, REGULAR, look.dim),
                ]
                .width(Length::Fill),
                end,
            ]
            .spacing(10)
            .align_y(Alignment::Center),
        ]
        .push(asked)
        .spacing(4)
        .into()
    }
}

/// A setting with its choices as segments.
fn choice<'a, const N: usize>(
    scene: Scene<'a>,
    which: Icon,
    key: &str,
    choices: [(String, bool, Message); N],
) -> Element<'a, Message> {
    let look = scene.look;
    let segments = choices.into_iter().map(|(words, chosen, message)| {
        let ink = if chosen { look.accent } else { look.ink };
        button(line(words, measure::NOTE, MEDIUM, ink))
            .padding([5, 12])
            .style(style::segment(look, chosen))
            .on_press(message)
            .into()
    });
    row![
        sized(which, 17.0).color(look.dim),
        container(line(scene.text(key), measure::TEXT, MEDIUM, look.ink)).width(170),
        Row::with_children(segments)
            .spacing(6)
            .wrap()
            .vertical_spacing(6),
    ]
    .spacing(10)
    .align_y(Alignment::Center)
    .into()
}
