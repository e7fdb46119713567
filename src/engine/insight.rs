//! What a message is beyond its text: who it is really from, an invitation, a report. The rules
//! are the domain's; here is what they need to know of this machine. What is answered to it is
//! `answering`'s.

use jiff::tz::TimeZone;
use tcv_domain::address::Address;
use tcv_domain::folder::Role;
use tcv_domain::invitation::{self, Invitation, Known, Mention, Standing};
use tcv_domain::message::{AccountId, Flags, MessageId, UnixTime};
use tcv_domain::mime::{self, Content};
use tcv_domain::receipt;
use tcv_domain::report::{self, Action, Report};
use tcv_domain::trust::{self, Acquaintance, Circumstances, Judgement};

use crate::Inner;
use crate::error::Result;
use crate::event::Event;
use crate::types::{Account, Calling, Insight, Part, ReceiptWish};

/// Messages looked through for what else is said of an event, the newest.
const MOST_MENTIONS: usize = 100;

/// Clocks of senders differ: so much earlier something newer may be dated.
const CLOCKS_DIFFER: i64 = 24 * 60 * 60;

/// What is known of a message.
pub(crate) fn of(inner: &Inner, id: MessageId, raw: &[u8], content: &Content) -> Result<Insight> {
    let Some((account_id, folder, _)) = inner.store.message_place(id)? else {
        return Ok(Insight::default());
    };
    let Some(account) = inner.store.account(account_id)? else {
        return Ok(Insight::default());
    };
    let own = addresses(&account);
    let folders = inner.store.folders(account_id)?;
    let role = folders
        .iter()
        .find(|known| known.id == folder)
        .and_then(|known| known.role);
    let mine = matches!(role, Some(Role::Sent | Role::Drafts));
    let report = report::read(raw, content);
    let about = report
        .as_ref()
        .map(|report| report.original().message_id.as_str());
    let reported = match about.filter(|id| !id.is_empty()) {
        Some(message_id) => inner.store.by_message_id(account_id, message_id)?,
        None => None,
    };
    if let Some(report) = &report {
        note_report(inner, report)?;
    }
    let invitation = invitation::read(raw, content, &zone);
    let calling = match &invitation {
        Some(invitation) => calling(inner, id, account_id, &own, invitation, content)?,
        None => None,
    };
    Ok(Insight {
        judgement: match mine {
            true => Judgement::default(),
            false => judged(inner, &account, &own, raw, content)?,
        },
        invitation,
        calling,
        backscatter: reported.is_none() && is_backscatter(inner, report.as_ref())?,
        receipt: match mine || report.is_some() {
            true => None,
            false => wish(inner, id, account_id, raw, content)?,
        },
        receipt_wanted_by: match mine || report.is_some() {
            true => Vec::new(),
            false => report::receipt_wanted_by(raw),
        },
        reported,
        report,
    })
}

fn judged(
    inner: &Inner,
    account: &Account,
    own: &[Address],
    raw: &[u8],
    content: &Content,
) -> Result<Judgement> {
    let from = content.envelope.from.first();
    let seen = from
        .map(|from| inner.store.seen_address(&from.address))
        .transpose()?;
    let acquaintance = seen.flatten().map(|seen| match (seen.written, seen.seen) {
        (1.., _) => Acquaintance::Correspondent,
        // This message itself was counted.
        (0, 0 | 1) => Acquaintance::Stranger,
        (0, _) => Acquaintance::Seen,
    });
    let around = Circumstances {
        policy: &inner.policy,
        own,
        servers: &[account.imap.host.clone(), account.smtp.host.clone()],
        agency: inner.profile.profile.agency.as_deref(),
        acquaintance,
    };
    Ok(trust::judge(&mime::headers(raw), content, &around))
}

pub(crate) fn addresses(account: &Account) -> Vec<Address> {
    let aliases = account.aliases.iter().map(Address::bare);
    std::iter::once(account.identity.clone())
        .chain(aliases)
        .collect()
}

/// A time zone of the system's database.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Writes down in the outbox whom a mail did not reach.
pub(crate) fn note_report(inner: &Inner, report: &Report) -> Result<()> {
    let Some((message_id, addresses)) = undelivered(report) else {
        return Ok(());
    };
    if let Some(outbox) = inner.store.mark_undelivered(&message_id, &addresses)? {
        inner.announce(Event::OutboxChanged(outbox));
    }
    Ok(())
}

