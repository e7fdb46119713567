//! A letter goes out and an answer comes back: right diacritics at the other end, one copy in Sent, no trace of Bcc.

use mail_parser::{MessageParser, MimeHeaders as _};
use tcv_domain::draft::{QuoteWords, ReplyKind};
use tcv_engine::{OutboxState, SendOptions};

use crate::letters::{self, invitation};
use crate::office::{Office, TEXT, contains, has_flag, message};

const SUBJECT: &str = "Trả lời Công văn số 12/UBND-VX ngày 05/01: “đủ điều kiện”, 100 %";

#[test]
fn a_letter_arrives_whole_and_one_copy_lies_in_sent() {
    let office = Office::new();
    let (nva, binh) = (office.nva().address.clone(), office.binh().address.clone());
    let hidden = office
        .servers
        .add_user("chanhvanphong@quynhon.test.gov.vn", "mk")
        .unwrap();
    office.json(&["sync"]);
    let file = office
        .program
        .write(letters::FILE_NAME, letters::file())
        .unwrap();
    let more = [
        "--bcc",
        &hidden.address,
        "--attach",
        file.to_str().unwrap(),
        "--wait",
    ];
    let sent = office.send(&format!("Trần Thị Bình <{binh}>"), SUBJECT, &more);
    let sent = sent.expect_code(0).unwrap().json().unwrap();
    assert_eq!(sent["state"], "sent", "{sent}");
    let message_id = sent["message_id"].as_str().unwrap();

    for recipient in [&binh, &hidden.address] {
        let raw = office
            .servers
            .wait_for_message(recipient, "INBOX", message_id);
        let letter = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(letter.subject(), Some(SUBJECT));
        let from = letter.from().unwrap().first().unwrap();
        assert_eq!(
            (from.name(), from.address()),
            (Some("Nguyễn Văn An"), Some(&*nva))
        );
        assert_eq!(
            letter.to().unwrap().first().unwrap().name(),
            Some("Trần Thị Bình")
        );
        assert_eq!(
            letter
                .body_text(0)
                .unwrap()
                .replace("\r\n", "\n")
                .trim_end(),
            TEXT.trim_end()
        );
        let attached = letter.attachment(0).unwrap();
        assert_eq!(attached.attachment_name(), Some(letters::FILE_NAME));
        assert_eq!(attached.contents(), letters::file());
        assert!(letter.bcc().is_none());
        // Header fields are ASCII, and what the other servers added aside nothing names the hidden recipient.
        let ours = &raw[raw.windows(6).position(|w| w == b"\nFrom:").unwrap()..];
        assert!(!contains(ours, hidden.address.as_bytes()));
    }

    office.json(&["sync"]);
    office.json(&["sync"]);
    assert_eq!(office.copies(&nva, "Sent", message_id), 1);
    assert_eq!(office.servers.messages(&nva, "Sent").len(), 1);
    let listed = office.list("sent");
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (
            listed[0]["message_id"].as_str(),
            listed[0]["subject"].as_str()
        ),
        (Some(message_id), Some(SUBJECT))
    );
    assert!(has_flag(&listed[0], "\\Seen"));
}

#[test]
fn an_answer_arrives_at_the_sender_and_the_letter_counts_as_answered() {
    let office = Office::new();
    let (nva, binh) = (office.nva().address.clone(), office.binh().address.clone());
    office.receive(&[invitation(&binh)]);
    let row = office.list("inbox")[0].clone();

    let inside = office.engine();
    let engine = &inside.engine;
    let attribution = "Ngày 23/11/2026, Trần Thị Bình viết:".to_owned();
    let words = QuoteWords {
        attribution,
        ..QuoteWords::default()
    };
    let id = inside.wait(engine.reply_draft(message(&row), ReplyKind::Reply, words));
    let mut draft = inside.wait(engine.draft(id));
    draft.body = format!("{TEXT}{}", draft.body);
    inside.wait(engine.save_draft(id, draft));
    let now = SendOptions {
        hold_seconds: 0,
        at: None,
    };
    let accepted = inside.wait(engine.send(id, Vec::new(), now));
    engine.start();
    assert_eq!(
        inside.wait(engine.wait_outbox(accepted.outbox_id)).state,
        OutboxState::Sent
    );
    drop(inside);
    office.json(&["sync"]);

    let raw = office
        .servers
        .wait_for_message(&binh, "INBOX", &accepted.message_id);
    let answer = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(
        answer.subject(),
        Some(&*format!("Re: {}", letters::SUBJECT))
    );
    assert_eq!(
        answer.in_reply_to().as_text(),
        Some("moi-hop-1@quynhon.test.gov.vn")
    );
    let text = answer.body_text(0).unwrap().replace("\r\n", "\n");
    assert!(text.starts_with(TEXT.trim_end()), "{text}");
    assert!(
        text.contains("Trần Thị Bình viết:") && text.contains("> Kính gửi: Các phòng, ban;"),
        "{text}"
    );
    assert_eq!(office.copies(&nva, "Sent", &accepted.message_id), 1);
    assert!(
        office.server_flags("INBOX")[0].contains("\\Answered"),
        "{:?}",
        office.server_flags("INBOX")
    );
    assert!(has_flag(&office.list("inbox")[0], "\\Answered"));
}

#[test]
fn a_letter_accepted_earlier_leaves_with_the_next_sync() {
    let office = Office::new();
    let accepted = office
        .send(&office.binh().address, "Báo cáo tuần", &[])
        .expect_code(0)
        .unwrap();
    let message_id = accepted.json().unwrap()["message_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        office.copies(&office.binh().address, "INBOX", &message_id),
        0
    );
    office.json(&["sync"]);
    assert_eq!(office.only_outgoing()["state"], "sent");
    office
        .servers
        .wait_for_message(&office.binh().address, "INBOX", &message_id);
    assert_eq!(office.copies(&office.nva().address, "Sent", &message_id), 1);
}
