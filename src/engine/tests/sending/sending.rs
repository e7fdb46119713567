//! The ordinary ways of a letter.

use tcv_domain::address::Address;
use tcv_domain::draft::{Draft, ReplyKind};
use tcv_domain::folder::Role;
use tcv_domain::message::Flags;
use tcv_domain::mime;
use tcv_domain::policy::{Acknowledgement, Rule, Severity};
use tcv_engine::{Kind, ListRequest, OutboxState, SendOptions, SyncScope};
use tcv_practice::{ADDRESS, AGENCY, Action, COLLEAGUE, PASSWORD, Protocol, Script};

use crate::office::Office;

const NOW: SendOptions = SendOptions {
    hold_seconds: 0,
    at: None,
};

#[test]
fn a_letter_arrives_with_its_accents_and_its_file_and_is_copied_to_sent() {
    let office = Office::open(Script::default());
    let mut draft = office.draft("V/v báo cáo quý IV");
    draft.cc = vec![Address::bare(AGENCY)];
    let id = office.wait(office.engine().create_draft(draft.clone()));
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(70_000).collect();
    let name = "Báo cáo quý IV.pdf".to_owned();
    let file = office.wait(
        office
            .engine()
            .attach_bytes(id, name.clone(), bytes.clone()),
    );
    let saved = office.wait(office.engine().draft(id));
    if !saved.attachments.contains(&file) {
        let with_file = Draft {
            attachments: vec![file],
            ..saved
        };
        office.wait(office.engine().save_draft(id, with_file));
    }
    let accepted = office.wait(office.engine().send(id, Vec::new(), NOW));
    let item = office.settled(accepted.outbox_id);
    assert_eq!(item.state, OutboxState::Sent, "{item:?}");
    assert!(
        item.recipients
            .iter()
            .all(|recipient| recipient.state == "sent")
    );

    for who in [COLLEAGUE, AGENCY] {
        let arrived = office.arrived(who, "INBOX", &accepted.message_id);
        assert_eq!(arrived.len(), 1, "{who}");
        let read = mime::parse(&arrived[0]);
        assert_eq!(read.envelope.subject, draft.subject);
        assert_eq!(read.envelope.from, [draft.from.clone()]);
        assert_eq!(read.text.trim_end(), draft.body);
        assert_eq!(read.attachments[0].name, name);
        assert_eq!(mime::attachment_bytes(&arrived[0], 0), Some(bytes.clone()));
    }
    // The copy reaches the server's Sent folder, once.
    office.eventually(|| {
        let copies = office.arrived(ADDRESS, "Sent", &accepted.message_id);
        assert!(copies.len() <= 1);
        copies.first().map(|_| ())
    });
}

#[test]
fn a_sent_folder_is_made_where_the_server_has_none() {
    let office = Office::empty(Script::default());
    office.practice.remove_folder(ADDRESS, "Sent").unwrap();
    office.add(office.new_account(PASSWORD)).1.unwrap();
    office.wait(office.engine().sync(SyncScope::default()));
    let has_sent = || {
        let folders = office.practice.folders(ADDRESS);
        folders.iter().any(|name| name == "Sent")
    };
    assert!(!has_sent(), "without a copy waiting nothing is made");
    office.engine().start();
    let accepted = office.send(office.draft("chưa có mục Đã gửi"));
    assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
    office.engine().sync_now(None);
    office.eventually(|| {
        let copies = office.arrived(ADDRESS, "Sent", &accepted.message_id);
        assert!(copies.len() <= 1);
        copies.first().map(|_| ())
    });
    let account = office.wait(office.engine().accounts())[0].id;
    let folders = office.wait(office.engine().folders(account));
    assert!(folders.iter().any(|one| one.role == Some(Role::Sent)));
}

#[test]
fn a_server_that_makes_no_folder_is_asked_once_and_mail_goes_on() {
    let office = Office::empty(Script::default());
    office.practice.remove_folder(ADDRESS, "Sent").unwrap();
    office.add(office.new_account(PASSWORD)).1.unwrap();
    // The second CREATE would be taken: it must not come on the same connection.
    let refuse = Action::Refuse("[NOPERM] không được phép".to_owned());
    let rule = tcv_practice::Rule::new(Protocol::Imap, "CREATE", refuse).first(1);
    office.practice.set_script(Script::default().and(rule));
    office.engine().start();
    let accepted = office.send(office.draft("không có mục Đã gửi"));
    assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
    let letter = b"From: b@tanphong.thuchanh.gov.vn\r\nSubject: x\r\n\r\nx\r\n";
    let account = office.wait(office.engine().accounts())[0].id;
    for round in 1..=3 {
        office
            .practice
            .deliver(ADDRESS, "Archive", letter, &[])
            .unwrap();
        office.engine().sync_now(None);
        office.eventually(|| {
            let folders = office.wait(office.engine().folders(account));
            let archive = folders.into_iter().find(|one| one.name == "Archive")?;
            (archive.total == round).then_some(())
        });
    }
    assert!(
        !office
            .practice
            .folders(ADDRESS)
            .iter()
            .any(|name| name == "Sent")
    );
}

