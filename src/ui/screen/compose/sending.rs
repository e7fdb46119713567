//! From "Send" to the outbox: save, ask the policy, let the user acknowledge, hand over.

use iced::Task;
use iced::advanced::widget::Id;
use tcv_domain::policy::{Acknowledgement, Severity, Verdict};
use tcv_engine::{Accepted, Error, Kind, SendOptions};

use super::{Action, Compose, Field, Message};
use crate::widget::SHEET;

/// How long a sent letter can be taken back, seconds.
const GRACE: u32 = 10;

/// The sheet before sending with open warnings.
#[derive(Debug)]
pub struct Review {
    /// What stands in the way.
    pub verdicts: Vec<Verdict>,
    /// Reasons typed, one for each verdict.
    pub reasons: Vec<String>,
}

impl Review {
    /// Whether everything that can be acknowledged has what it needs, and nothing blocks.
    #[must_use]
    pub fn can_send(&self) -> bool {
        self.verdicts
            .iter()
            .zip(&self.reasons)
            .all(|(verdict, reason)| match verdict.severity {
                Severity::Block => false,
                Severity::Reason => !reason.trim().is_empty(),
                Severity::Confirm | Severity::Note => true,
            })
    }
}

/// Identifier of the field for the reason of this warning.
pub(super) fn reason_id(index: usize) -> Id {
    Id::from(format!("review-reason-{index}"))
}

impl Compose {
    /// Whether "Send" can be pressed now.
    pub(super) const fn can_send(&self) -> bool {
        self.loaded && !self.sending && self.attaching == 0
    }

    /// Shows the sheet. The focus goes to the first reason asked for, or to no field at all.
    fn ask(&mut self, verdicts: Vec<Verdict>) -> Action {
        let wanted = |verdict: &Verdict| verdict.severity == Severity::Reason;
        let first = verdicts.iter().position(wanted);
        self.review = Some(Review {
            reasons: vec![String::new(); verdicts.len()],
            verdicts,
        });
        Action::Focus(first.map_or(Id::new(SHEET), reason_id), Task::none())
    }

    /// Back to writing, where it was left.
    pub(super) fn review_closed(&mut self) -> Action {
        self.review = None;
        self.sending = false;
        self.acknowledged.clear();
        Action::Focus(self.at.clone(), Task::none())
    }

    /// Saves first, so that what is sent is what is seen, then asks the policy.
    pub(super) fn send_pressed(&mut self) -> Action {
        if !self.can_send() {
            return Action::Run(Task::none());
        }
        for field in Field::ALL {
            self.chips_of(field).commit();
        }
        self.suggestions = None;
        self.sending = true;
        self.error = None;
        self.acknowledged.clear();
        self.edit += 1;
        let (engine, id, draft) = (self.engine.clone(), self.id, self.current());
        let ready = async move {
            engine.save_draft(id, draft.clone()).await?;
            engine.check(draft).await
        };
        Action::Run(Task::perform(ready, Message::ReadyToSend))
    }

    pub(super) fn ready_to_send(&mut self, verdicts: Result<Vec<Verdict>, Error>) -> Action {
        match verdicts {
            Ok(verdicts) => {
                self.verdicts.clone_from(&verdicts);
                let open: Vec<Verdict> = verdicts
                    .into_iter()
                    .filter(|verdict| verdict.severity > Severity::Note)
                    .collect();
                if open.is_empty() {
                    self.send()
                } else {
                    self.ask(open)
                }
            }
            Err(error) => {
                self.error = Some(error);
                self.sending = false;
                Action::Run(Task::none())
            }
        }
    }

    pub(super) fn reason_typed(&mut self, index: usize, reason: String) {
        if let Some(slot) = self
            .review
            .as_mut()
            .and_then(|review| review.reasons.get_mut(index))
        {
            *slot = reason;
        }
    }

    pub(super) fn review_confirmed(&mut self) -> Action {
        let Some(review) = self.review.take_if(|review| review.can_send()) else {
            return Action::Run(Task::none());
        };
        let acknowledgements =
            review
                .verdicts
                .into_iter()
                .zip(review.reasons)
                .map(|(verdict, reason)| {
                    let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
                    Acknowledgement {
                        rule: verdict.rule,
                        evidence: Some(verdict.evidence),
                        reason,
                    }
                });
        // A second sheet asks about what the first did not: both answers count.
        self.acknowledged.extend(acknowledgements);
        self.send()
    }

    fn send(&self) -> Action {
        let (engine, id) = (self.engine.clone(), self.id);
        let acknowledgements = self.acknowledged.clone();
        let options = SendOptions {
            hold_seconds: GRACE,
            ..SendOptions::default()
        };
        Action::Run(Task::perform(
            async move { engine.send(id, acknowledgements, options).await },
            Message::Sent,
        ))
    }

    pub(super) fn sent(&mut self, sent: Result<Accepted, Error>) -> Action {
        match sent {
            Ok(accepted) => Action::Sent(accepted),
            Err(error) if error.kind == Kind::RefusedByPolicy => self.ask(error.verdicts),
            Err(error) => {
                self.error = Some(error);
                self.sending = false;
                Action::Focus(self.at.clone(), Task::none())
            }
        }
    }
}
