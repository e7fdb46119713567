//! What the reader does with a letter shown as it was meant: loading it, links, selecting, looking for words.

use std::sync::Arc;

use iced::Task;
use iced::widget::operation::{focus, scroll_by};
use iced::widget::scrollable::AbsoluteOffset;
use tcv_domain::message::MessageId;
use tcv_domain::mime::{Document, TextFrom};
use tcv_engine::Error;
use tcv_rendering::client;
use tcv_rendering::sanitise::Source;

use super::preview::Seen;
use super::reader::{Body, Letter, Message as ReaderMessage, Which};
use super::reader_view::LETTER;
use super::{Action, Mail, Message, Reader};
use crate::reading::canvas::Gesture;
use crate::reading::faithful::{self, Faithful, Find};
use crate::reading::{Gesture as TextGesture, Prepared, pretended};

/// The identifier of the field for words to look for.
pub(super) const FIND: &str = "find";

impl Letter {
    /// The page, where the letter is shown as one.
    pub(super) fn page(&self) -> Option<&Faithful> {
        match &self.body {
            Body::Page(page) if !self.as_text && page.fault().is_none() => Some(page),
            _ => None,
        }
    }

    fn page_mut(&mut self) -> Option<&mut Faithful> {
        match &mut self.body {
            Body::Page(page) => Some(page),
            _ => None,
        }
    }

    /// Which of its texts is shown in place of a page.
    fn shown(&self) -> Option<Which> {
        if self.looked_at_text().is_some() {
            Some(Which::Attachment)
        } else if self.source.is_some() {
            Some(Which::Source)
        } else {
            self.page().is_none().then_some(Which::Letter)
        }
    }

    /// What is looked for in what is shown of it.
    pub(super) fn find(&self) -> Option<&Find> {
        match self.shown() {
            Some(Which::Attachment) => self.looked_at_text()?.find.as_ref(),
            Some(Which::Source) => self.source.as_ref()?.find.as_ref(),
            Some(_) => self.text.find.as_ref(),
            None => self.page()?.find.as_ref(),
        }
    }

    /// Where that is kept.
    fn find_mut(&mut self) -> Option<&mut Option<Find>> {
        match self.shown() {
            Some(which) => self.text_mut(which).map(|text| &mut text.find),
            None => self.page_mut().map(|page| &mut page.find),
        }
    }

    /// Ends looking for words; whether there was anything to end.
    pub(super) fn close_find(&mut self) -> bool {
        self.find_mut().is_some_and(|find| find.take().is_some())
    }

    /// One of its texts.
    fn text_mut(&mut self, which: Which) -> Option<&mut Prepared> {
        match which {
            Which::Letter => Some(&mut self.text),
            Which::Forwarded(number) => self.forwarded.get_mut(number),
            Which::Source => self.source.as_mut(),
            Which::Attachment => match &mut self.previews.large.as_mut()?.seen {
                Seen::Text(text) => Some(text),
                _ => None,
            },
        }
    }

    /// The text that is shown in place of a page.
    fn text_in_sight(&mut self) -> Option<(Which, &mut Prepared)> {
        let which = self.shown()?;
        self.text_mut(which).map(|text| (which, text))
    }

    /// What is selected in it, as it is copied.
    pub(super) fn selected(&self) -> Option<String> {
        let Some(which) = self.shown() else {
            let page = self.page()?;
            let selection = page.selection?;
            return page.outline().map(|outline| outline.text(selection));
        };
        let shown = match which {
            Which::Attachment => self.looked_at_text(),
            Which::Source => self.source.as_ref(),
            _ => Some(&self.text),
        };
        let texts = shown.into_iter().chain(&self.forwarded);
        texts.into_iter().find_map(Prepared::selected)
    }
}

impl Mail {
    pub(super) fn page(&mut self) -> Option<&mut Faithful> {
        self.reader.letter().and_then(Letter::page_mut)
    }

    /// Reads the HTML of the letter that was just opened, if it has any.
    pub(super) fn read_document(&self, id: MessageId) -> Task<Message> {
        let is_html = self
            .reader
            .message()
            .is_some_and(|message| message.content.text_from == TextFrom::Html);
        if !is_html {
            return Task::none();
        }
        let engine = self.engine.clone();
        let charset = match &self.reader {
            Reader::Open(letter) => letter.charset.clone(),
            _ => None,
        };
        let read = async move { engine.document(id, charset).await };
        Task::perform(read, move |document| {
            Message::Reader(ReaderMessage::DocumentRead(id, Box::new(document)))
        })
    }

    pub(super) fn document_read(
        &mut self,
        id: MessageId,
        document: Result<Option<Document>, Error>,
    ) -> Action {
        let renderer = self.renderer.clone();
        if self.reader.id() != Some(id) {
            return Action::none();
        }
        let Some(letter) = self.reader.letter() else {
            return Action::none();
        };
        letter.body = match document {
            Ok(Some(document)) => {
                Body::Page(Box::new(Faithful::new(renderer, letter_of(document))))
            }
            // Its text is here in any case.
            Ok(None) | Err(_) => Body::Text,
        };
        Action::Run(self.ask_about_pictures(id))
    }

