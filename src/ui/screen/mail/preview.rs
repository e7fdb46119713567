//! Looking at an attachment without leaving the program: small pictures on the cards, one large in the letter's place.
//!
//! The bytes are the engine's; pictures are made of them in a renderer's process of its own, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use iced::Task;
use iced::task::Handle as Running;
use iced::widget::image;
use tcv_domain::html;
use tcv_domain::message::MessageId;
use tcv_domain::mime::{self, Attachment, FileKind};
use tcv_rendering::client::Renderer;
use tcv_rendering::page::Tile;

use super::reader::{Letter, Message as ReaderMessage};
use super::{Action, Mail, Message as MailMessage};
use crate::reading::{self, Prepared};

/// So many cards of a letter get a picture by themselves.
const MOST_CARDS: usize = 12;
/// Larger files get none by themselves, bytes.
const LARGEST_OF_CARD: u64 = 16 * 1024 * 1024;
/// Larger files are not looked at here at all.
const LARGEST: u64 = 64 * 1024 * 1024;
/// The picture on a card, pixels: twice its points, for fine screens.
const CARD: (u16, u16) = (128, 128);
/// The large picture: a page of A4 stays readable.
const LARGE: (u16, u16) = (1_400, 2_000);

/// What is known of how a letter's attachments look.
#[derive(Debug, Default)]
pub struct Previews {
    /// The small pictures that have come, by attachment.
    pub small: BTreeMap<usize, image::Handle>,
    /// The attachment that is looked at.
    pub large: Option<Large>,
    /// Stops making pictures when the letter is left.
    running: Option<Running>,
}

/// An attachment that is looked at.
#[derive(Debug)]
pub struct Large {
    /// Which.
    pub index: usize,
    /// What there is to see.
    pub seen: Seen,
}

/// What there is to see of an attachment.
#[derive(Debug)]
pub enum Seen {
    /// It is on its way.
    Awaited,
    /// A picture, or the first page.
    Picture(image::Handle),
    /// Its text.
    Text(Prepared),
    /// It cannot be shown here.
    Nothing,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// A small picture came.
    Small(MessageId, usize, Option<Tile>),
    /// Look at this attachment.
    Wanted(usize),
    /// What can be seen of it came.
    Came(MessageId, usize, Sight),
    /// Back to the letter.
    Closed,
}

/// What came of an attachment.
#[derive(Clone, Debug)]
pub enum Sight {
    /// A picture.
    Picture(Tile),
    /// A text.
    Text(Arc<str>),
    /// Nothing that can be shown.
    Nothing,
}

/// Whether an attachment can be looked at here.
pub(super) fn can_be_seen(part: &Attachment) -> bool {
    let kind = matches!(part.kind, FileKind::Image | FileKind::Pdf | FileKind::Plain);
    kind && part.held.is_none() && part.size <= LARGEST
}

impl Mail {
    /// Makes the small pictures of the letter that was just opened.
    pub(super) fn load_previews(&mut self, id: MessageId) -> Task<MailMessage> {
        let (engine, renderer) = (self.engine.clone(), self.previews());
        let Some(letter) = self.reader.letter() else {
            return Task::none();
        };
        let drawn = |part: &&Attachment| {
            can_be_seen(part)
                && part.kind != FileKind::Plain
                && !part.inline
                && !part.on_server
                && part.size <= LARGEST_OF_CARD
        };
        let parts = letter.message.content.attachments.iter().filter(drawn);
        let task = parts.take(MOST_CARDS).fold(Task::none(), |before, part| {
            let (engine, renderer, index) = (engine.clone(), renderer.clone(), part.index);
            let made = async move {
                let (_, bytes) = engine.attachment(id, index).await.ok()?;
                renderer.preview(Arc::from(bytes), CARD).await.ok()
            };
            before.chain(Task::perform(made, move |tile| {
                message(Message::Small(id, index, tile))
            }))
        });
        let (task, running) = task.abortable();
        letter.previews.running = Some(running.abort_on_drop());
        task
    }

    pub(super) fn preview_update(&mut self, message: Message) -> Action {
        let id = self.reader.id();
        let wanted = match &message {
            Message::Wanted(index) => Some(*index),
            _ => None,
        };
        let Some(letter) = self.reader.letter() else {
            return Action::none();
        };
        let previews = &mut letter.previews;
        match message {
            Message::Small(of, index, Some(tile)) if id == Some(of) => {
                previews.small.insert(index, handle(tile));
            }
            Message::Came(of, index, sight) if id == Some(of) => {
                if let Some(large) = previews.large.as_mut().filter(|large| large.index == index) {
                    large.seen = match sight {
                        Sight::Picture(tile) => Seen::Picture(handle(tile)),
                        Sight::Text(text) => Seen::Text(reading::prepare(&html::plain(&text))),
                        Sight::Nothing => Seen::Nothing,
                    };
                }
            }
            Message::Closed => previews.large = None,
            _ => {}
        }
        wanted.map_or_else(Action::none, |index| self.look_at(index))
    }

    fn look_at(&mut self, index: usize) -> Action {
        let (engine, renderer) = (self.engine.clone(), self.previews());
        let Some((id, kind)) = self.attachment(index).map(|(id, part)| (id, part.kind)) else {
            return Action::none();
        };
        if let Some(letter) = self.reader.letter() {
            let seen = Seen::Awaited;
            letter.previews.large = Some(Large { index, seen });
        }
        let came = async move {
            let Ok((_, bytes)) = engine.attachment(id, index).await else {
                return Sight::Nothing;
            };
            if kind == FileKind::Plain {
                return Sight::Text(Arc::from(mime::text_of_file(&bytes)));
            }
            let made = renderer.preview(Arc::from(bytes), LARGE).await;
            made.map_or(Sight::Nothing, Sight::Picture)
        };
        Action::Run(Task::perform(came, move |sight| {
            message(Message::Came(id, index, sight))
        }))
    }

    /// The renderer of attachments; a file that keeps it busy keeps no letter waiting.
    fn previews(&mut self) -> Renderer {
        let renderer = &self.renderer;
        self.previews
            .get_or_insert_with(|| renderer.another())
            .clone()
    }
}

impl Letter {
    /// The text of the attachment that is looked at.
    pub(super) fn looked_at_text(&self) -> Option<&Prepared> {
        match &self.previews.large.as_ref()?.seen {
            Seen::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn handle(tile: Tile) -> image::Handle {
    image::Handle::from_rgba(tile.width, tile.height, tile.rgba)
}

fn message(message: Message) -> MailMessage {
    MailMessage::Reader(ReaderMessage::Preview(message))
}
