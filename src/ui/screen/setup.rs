//! Setting up an account: address and password; the program finds the rest and shows each step.

use iced::futures::SinkExt as _;
use iced::widget::{center, column, container, row, scrollable, space, text_input};
use iced::{Alignment, Element, Length, Task};
use tcv_domain::address::Address;
use tcv_domain::profile::ServerUrl;
use tcv_engine::{Account, Engine, Error, Kind, NewAccount, Secret, SetupStage, SetupStep};

use crate::icon::{Icon, sized};
use crate::scene::{Scene, Tone};
use crate::style;
use crate::theme::{MEDIUM, REGULAR, SEMIBOLD, measure};
use crate::widget::{bar, cut, line, link, note, placeholder, primary, prose, secondary};

/// What happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// The owner's name.
    NameChanged(String),
    /// The address.
    AddressChanged(String),
    /// The password.
    PasswordChanged(String),
    /// Show the fields for servers.
    AdvancedToggled,
    /// Login name.
    LoginChanged(String),
    /// Server for reading.
    ImapChanged(String),
    /// Server for sending.
    SmtpChanged(String),
    /// Go.
    Submitted,
    /// A step was begun or ended.
    Stepped(SetupStep),
    /// It ended.
    Ended(Result<Account, Error>),
    /// Show or hide the technical text.
    DetailToggled,
    /// Put the technical text on the clipboard.
    DetailCopied,
    /// Leave without an account.
    Cancelled,
}

/// What the parent must do.
pub enum Action {
    /// Run this.
    Run(Task<Message>),
    /// The account is there.
    Ready,
    /// Back to where the user came from.
    Cancel,
    /// Put this text on the clipboard.
    Copy(String),
}

/// The screen.
pub struct Setup {
    engine: Engine,
    name: String,
    address: String,
    password: String,
    login: String,
    imap: String,
    smtp: String,
    advanced: bool,
    running: bool,
    steps: Vec<SetupStep>,
    error: Option<Error>,
    detail: bool,
    /// Whether there is a mailbox to go back to.
    can_cancel: bool,
}

impl Setup {
    /// The empty form.
    pub fn new(engine: Engine, can_cancel: bool) -> (Self, Task<Message>) {
        let screen = Self {
            engine,
            name: String::new(),
            address: String::new(),
            password: String::new(),
            login: String::new(),
            imap: String::new(),
            smtp: String::new(),
            advanced: false,
            running: false,
            steps: Vec::new(),
            error: None,
            detail: false,
            can_cancel,
        };
        (screen, iced::widget::operation::focus("setup-address"))
    }

