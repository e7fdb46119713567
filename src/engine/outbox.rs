//! Sending: what the user hands in is checked, frozen and kept until a server has it.
//!
//! [`Engine::send`] checks the policy itself, whatever the window did; makes the bytes and the
//! Message-ID once; and moves the draft into the outbox in one transaction. The loop that talks
//! to the servers is [`worker`]; how SMTP is spoken is `smtp`.

mod bell;
mod worker;

use std::time::Duration;

use tcv_domain::address::{Address, domain_of, mailbox_key};
use tcv_domain::draft::{Draft, DraftAttachment};
use tcv_domain::message::{DraftId, MessageId, OutboxId, UnixTime};
use tcv_domain::policy::{Acknowledgement, KnownAddresses, Outgoing, Verdict, check, unresolved};
use tcv_domain::text::vi_sort_key;

use crate::compose::{Stamp, compose};
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::store::{Change, NewOutbox, OutboxUpdate, Seen};
use crate::types::{Accepted, Account, OutboxItem, OutboxState};
use crate::{Engine, Inner, changes};

pub(crate) use bell::{Bell, Loop};
pub(crate) use worker::{queue_copies, start};

/// When a message is to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendOptions {
    /// Seconds in which it can still be taken back.
    pub hold_seconds: u32,
    /// Not before this moment.
    pub at: Option<UnixTime>,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self {
            hold_seconds: 10,
            at: None,
        }
    }
}

/// How often a waiting caller looks for itself: another process may do the sending.
const GLANCE: Duration = Duration::from_millis(500);

impl Engine {
    /// What the policy says of a draft as it stands.
    ///
    /// # Errors
    /// Where the known addresses cannot be read.
    pub async fn check(&self, draft: Draft) -> Result<Vec<Verdict>> {
        self.run(move |inner| verdicts(inner, &draft)).await
    }

    /// Hands a draft in for sending.
    ///
    /// # Errors
    /// [`Kind::RefusedByPolicy`] with the verdicts that still stand in the way,
    /// [`Kind::BadAddress`], [`Kind::BadRequest`] (no recipients, not one of the user's
    /// addresses as sender), [`Kind::NotFound`].
    pub async fn send(
        &self,
        draft: DraftId,
        acknowledged: Vec<Acknowledgement>,
        options: SendOptions,
    ) -> Result<Accepted> {
        self.run(move |inner| accept(inner, draft, &acknowledged, options))
            .await
    }

