//! Tests of the store, by subject; and what they share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attachments;
mod changing;
mod counting;
mod damaged;
mod finding;
mod finding_all;
mod inspecting;
mod keeping;
mod leaving;
mod listing;
pub(super) mod observing;
mod planning;
mod sharing;
mod shedding;
mod strange;
mod syncing;
mod threading;
mod tree;
mod upgrading;

use jiff::civil::date;
use tcv_domain::address::Address;
use tcv_domain::folder::Role;
use tcv_domain::message::{AccountId, Envelope, Flags, FolderId, MessageId, MessageRow, UnixTime};
use tcv_domain::query::{self, Typing};
use tempfile::TempDir;

use super::{CacheKey, FetchedHeader, RemoteFolder, Search, Store, SyncBatch, Watermark};
use crate::types::{Hits, ListRequest};

const ACCOUNT: AccountId = AccountId(1);
const KEY: [u8; 32] = [7; 32];

/// 2026-11-23T00:00:00Z.
const NOW: UnixTime = UnixTime(1_795_392_000);

fn open(dir: &TempDir) -> Store {
    let (store, notices) = Store::open(dir.path(), CacheKey::new(KEY)).unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    store
}

/// A mailbox with the usual folders.
struct Mailbox {
    dir: TempDir,
    store: Store,
    inbox: FolderId,
    archive: FolderId,
    trash: FolderId,
    sent: FolderId,
}

impl Mailbox {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir);
        let list = remote_folders();
        assert!(store.put_folders(ACCOUNT, &list).unwrap());
        let role = |role| store.folder_role(ACCOUNT, role).unwrap().unwrap();
        let (inbox, archive) = (role(Role::Inbox), role(Role::Archive));
        let (trash, sent) = (role(Role::Trash), role(Role::Sent));
        Self {
            dir,
            store,
            inbox,
            archive,
            trash,
            sent,
        }
    }

    /// Messages with these UIDs arrive in the inbox, unread.
    fn deliver(&self, uids: &[u32]) -> Vec<MessageId> {
        let headers = uids.iter().map(|uid| header(*uid)).collect();
        self.arrive(self.inbox, headers)
    }

    fn arrive(&self, folder: FolderId, headers: Vec<FetchedHeader>) -> Vec<MessageId> {
        let batch = SyncBatch {
            headers,
            ..SyncBatch::default()
        };
        self.store.apply_sync(folder, &batch).unwrap().new
    }

    /// What a search for whole words finds in all accounts.
    fn search(&self, typed: &str) -> Hits {
        self.ask(typed, None, Typing::Finished)
    }

    fn ask(&self, typed: &str, account: Option<AccountId>, typing: Typing) -> Hits {
        ask(&self.store, typed, account, typing)
    }

    fn rows(&self, folder: FolderId) -> Vec<MessageRow> {
        let request = ListRequest {
            folder,
            offset: 0,
            limit: 1000,
            unread_only: false,
        };
        self.store.list(&request).unwrap().rows
    }

    fn ids(&self, folder: FolderId) -> Vec<MessageId> {
        self.rows(folder).into_iter().map(|row| row.id).collect()
    }

    /// The operations waiting, as debug text without numbers of rows.
    fn ops(&self) -> Vec<tcv_domain::op::Op> {
        self.store
            .pending_ops(ACCOUNT)
            .unwrap()
            .into_iter()
            .map(|op| op.op)
            .collect()
    }

    /// A worker takes an operation as it is now; whether there is one to take.
    fn begin(&self, id: i64) -> bool {
        let mut ops = self.store.pending_ops(ACCOUNT).unwrap();
        ops.retain(|op| op.id == id);
        let begun = self.store.begin_ops(&ops).unwrap();
        assert_eq!(begun, ops);
        !begun.is_empty()
    }

    fn flags(&self, id: MessageId) -> Flags {
        self.store.row(id).unwrap().flags
    }
}

/// What a search finds.
fn ask(store: &Store, typed: &str, account: Option<AccountId>, typing: Typing) -> Hits {
    store
        .search(&Search {
            query: &query::parse(typed, date(2026, 11, 23), typing),
            account,
            limit: 50,
            count_to: 1_000,
            begin: &|day| UnixTime(day.duration_since(date(1970, 1, 1)).as_secs()),
            calls_off: true,
        })
        .unwrap()
}

fn remote_folders() -> Vec<RemoteFolder> {
    let folder = |name: &str, role| RemoteFolder {
        name: name.into(),
        raw_name: name.into(),
        delimiter: Some('/'),
        role,
        selectable: true,
    };
    vec![
        folder("INBOX", Some(Role::Inbox)),
        folder("Lưu trữ", Some(Role::Archive)),
        folder("Thùng rác", Some(Role::Trash)),
        folder("Đã gửi", Some(Role::Sent)),
    ]
}

/// A header whose every value follows from its UID.
fn header(uid: u32) -> FetchedHeader {
    let date = NOW.plus(i64::from(uid) * 60 - 1_000_000);
    FetchedHeader {
        uid,
        flags: Flags::empty(),
        internal_date: Some(date),
        size: 1000 + u64::from(uid),
        modseq: Some(u64::from(uid)),
        envelope: Envelope {
            message_id: format!("thu-{uid}@binhdinh.gov.vn"),
            date: Some(date),
            from: vec![Address::new("Nguyễn Văn An", "nva@binhdinh.gov.vn")],
            to: vec![Address::new("Trần Thị Bích", "bichtt@binhdinh.gov.vn")],
            subject: format!("Công văn số {uid}"),
            ..Envelope::default()
        },
        has_attachments: None,
        has_invitation: false,
    }
}

fn watermark(uidvalidity: u32, uidnext: u32) -> Option<Watermark> {
    Some(Watermark {
        uidvalidity,
        uidnext: Some(uidnext),
        highestmodseq: Some(1),
    })
}

/// A message as it is on a server.
fn raw(message_id: &str, subject: &str, body: &str) -> Vec<u8> {
    format!(
        "Message-ID: <{message_id}>\r\nDate: Mon, 23 Nov 2026 08:00:00 +0700\r\n\
         From: =?UTF-8?B?VHLhuqduIFRo4buLIELDrWNo?= <bichtt@binhdinh.gov.vn>\r\n\
         To: nva@binhdinh.gov.vn\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    )
    .into_bytes()
}
