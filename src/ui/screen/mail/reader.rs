//! The letter that is open: what is known of it and what the reader does with it.

use iced::Task;
use tcv_domain::draft::{QuoteWords, ReplyKind};
use tcv_domain::message::{MessageId, MessageRow};
use tcv_domain::mime::Attachment;
use tcv_engine::{Clock, Error, OpenMessage};
use tcv_words::Words;

use super::{Action, Mail, list_view::people};
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
}

/// What happened in the letter.
#[derive(Clone, Debug)]
pub enum Message {
    /// Show or hide who else got it.
    DetailsToggled,
    /// Show or hide the quotation of this number.
    QuoteToggled(usize),
    /// Show everything of a very long letter.
    MorePressed,
    /// The mouse is over a link, or left it.
    LinkHovered(Option<String>),
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
}

impl Reader {
    /// A letter opened for reading.
    #[must_use]
    pub fn open(message: OpenMessage) -> Self {
        let text = reading::prepare(&message.content.blocks);
        Self::Open(Box::new(Letter {
            message,
            text,
            details: false,
            hovered: None,
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

    fn letter(&mut self) -> Option<&mut Letter> {
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
                let shown = match &self.reader {
                    Reader::Open(letter) => letter.text.pretended(&target),
                    _ => None,
                };
                return Action::OpenLink(target, shown);
            }
            Message::AttachmentOpened(index) => return self.open_attachment(index),
            Message::AttachmentSaved(index) => return self.save_attachments(vec![index]),
            Message::AttachmentSavedAs(index) => return self.save_as(index),
            Message::AllSaved => return self.save_all(),
            Message::Retry => {
                let again = self.reader.id().map_or_else(Task::none, |id| self.open(id));
                return Action::Run(again);
            }
            _ => {}
        }
        let Some(letter) = self.reader.letter() else {
            return Action::none();
        };
        match message {
            Message::DetailsToggled => letter.details = !letter.details,
            Message::QuoteToggled(number) => letter.text.toggle(number),
            Message::MorePressed => letter.text.show_more(),
            Message::LinkHovered(target) => letter.hovered = target,
            _ => {}
        }
        Action::none()
    }

    fn attachment(&self, index: usize) -> Option<(MessageId, &Attachment)> {
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
