//! What the reader does with what a message is beyond its text: answers an invitation, grants a
//! receipt or does not, goes to the mail a report is about. How it looks is `insight_view`'s.

use iced::Task;
use tcv_domain::invitation::{Answer, Event};
use tcv_domain::message::{DraftId, MessageId, OutboxId};
use tcv_engine::{AnswerWords, Engine, Error, Handed, Insight, OpenMessage};
use tcv_words::Words;

use super::{Action, Mail, Reader};

/// What happened on the cards above a letter.
#[derive(Clone, Debug)]
pub enum Message {
    /// An answer was chosen.
    AnswerPressed(Answer),
    /// An answer that has not left is taken back.
    AnswerWithdrawn(OutboxId),
    /// Whether the sender is to be told that the letter was opened.
    ReceiptPressed(bool),
    /// Something of this was done: what is to be looked at again, and how the letter stands.
    Done(MessageId, Box<Result<(Option<DraftId>, Insight), Error>>),
    /// To the mail a report is about.
    SentPressed(MessageId),
    /// It was read.
    SentRead(Box<Result<OpenMessage, Error>>),
    /// What came back is to be sent again.
    ResendPressed,
    /// The draft for that is ready.
    ResendReady(Result<DraftId, Error>),
}

impl Mail {
    pub(super) fn insight_update(&mut self, message: Message, words: &Words) -> Action {
        match message {
            Message::AnswerPressed(answer) => self.answer(answer, words),
            Message::AnswerWithdrawn(outbox) => self.then_look(move |engine, _| async move {
                engine.withdraw_answer(outbox).await?;
                Ok(None)
            }),
            Message::ReceiptPressed(true) => self.grant_receipt(words),
            Message::ReceiptPressed(false) => self.then_look(|engine, id| async move {
                engine.decline_receipt(id).await?;
                Ok(None)
            }),
            Message::Done(id, done) => self.done(id, *done),
            Message::SentPressed(id) => {
                let engine = self.engine.clone();
                let read = async move { Box::new(engine.open_message(id).await) };
                Action::Run(Task::perform(read, Message::SentRead).map(super::Message::Insight))
            }
            Message::SentRead(sent) => match *sent {
                Ok(message) => {
                    let id = message.row.id;
                    self.list.chosen.clear();
                    self.reader = Reader::open(message);
                    Action::Run(self.read_document(id))
                }
                Err(error) => Action::Failed(error),
            },
            Message::ResendPressed => {
                let Some(id) = self.reader.id() else {
                    return Action::none();
                };
                let engine = self.engine.clone();
                let begin = async move { engine.resend_draft(id).await };
                Action::Run(Task::perform(begin, Message::ResendReady).map(super::Message::Insight))
            }
            Message::ResendReady(draft) => draft.map_or_else(Action::Failed, Action::Compose),
        }
    }

    fn answer(&self, answer: Answer, words: &Words) -> Action {
        let insight = self.reader.message().map(|message| &message.insight);
        let invitation = insight.and_then(|insight| insight.invitation.as_ref());
        let Some(event) = invitation.and_then(|invitation| invitation.events.first()) else {
            return Action::none();
        };
        let said = self.answer_words(answer, event, words);
        self.then_look(move |engine, id| async move {
            Ok(to_review(engine.answer_invitation(id, answer, said).await?))
        })
    }

    fn answer_words(&self, answer: Answer, event: &Event, words: &Words) -> AnswerWords {
        let clock = self.engine.clock();
        let time = words.event_time(event, &|moment| clock.local(moment));
        let summary = match event.summary.as_str() {
            "" => words.text("invitation-no-title"),
            summary => summary.to_owned(),
        };
        let args = [("summary", summary.into()), ("time", time.into())];
        let id = answer.id();
        AnswerWords {
            subject: words.with(&format!("invitation-subject-{id}"), &args),
            body: words.with(&format!("invitation-body-{id}"), &args),
        }
    }

    fn grant_receipt(&self, words: &Words) -> Action {
        let Some(message) = self.reader.message() else {
            return Action::none();
        };
        let clock = self.engine.clock();
        let now = words.date_time(clock.local(clock.now()));
        let sent = words.date_time(clock.local(message.row.date));
        let args = [
            ("subject", message.row.subject.clone().into()),
            ("time", now.into()),
            ("sent", sent.into()),
        ];
        let said = AnswerWords {
            subject: words.with("receipt-subject", &args),
            body: words.with("receipt-body", &args),
        };
        self.then_look(move |engine, id| async move {
            Ok(to_review(engine.send_receipt(id, said).await?))
        })
    }

    /// Does something about the open letter, then looks how it stands.
    fn then_look<W, F>(&self, work: W) -> Action
    where
        W: FnOnce(Engine, MessageId) -> F + Send + 'static,
        F: Future<Output = Result<Option<DraftId>, Error>> + Send,
    {
        let Some(id) = self.reader.id() else {
            return Action::none();
        };
        let engine = self.engine.clone();
        let done = async move {
            let review = work(engine.clone(), id).await?;
            Ok((review, engine.open_message(id).await?.insight))
        };
        let told = move |done| super::Message::Insight(Message::Done(id, Box::new(done)));
        Action::Run(Task::perform(done, told))
    }

    fn done(&mut self, id: MessageId, done: Result<(Option<DraftId>, Insight), Error>) -> Action {
        let (review, insight) = match done {
            Ok(done) => done,
            Err(error) => return Action::Failed(error),
        };
        if self.reader.id() == Some(id)
            && let Some(letter) = self.reader.letter()
        {
            letter.message.insight = insight;
        }
        review.map_or_else(|| Action::Run(self.load_outbox()), Action::Compose)
    }
}

/// The draft the policy wants looked at, if it does.
fn to_review(handed: Handed) -> Option<DraftId> {
    match handed {
        Handed::Accepted(_) => None,
        Handed::Review(draft) => Some(draft),
    }
}
