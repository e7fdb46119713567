//! Mail the program writes for the user at one press: the answer to an invitation, a read receipt,
//! a mail that came back sent again. All of it leaves through the outbox like every letter, after
//! the policy was asked; what the policy wants looked at becomes a draft.

use tcv_domain::address::Address;
use tcv_domain::draft::{Draft, DraftAttachment, Form, continued};
use tcv_domain::invitation::{self, Answer, Method};
use tcv_domain::message::{DraftId, FlagChange, Flags, MessageId, OutboxId};
use tcv_domain::mime::{self, Content};
use tcv_domain::receipt;
use tcv_domain::report;

use crate::drafts::take_along;
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::insight::{about, addresses, undelivered, zone};
use crate::outbox::{SendOptions, accept};
use crate::store::Change;
use crate::types::{Account, AnswerWords, Handed, OutboxState};
use crate::{Engine, Inner, changes, reading};

/// The file an answer stands in.
const ANSWER_FILE: &str = "reply.ics";

impl Engine {
    /// Answers the invitation a message brings, by mail to who invites. An answer given before
    /// and not sent yet does not leave any more.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] where it brings none, names nobody to answer to, does not ask one of
    /// the user's addresses, or was answered the same before; as [`Engine::send`] otherwise.
    pub async fn answer_invitation(
        &self,
        id: MessageId,
        answer: Answer,
        words: AnswerWords,
    ) -> Result<Handed> {
        self.run(move |inner| answer_by_mail(inner, id, answer, words))
            .await
    }

    /// Takes an answer back that has not left yet. Unlike [`Engine::cancel`] it leaves no draft.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] once it is on its way.
    pub async fn withdraw_answer(&self, outbox: OutboxId) -> Result<()> {
        self.run(move |inner| {
            let now = inner.clock.now();
            let draft = inner.store.outbox_cancel(outbox, now)?;
            inner.store.discard_draft(draft, now)?;
            inner.announce(Event::OutboxChanged(outbox));
            inner.announce(Event::DraftChanged(draft));
            Ok(())
        })
        .await
    }

    /// Tells the sender of a message that it was opened, as they wished.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] where nobody wishes it, or it was told or declined before.
    pub async fn send_receipt(&self, id: MessageId, words: AnswerWords) -> Result<Handed> {
        self.run(move |inner| receipt_by_mail(inner, id, words))
            .await
    }

    /// Does not tell the sender that a message was opened; nobody is asked again, here or in
    /// other programs.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] where that was decided before.
    pub async fn decline_receipt(&self, id: MessageId) -> Result<()> {
        self.run(move |inner| {
            let content = mime::parse(&reading::raw(inner, id)?);
            let account = account_of(inner, id)?;
            let now = inner.clock.now();
            inner
                .store
                .decline_receipt(account.id, &about(id, &content), now)?;
            mark_decided(inner, id)
        })
        .await
    }

    /// Begins a new mail with what a report says did not arrive, to those it did not reach.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] where the message reports no such thing; [`Kind::NotFound`] where the
    /// mail is neither here nor given back whole.
    pub async fn resend_draft(&self, id: MessageId) -> Result<DraftId> {
        self.run(move |inner| resend(inner, id)).await
    }
}

fn account_of(inner: &Inner, id: MessageId) -> Result<Account> {
    let gone = |what: &str| Error::new(Kind::NotFound, format!("{what} {id}"));
    let (account, ..) = inner
        .store
        .message_place(id)?
        .ok_or_else(|| gone("message"))?;
    inner
        .store
        .account(account)?
        .ok_or_else(|| gone("the account of message"))
}

/// Hands a draft in. One the policy wants looked at stays a draft.
fn hand_in(inner: &Inner, draft: DraftId) -> Result<Handed> {
    match accept(inner, draft, &[], SendOptions::default()) {
        Ok(accepted) => Ok(Handed::Accepted(accepted)),
        Err(error) if error.kind == Kind::RefusedByPolicy => {
            inner.announce(Event::DraftChanged(draft));
            Ok(Handed::Review(draft))
        }
        Err(error) => {
            // Nobody wrote it: it need not lie about.
            inner.store.discard_draft(draft, inner.clock.now())?;
            Err(error)
        }
    }
}