    /// Takes a message in.
    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::NameChanged(name) => self.name = name,
            Message::AddressChanged(address) => self.address = address,
            Message::PasswordChanged(password) => self.password = password,
            Message::AdvancedToggled => self.advanced = !self.advanced,
            Message::LoginChanged(login) => self.login = login,
            Message::ImapChanged(imap) => self.imap = imap,
            Message::SmtpChanged(smtp) => self.smtp = smtp,
            Message::Submitted => return self.submit(),
            Message::Stepped(step) => self.stepped(step),
            Message::Ended(Ok(_)) => {
                self.running = false;
                return Action::Ready;
            }
            Message::Ended(Err(error)) => {
                self.running = false;
                self.error = Some(error);
            }
            Message::DetailToggled => self.detail = !self.detail,
            Message::DetailCopied => return Action::Copy(self.report()),
            Message::Cancelled => return Action::Cancel,
        }
        Action::Run(Task::none())
    }

    fn ready(&self) -> bool {
        !self.running && self.address.contains('@') && !self.password.is_empty()
    }

    fn submit(&mut self) -> Action {
        if !self.ready() {
            return Action::Run(Task::none());
        }
        let request = match self.request() {
            Ok(request) => request,
            Err(error) => {
                self.error = Some(error);
                return Action::Run(Task::none());
            }
        };
        self.running = true;
        self.error = None;
        self.steps.clear();
        let engine = self.engine.clone();
        let progress = iced::stream::channel(16, async move |mut output| {
            let (steps, mut incoming) = tokio::sync::mpsc::unbounded_channel();
            let mut adding = std::pin::pin!(engine.add_account(request, steps));
            let ended = loop {
                tokio::select! {
                    biased;
                    Some(step) = incoming.recv() => drop(output.send(Message::Stepped(step)).await),
                    account = &mut adding => break account,
                }
            };
            drop(output.send(Message::Ended(ended)).await);
        });
        Action::Run(Task::stream(progress))
    }

    /// What was typed, as the engine wants it; a server that is no URL is said so at once.
    fn request(&self) -> Result<NewAccount, Error> {
        let url = |text: &str| -> Result<Option<ServerUrl>, Error> {
            let text = text.trim();
            if !self.advanced || text.is_empty() {
                return Ok(None);
            }
            text.parse()
                .map(Some)
                .map_err(|_| Error::new(Kind::BadRequest, text))
        };
        let login = self.login.trim();
        Ok(NewAccount {
            identity: Address::new(self.name.trim(), self.address.trim()),
            login: (self.advanced && !login.is_empty()).then(|| login.to_owned()),
            imap: url(&self.imap)?,
            smtp: url(&self.smtp)?,
            password: Secret::new(self.password.clone()),
        })
    }

    /// A step's end replaces its beginning in the list.
    fn stepped(&mut self, step: SetupStep) {
        let known = self.steps.iter_mut().find(|known| {
            known.stage == step.stage && known.subject == step.subject && known.outcome.is_none()
        });
        match known {
            Some(known) => *known = step,
            None => self.steps.push(step),
        }
    }

    /// The steps as text for the help desk.
    fn report(&self) -> String {
        let line = |step: &SetupStep| {
            format!(
                "{:?} {} {:?} {}",
                step.stage, step.subject, step.outcome, step.detail
            )
        };
        self.steps.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Draws the screen.
    pub fn view<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        let look = scene.look;
        let heading = column![
            row![
                sized(Icon::MailCheck, 26.0).color(look.accent),
                prose(scene.text("setup-title"), measure::PAGE, SEMIBOLD, look.ink),
            ]
            .spacing(12)
            .align_y(Alignment::Center),
            note(look, scene.text("setup-hint")),
        ]
        .spacing(8);
        let card = container(
            column![heading, self.form(scene)]
                .push(self.result(scene))
                .spacing(20),
        )
        .padding(32)
        .max_width(620)
        .style(style::card(look));
        center(
            scrollable(container(card).padding(24).center_x(Length::Fill))
                .style(style::scroll(look))
                .width(Length::Fill),
        )
        .style(style::ground(look, look.window))
        .into()
    }

    fn form<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        let field =
            |key: &str, id: &'static str, value: &'a str, changed: fn(String) -> Message| {
                labelled(scene, key, id, value, false, changed)
            };
        let advanced = self.advanced.then(|| {
            column![
                field(
                    "setup-login",
                    "setup-login",
                    &self.login,
                    Message::LoginChanged
                ),
                field("setup-imap", "setup-imap", &self.imap, Message::ImapChanged),
                field("setup-smtp", "setup-smtp", &self.smtp, Message::SmtpChanged),
            ]
            .spacing(12)
        });
        let toggle = scene.text(if self.advanced {
            "setup-advanced-hide"
        } else {
            "setup-advanced"
        });
        let go = scene.text(if self.running {
            "setup-running"
        } else {
            "setup-go"
        });
        let cancel = self
            .can_cancel
            .then(|| secondary(scene, scene.text("cancel"), Some(Message::Cancelled)));
        column![
            field("setup-name", "setup-name", &self.name, Message::NameChanged),
            field(
                "setup-address",
                "setup-address",
                &self.address,
                Message::AddressChanged
            ),
            labelled(
                scene,
                "setup-password",
                "setup-password",
                &self.password,
                true,
                Message::PasswordChanged
            ),
        ]
        .push(advanced)
        .push(
            row![
                link(scene, toggle, Message::AdvancedToggled),
                space::horizontal()
            ]
            .push(cancel)
            .push(primary(
                scene,
                Icon::Check,
                go,
                self.ready().then_some(Message::Submitted),
            ))
            .spacing(10)
            .align_y(Alignment::Center),
        )
        .spacing(12)
        .into()
    }

    fn result<'a>(&'a self, scene: Scene<'a>) -> Option<Element<'a, Message>> {
        if self.steps.is_empty() && self.error.is_none() {
            return None;
        }
        let error = self.error.as_ref().map(|error| {
            let words = match error.verdicts.first() {
                Some(verdict) => {
                    let words = scene.words.account_refused(verdict);
                    format!("{} {}", words.sentence, words.advice)
                }
                None => scene.words.setup_error(error.kind.key()).to_string(),
            };
            bar(scene, Tone::Red, Icon::CircleAlert, words, Vec::new())
        });
        let steps = column(self.steps.iter().map(|step| step_line(scene, step))).spacing(6);
        let technical = (self.detail && self.error.is_some()).then(|| {
            let detail = self
                .error
                .as_ref()
                .map(|error| error.detail.as_str())
                .unwrap_or_default();
            container(prose(detail, measure::SMALL, REGULAR, scene.look.dim))
                .padding(10)
                .width(Length::Fill)
                .style(style::tint(
                    scene.look.dim,
                    scene.look.window,
                    measure::RADIUS,
                ))
        });
        let more = self.error.is_some().then(|| {
            row![
                link(scene, scene.text("error-detail"), Message::DetailToggled),
                link(scene, scene.text("error-copy"), Message::DetailCopied),
            ]
            .spacing(4)
        });
        Some(
            column![]
                .push(error)
                .push(steps)
                .push(more)
                .push(technical)
                .spacing(12)
                .into(),
        )
    }
}

