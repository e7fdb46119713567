//! Whether an invitation still holds, by the other messages about the same event, and who has
//! answered it.
//!
//! A message counts only if it comes from where it claims: a change or a cancellation from the
//! organiser's own address, an answer from the attendee's. Anybody can write the event's
//! identifier into a calendar of their own.

use serde::Serialize;

use super::{Attendance, Event, Invitation, Method};
use crate::address::{Address, mailbox_key};
use crate::message::{MessageId, UnixTime};

/// What one message says of an event, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The event.
    pub uid: String,
    /// Which time of it; empty for all.
    pub recurrence: String,
    /// The version.
    pub sequence: i64,
    /// When that version was made, else when the message was sent.
    pub stamp: UnixTime,
    /// What is wanted.
    pub method: Method,
    /// The key of who organises it; empty where nobody does.
    pub organizer: String,
    /// The key of who sent the message.
    pub sender: String,
    /// Of an answer: who answers.
    pub attendee: Option<Address>,
    /// Of an answer: what.
    pub taking: Attendance,
}

/// A mention and the message it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Which message.
    pub message: MessageId,
    /// What it says.
    pub mention: Mention,
}

/// Whether an invitation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "by")]
pub enum Standing {
    /// Nothing newer is known.
    Current,
    /// This message changed it.
    Replaced(MessageId),
    /// This message cancelled it.
    Cancelled(MessageId),
}

/// What an invitation in a message sent by `sender` at `date` says of its first event; `None`
/// where nothing identifies that.
#[must_use]
pub fn mention(invitation: &Invitation, sender: &Address, date: UnixTime) -> Option<Mention> {
    let event: &Event = invitation
        .events
        .first()
        .filter(|event| !event.uid.is_empty())?;
    let key = |address: &Address| mailbox_key(&address.address);
    let attendee = event
        .attendees
        .first()
        .filter(|_| invitation.method == Method::Reply);
    let off = event.cancelled && invitation.method != Method::Reply;
    Some(Mention {
        uid: event.uid.clone(),
        recurrence: event.recurrence_id.clone().unwrap_or_default(),
        sequence: event.sequence,
        stamp: event.stamp.unwrap_or(date),
        method: if off {
            Method::Cancel
        } else {
            invitation.method
        },
        organizer: event.organizer.as_ref().map(key).unwrap_or_default(),
        sender: key(sender),
        taking: attendee.map_or(Attendance::NeedsAction, |one| one.attendance),
        attendee: attendee.map(|one| one.address.clone()),
    })
}

/// Whether what `this` message says still holds, by the others known about its event.
#[must_use]
pub fn standing(this: &Mention, message: MessageId, others: &[Known]) -> Standing {
    if !matches!(this.method, Method::Request | Method::Publish) {
        return Standing::Current;
    }
    let version = |one: &Mention| (one.sequence, one.stamp);
    let newer = others
        .iter()
        .filter(|one| one.message != message && one.mention.uid == this.uid)
        .filter(|one| speaks_for(&one.mention, this))
        .filter(|one| match one.mention.method {
            // A cancellation need not raise the version (RFC 5546 §3.2.5 asks for it, some do not).
            Method::Cancel => {
                one.mention.stamp >= this.stamp || one.mention.sequence > this.sequence
            }
            Method::Request | Method::Publish => version(&one.mention) > version(this),
            _ => false,
        })
        .filter(|one| {
            let about_this = one.mention.recurrence == this.recurrence;
            about_this || (one.mention.recurrence.is_empty() && !this.recurrence.is_empty())
        })
        .max_by_key(|one| (version(&one.mention), one.message));
    match newer {
        None => Standing::Current,
        Some(one) if one.mention.method == Method::Cancel => Standing::Cancelled(one.message),
        Some(one) => Standing::Replaced(one.message),
    }
}

/// Whether who sent `one` may change what `this` says: the organiser does, or whoever sent both.
fn speaks_for(one: &Mention, this: &Mention) -> bool {
    let same_organizer = one.organizer == this.organizer;
    same_organizer && (one.sender == this.sender || one.sender == this.organizer)
}

