//! What a message is beyond its text: an invitation, a report, a wish for a receipt, and what is to be thought of it.

use tcv_domain::address::Address;
use tcv_domain::invitation::{Answer, Attendance, Invitation, Standing};
use tcv_domain::message::{DraftId, MessageId, OutboxId, UnixTime};
use tcv_domain::receipt::Request;
use tcv_domain::report::Report;
use tcv_domain::trust::Judgement;

use super::{Accepted, OutboxState};

/// What a message is beyond its text.
#[derive(Clone, Debug, Default)]
pub struct Insight {
    /// What is to be thought of its sender; nothing of one's own messages.
    pub judgement: Judgement,
    /// The invitation it brings.
    pub invitation: Option<Invitation>,
    /// The report it is.
    pub report: Option<Report>,
    /// The message of this mailbox that is reported about or answered to, where it is here.
    pub reported: Option<MessageId>,
    /// Whether it reports about mail nobody here sent, as far as is known: somebody else used the
    /// address.
    pub backscatter: bool,
    /// Who wants to be told that it was opened.
    pub receipt_wanted_by: Vec<Address>,
    /// How it stands with that wish; `None` where there is none, or it may not be granted.
    pub receipt: Option<ReceiptWish>,
    /// How it stands with the invitation.
    pub calling: Option<Calling>,
}

/// How it stands with an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calling {
    /// Whether it still holds.
    pub standing: Standing,
    /// What the user is in it.
    pub part: Part,
    /// What the user answered last.
    pub answered: Option<Answered>,
    /// Who has answered, by the answers that came from those who give them.
    pub heard: Vec<(Address, Attendance)>,
}

/// What the user is in an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Asked, under this address.
    Invited(Address),
    /// The one who asks.
    Organizer,
    /// Neither: it came through a list, or to somebody else.
    Neither,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What.
    pub answer: Answer,
    /// To which version of the event.
    pub sequence: i64,
    /// When.
    pub at: UnixTime,
    /// The mail it is.
    pub outbox: OutboxId,
    /// How far that is.
    pub state: OutboxState,
}

/// The wish to be told that a message was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptWish {
    /// What is wished for.
    pub request: Request,
    /// Whether the user granted it, and when, where that is known.
    pub decided: Option<(bool, Option<UnixTime>)>,
}

/// What became of a mail the program wrote by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// It is on its way.
    Accepted(Accepted),
    /// The policy wants the user to look at it: it lies among the drafts.
    Review(DraftId),
}

/// The words of an answer to an invitation, in the user's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerWords {
    /// The subject.
    pub subject: String,
    /// The text for people.
    pub body: String,
}
