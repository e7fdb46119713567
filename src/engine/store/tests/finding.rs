//! Search and completion, with Vietnamese as people type it.

use super::*;

/// No message at all.
const NONE: [u32; 0] = [];

fn find(mail: &Mailbox, typed: &str) -> Vec<u32> {
    mail.store.index_pending(1_000).unwrap();
    let hits = mail.ask(typed, None, Typing::Ongoing);
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
        let _ = mail.ask(typed, None, Typing::Ongoing);
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
    let hits = mail.ask("mat khau", None, Typing::Ongoing);
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
    let search = |account| mail.ask("hop", Some(account), Typing::Ongoing).total;
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
    assert_eq!(mail.ask("cong van", None, Typing::Ongoing).total, 600);
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

/// Two letters, the one with the marks looked for older than a page of others.
#[test]
fn marks_typed_come_first_however_old_they_are() {
    let mail = Mailbox::new();
    let uids: Vec<u32> = (1..=80).collect();
    let ids = mail.deliver(&uids);
    let bodies: Vec<_> = ids
        .iter()
        .map(|id| {
            let text = if *id == ids[0] {
                "gặp bà Hoà"
            } else {
                "một cành hoa"
            };
            (*id, raw("a@b", "x", text))
        })
        .collect();
    mail.store.put_bodies(&bodies).unwrap();
    let first = |typed: &str| -> Vec<u32> {
        let hits = mail.ask(typed, None, Typing::Ongoing).hits;
        hits[..2].iter().map(|hit| hit.row.uid.unwrap()).collect()
    };
    assert_eq!(first("hòa"), [1, 80]);
    assert_eq!(first("hoa"), [80, 79]);
}

#[test]
fn subject_and_sender_come_before_the_text() {
    let mail = Mailbox::new();
    let ids = mail.deliver(&[1, 2, 3, 4]);
    let letters = [
        raw("a@b", "Ke hoach nam", "x"),
        raw("a@b", "x", "Kế hoạch"),
        raw("a@b", "ke x", "hoạch"),
        raw("a@b", "Ke hoach quy", "x"),
    ];
    mail.store
        .put_bodies(&ids.into_iter().zip(letters).collect::<Vec<_>>())
        .unwrap();
    mail.store
        .write(|c| {
            // Subjects of rows are those of the headers; the index has those of the letters.
            c.execute("UPDATE messages SET indexed = 0", [])?;
            c.execute_batch("DELETE FROM search; DELETE FROM hints;")?;
            Ok(())
        })
        .unwrap();
    assert_eq!(
        find(&mail, "ke hoach "),
        [4, 1, 3, 2],
        "and the index is made anew"
    );
    assert_eq!(find(&mail, "kế hoạch "), [2, 4, 1, 3], "marks first");
    assert_eq!(find(&mail, "nội dung:hoach "), [3, 2]);
    assert_eq!(find(&mail, "chủ đề:hoach "), [4, 1]);
}

#[test]
fn kinds_of_documents_folders_days_and_sizes() {
    let mail = library();
    let moved = mail.arrive(mail.archive, vec![header(90)]);
    mail.store
        .put_body(moved[0], &raw("q@d", "x", "Số: 12/QĐ-UBND\nQuyết định"))
        .unwrap();
    for (typed, uids) in [
        ("loại:CT", &[1][..]),
        ("loại:\"chỉ thị\"", &[1]),
        ("loại:qd", &[90]),
        ("loại:gm", &[]),
        ("trong:\"lưu trữ\"", &[90]),
        ("in:archive", &[90]),
        ("trong:inbox hop", &[3]),
        ("-trong:inbox", &[90]),
        ("trong:khác", &[]),
        ("ngày:11/11/2026", &[90, 3, 2, 1]),
        ("trước:2026-11", &[]),
        ("sau:2026-11", &[90, 3, 2, 1]),
        ("hôm qua", &[]),
        ("lớn hơn:1k", &[90]),
        ("số:7/CT-UBND", &[1]),
        ("số 07/CT-UBND", &[1]),
        ("12/qđ-ubnd", &[90]),
        ("-họp -duong", &[90, 1]),
        ("họp hoặc đường", &[3, 2]),
        ("is:unread -(họp OR đường)", &[90, 1]),
        ("(họp gắn cờ) hoặc 12/QĐ", &[90]),
    ] {
        assert_eq!(find(&mail, typed), uids, "{typed}");
    }
}

#[test]
fn what_is_counted_is_bounded() {
    let mail = library();
    mail.store.index_pending(100).unwrap();
    let hits = mail
        .store
        .search(&Search {
            query: &query::parse("bich", date(2026, 11, 23), Typing::Finished),
            account: None,
            limit: 1,
            count_to: 2,
            begin: &|_| NOW,
            calls_off: false,
        })
        .unwrap();
    assert_eq!((hits.total, hits.more, hits.hits.len()), (2, true, 1));
}

#[test]
fn a_beginning_that_says_too_little_does_not_empty_the_page() {
    let mail = library();
    let many = mail.arrive(mail.archive, vec![header(50)]);
    let words: Vec<String> = (0..400).map(|n| format!("b{n}x")).collect();
    mail.store
        .put_body(many[0], &raw("m@m", "x", &words.join(" ")))
        .unwrap();
    assert_eq!(find(&mail, "duong b"), [2], "b begins too many words");
    assert_eq!(find(&mail, "b39"), [50]);
    assert_eq!(find(&mail, "duong bi"), [2]);
    assert_eq!(find(&mail, "duong bz"), NONE);
}
