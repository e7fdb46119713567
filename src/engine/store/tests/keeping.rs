//! What only we hold: accounts, drafts, outbox, settings, looks.

use tcv_domain::draft::{Draft, DraftAttachment, ReplyKind};
use tcv_domain::message::DraftId;
use tcv_domain::profile::{Protocol, ServerUrl, Transport};

use super::super::{NewOutbox, OutboxUpdate};
use super::*;
use crate::error::Kind;
use crate::types::{Account, OutboxState, RecipientState};

pub(super) fn account() -> Account {
    Account {
        id: AccountId(0),
        identity: Address::new("Nguyễn Văn An", "nva@binhdinh.gov.vn"),
        aliases: vec!["nva@cu.binhdinh.gov.vn".into()],
        login: "nva".into(),
        imap: ServerUrl::new(Protocol::Imap, Transport::Implicit, "mail.binhdinh.gov.vn"),
        smtp: ServerUrl::new(Protocol::Smtp, Transport::StartTls, "mail.binhdinh.gov.vn"),
    }
}

pub(super) fn draft(subject: &str) -> Draft {
    Draft {
        from: Address::bare("nva@binhdinh.gov.vn"),
        to: vec![Address::new("Trần Thị Bích", "bichtt@binhdinh.gov.vn")],
        subject: subject.into(),
        body: "Kính gửi chị,\n".into(),
        ..Draft::default()
    }
}

pub(super) fn outgoing(draft: DraftId, message_id: &str) -> NewOutbox {
    NewOutbox {
        account: AccountId(1),
        from: "nva@binhdinh.gov.vn".into(),
        recipients: vec!["a@x.gov.vn".into(), "b@y.gov.vn".into()],
        subject: "V/v họp".into(),
        message_id: message_id.into(),
        raw: b"Subject: x\r\n\r\ny\r\n".to_vec(),
        hold_until: NOW.plus(10),
        now: NOW,
        source: Some((MessageId(5), ReplyKind::ReplyAll)),
        form: None,
        draft,
    }
}

fn sent(now: UnixTime) -> OutboxUpdate {
    OutboxUpdate {
        detail: "250 ok".into(),
        ..OutboxUpdate::to(OutboxState::Sent, now)
    }
}

#[test]
fn accounts_are_kept_and_removed_with_their_mail() {
    let mail = Mailbox::new();
    let id = mail.store.put_account(&account()).unwrap();
    assert_eq!(id, ACCOUNT);
    let kept = mail.store.account(id).unwrap().unwrap();
    assert_eq!(kept, Account { id, ..account() });
    let renamed = Account {
        login: "nva@binhdinh.gov.vn".into(),
        ..kept
    };
    assert_eq!(mail.store.put_account(&renamed).unwrap(), id);
    assert_eq!(mail.store.accounts().unwrap(), [renamed]);
    mail.deliver(&[1]);
    mail.store.remove_account(id).unwrap();
    assert!(mail.store.accounts().unwrap().is_empty());
    assert!(mail.store.folders(id).unwrap().is_empty());
    let next = mail.store.put_account(&account()).unwrap();
    assert_ne!(next, id, "identifiers are never used again");
}

#[test]
fn drafts_are_kept_with_their_files() {
    let mail = Mailbox::new();
    let id = mail.store.create_draft(&draft("Báo cáo"), NOW).unwrap();
    let file = DraftAttachment {
        blob: 0,
        name: "Báo cáo.pdf".into(),
        media_type: "application/pdf".into(),
        size: 4,
    };
    let attached = mail.store.attach(id, file, b"%PDF", NOW).unwrap();
    assert_eq!(mail.store.blob(attached.blob).unwrap().unwrap(), b"%PDF");
    assert_eq!(
        mail.store.draft(id).unwrap().unwrap().attachments,
        std::slice::from_ref(&attached)
    );

    mail.store.sweep(NOW.plus(30 * 86_400)).unwrap();
    assert!(mail.store.blob(attached.blob).unwrap().is_some());
    mail.store.discard_draft(id, NOW).unwrap();
    assert!(mail.store.draft(id).unwrap().is_none() && mail.store.drafts().unwrap().is_empty());
    mail.store.sweep(NOW.plus(3 * 86_400)).unwrap();
    mail.store.restore_draft(id).unwrap();
    assert_eq!(mail.store.drafts().unwrap()[0].subject, "Báo cáo");
    mail.store.discard_draft(id, NOW).unwrap();
    mail.store.sweep(NOW.plus(8 * 86_400)).unwrap();
    assert!(mail.store.blob(attached.blob).unwrap().is_none());
    assert_eq!(
        mail.store.restore_draft(id).unwrap_err().kind,
        Kind::NotFound
    );
}

#[test]
fn a_late_save_does_not_bring_a_sent_draft_back() {
    let mail = Mailbox::new();
    let id = mail.store.create_draft(&draft("x"), NOW).unwrap();
    mail.store.draft_to_outbox(&outgoing(id, "1@x")).unwrap();
    let late = mail.store.save_draft(id, &draft("x"), NOW).unwrap_err();
    assert_eq!(late.kind, Kind::NotFound);
    assert!(mail.store.drafts().unwrap().is_empty());
}

