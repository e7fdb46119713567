//! Pictures from the network: asked for by the reader, fetched by the engine, handed to the renderer.

use std::sync::Arc;

use iced::Task;
use tcv_domain::address::Address;
use tcv_domain::message::MessageId;
use tcv_engine::Error;
use tcv_rendering::sanitise::Source;

use super::page::on_page;
use super::reader::{Message as ReaderMessage, Remote};
use super::{Action, Mail, Message};
use crate::reading::faithful::Faithful;

impl Mail {
    /// Whether this sender's pictures are always shown.
    pub(super) fn ask_about_pictures(&self, id: MessageId) -> Task<Message> {
        let Some(sender) = self.sender().filter(|_| self.shows_remote()) else {
            return Task::none();
        };
        let engine = self.engine.clone();
        Task::perform(
            async move { engine.shows_pictures_of(&sender).await },
            move |known| Message::Reader(ReaderMessage::PicturesKnown(id, known)),
        )
    }

    fn sender(&self) -> Option<Address> {
        self.reader.row()?.from.first().cloned()
    }

    fn shows_remote(&self) -> bool {
        self.reader
            .message()
            .is_some_and(|message| message.content.remote_images)
    }

    pub(super) fn pictures_known(&mut self, id: MessageId, known: Result<bool, Error>) -> Action {
        match known {
            Ok(true) if self.reader.id() == Some(id) => self.wanted(),
            // Not known is not allowed.
            _ => Action::none(),
        }
    }

    pub(super) fn want_pictures(&mut self, always: bool) -> Action {
        let fetch = self.wanted();
        let (Some(sender), true) = (self.sender(), always) else {
            return fetch;
        };
        let engine = self.engine.clone();
        let keep = Task::perform(
            async move { engine.show_pictures_of(&sender, true).await },
            |kept| Message::Reader(ReaderMessage::PicturesKept(kept)),
        );
        match fetch {
            Action::Run(fetch) => Action::Run(Task::batch([fetch, keep])),
            other => other,
        }
    }

    fn wanted(&mut self) -> Action {
        if let Some(letter) = self.reader.letter()
            && letter.pictures == Remote::Blocked
        {
            letter.pictures = Remote::Wanted;
        }
        Action::Run(self.fetch_wanted())
    }

    /// Fetches what the page shows, once that is known.
    pub(super) fn fetch_wanted(&mut self) -> Task<Message> {
        let id = self.reader.id();
        let engine = self.engine.clone();
        let (Some(letter), Some(id)) = (self.reader.letter(), id) else {
            return Task::none();
        };
        let laid = letter.page().and_then(Faithful::outline).is_some();
        if letter.pictures != Remote::Wanted || !laid {
            return Task::none();
        }
        letter.pictures = Remote::Fetching;
        let addresses = letter.page().map_or(&[][..], Faithful::pictures).iter();
        // Those that only watch are not fetched even when pictures are wanted.
        let addresses = addresses.filter(|picture| !picture.tracks);
        let addresses: Vec<String> = addresses
            .filter_map(|picture| match &picture.source {
                Source::Remote(address) => Some(address.clone()),
                _ => None,
            })
            .collect();
        Task::perform(
            async move { engine.fetch_pictures(addresses).await },
            move |came| Message::Reader(ReaderMessage::PicturesCame(id, came)),
        )
    }

    pub(super) fn pictures_came(
        &mut self,
        id: MessageId,
        came: Result<Vec<(String, Vec<u8>)>, Error>,
    ) -> Action {
        if self.reader.id() != Some(id) {
            return Action::none();
        }
        let came = match came {
            Ok(came) => came,
            Err(error) => return Action::Failed(error),
        };
        if let Some(letter) = self.reader.letter() {
            letter.pictures = Remote::Shown;
        }
        let pictures = came
            .into_iter()
            .map(|(address, bytes)| (Source::Remote(address), Arc::from(bytes)));
        let pictures: Vec<_> = pictures.collect();
        let task = self.page().map(|page| page.supply(pictures));
        Action::Run(task.unwrap_or_else(Task::none).map(on_page))
    }
}