fn labelled<'a>(
    scene: Scene<'a>,
    key: &str,
    id: &'static str,
    value: &'a str,
    secure: bool,
    changed: impl Fn(String) -> Message + 'a,
) -> Element<'a, Message> {
    let hint = scene.text(&format!("{key}-hint"));
    column![
        line(scene.text(key), measure::NOTE, MEDIUM, scene.look.ink),
        text_input(&placeholder(hint), value)
            .id(id)
            .secure(secure)
            .on_input(changed)
            .on_submit(Message::Submitted)
            .size(measure::TEXT)
            .line_height(measure::LINE)
            .padding([9, 12])
            .style(style::field(scene.look)),
    ]
    .spacing(5)
    .into()
}

fn step_line<'a>(scene: Scene<'a>, step: &'a SetupStep) -> Element<'a, Message> {
    let look = scene.look;
    let (which, colour) = match step.outcome {
        None => (Icon::Loader, look.accent),
        Some(Ok(())) => (Icon::CircleCheck, look.green),
        Some(Err(_)) => (Icon::CircleX, look.faint),
    };
    let words = scene.text(step_key(step.stage));
    let failure = match step.outcome {
        Some(Err(kind)) => scene.words.error(kind.key()).title,
        _ => String::new(),
    };
    row![
        sized(which, 16.0).color(colour),
        line(words, measure::NOTE, REGULAR, look.ink),
        cut(step.subject.clone(), measure::NOTE, REGULAR, look.dim),
        line(failure, measure::SMALL, REGULAR, look.dim),
    ]
    .spacing(8)
    .align_y(Alignment::Center)
    .into()
}

/// The catalogue's key of a stage.
const fn step_key(stage: SetupStage) -> &'static str {
    match stage {
        SetupStage::Address => "setup-step-address",
        SetupStage::Profile => "setup-step-profile",
        SetupStage::Autoconfig => "setup-step-autoconfig",
        SetupStage::DnsRecords => "setup-step-dns-records",
        SetupStage::Guess => "setup-step-guess",
        SetupStage::ImapConnect => "setup-step-imap-connect",
        SetupStage::ImapSignIn => "setup-step-imap-sign-in",
        SetupStage::SmtpConnect => "setup-step-smtp-connect",
        SetupStage::SmtpSignIn => "setup-step-smtp-sign-in",
        SetupStage::Store => "setup-step-store",
    }
}
