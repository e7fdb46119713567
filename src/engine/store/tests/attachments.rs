//! The text of attachments: what waits to be read, what is kept of it, what is found.

use tcv_domain::mime;

use super::*;
use crate::extract::{Extract, ExtractState, Outcome};

fn letter(uid: u32) -> Vec<u8> {
    format!(
        "Message-ID: <{uid}@x>\r\nSubject: Gui tep {uid}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nKính gửi anh.\r\n\
         --b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=cv{uid}.pdf\r\n\r\nx\r\n\
         --b--\r\n"
    )
    .into_bytes()
}

fn library() -> (Mailbox, Vec<MessageId>) {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1, 2, 3]);
    let bodies: Vec<_> = ids
        .iter()
        .zip(1..)
        .map(|(id, uid)| (*id, letter(uid)))
        .collect();
    mail.store.put_bodies(&bodies).unwrap();
    (mail, ids)
}

fn keep(mail: &Mailbox, id: MessageId, state: ExtractState, text: &str, version: i64) {
    let content = mime::parse(&mail.store.body(id).unwrap().unwrap());
    let text = text.to_owned();
    let extract = Extract {
        index: 0,
        name: content.attachments[0].name.clone(),
        outcome: Outcome { state, text },
    };
    mail.store
        .put_extracts(id, &content, &[extract], version)
        .unwrap();
}

fn found(mail: &Mailbox, typed: &str) -> Vec<(u32, Option<String>)> {
    mail.store.index_pending(1_000).unwrap();
    let hits = mail.ask(typed, None, Typing::Ongoing).hits.into_iter();
    hits.map(|hit| (hit.row.uid.unwrap(), hit.attachment))
        .collect()
}

fn kept(mail: &Mailbox) -> i64 {
    let sql = "SELECT count(*) FROM extracts";
    mail.store
        .read(|c| Ok(c.query_row(sql, [], |row| row.get(0))?))
        .unwrap()
}

#[test]
fn the_newest_wait_first_and_only_until_they_are_read() {
    let (mail, ids) = library();
    assert_eq!(
        mail.store.unread_attachments(9).unwrap(),
        [ids[2], ids[1], ids[0]]
    );
    keep(&mail, ids[2], ExtractState::Text, "Đường ngập", 1);
    keep(&mail, ids[1], ExtractState::NoText, "", 1);
    assert_eq!(mail.store.unread_attachments(9).unwrap(), [ids[0]]);
    let now = mail.store.extraction().unwrap();
    assert_eq!(
        (now.waiting, now.with_text, now.without_text, now.unreadable),
        (1, 1, 1, 0)
    );
}

#[test]
fn what_they_say_is_found_beside_what_the_letter_says() {
    let (mail, ids) = library();
    keep(
        &mail,
        ids[1],
        ExtractState::Text,
        "Đề nghị rà soát đường ngập",
        1,
    );
    let name = || Some("cv2.pdf".to_owned());
    assert_eq!(found(&mail, "đường ngập"), [(2, name())]);
    assert_eq!(found(&mail, "duong ngap"), [(2, name())]);
    assert_eq!(found(&mail, "từ khác"), []);
    // A word here, a word there.
    assert_eq!(found(&mail, "\"rà soát\" \"gui tep\"").len(), 1);
    // The letter says it itself.
    assert_eq!(found(&mail, "kính gửi"), [(3, None), (2, None), (1, None)]);
}

#[test]
fn a_body_stored_anew_is_read_anew() {
    let (mail, ids) = library();
    keep(&mail, ids[0], ExtractState::Text, "Đường ngập", 1);
    mail.store.put_body(ids[0], &letter(1)).unwrap();
    assert_eq!(found(&mail, "ngập"), []);
    assert_eq!(kept(&mail), 0);
    assert!(mail.store.unread_attachments(9).unwrap().contains(&ids[0]));
}

#[test]
fn they_go_with_their_message() {
    let (mail, ids) = library();
    keep(&mail, ids[0], ExtractState::Text, "Đường ngập", 1);
    assert_eq!(kept(&mail), 1);
    mail.store
        .write(|c| {
            Ok(c.execute("DELETE FROM messages WHERE id = ?1", [ids[0].0])
                .map(drop)?)
        })
        .unwrap();
    assert_eq!(kept(&mail), 0);
    assert_eq!(found(&mail, "ngập"), []);
}

#[test]
fn a_later_reader_tries_again_what_an_older_one_failed_at() {
    let (mail, ids) = library();
    keep(&mail, ids[0], ExtractState::Failed, "", 1);
    keep(&mail, ids[1], ExtractState::Text, "Đường ngập", 1);
    keep(&mail, ids[2], ExtractState::NoText, "", 2);
    mail.store.reread_attachments(1).unwrap();
    assert_eq!(mail.store.unread_attachments(9).unwrap(), []);
    mail.store.reread_attachments(2).unwrap();
    assert_eq!(mail.store.unread_attachments(9).unwrap(), [ids[0]]);
    keep(&mail, ids[0], ExtractState::Text, "Đường thông", 2);
    assert_eq!(found(&mail, "đường thông").len(), 1);
}

#[test]
fn an_index_made_anew_holds_them() {
    let (mail, ids) = library();
    keep(&mail, ids[0], ExtractState::Text, "Đường ngập", 1);
    mail.store
        .write(|c| {
            Ok(c.execute_batch(
                "INSERT INTO search (search) VALUES ('delete-all');
                 INSERT INTO hints (hints) VALUES ('delete-all');
                 UPDATE messages SET indexed = 0",
            )?)
        })
        .unwrap();
    assert_eq!(found(&mail, "ngập").len(), 1);
}
