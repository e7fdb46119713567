//! The letter that is open: what is known of it and what the reader does with it.

use iced::Task;
use tcv_domain::draft::{QuoteWords, ReplyKind};
use tcv_domain::message::{MessageId, MessageRow};
use tcv_domain::mime::{Attachment, Document, TextFrom};
use tcv_engine::{Clock, Error, OpenMessage};
use tcv_words::Words;

use super::preview::{self, Previews};
use super::{Action, Mail, list_view::people};
use crate::reading::canvas::Gesture;
use crate::reading::faithful::Faithful;
use crate::reading::{self, Prepared};

/// The reading pane.
#[derive(Debug)]
pub enum Reader {
    /// No message is chosen.
    Nothing,
    /// Several are.
    Many(usize),
    /// The body is on its way; the head is shown from the row.
    Loading(Box<MessageRow>),
    /// A letter lies open.
    Open(Box<Letter>),
    /// It could not be read.
    Failed(Box<MessageRow>, Error),
}

/// An open letter.
#[derive(Debug)]
pub struct Letter {
    /// The message.
    pub message: OpenMessage,
    /// Its text, laid out once.
    pub text: Prepared,
    /// Whether all recipients and the message's path are shown.
    pub details: bool,
    /// The target of the link under the mouse.
    pub hovered: Option<String>,
    /// The letter as it was meant.
    pub body: Body,
    /// The reader wants its text only.
    pub as_text: bool,
    /// What the right button was pressed on: the link, if it was one.
    pub menu: Option<Option<String>>,
    /// Pictures from the network.
    pub pictures: Remote,
    /// Whether all that speaks against it is shown.
    pub why: bool,
    /// The texts of the letters it passes on.
    pub forwarded: Vec<Prepared>,
    /// The charset its reader named.
    pub charset: Option<String>,
    /// The letter as it came, when that is looked at.
    pub source: Option<Prepared>,
    /// How its attachments look.
    pub previews: Previews,
}

/// How it stands with pictures from the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// They are not asked for.
    Blocked,
    /// They are to be fetched as soon as it is known which.
    Wanted,
    /// They are on their way.
    Fetching,
    /// What could be had is shown.
    Shown,
}

/// How far the letter is from being shown as it was meant.
#[derive(Debug)]
pub enum Body {
    /// It is text, or cannot be shown otherwise.
    Text,
    /// Its HTML is on its way.
    Awaited,
    /// A page.
    Page(Box<Faithful>),
}

/// The texts of an open letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Its own.
    Letter,
    /// That of the n-th letter it passes on.
    Forwarded(usize),
    /// The letter as it came.
    Source,
    /// That of the attachment that is looked at.
    Attachment,
}

/// What happened in the letter.
#[derive(Clone, Debug)]
pub enum Message {
    /// Show or hide who else got it.
    DetailsToggled,
    /// Something about looking at attachments.
    Preview(preview::Message),
    /// Something in a text.
    Text(Which, reading::Gesture),
    /// A link was clicked.
    LinkPressed(String),
    /// Open an attachment.
    AttachmentOpened(usize),
    /// Save an attachment into the downloads folder.
    AttachmentSaved(usize),
    /// Save an attachment, the user says where.
    AttachmentSavedAs(usize),
    /// Save all attachments into the downloads folder.
    AllSaved,
    /// A copy to open was made.
    CopyMade(Result<std::path::PathBuf, Error>),
    /// An attachment lies where it was saved.
    Saved(Result<std::path::PathBuf, Error>),
    /// Try to read it again.
    Retry,
    /// Its HTML was read.
    DocumentRead(MessageId, Box<Result<Option<Document>, Error>>),
    /// Something on the page.
    Page(Gesture),
    /// Show its text only, or again as it was meant.
    TextToggled,
    /// Show pictures from the network; from this sender always, or this time.
    PicturesWanted(bool),
    /// Whether this sender's pictures are always shown.
    PicturesKnown(MessageId, Result<bool, Error>),
    /// They came, as many as could be had.
    PicturesCame(MessageId, Result<Vec<(String, Vec<u8>)>, Error>),
    /// The choice is kept.
    PicturesKept(Result<(), Error>),
    /// The link under the right button is copied.
    LinkCopied(String),
    /// The menu of the right button is closed.
    MenuClosed,
    /// What is selected is copied.
    SelectionCopied,
    /// Words to look for in the letter were changed.
    FindChanged(String),
    /// To the next place found, or the one before.
    FindNext(bool),
    /// No more looking.
    FindClosed,
    /// Show or hide all that speaks against the sender.
    WhyToggled,
    /// Read it in this charset; `None`: as it says itself.
    Decode(Option<String>),
    /// It was read so.
    Decoded(Option<String>, Box<Result<OpenMessage, Error>>),
    /// Show it as it came.
    SourceWanted,
    /// That was read.
    SourceRead(MessageId, Result<Vec<u8>, Error>),
    /// Back to the letter.
    SourceClosed,
}