#[test]
fn a_message_goes_its_way_through_the_outbox() {
    let mail = Mailbox::new();
    let store = &mail.store;
    let draft = store.create_draft(&draft("V/v họp"), NOW).unwrap();
    let id = store.draft_to_outbox(&outgoing(draft, "1@x")).unwrap();
    assert_eq!(
        store.outbox_item(id).unwrap().unwrap().state,
        OutboxState::Held
    );
    assert_eq!(store.next_due(NOW.plus(9)).unwrap(), None);
    assert_eq!(store.next_due_time().unwrap(), Some(NOW.plus(10)));
    let work = store.next_due(NOW.plus(10)).unwrap().unwrap();
    assert_eq!((work.id, work.recipients.len(), work.attempts), (id, 2, 0));
    assert!(store.outbox_claim(id, NOW).unwrap());
    assert!(
        !store.outbox_claim(id, NOW).unwrap(),
        "only one can have it"
    );
    assert_eq!(store.sending_left_over().unwrap(), [(id, false)]);
    let handed_over = OutboxUpdate {
        handed_over: true,
        ..OutboxUpdate::to(OutboxState::Sending, NOW)
    };
    store.outbox_set(id, &handed_over).unwrap();
    assert_eq!(store.sending_left_over().unwrap(), [(id, true)]);
    assert_eq!(
        store.outbox_cancel(id, NOW).unwrap_err().kind,
        Kind::BadRequest
    );

    let state = |address: &str, state: &str| RecipientState {
        address: address.into(),
        state: state.into(),
    };
    let half = OutboxUpdate {
        reason: Some(Kind::ServerRefused),
        detail: "451 later".into(),
        recipients: Some(vec![
            state("a@x.gov.vn", "sent"),
            state("b@y.gov.vn", "queued"),
        ]),
        next_try: Some(NOW.plus(60)),
        failed: true,
        ..OutboxUpdate::to(OutboxState::Queued, NOW)
    };
    store.outbox_set(id, &half).unwrap();
    let item = store.outbox_item(id).unwrap().unwrap();
    assert_eq!(item.reason, Some(Kind::ServerRefused));
    assert_eq!(
        store.outbox_dismiss(id).unwrap_err().kind,
        Kind::BadRequest,
        "not done yet"
    );
    let work = store.next_due(NOW.plus(60)).unwrap().unwrap();
    assert_eq!(
        (work.recipients, work.attempts),
        (vec!["b@y.gov.vn".to_owned()], 1)
    );
    assert!(store.outbox_claim(id, NOW).unwrap());
    store.outbox_set(id, &sent(NOW)).unwrap();
    let copy = store.outbox_copy_pending().unwrap().remove(0);
    assert_eq!(copy.source, Some((MessageId(5), ReplyKind::ReplyAll)));
    assert_eq!(copy.raw, outgoing(draft, "1@x").raw);
    store.outbox_copy_queued(id).unwrap();
    assert!(store.outbox_copy_pending().unwrap().is_empty());
    assert_eq!(store.outbox().unwrap()[0].state, OutboxState::Sent);
    assert_eq!(
        store.outbox_cancel(id, NOW).unwrap_err().kind,
        Kind::BadRequest
    );
}

#[test]
fn a_cancelled_message_is_a_draft_again() {
    let mail = Mailbox::new();
    let id = mail.store.create_draft(&draft("V/v họp"), NOW).unwrap();
    let before = mail.store.draft(id).unwrap();
    let entry = mail.store.draft_to_outbox(&outgoing(id, "1@x")).unwrap();
    assert_eq!(mail.store.outbox_cancel(entry, NOW).unwrap(), id);
    assert_eq!(mail.store.draft(id).unwrap(), before);
    assert_eq!(mail.store.next_due_time().unwrap(), None);
    // Sent again, it is another entry.
    assert!(mail.store.draft_to_outbox(&outgoing(id, "2@x")).is_ok());
}

#[test]
fn who_has_it_does_not_stand_in_the_draft_taken_back() {
    let mail = Mailbox::new();
    let store = &mail.store;
    let letter = Draft {
        to: vec![Address::new("A", "A@X.gov.vn"), Address::bare("b@y.gov.vn")],
        cc: vec![Address::bare("a@x.gov.vn")],
        ..draft("V/v họp")
    };
    let enter = |states: [&str; 2], message_id: &str| {
        let id = store.create_draft(&letter, NOW).unwrap();
        let entry = store.draft_to_outbox(&outgoing(id, message_id)).unwrap();
        let recipients = outgoing(id, message_id).recipients.into_iter().zip(states);
        let update = OutboxUpdate {
            state: OutboxState::Queued,
            recipients: Some(
                recipients
                    .map(|(address, state)| RecipientState {
                        address,
                        state: state.into(),
                    })
                    .collect(),
            ),
            next_try: Some(NOW),
            ..sent(NOW)
        };
        store.outbox_set(entry, &update).unwrap();
        entry
    };
    let half = enter(["sent", "queued"], "1@x");
    let left = store.outbox_cancel(half, NOW).unwrap();
    let left = store.draft(left).unwrap().unwrap();
    assert_eq!(left.to, [Address::bare("b@y.gov.vn")]);
    assert!(left.cc.is_empty() && left.bcc.is_empty());

    let whole = enter(["sent", "sent"], "2@x");
    let refused = store.outbox_cancel(whole, NOW).unwrap_err();
    assert_eq!(refused.kind, Kind::BadRequest);
    assert_eq!(
        store.outbox_item(whole).unwrap().unwrap().state,
        OutboxState::Queued
    );
}

#[test]
fn settings_and_looks_are_kept() {
    let mail = Mailbox::new();
    assert_eq!(mail.store.setting("a").unwrap(), None);
    mail.store.put_setting("a", "1").unwrap();
    mail.store.put_setting("a", "2").unwrap();
    assert_eq!(mail.store.setting("a").unwrap().as_deref(), Some("2"));
    for after in [0, 10, 7200] {
        mail.store.look(ACCOUNT, NOW.plus(after)).unwrap();
    }
    assert_eq!(mail.store.looks_since(NOW).unwrap(), [NOW, NOW.plus(7200)]);
    assert_eq!(
        mail.store.looks_since(NOW.plus(1)).unwrap(),
        [NOW.plus(7200)]
    );
}