fn answer_by_mail(
    inner: &Inner,
    id: MessageId,
    answer: Answer,
    words: AnswerWords,
) -> Result<Handed> {
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
    let account = account_of(inner, id)?;
    let own = addresses(&account);
    let is_own = |address: &Address| own.iter().any(|one| one.same_mailbox(address));
    // The address that was invited: the organizer's program knows no other.
    let invited = event.attendees.iter().find(|one| is_own(&one.address));
    let invited = invited.ok_or_else(|| bad("none of the user's addresses is invited"))?;
    let me = Address::new(
        account.identity.name.clone(),
        invited.address.address.clone(),
    );
    let recurrence = event.recurrence_id.clone().unwrap_or_default();
    let before = inner
        .store
        .answer_given(account.id, &event.uid, &recurrence)?;
    let same = before.as_ref().is_some_and(|before| {
        before.answer == answer
            && before.sequence >= event.sequence
            && before.state != OutboxState::Refused
    });
    if same {
        return Err(bad("answered the same before"));
    }
    let now = inner.clock.now();
    let object = invitation::answer(event, &me, answer, now);
    let draft = Draft {
        form: Some(Form::Answer {
            uid: event.uid.clone(),
            recurrence,
            sequence: event.sequence,
            answer: answer.id().to_owned(),
        }),
        ..reply_to(&content, me, vec![organizer], words)
    };
    let new = inner.store.create_draft(&draft, now)?;
    let file = DraftAttachment {
        blob: 0,
        name: ANSWER_FILE.to_owned(),
        media_type: "text/calendar; method=REPLY; charset=utf-8".to_owned(),
        size: u64::try_from(object.len()).unwrap_or(u64::MAX),
    };
    inner.store.attach(new, file, object.as_bytes(), now)?;
    let handed = hand_in(inner, new)?;
    if let (Handed::Accepted(_), Some(before)) = (&handed, before) {
        // It may have been kept from leaving.
        inner.announce(Event::OutboxChanged(before.outbox));
    }
    Ok(handed)
}

fn reply_to(content: &Content, from: Address, to: Vec<Address>, words: AnswerWords) -> Draft {
    let envelope = &content.envelope;
    let id = Some(envelope.message_id.clone()).filter(|id| !id.is_empty());
    let references = envelope.references.iter().cloned();
    Draft {
        from,
        to,
        subject: words.subject,
        body: words.body,
        references: references.chain(id.clone()).collect(),
        in_reply_to: id,
        ..Draft::default()
    }
}

fn receipt_by_mail(inner: &Inner, id: MessageId, words: AnswerWords) -> Result<Handed> {
    let bad = |why: &str| Error::new(Kind::BadRequest, format!("message {id}: {why}"));
    let raw = reading::raw(inner, id)?;
    let content = mime::parse(&raw);
    let request =
        receipt::request(&raw, &content).ok_or_else(|| bad("no receipt is wished for"))?;
    if inner.store.row(id)?.flags.contains(Flags::MDN_SENT) {
        return Err(bad("its receipt was decided on before"));
    }
    let account = account_of(inner, id)?;
    let own = addresses(&account);
    let envelope = &content.envelope;
    let mut received = envelope.to.iter().chain(&envelope.cc);
    let mine = received.find(|to| own.iter().any(|one| one.same_mailbox(to)));
    let address = mine.map_or(&account.identity.address, |mine| &mine.address);
    let me = Address::new(account.identity.name.clone(), address.clone());
    let original = request.original_recipient.as_deref();
    let fields = receipt::fields(&me.address, original, &envelope.message_id);
    let draft = Draft {
        form: Some(Form::Receipt {
            about: about(id, &content),
            fields,
        }),
        ..reply_to(&content, me, request.to, words)
    };
    let new = inner.store.create_draft(&draft, inner.clock.now())?;
    let handed = hand_in(inner, new)?;
    if matches!(handed, Handed::Accepted(_)) {
        mark_decided(inner, id)?;
    }
    Ok(handed)
}

/// Other programs see by the keyword that they need not ask (RFC 3503).
fn mark_decided(inner: &Inner, id: MessageId) -> Result<()> {
    let flag = Change::Flag(FlagChange::set(Flags::MDN_SENT));
    let changed = inner.store.change(&[id], flag)?;
    changes::announce(inner, &changed);
    Ok(())
}

fn resend(inner: &Inner, id: MessageId) -> Result<DraftId> {
    let bad = |why: &str| Error::new(Kind::BadRequest, format!("message {id}: {why}"));
    let raw = reading::raw(inner, id)?;
    let content = mime::parse(&raw);
    let report = report::read(&raw, &content).ok_or_else(|| bad("no report"))?;
    let (message_id, failed) = undelivered(&report).ok_or_else(|| bad("nothing failed"))?;
    let account = account_of(inner, id)?;
    let returned = || {
        let whole =
            |part: &&mime::Attachment| part.media_type == "message/rfc822" && part.inside.is_none();
        let part = content.attachments.iter().find(whole)?;
        mime::attachment_bytes(&raw, part.index)
    };
    let sent = match inner.store.by_message_id(account.id, &message_id)? {
        Some(sent) => Some(reading::raw(inner, sent)?),
        None => returned(),
    };
    let sent = sent.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("the mail message {id} reports about"),
        )
    })?;
    let content = mime::parse(&sent);
    let draft = Draft {
        to: failed.into_iter().map(Address::bare).collect(),
        cc: Vec::new(),
        bcc: Vec::new(),
        continues: None,
        ..continued(&content, id, &addresses(&account), account.identity.clone())
    };
    let new = inner.store.create_draft(&draft, inner.clock.now())?;
    take_along(inner, new, &sent, &content)?;
    inner.announce(Event::DraftChanged(new));
    Ok(new)
}