    /// What is in the outbox, newest first; sent messages stay listed for a while.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn outbox(&self) -> Result<Vec<OutboxItem>> {
        self.run(|inner| inner.store.outbox()).await
    }

    /// Sends a message that waits, was refused or is in doubt, now. For one in doubt this is the
    /// user's decision that it may arrive twice; it keeps its Message-ID.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::BadRequest`] if it was sent, taken back or is on its way.
    pub async fn retry(&self, id: OutboxId) -> Result<()> {
        self.run(move |inner| retry(inner, id)).await
    }

    /// Takes a message back: it becomes a draft again, addressed only to those who do not have
    /// it yet.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] once it is on its way or sent to all.
    pub async fn cancel(&self, id: OutboxId) -> Result<DraftId> {
        self.run(move |inner| {
            let draft = inner.store.outbox_cancel(id, inner.clock.now())?;
            inner.announce(Event::OutboxChanged(id));
            inner.announce(Event::DraftChanged(draft));
            Ok(draft)
        })
        .await
    }

    /// The user has seen how a message ended; it need not be shown any more. It stays listed, as
    /// [`OutboxItem::dismissed`].
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::BadRequest`] unless it was sent or taken back.
    pub async fn dismiss(&self, id: OutboxId) -> Result<()> {
        self.run(move |inner| {
            inner.store.outbox_dismiss(id)?;
            inner.announce(Event::OutboxChanged(id));
            Ok(())
        })
        .await
    }

    /// Waits until a message is sent, refused, in doubt or taken back. Temporary failures are
    /// waited through.
    ///
    /// # Errors
    /// [`Kind::NotFound`].
    pub async fn wait_outbox(&self, id: OutboxId) -> Result<OutboxItem> {
        let mut events = self.events();
        loop {
            let item = self.run(move |inner| item(inner, id)).await?;
            let settled = matches!(
                item.state,
                OutboxState::Sent
                    | OutboxState::Refused
                    | OutboxState::Doubtful
                    | OutboxState::Cancelled
            );
            if settled {
                return Ok(item);
            }
            // The timer runs on the engine's runtime: the caller may have none.
            let (told, tick) = tokio::sync::oneshot::channel();
            self.inner.runtime.spawn(async move {
                tokio::time::sleep(GLANCE).await;
                let _ = told.send(());
            });
            let news = async {
                while let Ok(event) = events.recv().await {
                    if matches!(event, Event::OutboxChanged(one) if one == id) {
                        break;
                    }
                }
            };
            futures::pin_mut!(news);
            futures::future::select(news, tick).await;
        }
    }
}

fn item(inner: &Inner, id: OutboxId) -> Result<OutboxItem> {
    inner
        .store
        .outbox_item(id)?
        .ok_or_else(|| Error::new(Kind::NotFound, format!("outbox {id}")))
}

/// Checks, freezes and queues a draft.
pub(crate) fn accept(
    inner: &Inner,
    id: DraftId,
    acknowledged: &[Acknowledgement],
    options: SendOptions,
) -> Result<Accepted> {
    let draft = inner
        .store
        .draft(id)?
        .ok_or_else(|| Error::new(Kind::NotFound, format!("draft {id}")))?;
    let account = sender(inner, &draft)?;
    let verdicts = verdicts(inner, &draft)?;
    let open = unresolved(&verdicts, acknowledged);
    if !open.is_empty() {
        return Err(Error::refused(open));
    }
    let files = files(inner, &draft)?;
    let stamp = Stamp::now(inner.clock.as_ref(), &draft.from.address)?;
    let composed = compose(&draft, &files, &stamp)?;
    let now = inner.clock.now();
    let hold_until = now
        .plus(i64::from(options.hold_seconds))
        .max(options.at.unwrap_or(now));
    let outbox_id = inner.store.draft_to_outbox(&NewOutbox {
        account: account.id,
        from: composed.from,
        recipients: composed.recipients,
        subject: draft.subject.clone(),
        message_id: stamp.message_id.clone(),
        raw: composed.raw,
        hold_until,
        now,
        source: draft.source,
        form: draft.form.clone(),
        draft: id,
    })?;
    inner.announce(Event::DraftChanged(id));
    inner.announce(Event::OutboxChanged(outbox_id));
    inner.outbox.ring(Loop::Outbox);
    if let Some(message) = draft.continues {
        discard_continued(inner, message);
    }
    Ok(Accepted {
        outbox_id,
        message_id: stamp.message_id,
        verdicts,
    })
}

/// Throws away the message a draft went on writing. The letter itself is safe in the outbox, so a
/// failure leaves an old draft lying about and nothing else.
fn discard_continued(inner: &Inner, message: MessageId) {
    match inner.store.change(&[message], Change::Delete) {
        Ok(changed) => changes::announce(inner, &changed),
        Err(error) => tracing::warn!(%error, "a draft that was sent stays among the drafts"),
    }
}

/// The account a draft is sent from: the one whose address or alias stands in `From`.
fn sender(inner: &Inner, draft: &Draft) -> Result<Account> {
    let is_mine = |account: &Account| {
        let own = std::iter::once(account.identity.address.as_str());
        own.chain(account.aliases.iter().map(String::as_str))
            .any(|address| mailbox_key(address) == mailbox_key(&draft.from.address))
    };
    inner
        .store
        .accounts()?
        .into_iter()
        .find(is_mine)
        .ok_or_else(|| {
            let detail = format!(
                "{}: none of the accounts has this address",
                draft.from.address
            );
            Error::new(Kind::BadRequest, detail)
        })
}

/// The attachments with their bytes.
fn files(inner: &Inner, draft: &Draft) -> Result<Vec<(DraftAttachment, Vec<u8>)>> {
    let with_bytes = |file: &DraftAttachment| {
        let bytes = inner
            .store
            .blob(file.blob)?
            .ok_or_else(|| Error::new(Kind::NotFound, format!("the bytes of {}", file.name)))?;
        Ok((file.clone(), bytes))
    };
    draft.attachments.iter().map(with_bytes).collect()
}

/// What the policy says of a draft.
pub(crate) fn verdicts(inner: &Inner, draft: &Draft) -> Result<Vec<Verdict>> {
    let known = KnownFromMail {
        seen: inner.store.seen_addresses()?,
        inner,
    };
    Ok(check(&Outgoing::from(draft), &inner.policy, &known))
}

/// People's addresses as mail has shown them.
struct KnownFromMail<'a> {
    seen: Vec<Seen>,
    inner: &'a Inner,
}

impl KnownAddresses for KnownFromMail<'_> {
    /// The official address seen under the same name: the one given, or the one this
    /// address was seen with. A name shared by two officials names neither.
    fn official_address(&self, address: &Address) -> Option<Address> {
        let key = mailbox_key(&address.address);
        let name = if address.name.is_empty() {
            &self
                .seen
                .iter()
                .find(|seen| mailbox_key(&seen.address) == key)?
                .name
        } else {
            &address.name
        };
        let wanted = vi_sort_key(name);
        let mut official = self.seen.iter().filter(|seen| {
            !seen.name.is_empty()
                && vi_sort_key(&seen.name) == wanted
                && self.inner.policy.is_official(&domain_of(&seen.address))
        });
        let found = official.next()?;
        let others =
            official.any(|other| mailbox_key(&other.address) != mailbox_key(&found.address));
        (!others).then(|| Address::new(found.name.clone(), found.address.clone()))
    }
}

/// Puts a message back in the queue, due at once.
pub(crate) fn retry(inner: &Inner, id: OutboxId) -> Result<()> {
    let _one_at_a_time = inner.outbox.deciding();
    let mut item = item(inner, id)?;
    let now = inner.clock.now();
    let mine = match item.state {
        // Nobody else touches these.
        OutboxState::Refused | OutboxState::Doubtful => true,
        // The loop may be taking it this very moment: whoever claims it decides. To overwrite
        // its state unclaimed could send it twice.
        OutboxState::Held | OutboxState::Queued => inner.store.outbox_claim(id, now)?,
        OutboxState::Sending | OutboxState::Sent | OutboxState::Cancelled => false,
    };
    if !mine {
        return Err(Error::new(
            Kind::BadRequest,
            format!("outbox {id} is {:?}", item.state),
        ));
    }
    for recipient in &mut item.recipients {
        if recipient.state == worker::REFUSED {
            recipient.state = worker::QUEUED.to_owned();
        }
    }
    inner.store.outbox_set(
        id,
        &OutboxUpdate {
            recipients: Some(item.recipients),
            next_try: Some(now),
            ..OutboxUpdate::to(OutboxState::Queued, now)
        },
    )?;
    inner.announce(Event::OutboxChanged(id));
    inner.outbox.ring(Loop::Outbox);
    Ok(())
}
