//! The passphrase of the vault, where no keyring answers: asked for once a start.

use iced::widget::{center, column, container, text_input};
use iced::{Element, Length, Task};
use tcv_engine::{Error, Secret};

use crate::icon::{Icon, sized};
use crate::launch::VaultNeed;
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, SEMIBOLD, measure};
use crate::widget::{bar, note, placeholder, primary, prose};

/// Fewest letters of a new passphrase.
const LEAST: usize = 8;
const FIELD: &str = "unlock-passphrase";

/// What happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// The passphrase was typed.
    Typed(String),
    /// It was typed again.
    Repeated(String),
    /// Open.
    Submitted,
}

/// What the parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Try to open with this.
    Open(Secret),
}

/// The screen.
pub struct Unlock {
    create: bool,
    passphrase: String,
    repeated: String,
    error: Option<Error>,
    opening: bool,
}

impl Unlock {
    /// The screen, for a vault that is there or is to be made.
    pub fn new(need: VaultNeed) -> (Self, Task<Message>) {
        let screen = Self {
            create: need == VaultNeed::Create,
            passphrase: String::new(),
            repeated: String::new(),
            error: None,
            opening: false,
        };
        (screen, iced::widget::operation::focus(FIELD))
    }

    /// Opening failed.
    pub fn failed(&mut self, error: Error) {
        self.opening = false;
        self.error = Some(error);
    }

    fn ready(&self) -> bool {
        let long_enough = !self.create || self.passphrase.chars().count() >= LEAST;
        let agrees = !self.create || self.passphrase == self.repeated;
        !self.opening && !self.passphrase.is_empty() && long_enough && agrees
    }

    /// What is still wrong with a new passphrase, once both fields are filled.
    fn fault(&self) -> Option<&'static str> {
        if !self.create || self.repeated.is_empty() {
            None
        } else if self.passphrase.chars().count() < LEAST {
            Some("unlock-too-short")
        } else if self.passphrase != self.repeated {
            Some("unlock-differs")
        } else {
            None
        }
    }

    /// Takes a message in.
    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Typed(passphrase) => self.passphrase = passphrase,
            Message::Repeated(passphrase) => self.repeated = passphrase,
            Message::Submitted if self.ready() => {
                self.opening = true;
                self.error = None;
                return Action::Open(Secret::new(self.passphrase.clone()));
            }
            Message::Submitted => {}
        }
        Action::None
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        let look = scene.look;
        let (title, hint, go) = if self.create {
            ("unlock-create-title", "unlock-create-hint", "unlock-create")
        } else {
            ("unlock-title", "unlock-hint", "unlock-open")
        };
        let field = |hint: &str, value: &str, id: &'static str| {
            text_input(&placeholder(scene.text(hint)), value)
                .id(id)
                .secure(true)
                .on_submit(Message::Submitted)
                .size(measure::TEXT)
                .line_height(measure::LINE)
                .padding([9, 12])
                .style(style::field(look))
        };
        let repeat = self.create.then(|| {
            field("unlock-repeat", &self.repeated, "unlock-repeat").on_input(Message::Repeated)
        });
        let error = self.error.as_ref().map(|error| {
            let words = scene.words.error(error.kind.key()).to_string();
            bar(scene, Tone::Red, Icon::CircleAlert, words, Vec::new())
        });
        let word = scene.text(if self.opening { "unlock-opening" } else { go });
        center(
            container(
                column![
                    sized(Icon::Lock, 28.0).color(look.accent),
                    prose(scene.text(title), measure::TITLE, SEMIBOLD, look.ink),
                    note(look, scene.text(hint)),
                    field("unlock-passphrase", &self.passphrase, FIELD).on_input(Message::Typed),
                ]
                .push(repeat)
                .push(
                    self.fault()
                        .map(|key| prose(scene.text(key), measure::NOTE, MEDIUM, look.amber)),
                )
                .push(error)
                .push(primary(
                    scene,
                    Icon::Key,
                    word,
                    self.ready().then_some(Message::Submitted),
                ))
                .spacing(14),
            )
            .padding(28)
            .max_width(460)
            .width(Length::Fill)
            .style(style::card(look)),
        )
        .padding(24)
        .style(style::ground(look, look.window))
        .into()
    }
}
