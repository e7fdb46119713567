//! A letter being written, in a window of its own.
//!
//! The draft saves itself shortly after each pause; the policy is asked while the user writes and
//! again, with a sheet to acknowledge, at sending. The engine checks once more and has the last word.

mod body;
mod chips;
mod recipients;
mod sending;
mod view;

use std::path::PathBuf;
use std::time::Duration;

use iced::advanced::widget::Id;
use iced::widget::text_editor;
use iced::{Element, Task};
use tcv_domain::address::Address;
use tcv_domain::draft::{Draft, DraftAttachment};
use tcv_domain::message::{DraftId, UnixTime};
use tcv_domain::policy::{Acknowledgement, Remedy, Verdict};
use tcv_engine::{Accepted, Engine, Error};

use self::body::Body;
pub use self::chips::{Chips, Field};
pub use self::sending::Review;
use crate::scene::Scene;
use crate::shortcut::Shortcut;
use crate::widget::SHEET;

/// How long after the last key the draft is saved and the policy asked.
const PAUSE: Duration = Duration::from_millis(700);

/// What happened while writing.
#[derive(Clone, Debug)]
pub enum Message {
    /// The draft was read from the store.
    Loaded(Result<Box<Draft>, Error>),
    /// A recipients field was typed in.
    Typed(Field, String),
    /// Enter in a recipients field.
    Submitted(Field),
    /// A chip was taken away.
    ChipRemoved(Field, usize),
    /// Addresses that may be meant.
    Suggested(u64, Result<Vec<Address>, Error>),
    /// One of them was clicked.
    Picked(Field, usize),
    /// A recipients field was clicked beside its input.
    FieldPressed(Field),
    /// The focus went on to another field.
    FieldLeft,
    /// The focus is on this field now.
    FieldReached(Id),
    /// The list of keys was opened or closed.
    HelpToggled,
    /// Show Cc and Bcc.
    CopiesShown,
    /// The subject was changed.
    SubjectChanged(String),
    /// The text was edited.
    Edited(text_editor::Action),
    /// Take the last step of writing the text back.
    UndoPressed,
    /// Do it again.
    RedoPressed,
    /// Choose files to attach.
    AttachPressed,
    /// Files were chosen or dropped.
    FilesGiven(Vec<PathBuf>),
    /// A file was taken in.
    Attached(Result<DraftAttachment, Error>),
    /// An attachment was taken away.
    AttachmentRemoved(usize),
    /// The user paused: save and check, if nothing was typed since.
    Paused(u64),
    /// The draft is on the disk.
    Saved(Result<UnixTime, Error>),
    /// What the policy says.
    Checked(u64, Result<Vec<Verdict>, Error>),
    /// Another identity was chosen.
    FromPicked(usize),
    /// Send.
    SendPressed,
    /// The draft is saved; now it can be sent.
    ReadyToSend(Result<Vec<Verdict>, Error>),
    /// A reason was typed in the review sheet.
    ReasonTyped(usize, String),
    /// "Send all the same".
    ReviewConfirmed,
    /// Back to writing.
    ReviewClosed,
    /// The engine answered.
    Sent(Result<Accepted, Error>),
    /// The remedy of a warning was clicked.
    RemedyPressed(usize),
    /// Throw the draft away.
    DiscardPressed,
    /// It is gone.
    Discarded(Result<(), Error>),
    /// Close the window; the draft stays.
    ClosePressed,
    /// The draft is safe; the window may go.
    Closed(Result<(), Error>),
}

impl Message {
    /// Whether it changes the letter, or begins to.
    const fn writes(&self) -> bool {
        matches!(
            self,
            Self::Typed(..)
                | Self::Submitted(_)
                | Self::ChipRemoved(..)
                | Self::Picked(..)
                | Self::FieldPressed(_)
                | Self::FieldLeft
                | Self::FieldReached(_)
                | Self::CopiesShown
                | Self::SubjectChanged(_)
                | Self::Edited(_)
                | Self::UndoPressed
                | Self::RedoPressed
                | Self::AttachPressed
                | Self::FilesGiven(_)
                | Self::AttachmentRemoved(_)
                | Self::FromPicked(_)
                | Self::SendPressed
                | Self::RemedyPressed(_)
                | Self::DiscardPressed
        )
    }
}

/// What the parent must do.
#[derive(Debug)]
pub enum Action {
    /// Run this.
    Run(Task<Message>),
    /// Run this, and put the focus on the field of this identifier, and on no other.
    Focus(Id, Task<Message>),
    /// Ask for files.
    PickFiles,
    /// Close the window: the letter is on its way, and can be taken back for some seconds.
    Sent(Accepted),
    /// Close the window: the draft was thrown away, and can be taken back.
    Discarded(DraftId),
    /// Close the window.
    Close,
}

