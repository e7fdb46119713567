//! The loop that hands messages to the servers and records what became of them.
//!
//! The order of commits is what makes it safe against a crash at any moment: claimed before the
//! first byte goes out, marked as handed over before the final dot, settled after the answer,
//! and only then copied to Sent. A message whose fate is open is never sent again by itself.

use std::sync::Arc;

use tcv_domain::draft::ReplyKind;
use tcv_domain::folder::Role;
use tcv_domain::message::{FlagChange, Flags, OutboxId, UnixTime};

use super::bell::{Bell, Loop};
use crate::Inner;
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::smtp::{self, Door, Outcome, Parcel, Said};
use crate::store::{OutboxCopy, OutboxUpdate, OutboxWork};
use crate::tls::{Dial, Timeouts};
use crate::types::{OutboxItem, OutboxState, RecipientState};

/// Waits between tries in seconds; the last repeats.
const BACK_OFF: [i64; 6] = [30, 60, 300, 900, 1800, 3600];

pub(super) const QUEUED: &str = "queued";
const SENT: &str = "sent";
pub(super) const REFUSED: &str = "refused";

/// Starts the loop. What an earlier run left half done is settled first.
pub(crate) fn start(inner: &Arc<Inner>) -> Result<()> {
    settle_left_over(inner)?;
    Bell::run(inner, Loop::Outbox, turn)
}

/// Messages that were being sent when the program ended: in doubt if the server may have them,
/// else queued again.
fn settle_left_over(inner: &Inner) -> Result<()> {
    let now = inner.clock.now();
    for (id, handed_over) in inner.store.sending_left_over()? {
        let state = if handed_over {
            OutboxState::Doubtful
        } else {
            OutboxState::Queued
        };
        tracing::info!(%id, handed_over, "the program ended while a message was being sent");
        settle(
            inner,
            id,
            OutboxUpdate {
                next_try: (state == OutboxState::Queued).then_some(now),
                ..OutboxUpdate::to(state, now)
            },
        )?;
    }
    Ok(())
}

/// Sends what is due; says when the next is.
fn turn(inner: &Arc<Inner>) -> Result<Option<UnixTime>> {
    queue_copies(inner)?;
    while let Some(work) = inner.store.next_due(inner.clock.now())? {
        if inner.outbox.is_stopping() {
            break;
        }
        if !inner.store.outbox_claim(work.id, inner.clock.now())? {
            // Another process, or the user taking it back, was faster: look again.
            continue;
        }
        inner.announce(Event::OutboxChanged(work.id));
        let outcome = attempt(inner, &work)?;
        record(inner, &work, outcome)?;
        queue_copies(inner)?;
    }
    inner.store.next_due_time()
}

/// One try. An error of ours (a locked keyring) is a reason to try later, like the server's.
fn attempt(inner: &Inner, work: &OutboxWork) -> Result<Outcome> {
    let Some(account) = inner.store.account(work.account)? else {
        let gone = Error::new(Kind::NotFound, "the account was removed");
        return Ok(Outcome::Permanent {
            why: gone.into(),
            refused: Vec::new(),
        });
    };
    let password = match inner.secrets.password(account.id) {
        Ok(password) => password,
        Err(error) => {
            return Ok(Outcome::Temporary {
                why: error.into(),
                refused: Vec::new(),
            });
        }
    };
    let door = Door {
        url: &account.smtp,
        login: &account.login,
        password: &password,
    };
    let parcel = Parcel {
        from: &work.from,
        recipients: &work.recipients,
        raw: &work.raw,
    };
    let dial = Dial {
        trust: &inner.tls,
        timeouts: Timeouts::default(),
        cancel: inner.outbox.cancel(),
    };
    Ok(smtp::deliver(&door, &parcel, &dial, || {
        mark_handed_over(inner, work.id)
    }))
}

fn mark_handed_over(inner: &Inner, id: OutboxId) -> Result<()> {
    inner.store.outbox_set(
        id,
        &OutboxUpdate {
            handed_over: true,
            ..OutboxUpdate::to(OutboxState::Sending, inner.clock.now())
        },
    )
}

/// Writes down what became of a try.
fn record(inner: &Inner, work: &OutboxWork, outcome: Outcome) -> Result<()> {
    let item = inner.store.outbox_item(work.id)?.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            "the message left the outbox while being sent",
        )
    })?;
    let update = judge(&item, work, outcome, inner.clock.now());
    settle(inner, work.id, update)
}

