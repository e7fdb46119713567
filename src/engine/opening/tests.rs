//! An engine on a data folder, without any server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use tcv_domain::address::Address;
use tcv_domain::draft::{Draft, QuoteWords, ReplyKind};
use tcv_domain::folder::Role;
use tcv_domain::message::{AccountId, Envelope, FlagChange, Flags, MessageId, UnixTime};
use tcv_domain::profile::{Protocol, ServerUrl, Transport};
use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::store::{FetchedHeader, RemoteFolder, SyncBatch};
use crate::types::{Account, Done, ListRequest, Settings};
use crate::{LoadedProfile, SecretsChoice};

const NOW: UnixTime = UnixTime(1_795_392_000);

fn open(dir: &TempDir) -> Engine {
    let options = Options {
        data_dir: dir.path().to_owned(),
        profile: LoadedProfile::default(),
        secrets: SecretsChoice::Memory,
        clock: Arc::new(ManualClock::new(NOW)),
        extra_roots: Vec::new(),
    };
    let (engine, notices) = Engine::open(options).unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    engine
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn works(engine: &Engine) -> bool {
    matches!(*engine.inner.turn.state(), State::Working { .. })
}

/// An engine with an account and one letter with an attachment in its inbox.
struct Desk {
    dir: TempDir,
    engine: Engine,
    account: AccountId,
    letter: MessageId,
}

const LETTER: &str = "Message-ID: <gm-15@binhdinh.gov.vn>\r\n\
    Date: Mon, 23 Nov 2026 08:00:00 +0700\r\nFrom: Binh <binh@gmail.com>\r\n\
    To: nva@binhdinh.gov.vn\r\nSubject: Giay moi\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nMời họp.\r\n\
    --b\r\nContent-Type: application/pdf; name=\"GM 15.pdf\"\r\n\
    Content-Disposition: attachment; filename=\"GM 15.pdf\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n";

impl Desk {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let engine = open(&dir);
        let store = &engine.inner.store;
        let account = store.put_account(&account()).unwrap();
        let folder = |name: &str, role| RemoteFolder {
            name: name.into(),
            raw_name: name.into(),
            delimiter: Some('/'),
            role,
            selectable: true,
        };
        let folders = [
            folder("Đã xoá", Some(Role::Trash)),
            folder("Công văn", None),
            folder("Ảnh", None),
            folder("INBOX", Some(Role::Inbox)),
        ];
        store.put_folders(account, &folders).unwrap();
        let inbox = store.folder_role(account, Role::Inbox).unwrap().unwrap();
        let header = FetchedHeader {
            uid: 15,
            size: 400,
            internal_date: Some(NOW),
            envelope: Envelope {
                message_id: "gm-15@binhdinh.gov.vn".into(),
                from: vec![Address::new("Bình", "binh@gmail.com")],
                to: vec![Address::new("Bình", "binhtt@binhdinh.gov.vn")],
                ..Envelope::default()
            },
            ..FetchedHeader::default()
        };
        let batch = SyncBatch {
            headers: vec![header],
            ..SyncBatch::default()
        };
        let letter = store.apply_sync(inbox, &batch).unwrap().new[0];
        store.put_body(letter, LETTER.as_bytes()).unwrap();
        Self {
            dir,
            engine,
            account,
            letter,
        }
    }
}

fn account() -> Account {
    Account {
        id: AccountId(0),
        identity: Address::new("Nguyễn Văn An", "nva@binhdinh.gov.vn"),
        aliases: Vec::new(),
        login: "nva".into(),
        imap: ServerUrl::new(Protocol::Imap, Transport::Implicit, "127.0.0.1"),
        smtp: ServerUrl::new(Protocol::Smtp, Transport::Implicit, "127.0.0.1"),
    }
}

#[test]
fn only_one_works_and_the_next_takes_over() {
    let dir = TempDir::new().unwrap();
    let (first, second) = (open(&dir), open(&dir));
    first.start();
    first.start();
    assert!(works(&first));
    second.start();
    assert!(!works(&second));
    wait(first.shutdown());
    eventually("the second takes over", || works(&second));
    wait(second.shutdown());
    second.start();
    assert!(!works(&second), "what was ended stays so");
}

#[test]
fn dropping_the_last_handle_gives_the_turn_back() {
    let dir = TempDir::new().unwrap();
    let first = open(&dir);
    first.start();
    let second = open(&dir);
    second.start();
    // Inside a runtime, where dropping another one would panic.
    wait(async move { drop(first) });
    eventually("the second takes over", || works(&second));
    wait(second.shutdown());
}

#[test]
fn settings_survive() {
    let dir = TempDir::new().unwrap();
    let engine = open(&dir);
    assert_eq!(wait(engine.settings()).unwrap(), Settings::default());
    let mine = Settings {
        language: "en".into(),
        scale: 120,
        ..Settings::default()
    };
    wait(engine.save_settings(mine.clone())).unwrap();
    drop(engine);
    assert_eq!(wait(open(&dir).settings()).unwrap(), mine);
}

#[test]
fn folders_stand_in_the_order_of_the_tree() {
    let desk = Desk::new();
    let folders = wait(desk.engine.folders(desk.account)).unwrap();
    let names: Vec<_> = folders.iter().map(|folder| folder.name.as_str()).collect();
    assert_eq!(names, ["INBOX", "Đã xoá", "Ảnh", "Công văn"]);
}