impl Reader {
    /// A letter opened for reading.
    #[must_use]
    pub fn open(message: OpenMessage) -> Self {
        let text = reading::prepare(&message.content.blocks);
        let passed_on = message.content.forwarded.iter();
        let forwarded = passed_on
            .map(|one| reading::prepare(&one.content.blocks))
            .collect();
        let body = match message.content.text_from {
            TextFrom::Html => Body::Awaited,
            TextFrom::Plain => Body::Text,
        };
        Self::Open(Box::new(Letter {
            message,
            text,
            details: false,
            hovered: None,
            body,
            as_text: false,
            menu: None,
            pictures: Remote::Blocked,
            why: false,
            forwarded,
            charset: None,
            source: None,
            previews: Previews::default(),
        }))
    }

    /// The message shown or awaited.
    #[must_use]
    pub fn id(&self) -> Option<MessageId> {
        self.row().map(|row| row.id)
    }

    /// Its row.
    #[must_use]
    pub fn row(&self) -> Option<&MessageRow> {
        match self {
            Self::Loading(row) | Self::Failed(row, _) => Some(row),
            Self::Open(letter) => Some(&letter.message.row),
            Self::Nothing | Self::Many(_) => None,
        }
    }

    /// The message, when it is wholly here.
    #[must_use]
    pub fn message(&self) -> Option<&OpenMessage> {
        match self {
            Self::Open(letter) => Some(&letter.message),
            _ => None,
        }
    }

    /// The awaited body cannot be had.
    pub fn fail(&mut self, error: Error) {
        if let Some(row) = self.row().cloned() {
            *self = Self::Failed(Box::new(row), error);
        }
    }

    /// Changes the row in place, as the list does.
    pub fn edit(&mut self, ids: &[MessageId], change: impl FnOnce(&mut MessageRow)) {
        let row = match self {
            Self::Loading(row) | Self::Failed(row, _) => row.as_mut(),
            Self::Open(letter) => &mut letter.message.row,
            Self::Nothing | Self::Many(_) => return,
        };
        if ids.contains(&row.id) {
            change(row);
        }
    }

    pub(super) fn letter(&mut self) -> Option<&mut Letter> {
        match self {
            Self::Open(letter) => Some(letter),
            _ => None,
        }
    }
}

