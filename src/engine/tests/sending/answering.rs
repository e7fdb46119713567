//! Answers, receipts and mail that came back: what the program writes for the user at one press.

use tcv_domain::draft::Draft;
use tcv_domain::invitation::{self, Answer, Attendance, Method, Standing};
use tcv_domain::message::{Flags, MessageId};
use tcv_domain::{mime, report};
use tcv_engine::{AnswerWords, Handed, Insight, Kind, ListRequest, OutboxState, Part, SyncScope};
use tcv_practice::{ADDRESS, COLLEAGUE, Script};

use crate::office::Office;

fn invitation(method: &str, sequence: u8, id: &str) -> String {
    format!(
        "Return-Path: <{COLLEAGUE}>\r\nFrom: Binh <{COLLEAGUE}>\r\nTo: {ADDRESS}\r\nMessage-ID: <{id}@x>\r\n\
         Date: Mon, 23 Nov 2026 07:0{sequence}:00 +0700\r\nSubject: Hop\r\nMIME-Version: 1.0\r\n\
         Disposition-Notification-To: {COLLEAGUE}\r\n\
         Content-Type: text/calendar; method={method}; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:{method}\r\n\
         BEGIN:VEVENT\r\nUID:hop@x\r\nSEQUENCE:{sequence}\r\nDTSTAMP:20261123T000{sequence}00Z\r\n\
         DTSTART:20261124T070000Z\r\nDTEND:20261124T090000Z\r\nSUMMARY:Họp giao ban\r\n\
         ORGANIZER:mailto:{COLLEAGUE}\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ADDRESS}\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn words(subject: &str) -> AnswerWords {
    AnswerWords {
        subject: subject.to_owned(),
        body: "Tôi xin nhận lời.\n".to_owned(),
    }
}

/// Puts a letter into the inbox; its id once it is here.
fn receive(office: &Office, letter: &str) -> MessageId {
    let id = mime::parse(letter.as_bytes()).envelope.message_id;
    office
        .practice
        .deliver(ADDRESS, "INBOX", letter.as_bytes(), &[])
        .unwrap();
    office.wait(office.engine().sync(SyncScope::default()));
    find(office, &id)
}

fn find(office: &Office, message_id: &str) -> MessageId {
    let account = office.wait(office.engine().accounts()).remove(0);
    for folder in office.wait(office.engine().folders(account.id)) {
        let request = ListRequest {
            folder: folder.id,
            offset: 0,
            limit: 100,
            unread_only: false,
        };
        let rows = office.wait(office.engine().list(request)).rows;
        if let Some(row) = rows.iter().find(|row| row.message_id == message_id) {
            return row.id;
        }
    }
    panic!("{message_id} is not here");
}

fn insight(office: &Office, id: MessageId) -> Insight {
    office.wait(office.engine().open_message(id)).insight
}

fn accepted(handed: Handed) -> tcv_engine::Accepted {
    match handed {
        Handed::Accepted(accepted) => accepted,
        Handed::Review(_) => panic!("the policy has nothing against it"),
    }
}

#[test]
fn an_answer_reaches_the_organiser_and_is_remembered() {
    let mut office = Office::open(Script::default());
    let id = receive(&office, &invitation("REQUEST", 0, "moi"));
    let calling = insight(&office, id).calling.unwrap();
    assert_eq!(calling.standing, Standing::Current);
    assert!(matches!(&calling.part, Part::Invited(me) if me.address == ADDRESS));
    assert_eq!(calling.answered, None);

    // Within the moment of grace another answer takes the place of the first.
    let answer = |answer, subject| {
        let handed = office
            .engine()
            .answer_invitation(id, answer, words(subject));
        office.wait(handed)
    };
    let first = accepted(answer(Answer::Decline, "Không dự"));
    let second = accepted(answer(Answer::Accept, "Nhận lời"));
    assert_eq!(office.item(first.outbox_id).state, OutboxState::Cancelled);
    office.clock.advance(60);
    assert_eq!(office.settled(second.outbox_id).state, OutboxState::Sent);
    assert!(
        office
            .arrived(COLLEAGUE, "INBOX", &first.message_id)
            .is_empty()
    );
    let arrived = office.arrived(COLLEAGUE, "INBOX", &second.message_id);
    let content = mime::parse(&arrived[0]);
    let reply = invitation::read(&arrived[0], &content, &|_| None).unwrap();
    assert_eq!(reply.method, Method::Reply);
    assert_eq!(reply.events[0].uid, "hop@x");
    assert_eq!(
        reply.events[0].attendees[0].attendance,
        Attendance::Accepted
    );
    assert_eq!(content.envelope.references, ["moi@x"]);
    assert_eq!(content.text.trim(), "Tôi xin nhận lời.");

    let again = office
        .engine()
        .answer_invitation(id, Answer::Accept, words("Nhận lời"));
    let again = office.runtime.block_on(again).unwrap_err();
    assert_eq!(again.kind, Kind::BadRequest);
    office.reopen();
    let answered = insight(&office, id).calling.unwrap().answered.unwrap();
    assert_eq!(
        (answered.answer, answered.state),
        (Answer::Accept, OutboxState::Sent)
    );

    // A newer version asks anew; a cancellation is told.
    let newer = receive(&office, &invitation("REQUEST", 1, "moi-lai"));
    let standing = insight(&office, id).calling.unwrap().standing;
    assert_eq!(standing, Standing::Replaced(newer));
    let off = receive(&office, &invitation("CANCEL", 2, "huy"));
    let standing = insight(&office, newer).calling.unwrap().standing;
    assert_eq!(standing, Standing::Cancelled(off));
}

#[test]
fn who_is_not_invited_does_not_answer() {
    let office = Office::open(Script::default());
    let letter = invitation("REQUEST", 0, "nhom").replace(
        &format!("NEEDS-ACTION:mailto:{ADDRESS}"),
        "NEEDS-ACTION:mailto:nhom@x.vn",
    );
    let id = receive(&office, &letter);
    assert_eq!(insight(&office, id).calling.unwrap().part, Part::Neither);
    let answer = office
        .engine()
        .answer_invitation(id, Answer::Accept, words("Nhận lời"));
    assert_eq!(
        office.runtime.block_on(answer).unwrap_err().kind,
        Kind::BadRequest
    );
    assert!(office.wait(office.engine().outbox()).is_empty());
    assert!(office.wait(office.engine().drafts()).is_empty());
}

#[test]
fn a_receipt_goes_once_and_only_when_told_to() {
    let office = Office::open(Script::default());
    let id = receive(&office, &invitation("REQUEST", 0, "bao-nhan"));
    let wish = insight(&office, id).receipt.unwrap();
    assert_eq!((wish.decided, wish.request.doubt), (None, None));
    assert!(office.wait(office.engine().outbox()).is_empty());

    let sent = accepted(office.wait(office.engine().send_receipt(id, words("Đã xem: Hop"))));
    office.clock.advance(60);
    assert_eq!(office.settled(sent.outbox_id).state, OutboxState::Sent);
    let arrived = office.arrived(COLLEAGUE, "INBOX", &sent.message_id);
    let report = report::read(&arrived[0], &mime::parse(&arrived[0])).unwrap();
    assert_eq!(report.original().message_id, "bao-nhan@x");

    let again = office.engine().send_receipt(id, words("Đã xem"));
    assert_eq!(
        office.runtime.block_on(again).unwrap_err().kind,
        Kind::BadRequest
    );
    let declined = office.runtime.block_on(office.engine().decline_receipt(id));
    assert_eq!(declined.unwrap_err().kind, Kind::BadRequest);
    assert!(
        office
            .wait(office.engine().row(id))
            .flags
            .contains(Flags::MDN_SENT)
    );
    assert!(insight(&office, id).receipt.unwrap().decided.is_some());

    let other = receive(&office, &invitation("REQUEST", 0, "khong-bao"));
    office.wait(office.engine().decline_receipt(other));
    let decided = insight(&office, other).receipt.unwrap().decided.unwrap();
    assert!(!decided.0);
}

#[test]
fn a_mail_that_came_back_is_marked_and_begins_anew() {
    let office = Office::open(Script::default());
    let sent = office.send(office.draft("Báo cáo"));
    office.settled(sent.outbox_id);
    let bounce = |id: &str, about: &str| {
        format!(
            "From: MAILER-DAEMON@x.vn\r\nTo: {ADDRESS}\r\nMessage-ID: <{id}@x>\r\nSubject: Undelivered Mail\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nFailed.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.vn\r\n\r\n\
             Final-Recipient: rfc822; {COLLEAGUE}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{about}>\r\n\r\n--b--\r\n"
        )
    };
    let id = receive(&office, &bounce("tra-lai", &sent.message_id));
    // Told by the outbox before anybody opens the report.
    let item = office.item(sent.outbox_id);
    assert_eq!(item.recipients[0].state, "undelivered", "{item:?}");
    let insight_of = insight(&office, id);
    assert!(!insight_of.backscatter);
    let draft = office.wait(office.engine().resend_draft(id));
    let draft: Draft = office.wait(office.engine().draft(draft));
    assert_eq!(draft.to[0].address, COLLEAGUE);
    assert_eq!((draft.subject.as_str(), draft.continues), ("Báo cáo", None));

    let forged = receive(&office, &bounce("gia", "khong-phai-cua-toi@x"));
    assert!(insight(&office, forged).backscatter);
    let again = office
        .runtime
        .block_on(office.engine().resend_draft(forged));
    assert_eq!(again.unwrap_err().kind, Kind::NotFound);
}
