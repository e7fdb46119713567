//! Looking closer at the open letter: in another charset, and as it came.

use iced::Task;
use tcv_domain::html::{Block, BlockKind};
use tcv_domain::message::MessageId;
use tcv_engine::{Error, OpenMessage};

use super::reader::Message as ReaderMessage;
use super::{Action, Mail, Message, Reader};
use crate::reading;

/// So many bytes of a source are shown; whoever needs more saves the message.
const LONGEST_SOURCE: usize = 4 * 1024 * 1024;

impl Mail {
    pub(super) fn look_closer(&mut self, message: ReaderMessage) -> Action {
        match message {
            ReaderMessage::Decode(charset) => self.decode(charset),
            ReaderMessage::Decoded(charset, opened) => self.decoded(charset, *opened),
            ReaderMessage::SourceWanted => self.want_source(),
            ReaderMessage::SourceRead(id, raw) => self.source_read(id, raw),
            _ => Action::none(),
        }
    }

    fn decode(&mut self, charset: Option<String>) -> Action {
        self.menu = None;
        let Some(id) = self.reader.id() else {
            return Action::none();
        };
        let engine = self.engine.clone();
        let asked = charset.clone();
        let read = async move { engine.open_message_as(id, asked).await };
        Action::Run(Task::perform(read, move |opened| {
            Message::Reader(ReaderMessage::Decoded(charset.clone(), Box::new(opened)))
        }))
    }

    fn decoded(&mut self, charset: Option<String>, opened: Result<OpenMessage, Error>) -> Action {
        match opened {
            Ok(message) => {
                let id = message.row.id;
                // The reader went on to another letter meanwhile.
                if self.reader.id() != Some(id) {
                    return Action::none();
                }
                self.reader = Reader::open(message);
                if let Some(letter) = self.reader.letter() {
                    letter.charset = charset;
                }
                Action::Run(Task::batch([
                    self.read_document(id),
                    self.load_previews(id),
                ]))
            }
            Err(error) => Action::Failed(error),
        }
    }

    fn want_source(&mut self) -> Action {
        self.menu = None;
        let Some(id) = self.reader.id() else {
            return Action::none();
        };
        let engine = self.engine.clone();
        Action::Run(Task::perform(
            async move { engine.raw(id).await },
            move |raw| Message::Reader(ReaderMessage::SourceRead(id, raw)),
        ))
    }

    fn source_read(&mut self, id: MessageId, raw: Result<Vec<u8>, Error>) -> Action {
        let raw = match raw {
            Ok(raw) => raw,
            Err(error) => return Action::Failed(error),
        };
        if self.reader.id() == Some(id)
            && let Some(letter) = self.reader.letter()
        {
            let shown = raw.get(..LONGEST_SOURCE).unwrap_or(&raw);
            let text = String::from_utf8_lossy(shown).replace('\r', "");
            let block = Block::text_of(BlockKind::Preformatted, 0, text);
            letter.source = Some(reading::prepare(&[block]));
        }
        Action::none()
    }
}