/// A letter being written.
pub struct Compose {
    engine: Engine,
    /// The draft's identifier.
    pub id: DraftId,
    draft: Draft,
    chips: [Chips; 3],
    copies_shown: bool,
    body: Body,
    identities: Vec<Address>,
    verdicts: Vec<Verdict>,
    suggestions: Option<(Field, Vec<Address>)>,
    chosen_suggestion: usize,
    review: Option<Review>,
    /// What was answered on the sheets so far, while this letter is being sent.
    acknowledged: Vec<Acknowledgement>,
    /// Whether the list of keys is shown.
    help: bool,
    /// The field that has the focus, or gets it back.
    at: Id,
    error: Option<Error>,
    saved: Option<UnixTime>,
    loaded: bool,
    /// Whether nothing had been written when the window was opened.
    blank: bool,
    /// Whether this was copied from the server only for this window.
    pub copy: bool,
    /// From "Send" until the engine has the letter or the user is back at writing.
    sending: bool,
    /// Files being taken in.
    attaching: usize,
    /// Counts edits; what belongs to an older one is dropped.
    edit: u64,
    asked: u64,
}

impl Compose {
    /// A window on a draft; the task reads it.
    pub fn new(engine: Engine, id: DraftId, identities: Vec<Address>) -> (Self, Task<Message>) {
        let compose = Self {
            engine: engine.clone(),
            id,
            draft: Draft::default(),
            chips: [Chips::new(), Chips::new(), Chips::new()],
            copies_shown: false,
            body: Body::new(""),
            identities,
            verdicts: Vec::new(),
            suggestions: None,
            chosen_suggestion: 0,
            review: None,
            acknowledged: Vec::new(),
            help: false,
            at: chips::input_id(Field::To).into(),
            error: None,
            saved: None,
            loaded: false,
            blank: false,
            copy: false,
            sending: false,
            attaching: 0,
            edit: 0,
            asked: 0,
        };
        let load = Task::perform(
            async move { engine.draft(id).await.map(Box::new) },
            Message::Loaded,
        );
        (compose, load)
    }

