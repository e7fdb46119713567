//! Lists in every order, filtered and turned round, page by page: always what sorting all rows by
//! hand gives.

use tcv_domain::text::{given_name_key, vi_sort_key};
use tcv_domain::thread::base_subject;

use super::super::{Awaited, Change};
use super::*;
use crate::error::Kind;
use crate::types::{Filter, Page, PageRequest, SortBy};
use tcv_domain::message::FlagChange;

const NAMES: [&str; 6] = [
    "Nguyễn Văn Ánh",
    "Trần Thị Ân",
    "Lê An",
    "Đỗ Quốc Đạt",
    "Phạm Dũng",
    "",
];
const SUBJECTS: [&str; 5] = [
    "Đề nghị góp ý",
    "Re: Dự thảo kế hoạch",
    "Báo cáo tháng",
    "Trả lời: Báo cáo tháng",
    "",
];
const OWN: &str = "nva@binhdinh.gov.vn";

fn letter(uid: u32) -> FetchedHeader {
    let mut one = header(uid);
    let of = |many: usize| usize::try_from(uid).unwrap() % many;
    one.size = [5_000, 70, 5_000, 900][of(4)];
    one.flags = [
        Flags::empty(),
        Flags::SEEN,
        Flags::FLAGGED,
        Flags::SEEN.with(Flags::ANSWERED),
        Flags::DELETED,
        Flags::FLAGGED.with(Flags::DELETED),
        Flags::SEEN.with(Flags::FLAGGED),
    ][of(7)];
    one.has_attachments = Some(of(3) == 0);
    // Several of one moment.
    let date = NOW.plus(-i64::from(uid / 3) * 86_400);
    one.envelope.date = Some(date);
    one.internal_date = Some(date);
    let from = [format!("b{}@binhdinh.gov.vn", of(6)), OWN.to_uppercase()];
    one.envelope.from = vec![Address::new(
        NAMES[of(6)],
        from[usize::from(of(11) == 0)].as_str(),
    )];
    one.envelope.to = vec![Address::new(
        "",
        if of(2) == 0 {
            "NVA@binhdinh.gov.vn"
        } else {
            "x@y.vn"
        },
    )];
    one.envelope.subject = SUBJECTS[of(5)].to_owned();
    one
}

fn awaited() -> Awaited {
    Awaited {
        own: vec![OWN.to_owned()],
        since: NOW.plus(-30 * 86_400),
    }
}

fn page(mail: &Mailbox, request: &PageRequest) -> Page {
    mail.store.page(request, &awaited()).unwrap()
}

fn lets_through(filter: Filter, row: &MessageRow) -> bool {
    let has = |flag| row.flags.contains(flag);
    match filter {
        Filter::All => true,
        Filter::Unread => !has(Flags::SEEN),
        Filter::Flagged => has(Flags::FLAGGED),
        Filter::Attachments => row.has_attachments,
        Filter::Waiting => {
            let ours = |list: &[Address]| list.iter().any(|a| a.address.eq_ignore_ascii_case(OWN));
            ours(&row.to)
                && !ours(&row.from)
                && !has(Flags::ANSWERED)
                && row.date.0 >= awaited().since.0
        }
    }
}

/// What the list must be.
fn sorted(mail: &Mailbox, request: &PageRequest) -> Vec<MessageId> {
    let mut rows = mail.rows(request.folder);
    rows.retain(|row| lets_through(request.filter, row));
    let newest = |row: &MessageRow| -row.date.0;
    match request.by {
        SortBy::Date => rows.sort_by_key(|row| (newest(row), std::cmp::Reverse(row.id))),
        SortBy::Sender => {
            rows.sort_by_key(|row| (given_name_key(row.from[0].display()), newest(row), row.id))
        }
        SortBy::Subject => {
            rows.sort_by_key(|row| (vi_sort_key(base_subject(&row.subject)), newest(row), row.id))
        }
        SortBy::Size => rows.sort_by_key(|row| (std::cmp::Reverse(row.size), newest(row), row.id)),
    }
    if request.reversed {
        rows.reverse();
    }
    rows.into_iter().map(|row| row.id).collect()
}

