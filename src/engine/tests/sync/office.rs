//! A practice server and an engine with one account on it.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tcv_domain::address::Address;
use tcv_domain::folder::Folder;
use tcv_domain::message::{MessageId, MessageRow};
use tcv_domain::profile::{Protocol, ServerUrl, Transport};
use tcv_engine::{
    Account, Bodies, Engine, Event, ListRequest, LoadedProfile, NewAccount, Options, Pace, Secret,
    SecretsChoice, SyncReport, SyncScope, SystemClock,
};
use tcv_practice::{ADDRESS, PASSWORD, Practice, Script};
use tempfile::TempDir;

/// How long a test waits for what should take a moment.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Office {
    pub practice: Practice,
    pub engine: Engine,
    pub account: Account,
    secrets: SecretsChoice,
    runtime: tokio::runtime::Runtime,
    dir: TempDir,
}

/// A letter with a subject of its own.
pub fn letter(number: usize) -> Vec<u8> {
    format!(
        "From: =?UTF-8?Q?Tr=E1=BA=A7n_B=C3=ACnh?= <binh@tanphong.thuchanh.gov.vn>\r\n\
         To: {ADDRESS}\r\n\
         Subject: =?UTF-8?Q?B=C3=A1o_c=C3=A1o?= {number}\r\n\
         Message-ID: <thu-{number}@thuchanh.gov.vn>\r\n\
         Date: Mon, 23 Nov 2026 08:00:00 +0700\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n\
         Kính gửi đồng chí, thư số {number}.\r\n"
    )
    .into_bytes()
}

/// Ends in order: threads that still use the store while the process ends may crash it.
impl Drop for Office {
    fn drop(&mut self) {
        self.runtime.block_on(self.engine.shutdown());
    }
}

fn open_engine(practice: &Practice, dir: &TempDir, secrets: SecretsChoice) -> Engine {
    let options = Options {
        data_dir: dir.path().to_owned(),
        profile: LoadedProfile::default(),
        secrets,
        clock: Arc::new(SystemClock),
        extra_roots: vec![practice.ca_der().to_vec()],
    };
    let (engine, notices) = Engine::open(options).unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    engine.set_pace(Pace {
        read: Duration::from_secs(20),
        retry_least: Duration::from_millis(50),
        ..Pace::default()
    });
    engine
}

impl Office {
    /// The account is set up while the server behaves; then `script` is in force.
    pub fn open(script: Script) -> Self {
        Self::open_with(script, SecretsChoice::Memory)
    }

    /// The same, for [`Office::reopen`].
    pub fn open_lasting(script: Script) -> Self {
        let passphrase = Some(Secret::new("chỉ dùng để thử"));
        Self::open_with(script, SecretsChoice::Vault { passphrase })
    }

    /// Ends the engine with its workers and opens another on the same folder, which has none yet.
    pub fn reopen(&mut self) {
        self.runtime.block_on(self.engine.shutdown());
        self.engine = open_engine(&self.practice, &self.dir, self.secrets.clone());
    }

    fn open_with(script: Script, secrets: SecretsChoice) -> Self {
        let practice = Practice::start(tcv_practice::Options::empty()).unwrap();
        // Where writing through to the disk costs nothing: what a crash leaves is not tried here.
        let dir = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
        let dir = dir.unwrap();
        let engine = open_engine(&practice, &dir, secrets.clone());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let server = |protocol, port| {
            ServerUrl::new(protocol, Transport::Implicit, practice.host()).at_port(port)
        };
        let new = NewAccount {
            identity: Address::new("Nguyễn Văn An", ADDRESS),
            login: Some(ADDRESS.to_owned()),
            imap: Some(server(Protocol::Imap, practice.imap_addr().port())),
            smtp: Some(server(Protocol::Smtp, practice.smtp_addr().port())),
            password: Secret::new(PASSWORD),
        };
        let (steps, _heard) = tokio::sync::mpsc::unbounded_channel();
        let account = runtime.block_on(engine.add_account(new, steps)).unwrap();
        practice.set_script(script);
        Self {
            practice,
            engine,
            account,
            secrets,
            runtime,
            dir,
        }
    }

    #[track_caller]
    pub fn wait<T>(&self, future: impl Future<Output = tcv_engine::Result<T>>) -> T {
        self.try_wait(future).unwrap()
    }

    pub fn try_wait<T>(
        &self,
        future: impl Future<Output = tcv_engine::Result<T>>,
    ) -> tcv_engine::Result<T> {
        self.runtime.block_on(future)
    }

    pub fn deliver(&self, numbers: std::ops::Range<usize>) -> Vec<u32> {
        numbers
            .map(|n| {
                self.practice
                    .deliver(ADDRESS, "INBOX", &letter(n), &[])
                    .unwrap()
            })
            .collect()
    }

    /// A sync that must go well.
    pub fn sync(&self) -> SyncReport {
        let report = self.try_sync();
        assert!(report.accounts[0].error.is_none(), "{report:?}");
        report
    }

    pub fn try_sync(&self) -> SyncReport {
        self.sync_bodies(Bodies::None)
    }

    pub fn sync_bodies(&self, bodies: Bodies) -> SyncReport {
        self.wait(self.engine.sync(SyncScope {
            bodies,
            ..SyncScope::default()
        }))
    }

    pub fn folder(&self, name: &str) -> Folder {
        let folders = self.wait(self.engine.folders(self.account.id));
        folders
            .into_iter()
            .find(|folder| folder.name == name)
            .unwrap()
    }

    pub fn rows(&self, name: &str) -> Vec<MessageRow> {
        let request = ListRequest {
            folder: self.folder(name).id,
            offset: 0,
            limit: 1000,
            unread_only: false,
        };
        self.wait(self.engine.list(request)).rows
    }

    pub fn row(&self, name: &str, number: usize) -> MessageRow {
        let wanted = format!("Báo cáo {number}");
        self.rows(name)
            .into_iter()
            .find(|row| row.subject == wanted)
            .unwrap()
    }

    pub fn subjects(&self, name: &str) -> Vec<String> {
        let mut subjects: Vec<_> = self.rows(name).into_iter().map(|row| row.subject).collect();
        subjects.sort();
        subjects
    }

    /// Waits until `condition` holds.
    pub fn until(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The next announcement of new mail.
    pub fn arrived(&self, events: &mut tokio::sync::broadcast::Receiver<Event>) -> Vec<MessageId> {
        let mut found = Vec::new();
        self.until("new mail to be announced", || {
            while let Ok(event) = events.try_recv() {
                if let Event::MailArrived { ids, .. } = event {
                    found = ids;
                    return true;
                }
            }
            false
        });
        found
    }
}