fn settle(inner: &Inner, id: OutboxId, update: OutboxUpdate) -> Result<()> {
    inner.store.outbox_set(id, &update)?;
    inner.announce(Event::OutboxChanged(id));
    Ok(())
}

/// What an outcome means for the message and each recipient.
fn judge(item: &OutboxItem, work: &OutboxWork, outcome: Outcome, now: UnixTime) -> OutboxUpdate {
    let mut recipients = item.recipients.clone();
    let later = Some(now.plus(back_off(work.attempts)));
    let (state, reason, detail) = match outcome {
        Outcome::Delivered { refused, postponed } => {
            let kept_back = |address: &str| {
                refused
                    .iter()
                    .chain(&postponed)
                    .any(|(one, _)| one == address)
            };
            for recipient in &mut recipients {
                if work.recipients.contains(&recipient.address) && !kept_back(&recipient.address) {
                    recipient.state = SENT.to_owned();
                }
            }
            mark_refused(&mut recipients, &refused);
            let state = if postponed.is_empty() {
                OutboxState::Sent
            } else {
                OutboxState::Queued
            };
            let whole = refused.is_empty() && postponed.is_empty();
            let reason = (!whole).then_some(Kind::ServerRefused);
            (state, reason, said(refused.iter().chain(&postponed)))
        }
        Outcome::Temporary { why, refused } => {
            mark_refused(&mut recipients, &refused);
            (OutboxState::Queued, Some(why.kind), why.words)
        }
        Outcome::Permanent { why, refused } => {
            mark_refused(&mut recipients, &refused);
            let detail = if refused.is_empty() {
                why.words
            } else {
                said(refused.iter())
            };
            // Others may have it from an earlier try: then it was sent, less these.
            let state = if recipients.iter().any(|one| one.state == SENT) {
                OutboxState::Sent
            } else {
                OutboxState::Refused
            };
            (state, Some(why.kind), detail)
        }
        Outcome::Unknown { why } => (OutboxState::Doubtful, Some(why.kind), why.words),
    };
    let queued = state == OutboxState::Queued;
    OutboxUpdate {
        reason,
        detail,
        recipients: Some(recipients),
        next_try: later.filter(|_| queued),
        failed: queued,
        ..OutboxUpdate::to(state, now)
    }
}

fn mark_refused(recipients: &mut [RecipientState], refused: &[Said]) {
    for recipient in recipients {
        if refused
            .iter()
            .any(|(address, _)| *address == recipient.address)
        {
            recipient.state = REFUSED.to_owned();
        }
    }
}