fn every_request(folder: FolderId) -> Vec<PageRequest> {
    let mut requests = Vec::new();
    for by in [SortBy::Date, SortBy::Sender, SortBy::Subject, SortBy::Size] {
        for filter in [
            Filter::All,
            Filter::Unread,
            Filter::Flagged,
            Filter::Attachments,
            Filter::Waiting,
        ] {
            for reversed in [false, true] {
                requests.push(PageRequest {
                    by,
                    filter,
                    reversed,
                    ..PageRequest::new(folder, 7)
                });
            }
        }
    }
    requests
}

/// Every list, read whole, by pages that follow a message, and by pages that skip.
fn holds(mail: &Mailbox, folder: FolderId) {
    for request in every_request(folder) {
        let whole = sorted(mail, &request);
        let mut followed = Vec::new();
        let mut next = request.clone();
        loop {
            let page = page(mail, &next);
            assert_eq!(page.total, whole.len(), "{request:?}");
            if page.rows.is_empty() {
                break;
            }
            followed.extend(page.rows.iter().map(|row| row.id));
            next.after = followed.last().copied();
        }
        assert_eq!(followed, whole, "{request:?}");
        let skip = PageRequest {
            offset: whole.len() / 2,
            limit: 1000,
            ..request.clone()
        };
        let skipped: Vec<_> = page(mail, &skip).rows.iter().map(|row| row.id).collect();
        assert_eq!(skipped, whole[whole.len() / 2..], "{skip:?}");
    }
}

#[test]
fn every_order_and_filter_is_what_sorting_by_hand_gives() {
    let mail = Mailbox::new();
    mail.arrive(mail.inbox, (1..=60).map(letter).collect());
    holds(&mail, mail.inbox);
    // What changes afterwards is followed: mail that comes, moves, is marked and goes.
    mail.arrive(mail.inbox, (61..=80).map(letter).collect());
    let ids = mail.ids(mail.inbox);
    let change = |ids: &[MessageId], change| mail.store.change(ids, change).unwrap();
    change(&ids[3..9], Change::Move(mail.archive));
    change(&ids[10..14], Change::Flag(FlagChange::set(Flags::SEEN)));
    change(&ids[14..17], Change::Flag(FlagChange::set(Flags::DELETED)));
    change(&ids[20..25], Change::Delete);
    holds(&mail, mail.inbox);
    holds(&mail, mail.archive);
    holds(&mail, mail.trash);
}

#[test]
fn given_names_sort_senders_the_vietnamese_way() {
    let mail = Mailbox::new();
    mail.arrive(
        mail.inbox,
        (1..=20).filter(|n| n % 11 != 0).map(letter).collect(),
    );
    let request = PageRequest {
        by: SortBy::Sender,
        ..PageRequest::new(mail.inbox, 100)
    };
    let mut names: Vec<String> = page(&mail, &request)
        .rows
        .iter()
        .map(|row| row.from[0].name.clone())
        .filter(|name| !name.is_empty())
        .collect();
    names.dedup();
    let wanted = [
        "Lê An",
        "Nguyễn Văn Ánh",
        "Trần Thị Ân",
        "Phạm Dũng",
        "Đỗ Quốc Đạt",
    ];
    assert_eq!(names, wanted);
}

#[test]
fn a_page_behind_a_message_that_went_says_so() {
    let mail = Mailbox::new();
    mail.arrive(mail.inbox, (1..=20).map(letter).collect());
    let id = mail.ids(mail.inbox)[5];
    mail.store
        .change(&[id], Change::Move(mail.archive))
        .unwrap();
    for by in [SortBy::Date, SortBy::Size] {
        let request = PageRequest {
            by,
            after: Some(id),
            ..PageRequest::new(mail.inbox, 5)
        };
        let error = mail.store.page(&request, &awaited()).unwrap_err();
        assert_eq!(error.kind, Kind::NotFound);
    }
}

#[test]
fn filters_that_leave_much_walk_the_order_and_say_the_same() {
    use super::super::lists::tests::walked;
    let mail = Mailbox::new();
    mail.arrive(mail.inbox, (1..=60).map(letter).collect());
    for request in every_request(mail.inbox) {
        if request.by != SortBy::Date && request.filter != Filter::All {
            let all = PageRequest {
                limit: 1000,
                ..request
            };
            let ids: Vec<_> = walked(&mail.store, &all, &awaited())
                .iter()
                .map(|r| r.id)
                .collect();
            assert_eq!(ids, sorted(&mail, &all), "{all:?}");
        }
    }
}