/// Who has answered an event, the last word of each, by the answers that came from those who
/// give them. An answer to an older version counts until there is a newer one.
#[must_use]
pub fn heard(this: &Mention, others: &[Known]) -> Vec<(Address, Attendance, MessageId)> {
    let mut heard: Vec<(&Known, &Address)> = Vec::new();
    for one in others {
        let mention = &one.mention;
        let Some(attendee) = mention.attendee.as_ref() else {
            continue;
        };
        let is_answer = mention.method == Method::Reply
            && mention.uid == this.uid
            && mention.recurrence == this.recurrence
            && mailbox_key(&attendee.address) == mention.sender;
        if !is_answer {
            continue;
        }
        let when = |one: &Known| (one.mention.stamp, one.message);
        match heard
            .iter_mut()
            .find(|(_, known)| known.same_mailbox(attendee))
        {
            Some(before) if when(before.0) < when(one) => *before = (one, attendee),
            Some(_) => {}
            None => heard.push((one, attendee)),
        }
    }
    let told = |(one, who): (&Known, &Address)| (who.clone(), one.mention.taking, one.message);
    heard.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::invitation::parse;

    fn known(message: i64, lines: &str, sender: &str) -> Known {
        let text = format!("{lines}\nORGANIZER:mailto:boss@x.vn\nEND:VEVENT");
        let (method, events) = parse(&text, &|_| None).unwrap();
        let invitation = Invitation {
            attachment: 0,
            method,
            events,
        };
        Known {
            message: MessageId(message),
            mention: mention(&invitation, &Address::bare(sender), UnixTime(0)).unwrap(),
        }
    }

    #[test]
    fn newer_messages_of_the_organiser_count_and_forged_ones_do_not() {
        let request = "METHOD:REQUEST\nBEGIN:VEVENT\nUID:u\nSEQUENCE:1\nDTSTAMP:20261120T010000Z";
        let newer = "METHOD:REQUEST\nBEGIN:VEVENT\nUID:u\nSEQUENCE:2\nDTSTAMP:20261121T010000Z";
        let cancel = "METHOD:CANCEL\nBEGIN:VEVENT\nUID:u\nSEQUENCE:1\nDTSTAMP:20261122T010000Z";
        let one_time = format!("{cancel}\nRECURRENCE-ID:20261124T070000Z");
        let this = known(1, request, "boss@x.vn");
        let judged = |others: &[Known]| standing(&this.mention, this.message, others);
        assert_eq!(judged(std::slice::from_ref(&this)), Standing::Current);
        let changed = known(2, newer, "Boss@x.vn");
        let replaced = judged(std::slice::from_ref(&changed));
        assert_eq!(replaced, Standing::Replaced(MessageId(2)));
        let off = known(3, cancel, "boss@x.vn");
        assert_eq!(judged(&[off]), Standing::Cancelled(MessageId(3)));
        assert_eq!(judged(&[known(3, cancel, "evil@z.vn")]), Standing::Current);
        assert_eq!(
            judged(&[known(3, &one_time, "boss@x.vn")]),
            Standing::Current
        );
        let time = known(4, &one_time.replace("CANCEL", "REQUEST"), "boss@x.vn");
        let whole = known(3, &cancel.replace("22T", "23T"), "boss@x.vn");
        let of_one = standing(&time.mention, time.message, &[whole]);
        assert_eq!(of_one, Standing::Cancelled(MessageId(3)));
        assert_eq!(
            standing(
                &changed.mention,
                changed.message,
                std::slice::from_ref(&this)
            ),
            Standing::Current
        );
    }

    #[test]
    fn the_last_answer_of_each_counts() {
        let this = known(1, "METHOD:REQUEST\nBEGIN:VEVENT\nUID:u", "boss@x.vn");
        let reply = |id, who: &str, taking: &str, day: u8, sender: &str| {
            let lines = format!(
                "METHOD:REPLY\nBEGIN:VEVENT\nUID:u\nDTSTAMP:202611{day}T010000Z\nATTENDEE;PARTSTAT={taking}:mailto:{who}"
            );
            known(id, &lines, sender)
        };
        let told = heard(
            &this.mention,
            &[
                reply(2, "a@x.vn", "ACCEPTED", 20, "a@x.vn"),
                reply(3, "A@x.vn", "DECLINED", 22, "a@x.vn"),
                reply(4, "a@x.vn", "TENTATIVE", 21, "a@x.vn"),
                reply(5, "b@x.vn", "ACCEPTED", 21, "evil@z.vn"),
            ],
        );
        assert_eq!(
            told,
            [(Address::bare("A@x.vn"), Attendance::Declined, MessageId(3))]
        );
    }
}