    pub(super) fn on_page(&mut self, gesture: Gesture) -> Action {
        match gesture {
            Gesture::Page(message) => self.page_message(message),
            Gesture::Hover(target) => {
                if let Some(letter) = self.reader.letter() {
                    letter.hovered = target;
                }
                Action::none()
            }
            Gesture::Follow(target) => self.follow(target),
            Gesture::Menu(link) => {
                if let Some(letter) = self.reader.letter() {
                    letter.menu = Some(link);
                }
                Action::none()
            }
        }
    }

    pub(super) fn page_message(&mut self, message: faithful::Message) -> Action {
        let Some(page) = self.page() else {
            return Action::none();
        };
        let task = page.update(message);
        Action::Run(
            task.map(|message| Message::Reader(ReaderMessage::Page(Gesture::Page(message)))),
        )
    }

    /// Asks before a link is opened; its words are compared with where it leads.
    pub(super) fn follow(&self, target: String) -> Action {
        let shown = match &self.reader {
            Reader::Open(letter) => match letter.page().and_then(Faithful::outline) {
                Some(outline) => outline
                    .words_of(&target)
                    .and_then(|words| pretended(&words, &target)),
                None => letter.text.pretended(&target),
            },
            _ => None,
        };
        Action::OpenLink(target, shown)
    }

    pub(super) fn close_menu(&mut self) {
        if let Some(letter) = self.reader.letter() {
            letter.menu = None;
        }
    }

    pub(super) fn copy_selection(&mut self) -> Action {
        self.close_menu();
        let text = self.reader.letter().and_then(|letter| letter.selected());
        Action::Run(text.map_or_else(Task::none, iced::clipboard::write))
    }

    /// Something happened in a text.
    pub(super) fn on_text(&mut self, which: Which, gesture: TextGesture) -> Action {
        match gesture {
            TextGesture::Follow(target) => return self.follow(target),
            // In quotes: the signs in it are no operators of the search.
            TextGesture::Seek(number) => return self.search_changed(format!("\"{number}\"")),
            TextGesture::Hover(target) => return self.on_page(Gesture::Hover(target)),
            TextGesture::Menu(link) => return self.on_page(Gesture::Menu(link)),
            TextGesture::Scroll(y) => {
                let by = AbsoluteOffset { x: 0.0, y };
                return Action::Run(scroll_by(LETTER, by));
            }
            _ => {}
        }
        if let Some(text) = self
            .reader
            .letter()
            .and_then(|letter| letter.text_mut(which))
        {
            text.update(gesture);
        }
        Action::none()
    }

    /// Whether words can be looked for in what is open.
    pub fn can_find(&self) -> bool {
        matches!(&self.reader, Reader::Open(_))
    }

    pub(super) fn open_find(&mut self) -> Action {
        if let Some(find) = self.reader.letter().and_then(|letter| letter.find_mut()) {
            find.get_or_insert_default();
        }
        Action::Run(focus(FIND))
    }

    /// Ends looking for words; whether there was anything to end.
    pub(super) fn end_find(&mut self) -> bool {
        self.reader.letter().is_some_and(Letter::close_find)
    }

    pub(super) fn find(&mut self, words: &str) -> Action {
        if let Some((which, text)) = self.reader.letter().and_then(Letter::text_in_sight) {
            let found = text.look_for(words);
            return Action::Run(
                found.map(move |gesture| Message::Reader(ReaderMessage::Text(which, gesture))),
            );
        }
        let by = self.page().and_then(|page| page.look_for(words));
        self.scroll_page(by)
    }

    pub(super) fn find_next(&mut self, back: bool) -> Action {
        if let Some((_, text)) = self.reader.letter().and_then(Letter::text_in_sight) {
            text.find_next(back);
            return Action::none();
        }
        let by = self.page().and_then(|page| page.find_next(back));
        self.scroll_page(by)
    }

    /// Scrolls the letter by pixels of its page.
    fn scroll_page(&mut self, by: Option<f32>) -> Action {
        let scale = self.page().and_then(|page| page.wanted());
        let (Some(by), Some(setting)) = (by, scale) else {
            return Action::none();
        };
        let zoom = self.page().map_or(1.0, |page| page.zoom);
        let y = by * zoom / setting.scale;
        Action::Run(scroll_by(LETTER, AbsoluteOffset { x: 0.0, y }))
    }
}

/// A message of the page, on its way to it.
pub(super) fn on_page(message: faithful::Message) -> Message {
    Message::Reader(ReaderMessage::Page(Gesture::Page(message)))
}

fn letter_of(document: Document) -> client::Letter {
    client::Letter {
        html: document.html,
        pictures: document
            .pictures
            .into_iter()
            .map(|(id, bytes)| (Source::Part(id), Arc::from(bytes)))
            .collect(),
    }
}
