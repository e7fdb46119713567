//! Search and completion, with Vietnamese as people type it.

use tcv_domain::query;

use super::*;

/// No message at all.
const NONE: [u32; 0] = [];

fn find(mail: &Mailbox, typed: &str) -> Vec<u32> {
    mail.store.index_pending(1_000).unwrap();
    let hits = mail.store.search(&query::parse(typed), None, 50).unwrap();
    assert_eq!(hits.total, hits.hits.len());
    hits.hits.iter().map(|hit| hit.row.uid.unwrap()).collect()
}

fn library() -> Mailbox {
    let mail = Mailbox::new();
    let texts = [
        (
            "=?UTF-8?Q?V=E1=BB=81_vi=E1=BB=87c?= 07/CT-UBND",
            "Kính đề nghị các đơn vị báo cáo.",
        ),
        ("Giao thong", "Đường Lê Lợi bị ngập, cần xử lý hòa thuận."),
        (
            "Lich hop",
            "Mời họp lúc 14:00 tại phòng 2; mật khẩu Wi-Fi ở bảng tin.",
        ),
    ];
    let ids = mail.deliver(&[1, 2, 3]);
    let bodies: Vec<_> = ids
        .iter()
        .zip(texts)
        .map(|(id, (subject, body))| (*id, raw("x@y", subject, body)))
        .collect();
    mail.store.put_bodies(&bodies).unwrap();
    mail
}

#[test]
fn accents_are_optional_and_d_finds_đ() {
    let mail = library();
    assert_eq!(find(&mail, "de nghi"), [1]);
    assert_eq!(find(&mail, "đề nghị"), [1]);
    assert_eq!(find(&mail, "DUONG"), [2]);
    assert_eq!(find(&mail, "đường lê lợi"), [2]);
    assert_eq!(find(&mail, "hoà"), [2], "hòa and hoà are one word");
    assert_eq!(find(&mail, "khong co"), NONE);
}

#[test]
fn parts_of_a_document_number_are_found() {
    let mail = library();
    assert_eq!(find(&mail, "07/CT-UBND"), [1]);
    assert_eq!(find(&mail, "CT-UBND"), [1]);
    assert_eq!(find(&mail, "07/ct"), [1]);
}

#[test]
fn the_last_word_may_be_unfinished() {
    let mail = library();
    assert_eq!(find(&mail, "bao ca"), [1]);
    assert_eq!(find(&mail, "ngh"), [1]);
    assert_eq!(find(&mail, "cao bao"), [1]);
    assert_eq!(find(&mail, "\"cao bao\""), NONE, "a phrase keeps its order");
}

#[test]
fn people_are_found_and_filters_hold() {
    let mail = library();
    // From the body's own header: Trần Thị Bích wrote all three to nva.
    assert_eq!(find(&mail, "tran thi bich"), [3, 2, 1], "newest first");
    assert_eq!(find(&mail, "from:bich lich"), [3]);
    assert_eq!(find(&mail, "to:bich lich"), NONE);
    assert_eq!(find(&mail, "to:nva duong"), [2]);
    assert_eq!(find(&mail, "is:unread hop"), [3]);
    assert_eq!(find(&mail, "has:attachment hop"), NONE);
    assert_eq!(find(&mail, "is:unread"), [3, 2, 1]);
}

#[test]
fn no_input_is_taken_for_syntax() {
    let mail = library();
    for typed in [
        "\"",
        "a OR b",
        "NEAR(",
        "senders : x",
        "*",
        "^",
        "') --",
        "{a b}",
        "a AND",
        "-",
    ] {
        let _ = mail.store.search(&query::parse(typed), None, 5).unwrap();
    }
}

#[test]
fn hits_with_the_marks_typed_come_first() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1, 2]);
    mail.store
        .put_body(ids[0], &raw("a@b", "x", "Họ tên: Lê Hòa"))
        .unwrap();
    mail.store
        .put_body(ids[1], &raw("a@b", "x", "Cây hoa trước cổng"))
        .unwrap();
    assert_eq!(find(&mail, "hoa"), [2, 1]);
    assert_eq!(find(&mail, "hòa"), [1, 2]);
}

#[test]
fn the_snippet_shows_the_match() {
    let mail = library();
    let hits = mail
        .store
        .search(&query::parse("mat khau"), None, 5)
        .unwrap();
    assert!(
        hits.hits[0].snippet.contains("mật khẩu Wi-Fi"),
        "{}",
        hits.hits[0].snippet
    );
}

#[test]
fn headers_are_found_before_the_body_is_here_and_not_after_it_went() {
    let mail = Mailbox::new();
    let id = mail.deliver(&[8])[0];
    assert_eq!(find(&mail, "cong van so 8"), [8]);
    mail.store
        .put_body(
            id,
            &raw("thu-8@binhdinh.gov.vn", "Cong van so 8", "Phụ lục"),
        )
        .unwrap();
    assert_eq!(find(&mail, "phu luc"), [8]);
    let gone = SyncBatch {
        vanished: vec![8],
        ..SyncBatch::default()
    };
    mail.store.apply_sync(mail.inbox, &gone).unwrap();
    assert_eq!(find(&mail, "phu luc"), NONE);
    assert_eq!(find(&mail, "cong van"), NONE);
}

#[test]
fn a_search_can_be_kept_to_an_account() {
    let mail = library();
    let search = |account| {
        mail.store
            .search(&query::parse("hop"), Some(account), 5)
            .unwrap()
            .total
    };
    assert_eq!((search(ACCOUNT), search(AccountId(2))), (1, 0));
}

#[test]
fn many_mails_of_one_minute_keep_their_places() {
    let mail = Mailbox::new();
    let headers: Vec<_> = (1..=600)
        .map(|uid| FetchedHeader {
            internal_date: Some(NOW),
            envelope: Envelope {
                date: Some(NOW),
                ..header(uid).envelope
            },
            ..header(uid)
        })
        .collect();
    assert_eq!(mail.arrive(mail.inbox, headers).len(), 600);
    mail.store.index_pending(1_000).unwrap();
    assert_eq!(
        mail.store
            .search(&query::parse("cong van"), None, 5)
            .unwrap()
            .total,
        600
    );
}

#[test]
fn people_complete_by_words_initials_and_address() {
    let mail = Mailbox::new();
    mail.deliver(&[1]);
    let names = |typed: &str| -> Vec<String> {
        let mut found: Vec<_> = mail
            .store
            .people_matching(typed)
            .unwrap()
            .into_iter()
            .map(|one| one.name)
            .collect();
        found.sort();
        found
    };
    for typed in [
        "nguyen",
        "van a",
        "Nguyễn",
        "nva",
        "nva@binh",
        "an nguyen",
        "AN",
    ] {
        assert_eq!(names(typed), ["Nguyễn Văn An"], "{typed}");
    }
    assert_eq!(names("ttb"), ["Trần Thị Bích"]);
    assert_eq!(names("bichtt"), ["Trần Thị Bích"]);
    assert!(names("xyz").is_empty() && names("").is_empty() && names("  ").is_empty());
}

#[test]
fn people_we_write_to_are_told_from_those_we_only_see() {
    let mail = Mailbox::new();
    mail.deliver(&[1]);
    mail.arrive(mail.sent, vec![header(2)]);
    let seen = mail.store.seen_addresses().unwrap();
    let one = |address: &str| seen.iter().find(|one| one.address == address).unwrap();
    assert_eq!(one("bichtt@binhdinh.gov.vn").written, 1);
    assert_eq!(one("nva@binhdinh.gov.vn").written, 0);
}