impl Mail {
    pub(super) fn reader_update(&mut self, message: Message) -> Action {
        match message {
            Message::CopyMade(copy) => return copy.map_or_else(Action::Failed, Action::OpenFile),
            Message::Saved(saved) => return saved.map_or_else(Action::Failed, Action::Saved),
            Message::LinkPressed(target) => {
                return self.follow(target);
            }
            Message::AttachmentOpened(index) => return self.open_attachment(index),
            Message::AttachmentSaved(index) => return self.save_attachments(vec![index]),
            Message::AttachmentSavedAs(index) => return self.save_as(index),
            Message::AllSaved => return self.save_all(),
            Message::Retry => {
                let again = self.reader.id().map_or_else(Task::none, |id| self.open(id));
                return Action::Run(again);
            }
            Message::DocumentRead(id, document) => return self.document_read(id, *document),
            Message::Page(gesture) => return self.on_page(gesture),
            Message::Text(which, gesture) => return self.on_text(which, gesture),
            Message::Preview(message) => return self.preview_update(message),
            Message::PicturesWanted(always) => return self.want_pictures(always),
            Message::PicturesKnown(id, known) => return self.pictures_known(id, known),
            Message::PicturesCame(id, came) => return self.pictures_came(id, came),
            Message::PicturesKept(Err(error)) => return Action::Failed(error),
            Message::Decode(_)
            | Message::Decoded(..)
            | Message::SourceWanted
            | Message::SourceRead(..) => return self.look_closer(message),
            Message::FindChanged(words) => return self.find(&words),
            Message::FindNext(back) => return self.find_next(back),
            Message::SelectionCopied => return self.copy_selection(),
            Message::LinkCopied(target) => {
                self.close_menu();
                return Action::Run(iced::clipboard::write(target));
            }
            _ => {}
        }
        let Some(letter) = self.reader.letter() else {
            return Action::none();
        };
        match message {
            Message::TextToggled => letter.as_text = !letter.as_text,
            Message::MenuClosed => letter.menu = None,
            Message::FindClosed => {
                letter.close_find();
            }
            Message::DetailsToggled => letter.details = !letter.details,
            Message::WhyToggled => letter.why = !letter.why,
            Message::SourceClosed => letter.source = None,
            _ => {}
        }
        Action::none()
    }

    pub(super) fn attachment(&self, index: usize) -> Option<(MessageId, &Attachment)> {
        let message = self.reader.message()?;
        let attachment = message
            .content
            .attachments
            .iter()
            .find(|part| part.index == index)?;
        Some((message.row.id, attachment))
    }

    /// Opens a private copy with the desktop's program; what is held back is never opened.
    fn open_attachment(&self, index: usize) -> Action {
        let Some((id, attachment)) = self.attachment(index) else {
            return Action::none();
        };
        if attachment.held.is_some() {
            return Action::none();
        }
        let engine = self.engine.clone();
        let copy = Task::perform(
            async move { engine.open_copy(id, index).await },
            Message::CopyMade,
        );
        Action::Run(copy.map(super::Message::Reader))
    }

    fn save_attachments(&self, indexes: Vec<usize>) -> Action {
        let Some(id) = self.reader.id() else {
            return Action::none();
        };
        let (engine, folder) = (self.engine.clone(), self.downloads.clone());
        let save = async move {
            let mut last = folder.clone();
            for index in indexes {
                last = engine.save_attachment(id, index, folder.clone()).await?;
            }
            Ok(last)
        };
        Action::Run(Task::perform(save, Message::Saved).map(super::Message::Reader))
    }

    fn save_all(&self) -> Action {
        let Some(message) = self.reader.message() else {
            return Action::none();
        };
        let shown = message
            .content
            .attachments
            .iter()
            .filter(|part| !part.inline);
        self.save_attachments(shown.map(|part| part.index).collect())
    }

    fn save_as(&self, index: usize) -> Action {
        self.attachment(index)
            .map_or_else(Action::none, |(id, attachment)| {
                Action::SaveAs(id, index, attachment.name.clone())
            })
    }
}

/// The words around a quotation of this message, in the user's language.
pub(super) fn quote_words(
    message: &OpenMessage,
    kind: ReplyKind,
    words: &Words,
    clock: &dyn Clock,
) -> QuoteWords {
    let date = words.date_time(clock.local(message.row.date));
    let author = people(&message.content.envelope.from);
    let attribution = match kind {
        ReplyKind::Forward => String::new(),
        _ => words.with(
            "quote-attribution",
            &[("date", date.clone().into()), ("author", author.into())],
        ),
    };
    QuoteWords {
        attribution,
        forwarded_heading: words.text("quote-forwarded"),
        date,
        from_label: words.text("quote-from"),
        date_label: words.text("quote-date"),
        subject_label: words.text("quote-subject"),
        to_label: words.text("quote-to"),
        cc_label: words.text("quote-cc"),
    }
}