/// The mail a report says did not arrive, and at whom.
pub(crate) fn undelivered(report: &Report) -> Option<(String, Vec<String>)> {
    let Report::Delivery {
        deliveries,
        original,
    } = report
    else {
        return None;
    };
    let failed = deliveries.iter().filter(|one| one.action == Action::Failed);
    let addresses: Vec<String> = failed.map(|one| one.address.clone()).collect();
    let told = !original.message_id.is_empty() && !addresses.is_empty();
    told.then(|| (original.message_id.clone(), addresses))
}

/// Whether a report names a mail that never left from here.
fn is_backscatter(inner: &Inner, report: Option<&Report>) -> Result<bool> {
    let named = report.map(|report| report.original().message_id.as_str());
    match named.filter(|id| !id.is_empty()) {
        Some(id) => Ok(!inner.store.left_by_outbox(id)?),
        None => Ok(false),
    }
}

/// The wish for a receipt and what was decided about it, here or, by the flag, elsewhere.
fn wish(
    inner: &Inner,
    id: MessageId,
    account: AccountId,
    raw: &[u8],
    content: &Content,
) -> Result<Option<ReceiptWish>> {
    let Some(request) = receipt::request(raw, content) else {
        return Ok(None);
    };
    let about = about(id, content);
    let here = inner.store.receipt_decided(account, &about)?;
    let elsewhere = inner.store.row(id)?.flags.contains(Flags::MDN_SENT);
    let decided = match here {
        Some((sent, at)) => Some((sent, Some(at))),
        None => elsewhere.then_some((true, None)),
    };
    Ok(Some(ReceiptWish { request, decided }))
}

/// What tells a message from the others of its account, where it is to be remembered.
pub(crate) fn about(id: MessageId, content: &Content) -> String {
    match content.envelope.message_id.as_str() {
        "" => format!("message {id}"),
        known => known.to_owned(),
    }
}

/// How it stands with an invitation.
fn calling(
    inner: &Inner,
    id: MessageId,
    account: AccountId,
    own: &[Address],
    invitation: &Invitation,
    content: &Content,
) -> Result<Option<Calling>> {
    let Some(event) = invitation.events.first() else {
        return Ok(None);
    };
    let is_own = |address: &Address| own.iter().any(|one| one.same_mailbox(address));
    let invited = event.attendees.iter().find(|one| is_own(&one.address));
    let part = match invited {
        _ if event.organizer.as_ref().is_some_and(is_own) => Part::Organizer,
        Some(attendee) => Part::Invited(attendee.address.clone()),
        None => Part::Neither,
    };
    let recurrence = event.recurrence_id.clone().unwrap_or_default();
    let mut calling = Calling {
        standing: Standing::Current,
        part,
        answered: inner.store.answer_given(account, &event.uid, &recurrence)?,
        heard: Vec::new(),
    };
    let Some(this) = mentioned(invitation, content) else {
        return Ok(Some(calling));
    };
    let others = mentions(inner, account, id, this.stamp)?;
    calling.standing = invitation::standing(&this, id, &others);
    let heard = invitation::heard(&this, &others).into_iter();
    calling.heard = heard
        .map(|(who, attendance, _)| (who, attendance))
        .collect();
    Ok(Some(calling))
}

fn mentioned(invitation: &Invitation, content: &Content) -> Option<Mention> {
    let sender = content.envelope.from.first().cloned().unwrap_or_default();
    let date = content.envelope.date.unwrap_or(UnixTime(0));
    invitation::mention(invitation, &sender, date)
}

/// What the other messages of an account say of events since then.
fn mentions(
    inner: &Inner,
    account: AccountId,
    but: MessageId,
    since: UnixTime,
) -> Result<Vec<Known>> {
    let since = since.plus(-CLOCKS_DIFFER);
    let mut known = Vec::new();
    for message in inner
        .store
        .invitations_since(account, since, MOST_MENTIONS)?
    {
        if message == but {
            continue;
        }
        let (raw, is_excerpt) = match inner.store.body(message)? {
            Some(raw) => (raw, false),
            None => match inner.store.excerpt(message)? {
                Some(raw) => (raw, true),
                None => continue,
            },
        };
        let how = mime::How {
            is_excerpt,
            charset: None,
        };
        let content = mime::parse_as(&raw, &how);
        let invitation = invitation::read(&raw, &content, &zone);
        let mention = invitation.and_then(|one| mentioned(&one, &content));
        known.extend(mention.map(|mention| Known { message, mention }));
    }
    Ok(known)
}
