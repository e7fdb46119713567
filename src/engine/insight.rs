//! What a message is beyond its text: who it is really from, an invitation, a report. The rules
//! are the domain's; here is what they need to know of this machine. Answers to invitations are
//! made here and leave through the outbox like every letter.

use jiff::tz::TimeZone;
use tcv_domain::address::{Address, mailbox_key};
use tcv_domain::draft::{Draft, DraftAttachment};
use tcv_domain::folder::Role;
use tcv_domain::invitation::{self, Answer, Method};
use tcv_domain::message::MessageId;
use tcv_domain::mime::{self, Content};
use tcv_domain::report;
use tcv_domain::trust::{self, Acquaintance, Circumstances, Judgement};

use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::outbox::{SendOptions, accept};
use crate::types::{Accepted, Account, AnswerWords, Insight};
use crate::{Engine, Inner, reading};

/// The file an answer stands in.
const ANSWER_FILE: &str = "reply.ics";

impl Engine {
    /// Answers the invitation a message brings, by mail to who invites.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] where it brings none, or one that names nobody to answer to; as
    /// [`Engine::send`] otherwise.
    pub async fn answer_invitation(
        &self,
        id: MessageId,
        answer: Answer,
        words: AnswerWords,
    ) -> Result<Accepted> {
        self.run(move |inner| answer_by_mail(inner, id, answer, words))
            .await
    }
}

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
    Ok(Insight {
        judgement: match mine {
            true => Judgement::default(),
            false => judged(inner, &account, &own, raw, content)?,
        },
        invitation: invitation::read(raw, content, &zone),
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

fn addresses(account: &Account) -> Vec<Address> {
    let aliases = account.aliases.iter().map(Address::bare);
    std::iter::once(account.identity.clone())
        .chain(aliases)
        .collect()
}

/// A time zone of the system's database.
fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Makes the answer and hands it in.
fn answer_by_mail(
    inner: &Inner,
    id: MessageId,
    answer: Answer,
    words: AnswerWords,
) -> Result<Accepted> {
    let bad = |why: &str| Error::new(Kind::BadRequest, format!("message {id}: {why}"));
    let raw = reading::raw(inner, id)?;
    let content = mime::parse(&raw);
    let invitation = invitation::read(&raw, &content, &zone)
        .filter(|invitation| invitation.method == Method::Request)
        .ok_or_else(|| bad("no invitation to answer"))?;
    let event = invitation.events.first().ok_or_else(|| bad("no event"))?;
    let organizer = event
        .organizer
        .clone()
        .filter(|who| !who.address.is_empty())
        .ok_or_else(|| bad("nobody to answer to"))?;
    let (account, ..) = inner
        .store
        .message_place(id)?
        .ok_or_else(|| Error::new(Kind::NotFound, format!("message {id}")))?;
    let account = inner
        .store
        .account(account)?
        .ok_or_else(|| Error::new(Kind::NotFound, "its account"))?;
    // The address that was invited: the organizer's program knows no other.
    let own = addresses(&account);
    let invited = event.attendees.iter().find_map(|attendee| {
        let key = mailbox_key(&attendee.address.address);
        own.iter().find(|own| mailbox_key(&own.address) == key)
    });
    let me = Address::new(
        account.identity.name.clone(),
        invited.unwrap_or(&account.identity).address.clone(),
    );
    let now = inner.clock.now();
    let object = invitation::answer(event, &me, answer, now);
    let draft = Draft {
        from: me,
        to: vec![organizer],
        subject: words.subject,
        body: words.body,
        in_reply_to: Some(content.envelope.message_id.clone()).filter(|id| !id.is_empty()),
        references: vec![content.envelope.message_id],
        ..Draft::default()
    };
    let new = inner.store.create_draft(&draft, now)?;
    let file = DraftAttachment {
        blob: 0,
        name: ANSWER_FILE.to_owned(),
        media_type: "text/calendar; method=REPLY; charset=utf-8".to_owned(),
        size: u64::try_from(object.len()).unwrap_or(u64::MAX),
    };
    inner.store.attach(new, file, object.as_bytes(), now)?;
    let accepted = accept(inner, new, &[], SendOptions::default());
    if accepted.is_err() {
        // What the policy refuses lies among the drafts, to be sent from there or thrown away.
        inner.announce(Event::DraftChanged(new));
    }
    accepted
}