#[test]
fn a_letter_is_read_and_its_attachment_saved() {
    let desk = Desk::new();
    let open = wait(desk.engine.open_message(desk.letter)).unwrap();
    assert_eq!(open.content.text.trim(), "Mời họp.");
    assert!(open.row.has_attachments && !open.row.flags.contains(Flags::SEEN));
    let index = open.content.attachments[0].index;
    let to = TempDir::new().unwrap();
    for expected in ["GM 15.pdf", "GM 15 (2).pdf"] {
        let save = desk
            .engine
            .save_attachment(desk.letter, index, to.path().to_owned());
        let saved = wait(save).unwrap();
        assert_eq!(saved, to.path().join(expected));
        assert_eq!(std::fs::read(saved).unwrap(), b"%PDF");
    }
    let missing = wait(desk.engine.attachment(desk.letter, 99)).unwrap_err();
    assert_eq!(missing.kind, Kind::NotFound);
}

#[test]
fn copies_for_other_programs_are_private_and_go_at_the_end() {
    let desk = Desk::new();
    desk.engine.start();
    let copy = wait(desk.engine.open_copy(desk.letter, 0)).unwrap();
    assert!(copy.starts_with(desk.dir.path()));
    assert!(std::fs::metadata(&copy).unwrap().permissions().readonly());
    let again = wait(desk.engine.open_copy(desk.letter, 0)).unwrap();
    assert_ne!(copy, again);
    wait(desk.engine.shutdown());
    assert!(!copy.exists() && !again.exists());
}

#[test]
fn changes_are_announced_and_undone() {
    let desk = Desk::new();
    let mut events = desk.engine.events();
    let undo = wait(
        desk.engine
            .flag(vec![desk.letter], FlagChange::set(Flags::SEEN)),
    )
    .unwrap();
    assert_eq!((undo.done, undo.count), (Done::MarkedRead, 1));
    let Ok(Event::MessagesChanged { ids, .. }) = events.try_recv() else {
        panic!()
    };
    assert_eq!(ids, [desk.letter]);
    assert!(matches!(events.try_recv(), Ok(Event::FoldersChanged(id)) if id == desk.account));
    wait(desk.engine.undo(undo)).unwrap();
    assert_eq!(
        wait(desk.engine.row(desk.letter)).unwrap().flags,
        Flags::empty()
    );

    let first = wait(desk.engine.delete(vec![desk.letter])).unwrap();
    assert_eq!((first.done, first.count), (Done::Deleted, 1));
    let second = wait(desk.engine.delete(vec![desk.letter])).unwrap();
    assert_eq!((second.done, second.count), (Done::Deleted, 0));
    let third = wait(desk.engine.expunge(vec![desk.letter])).unwrap();
    assert_eq!((third.done, third.count), (Done::Expunged, 1));
    let trash = desk
        .engine
        .inner
        .store
        .folder_role(desk.account, Role::Trash)
        .unwrap()
        .unwrap();
    let all = ListRequest {
        folder: trash,
        offset: 0,
        limit: 9,
        unread_only: false,
    };
    assert_eq!(wait(desk.engine.list(all)).unwrap().total, 0);
}

#[test]
fn official_addresses_are_offered_first() {
    let desk = Desk::new();
    let people = wait(desk.engine.complete("binh".into(), 5)).unwrap();
    let addresses: Vec<_> = people.iter().map(|one| one.address.as_str()).collect();
    assert_eq!(addresses, ["binhtt@binhdinh.gov.vn", "binh@gmail.com"]);
    assert_eq!(
        wait(desk.engine.complete("binh".into(), 1)).unwrap().len(),
        1
    );
}

#[test]
fn a_forward_takes_the_attachments_along() {
    let desk = Desk::new();
    let begin = |kind| {
        let id = desk
            .engine
            .reply_draft(desk.letter, kind, QuoteWords::default());
        wait(async { desk.engine.draft(id.await.unwrap()).await.unwrap() })
    };
    let forward = begin(ReplyKind::Forward);
    assert_eq!(forward.attachments[0].name, "GM 15.pdf");
    let bytes = desk
        .engine
        .inner
        .store
        .blob(forward.attachments[0].blob)
        .unwrap();
    assert_eq!(bytes.unwrap(), b"%PDF");
    let answer = begin(ReplyKind::Reply);
    assert!(answer.attachments.is_empty());
    assert_eq!(answer.to[0].address, "binh@gmail.com");
    assert_eq!(answer.from, account().identity);
}

#[test]
fn attaching_says_what_is_wrong() {
    let desk = Desk::new();
    let id = wait(desk.engine.create_draft(Draft::default())).unwrap();
    let attach = |path: &std::path::Path| wait(desk.engine.attach(id, path.to_owned()));
    let file = desk.dir.path().join("Tờ trình.docx");
    std::fs::write(&file, b"PK").unwrap();
    let attached = attach(&file).unwrap();
    assert_eq!(
        (attached.name.as_str(), attached.size),
        ("Tờ trình.docx", 2)
    );
    assert!(attached.media_type.contains("wordprocessingml"));
    assert_eq!(attach(desk.dir.path()).unwrap_err().kind, Kind::BadRequest);
    assert_eq!(
        attach(&desk.dir.path().join("không có")).unwrap_err().kind,
        Kind::Disk
    );
    let large = std::fs::File::create(desk.dir.path().join("to.zip")).unwrap();
    large
        .set_len(desk.engine.policy().max_message_bytes + 1)
        .unwrap();
    let refused = attach(&desk.dir.path().join("to.zip")).unwrap_err();
    assert_eq!(refused.kind, Kind::BadRequest);
    wait(desk.engine.discard_draft(id)).unwrap();
    assert_eq!(attach(&file).unwrap_err().kind, Kind::NotFound);
}