    /// The window's title: the subject, or nothing yet.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.draft.subject.trim()
    }

    /// Whether a sheet is open, within which the focus stays.
    #[must_use]
    pub const fn has_sheet(&self) -> bool {
        self.review.is_some() || self.help
    }

    /// Whether the letter must stay as it is: it is on its way, or a sheet is open.
    pub(super) const fn is_locked(&self) -> bool {
        self.sending || self.help
    }

    /// Takes a message in.
    pub fn update(&mut self, message: Message) -> Action {
        if self.is_locked() && message.writes() {
            return Action::Run(Task::none());
        }
        match message {
            Message::Loaded(draft) => return self.loaded(draft),
            Message::Typed(field, text) => return self.typed(field, text),
            Message::Submitted(field) => return self.submitted(field),
            Message::ChipRemoved(field, index) => {
                self.chips_of(field).remove(index);
                return self.chips_changed(field);
            }
            Message::Suggested(asked, addresses) => self.suggested(asked, addresses),
            Message::Picked(field, index) => return self.picked(field, index),
            Message::FieldPressed(field) => return self.focus(field, Task::none()),
            Message::FieldLeft => return self.left(),
            Message::FieldReached(field) => self.at = field,
            Message::HelpToggled => {
                self.help = !self.help;
                let to = if self.help {
                    Id::new(SHEET)
                } else {
                    self.at.clone()
                };
                return Action::Focus(to, Task::none());
            }
            Message::CopiesShown => {
                self.copies_shown = true;
                return self.focus(Field::Cc, Task::none());
            }
            Message::SubjectChanged(subject) => {
                self.draft.subject = subject;
                self.at = view::SUBJECT.into();
                self.leave_fields(None);
                return self.touched();
            }
            Message::Edited(action) => return self.edited(action),
            Message::UndoPressed if self.body.undo() => return self.touched(),
            Message::RedoPressed if self.body.redo() => return self.touched(),
            Message::UndoPressed | Message::RedoPressed => {}
            Message::AttachPressed => {
                self.leave_fields(None);
                return Action::PickFiles;
            }
            Message::FilesGiven(paths) => return self.attach(paths),
            Message::Attached(attached) => return self.attached(attached),
            Message::AttachmentRemoved(index) => {
                if index < self.draft.attachments.len() {
                    self.draft.attachments.remove(index);
                }
                return self.touched();
            }
            Message::Paused(edit) if edit == self.edit => {
                self.body.pause();
                return Action::Run(self.save_and_check());
            }
            Message::Paused(_) => {}
            Message::Saved(saved) => self.note(saved, |compose, at| compose.saved = Some(at)),
            Message::Checked(edit, verdicts) if edit == self.edit => {
                self.note(verdicts, |compose, verdicts| compose.verdicts = verdicts);
            }
            Message::Checked(..) => {}
            Message::FromPicked(index) => {
                if let Some(identity) = self.identities.get(index) {
                    self.draft.from = identity.clone();
                }
                return self.touched();
            }
            Message::SendPressed => return self.send_pressed(),
            Message::ReadyToSend(verdicts) => return self.ready_to_send(verdicts),
            Message::ReasonTyped(index, reason) => self.reason_typed(index, reason),
            Message::ReviewConfirmed => return self.review_confirmed(),
            Message::ReviewClosed => return self.review_closed(),
            Message::Sent(sent) => return self.sent(sent),
            Message::RemedyPressed(index) => return self.remedy(index),
            Message::DiscardPressed => return self.discard(),
            Message::Discarded(done) => return self.leave(done, Action::Discarded(self.id)),
            Message::ClosePressed => return self.close(),
            Message::Closed(done) => return self.leave(done, Action::Close),
        }
        Action::Run(Task::none())
    }

    /// Does what a key asks for.
    pub fn shortcut(&mut self, shortcut: Shortcut) -> Action {
        match shortcut {
            Shortcut::Help | Shortcut::Escape if self.help => self.update(Message::HelpToggled),
            _ if self.help => Action::Run(Task::none()),
            Shortcut::Send if self.review.is_some() => self.update(Message::ReviewConfirmed),
            Shortcut::Escape if self.review.is_some() => self.update(Message::ReviewClosed),
            _ if self.sending => Action::Run(Task::none()),
            Shortcut::Send => self.send_pressed(),
            Shortcut::Help => self.update(Message::HelpToggled),
            Shortcut::Copies => self.update(Message::CopiesShown),
            Shortcut::Escape => {
                self.suggestions = None;
                // The key took the focus away from an input; the user goes on typing in it.
                Action::Focus(self.at.clone(), Task::none())
            }
            Shortcut::Down if self.suggestions.is_some() => {
                self.chosen_suggestion += 1;
                Action::Run(Task::none())
            }
            Shortcut::Up if self.suggestions.is_some() => {
                self.chosen_suggestion = self.chosen_suggestion.saturating_sub(1);
                Action::Run(Task::none())
            }
            _ => Action::Run(Task::none()),
        }
    }

    fn chips_of(&mut self, field: Field) -> &mut Chips {
        &mut self.chips[field as usize]
    }

    fn note<T>(&mut self, answer: Result<T, Error>, put: impl FnOnce(&mut Self, T)) {
        match answer {
            Ok(value) => put(self, value),
            Err(error) => self.error = Some(error),
        }
    }

    fn loaded(&mut self, draft: Result<Box<Draft>, Error>) -> Action {
        match draft {
            Ok(draft) => {
                self.chips_of(Field::To).set(draft.to.clone());
                self.chips_of(Field::Cc).set(draft.cc.clone());
                self.chips_of(Field::Bcc).set(draft.bcc.clone());
                self.copies_shown = !draft.cc.is_empty() || !draft.bcc.is_empty();
                self.body = Body::new(&draft.body);
                self.at = if draft.to.is_empty() {
                    chips::input_id(Field::To).into()
                } else {
                    view::BODY.into()
                };
                self.blank = is_blank(&draft);
                // What was begun is gone on with at its end; an answer begins above what it quotes.
                if !self.blank && draft.source.is_none() {
                    let end = text_editor::Motion::DocumentEnd;
                    self.body.perform(text_editor::Action::Move(end));
                }
                self.draft = *draft;
                self.loaded = true;
                Action::Focus(self.at.clone(), self.check())
            }
            Err(error) => {
                self.error = Some(error);
                Action::Run(Task::none())
            }
        }
    }

    /// The draft as it stands in the fields.
    fn current(&self) -> Draft {
        self.with_recipients(Chips::all)
    }

    /// The draft with what is to be taken of each recipients field.
    fn with_recipients(&self, take: impl Fn(&Chips) -> Vec<Address>) -> Draft {
        let of = |field: Field| take(&self.chips[field as usize]);
        Draft {
            to: of(Field::To),
            cc: of(Field::Cc),
            bcc: of(Field::Bcc),
            body: self.body.content.text(),
            ..self.draft.clone()
        }
    }

    /// Something was changed: save and check once the user pauses.
    fn touched(&mut self) -> Action {
        self.edit += 1;
        self.error = None;
        let edit = self.edit;
        Action::Run(Task::perform(
            async { tokio::time::sleep(PAUSE).await },
            move |()| Message::Paused(edit),
        ))
    }

    fn save_and_check(&self) -> Task<Message> {
        if !self.loaded {
            return Task::none();
        }
        Task::batch([self.save(), self.check()])
    }

    fn save(&self) -> Task<Message> {
        let (engine, id, draft) = (self.engine.clone(), self.id, self.current());
        let save = async move {
            engine.save_draft(id, draft).await?;
            Ok(engine.clock().now())
        };
        Task::perform(save, Message::Saved)
    }

    fn check(&self) -> Task<Message> {
        let draft = self.with_recipients(Chips::judged);
        let (engine, edit) = (self.engine.clone(), self.edit);
        Task::perform(async move { engine.check(draft).await }, move |verdicts| {
            Message::Checked(edit, verdicts)
        })
    }

    fn edited(&mut self, action: text_editor::Action) -> Action {
        let changes = action.is_edit();
        self.at = view::BODY.into();
        self.body.perform(action);
        let left = self.left();
        if changes { self.touched() } else { left }
    }

    fn attach(&mut self, paths: Vec<PathBuf>) -> Action {
        self.attaching += paths.len();
        Action::Run(Task::batch(paths.into_iter().map(|path| {
            let (engine, id) = (self.engine.clone(), self.id);
            Task::perform(
                async move { engine.attach(id, path).await },
                Message::Attached,
            )
        })))
    }

    fn attached(&mut self, attached: Result<DraftAttachment, Error>) -> Action {
        self.attaching = self.attaching.saturating_sub(1);
        match attached {
            Ok(attachment) => {
                self.draft.attachments.push(attachment);
                self.touched()
            }
            Err(error) => {
                self.error = Some(error);
                Action::Run(Task::none())
            }
        }
    }

    /// Does what a warning offers.
    fn remedy(&mut self, index: usize) -> Action {
        let Some(verdict) = self.verdicts.get(index).cloned() else {
            return Action::Run(Task::none());
        };
        match verdict.remedy {
            Some(Remedy::UseAddress { address } | Remedy::CorrectAddress { address }) => {
                for chips in &mut self.chips {
                    chips.replace(&verdict.evidence, &address);
                }
            }
            Some(Remedy::AttachFile) => return Action::PickFiles,
            Some(Remedy::RemoveAttachment { name }) => {
                let named = |attachment: &DraftAttachment| attachment.name == name;
                if let Some(index) = self.draft.attachments.iter().position(named) {
                    self.draft.attachments.remove(index);
                }
            }
            Some(Remedy::UseOfficialAccount) => match self.identities.first() {
                Some(identity) => self.draft.from = identity.clone(),
                None => return Action::Run(Task::none()),
            },
            None => return Action::Run(Task::none()),
        }
        self.touched()
    }

    fn discard(&self) -> Action {
        let (engine, id, draft) = (self.engine.clone(), self.id, self.current());
        let discard = async move {
            // What is thrown away can be taken back, so it must be whole.
            engine.save_draft(id, draft).await?;
            engine.discard_draft(id).await
        };
        Action::Run(Task::perform(discard, Message::Discarded))
    }

    /// Saves and closes; an untouched draft leaves nothing behind.
    fn close(&mut self) -> Action {
        if !self.loaded {
            return Action::Close;
        }
        for field in Field::ALL {
            self.chips_of(field).commit();
        }
        let (engine, id, draft) = (self.engine.clone(), self.id, self.current());
        let untouched = self.edit == 0 && (self.blank || self.copy);
        let close = async move {
            if untouched {
                engine.discard_draft(id).await
            } else {
                engine.save_draft(id, draft).await
            }
        };
        Action::Run(Task::perform(close, Message::Closed))
    }

    /// Leaves unless something failed: then the window stays, with the letter in it.
    fn leave(&mut self, done: Result<(), Error>, action: Action) -> Action {
        match done {
            Ok(()) => action,
            Err(error) => {
                self.error = Some(error);
                Action::Run(Task::none())
            }
        }
    }

    /// Draws the window.
    pub fn view<'a>(&'a self, scene: Scene<'a>) -> Element<'a, Message> {
        view::view(self, scene)
    }
}

/// Whether a draft holds nothing but the signature it began with.
fn is_blank(draft: &Draft) -> bool {
    let signature_only = draft.body.trim_start().starts_with("-- \n");
    let unwritten = Draft {
        body: String::new(),
        ..draft.clone()
    };
    unwritten.is_empty() && (signature_only || draft.body.trim().is_empty())
}