#[test]
fn a_held_letter_waits_and_can_be_taken_back() {
    let office = Office::open(Script::default());
    let id = office.wait(office.engine().create_draft(office.draft("giữ lại")));
    let accepted = office.wait(office.engine().send(id, Vec::new(), SendOptions::default()));
    assert_eq!(office.item(accepted.outbox_id).state, OutboxState::Held);
    let draft = office.wait(office.engine().cancel(accepted.outbox_id));
    assert_eq!(office.wait(office.engine().draft(draft)).subject, "giữ lại");
    office.clock.advance(60);

    let again = office.wait(
        office
            .engine()
            .send(draft, Vec::new(), SendOptions::default()),
    );
    office.clock.advance(9);
    assert_eq!(office.item(again.outbox_id).state, OutboxState::Held);
    office.clock.advance(1);
    assert_eq!(office.settled(again.outbox_id).state, OutboxState::Sent);
    assert!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .is_empty()
    );
    assert_eq!(
        office.arrived(COLLEAGUE, "INBOX", &again.message_id).len(),
        1
    );
    assert_eq!(
        office.fails(office.engine().cancel(again.outbox_id)).kind,
        Kind::BadRequest
    );
}

#[test]
fn an_answer_marks_the_letter_it_answers() {
    let office = Office::open(Script::default());
    let letter =
        b"From: b@tanphong.thuchanh.gov.vn\r\nSubject: x\r\nMessage-ID: <q@b>\r\n\r\nx\r\n";
    office
        .practice
        .deliver(ADDRESS, "INBOX", letter, &[])
        .unwrap();
    let row = office.eventually(|| {
        let account = office.wait(office.engine().accounts())[0].id;
        let folders = office.wait(office.engine().folders(account));
        let inbox = folders.into_iter().find(|folder| folder.name == "INBOX")?;
        let request = ListRequest {
            folder: inbox.id,
            offset: 0,
            limit: 9,
            unread_only: false,
        };
        office
            .wait(office.engine().list(request))
            .rows
            .into_iter()
            .next()
    });
    let mut draft = office.draft("Re: x");
    draft.in_reply_to = Some("q@b".into());
    draft.references = vec!["q@b".into()];
    draft.source = Some((row.id, ReplyKind::Reply));
    let accepted = office.send(draft);
    assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
    office.eventually(|| {
        let row = office.wait(office.engine().row(row.id));
        row.flags.contains(Flags::ANSWERED).then_some(())
    });
    office.eventually(|| {
        let on_server = office.practice.messages(ADDRESS, "INBOX");
        on_server[0].has("\\Answered").then_some(())
    });
    let arrived = office.arrived(COLLEAGUE, "INBOX", &accepted.message_id);
    assert_eq!(mime::parse(&arrived[0]).envelope.references, ["q@b"]);
}

#[test]
fn the_policy_is_checked_again_when_sending() {
    let office = Office::open(Script::default());
    let mut draft = office.draft("ra ngoài");
    draft.to = vec![Address::bare("nguoidan@gmail.com")];
    let verdicts = office.wait(office.engine().check(draft.clone()));
    assert!(
        verdicts
            .iter()
            .any(|verdict| verdict.rule == Rule::ToFreeProvider)
    );
    let id = office.wait(office.engine().create_draft(draft));
    let refused = office.fails(office.engine().send(id, Vec::new(), NOW));
    assert_eq!(refused.kind, Kind::RefusedByPolicy);
    assert_eq!(refused.verdicts[0].rule, Rule::ToFreeProvider);
    // An acknowledgement of another rule does not help.
    let other = Acknowledgement {
        rule: Rule::TooLarge,
        evidence: None,
        reason: None,
    };
    let refused = office.fails(office.engine().send(id, vec![other], NOW));
    assert_eq!(refused.kind, Kind::RefusedByPolicy);
    assert!(office.wait(office.engine().outbox()).is_empty());

    let reason =
        (refused.verdicts[0].severity == Severity::Reason).then(|| "công dân yêu cầu".into());
    let ack = Acknowledgement {
        rule: Rule::ToFreeProvider,
        evidence: Some(refused.verdicts[0].evidence.clone()),
        reason,
    };
    let accepted = office.wait(office.engine().send(id, vec![ack], NOW));
    assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
}

#[test]
fn somebody_elses_address_is_no_sender() {
    let office = Office::open(Script::default());
    let mut draft = office.draft("giả danh");
    draft.from = Address::bare(COLLEAGUE);
    let id = office.wait(office.engine().create_draft(draft));
    let refused = office.fails(office.engine().send(id, Vec::new(), NOW));
    assert_eq!(refused.kind, Kind::BadRequest, "{refused}");
    let nobody = Draft {
        to: vec![],
        ..office.draft("không ai")
    };
    let id = office.wait(office.engine().create_draft(nobody));
    assert_eq!(
        office.fails(office.engine().send(id, Vec::new(), NOW)).kind,
        Kind::BadRequest
    );
}