fn said<'a>(words: impl Iterator<Item = &'a Said>) -> String {
    words
        .filter(|(_, words)| !words.is_empty())
        .map(|(address, words)| format!("{address}: {words}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn back_off(attempts: u32) -> i64 {
    let step = usize::try_from(attempts)
        .unwrap_or(usize::MAX)
        .min(BACK_OFF.len() - 1);
    BACK_OFF[step]
}

/// Queues the copy for Sent and the flag of the answered mail. Repeating it is harmless, so it
/// is marked done only afterwards.
pub(crate) fn queue_copies(inner: &Inner) -> Result<()> {
    let _copying = inner.outbox.copying();
    for copy in inner.store.outbox_copy_pending()? {
        let OutboxCopy {
            id,
            account,
            message_id,
            raw,
            source,
        } = copy;
        let Some(folder) = inner.store.folder_role(account, Role::Sent)? else {
            // Not synced yet, or the server has no such folder: kept until there is one.
            continue;
        };
        let row = inner
            .store
            .queue_append(account, folder, &message_id, &raw, Flags::SEEN)?;
        if let Some((message, kind)) = source {
            let flag = match kind {
                ReplyKind::Reply | ReplyKind::ReplyAll => Flags::ANSWERED,
                ReplyKind::Forward => Flags::FORWARDED,
            };
            inner.store.flag_source(message, FlagChange::set(flag))?;
            if let Some((_, folder, _)) = inner.store.message_place(message)? {
                inner.announce(Event::MessagesChanged {
                    folder,
                    ids: vec![message],
                });
            }
        }
        inner.store.outbox_copy_queued(id)?;
        inner.announce(Event::MessagesChanged {
            folder,
            ids: vec![row],
        });
        inner.announce(Event::FoldersChanged(account));
        inner.workers.poke(account);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::smtp::Why;
    use tcv_domain::message::AccountId;

    const NOW: UnixTime = UnixTime(1000);

    fn item(states: &[(&str, &str)]) -> OutboxItem {
        OutboxItem {
            outbox_id: OutboxId(1),
            message_id: "m@x".into(),
            subject: "s".into(),
            account: AccountId(1),
            state: OutboxState::Sending,
            since: NOW,
            due: None,
            detail: String::new(),
            reason: None,
            dismissed: false,
            handed_over: false,
            recipients: states
                .iter()
                .map(|(address, state)| RecipientState {
                    address: (*address).into(),
                    state: (*state).into(),
                })
                .collect(),
        }
    }

    /// Judges a try for the recipients still queued; gives state, recipients' states, next try.
    fn judged(
        states: &[(&str, &str)],
        attempts: u32,
        outcome: Outcome,
    ) -> (OutboxState, Vec<String>, Option<UnixTime>, String) {
        let item = item(states);
        let work = OutboxWork {
            id: item.outbox_id,
            account: item.account,
            from: "a@x".into(),
            recipients: states
                .iter()
                .filter(|(_, state)| *state == QUEUED)
                .map(|(address, _)| (*address).to_owned())
                .collect(),
            raw: Vec::new(),
            message_id: item.message_id.clone(),
            attempts,
        };
        let update = judge(&item, &work, outcome, NOW);
        let recipients = update
            .recipients
            .unwrap()
            .into_iter()
            .map(|one| one.state)
            .collect();
        (update.state, recipients, update.next_try, update.detail)
    }

    fn words(addresses: &[&str]) -> Vec<Said> {
        addresses
            .iter()
            .map(|address| ((*address).to_owned(), "550 no".to_owned()))
            .collect()
    }

    #[test]
    fn delivered_to_all_is_sent() {
        let outcome = Outcome::Delivered {
            refused: vec![],
            postponed: vec![],
        };
        let (state, recipients, next, detail) = judged(&[("a", QUEUED), ("b", QUEUED)], 3, outcome);
        assert_eq!(
            (state, next, detail.as_str()),
            (OutboxState::Sent, None, "")
        );
        assert_eq!(recipients, [SENT, SENT]);
    }

    #[test]
    fn one_refused_recipient_does_not_hold_up_the_others() {
        let outcome = Outcome::Delivered {
            refused: words(&["b"]),
            postponed: vec![],
        };
        let (state, recipients, _, detail) = judged(&[("a", QUEUED), ("b", QUEUED)], 0, outcome);
        assert_eq!((state, detail.as_str()), (OutboxState::Sent, "b: 550 no"));
        assert_eq!(recipients, [SENT, REFUSED]);
    }

    #[test]
    fn postponed_recipients_are_tried_again_alone() {
        let outcome = Outcome::Delivered {
            refused: vec![],
            postponed: words(&["b"]),
        };
        let (state, recipients, next, _) = judged(&[("a", QUEUED), ("b", QUEUED)], 0, outcome);
        assert_eq!((state, next), (OutboxState::Queued, Some(NOW.plus(30))));
        assert_eq!(recipients, [SENT, QUEUED]);
        // Then the last is refused: the message was sent all the same.
        let outcome = Outcome::Permanent {
            why: Why::from("550".to_owned()),
            refused: words(&["b"]),
        };
        let (state, recipients, ..) = judged(&[("a", SENT), ("b", QUEUED)], 1, outcome);
        assert_eq!(
            (state, recipients),
            (OutboxState::Sent, vec![SENT.into(), REFUSED.into()])
        );
    }

    #[test]
    fn failures_before_the_handover_are_tried_again_ever_later() {
        for (attempts, wait) in [(0, 30), (1, 60), (5, 3600), (400, 3600)] {
            let outcome = Outcome::Temporary {
                why: Why::from("451".to_owned()),
                refused: vec![],
            };
            let (state, recipients, next, _) = judged(&[("a", QUEUED)], attempts, outcome);
            assert_eq!((state, next), (OutboxState::Queued, Some(NOW.plus(wait))));
            assert_eq!(recipients, [QUEUED]);
        }
    }

    #[test]
    fn refusal_and_doubt_wait_for_the_user() {
        let outcome = Outcome::Permanent {
            why: Why::from("554 spam".to_owned()),
            refused: vec![],
        };
        let (state, recipients, next, detail) = judged(&[("a", QUEUED)], 0, outcome);
        assert_eq!(
            (state, next, detail.as_str()),
            (OutboxState::Refused, None, "554 spam")
        );
        assert_eq!(recipients, [QUEUED]);
        let outcome = Outcome::Unknown {
            why: Why::from("cut".to_owned()),
        };
        let (state, _, next, _) = judged(&[("a", QUEUED)], 0, outcome);
        assert_eq!((state, next), (OutboxState::Doubtful, None));
    }
}
