//! The strip that says what was done and offers to take it back, and what "taking back" means.

use std::path::PathBuf;
use std::time::Duration;

use iced::Task;
use tcv_domain::message::{DraftId, FolderId, MessageId, OutboxId};
use tcv_engine::{Done, Error, Kind, Undo};

use super::{App, Message};

/// How long a toast stays.
const STAY: Duration = Duration::from_secs(8);
/// How long a letter can be taken back: the engine holds it for ten seconds.
const SEND_STAY: Duration = Duration::from_secs(10);

/// What can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TakeBack {
    /// A change of messages.
    Change(Undo),
    /// A letter that is about to go.
    Send(OutboxId),
    /// A draft that was thrown away.
    Draft(DraftId),
}

/// The strip.
#[derive(Debug)]
pub(super) struct Toast {
    pub(super) number: u64,
    pub(super) words: String,
    pub(super) take_back: Option<TakeBack>,
    /// A saved file whose folder can be shown.
    pub(super) saved: Option<PathBuf>,
    /// Whether it tells of a failure.
    pub(super) failure: bool,
}

impl App {
    pub(super) fn say(
        &mut self,
        words: String,
        take_back: Option<TakeBack>,
        saved: Option<PathBuf>,
        failure: bool,
    ) -> Task<Message> {
        self.toasts += 1;
        let number = self.toasts;
        let stay = if matches!(take_back, Some(TakeBack::Send(_))) {
            SEND_STAY
        } else {
            STAY
        };
        if take_back.is_some() {
            self.last.clone_from(&take_back);
        }
        self.toast = Some(Toast {
            number,
            words,
            take_back,
            saved,
            failure,
        });
        Task::perform(async move { tokio::time::sleep(stay).await }, move |()| {
            Message::ToastExpired(number)
        })
    }

    pub(super) fn toast_expired(&mut self, number: u64) -> Task<Message> {
        let expired = self.toast.take_if(|toast| toast.number == number);
        // A letter's time to be taken back ends with its toast; all else can wait.
        let sent = |offer: &Option<TakeBack>| matches!(offer, Some(TakeBack::Send(_)));
        if expired.is_some_and(|toast| sent(&toast.take_back)) && sent(&self.last) {
            self.last = None;
        }
        Task::none()
    }

    pub(super) fn say_done(&mut self, undo: Undo) -> Task<Message> {
        let flags = matches!(undo.done, Done::MarkedRead | Done::Flagged);
        if flags && undo.count <= 1 {
            // It is seen where it was done; a strip would only be in the way.
            self.last = (undo.count > 0).then_some(TakeBack::Change(undo));
            return Task::none();
        }
        let count = [("count", undo.count.into())];
        let words = match undo.done {
            Done::Moved(folder) => {
                let name = self.folder_name(folder);
                self.words.with(
                    "done-moved",
                    &[("count", undo.count.into()), ("folder", name.into())],
                )
            }
            Done::Flagged => self.words.with("done-flagged", &count),
            Done::MarkedRead => self.words.with("done-read", &count),
            Done::MarkedUnread => self.words.with("done-unread", &count),
            Done::Deleted => self.words.with("done-deleted", &count),
            Done::Expunged => self.words.with("done-expunged", &count),
            Done::Emptied => self.words.with("done-emptied", &count),
            Done::FolderCreated(folder) => self.folder_done("done-folder-created", folder),
            Done::FolderRenamed(folder) => self.folder_done("done-folder-renamed", folder),
            Done::FolderDeleted => self.words.with("done-folder-deleted", &count),
        };
        let take_back = (undo.done != Done::Expunged).then_some(TakeBack::Change(undo));
        self.say(words, take_back, None, false)
    }

    fn folder_done(&mut self, key: &str, folder: FolderId) -> String {
        let name = self.folder_name(folder);
        self.words.with(key, &[("folder", name.into())])
    }

    pub(super) fn say_sent(&mut self, id: OutboxId) -> Task<Message> {
        let words = self.words.text("done-sending");
        self.say(words, Some(TakeBack::Send(id)), None, false)
    }

    pub(super) fn say_discarded(&mut self, id: DraftId) -> Task<Message> {
        let words = self.words.text("done-discarded");
        self.say(words, Some(TakeBack::Draft(id)), None, false)
    }

    pub(super) fn say_error(&mut self, error: &Error) -> Task<Message> {
        tracing::warn!(%error, "shown to the user");
        let words = self.words.error(error.kind.key()).to_string();
        self.say(words, None, None, true)
    }

    pub(super) fn say_failure(&mut self, done: Result<(), Error>) -> Task<Message> {
        done.map_or_else(|error| self.say_error(&error), |()| Task::none())
    }

    pub(super) fn saved(&mut self, saved: Result<PathBuf, Error>) -> Task<Message> {
        match saved {
            Ok(path) => {
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let words = self.words.with("done-saved", &[("name", name.into())]);
                self.say(words, None, Some(path), false)
            }
            Err(error) => self.say_error(&error),
        }
    }

    /// Takes back what was done last, whether its toast is still there or not.
    pub(super) fn undo_last(&mut self) -> Task<Message> {
        let last = self.last.take();
        self.toast.take_if(|toast| toast.take_back == last);
        last.map_or_else(Task::none, |last| self.take_back(last))
    }

    /// Takes back what the toast offers.
    pub(super) fn undo_offered(&mut self) -> Task<Message> {
        let offered = self.toast.take().and_then(|toast| toast.take_back);
        if self.last == offered {
            self.last = None;
        }
        offered.map_or_else(Task::none, |offered| self.take_back(offered))
    }

    fn take_back(&self, what: TakeBack) -> Task<Message> {
        let Some(engine) = self.engine.clone() else {
            return Task::none();
        };
        match what {
            TakeBack::Change(undo) => {
                let moved = matches!(undo.done, Done::Moved(_) | Done::Deleted);
                let back = undo.messages().filter(|_| moved).collect::<Vec<_>>();
                let what = undo.done;
                Task::perform(async move { engine.undo(undo).await }, move |done| {
                    Message::Undone(what, done, back.clone())
                })
            }
            TakeBack::Send(id) => {
                Task::perform(async move { engine.cancel(id).await }, Message::TakenBack)
            }
            TakeBack::Draft(id) => {
                let restore = async move { engine.restore_draft(id).await.map(|()| id) };
                Task::perform(restore, Message::TakenBack)
            }
        }
    }

    /// What was moved away is back: it is chosen again.
    pub(super) fn undone(
        &mut self,
        what: Done,
        done: Result<(), Error>,
        back: Vec<MessageId>,
    ) -> Task<Message> {
        match done {
            // The server has done it already; the offer is forgotten, and nothing was wrong with it.
            Err(error) if error.kind == Kind::BadRequest => {
                let words = self.words.text(match what {
                    Done::Emptied => "undo-emptied",
                    _ => "undo-late",
                });
                return self.say(words, None, None, true);
            }
            Err(error) => return self.say_error(&error),
            Ok(()) => {}
        }
        match self.mail() {
            Some(mail) if !back.is_empty() => mail.await_again(back).map(Message::Mail),
            _ => Task::none(),
        }
    }

    /// The letter is a draft again: open it.
    pub(super) fn taken_back(&mut self, draft: Result<DraftId, Error>) -> Task<Message> {
        match draft {
            Ok(draft) => self.open_compose(draft, false),
            Err(error) => self.say_error(&error),
        }
    }
}
