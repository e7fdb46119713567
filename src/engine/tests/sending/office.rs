//! A practice server and an engine on a data folder that outlives it.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tcv_domain::address::Address;
use tcv_domain::draft::Draft;
use tcv_domain::message::{OutboxId, UnixTime};
use tcv_domain::profile::{Protocol as Speaks, ServerUrl, Transport};
use tcv_engine::{
    Accepted, Account, Engine, Error, LoadedProfile, ManualClock, NewAccount, Options, OutboxItem,
    OutboxState, Pace, Result, Secret, SecretsChoice, SendOptions, SetupStep, SyncScope,
};
use tcv_practice::{ADDRESS, COLLEAGUE, DISPLAY_NAME, PASSWORD, Practice, Script};
use tempfile::TempDir;

/// How long a test waits for what should take a moment.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Monday 2026-11-23 08:00 in Vietnam.
pub const MONDAY: UnixTime = UnixTime(1_795_395_600);

pub struct Office {
    pub practice: Practice,
    pub clock: Arc<ManualClock>,
    pub engine: Option<Engine>,
    /// Engines of before a crash: ended with the test, not with the crash.
    ghosts: Vec<Engine>,
    pub runtime: tokio::runtime::Runtime,
    pub dir: TempDir,
    /// The folder before a crash; the engine of then may still use it.
    before: Option<TempDir>,
    roots: Vec<Vec<u8>>,
}

/// Ends in order: threads that still use the store while the process ends may crash it.
impl Drop for Office {
    fn drop(&mut self) {
        for engine in self.ghosts.drain(..).chain(self.engine.take()) {
            self.runtime.block_on(engine.shutdown());
        }
    }
}

impl Office {
    /// A server of that script and an engine that trusts it, without an account.
    pub fn empty(script: Script) -> Self {
        let options = tcv_practice::Options {
            script,
            ..tcv_practice::Options::empty()
        };
        let practice = Practice::start(options).unwrap();
        let roots = vec![practice.ca_der().to_vec()];
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let clock = Arc::new(ManualClock::new(MONDAY));
        let dir = TempDir::new().unwrap();
        let mut office = Self {
            practice,
            clock,
            engine: None,
            runtime,
            dir,
            ghosts: Vec::new(),
            before: None,
            roots,
        };
        office.reopen();
        office
    }

    /// The same with an account that is synced once and whose work has begun; then `script`.
    pub fn open(script: Script) -> Self {
        let office = Self::empty(Script::default());
        office.add(office.new_account(PASSWORD)).1.unwrap();
        office.wait(office.engine().sync(SyncScope::default()));
        office.practice.set_script(script);
        office.engine().start();
        office
    }

    /// What a crash at this moment would leave: the files as they are go to another folder, and
    /// the next engine finds them there. Whatever the old one is doing, it does for itself.
    pub fn crash(&mut self) {
        let left = TempDir::new().unwrap();
        for entry in std::fs::read_dir(self.dir.path()).unwrap() {
            let entry = entry.unwrap();
            // The index of the write-ahead log is made anew after a crash; locks are gone.
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_file() && !name.ends_with("-shm") {
                std::fs::copy(entry.path(), left.path().join(name)).unwrap();
            }
        }
        self.before = Some(std::mem::replace(&mut self.dir, left));
        self.ghosts.extend(self.engine.take());
        self.reopen();
    }

    /// Ends the engine and opens another on the same folder.
    pub fn reopen(&mut self) {
        if let Some(engine) = self.engine.take() {
            self.runtime.block_on(engine.shutdown());
        }
        let options = Options {
            data_dir: self.dir.path().to_owned(),
            profile: LoadedProfile::default(),
            secrets: SecretsChoice::Vault {
                passphrase: Some(Secret::new("mật khẩu")),
            },
            clock: Arc::<ManualClock>::clone(&self.clock),
            extra_roots: self.roots.clone(),
        };
        let (engine, _) = Engine::open(options).unwrap();
        engine.set_pace(Pace {
            retry_least: Duration::from_millis(50),
            ..Pace::default()
        });
        self.engine = Some(engine);
    }

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    pub fn wait<T>(&self, future: impl Future<Output = Result<T>>) -> T {
        self.runtime.block_on(future).unwrap()
    }

    pub fn fails<T>(&self, future: impl Future<Output = Result<T>>) -> Error {
        self.runtime.block_on(future).err().unwrap()
    }

    pub fn server(&self, speaks: Speaks, transport: Transport) -> ServerUrl {
        let address = match (speaks, transport) {
            (Speaks::Imap, Transport::Implicit) => self.practice.imap_addr(),
            (Speaks::Imap, Transport::StartTls) => self.practice.imap_starttls_addr(),
            (Speaks::Smtp, Transport::Implicit) => self.practice.smtp_addr(),
            (Speaks::Smtp, Transport::StartTls) => self.practice.smtp_starttls_addr(),
        };
        ServerUrl::new(speaks, transport, self.practice.host()).at_port(address.port())
    }

    pub fn new_account(&self, password: &str) -> NewAccount {
        NewAccount {
            identity: Address::new(DISPLAY_NAME, ADDRESS),
            login: None,
            imap: Some(self.server(Speaks::Imap, Transport::Implicit)),
            smtp: Some(self.server(Speaks::Smtp, Transport::Implicit)),
            password: Secret::new(password),
        }
    }

    /// Sets an account up; gives the steps that were told, too.
    pub fn add(&self, new: NewAccount) -> (Vec<SetupStep>, Result<Account>) {
        let (steps, mut told) = tokio::sync::mpsc::unbounded_channel();
        let account = self.runtime.block_on(self.engine().add_account(new, steps));
        let mut heard = Vec::new();
        while let Ok(step) = told.try_recv() {
            heard.push(step);
        }
        (heard, account)
    }

    /// A letter to the colleague.
    pub fn draft(&self, subject: &str) -> Draft {
        Draft {
            from: Address::new(DISPLAY_NAME, ADDRESS),
            to: vec![Address::new("Trần Thị Bình", COLLEAGUE)],
            subject: subject.to_owned(),
            body: "Kính gửi đồng chí,\n\nĐề nghị báo cáo trước ngày 30/11.\nTrân trọng./.".into(),
            ..Draft::default()
        }
    }

    /// Hands a draft in, to leave at once.
    pub fn send(&self, draft: Draft) -> Accepted {
        let id = self.wait(self.engine().create_draft(draft));
        let options = SendOptions {
            hold_seconds: 0,
            at: None,
        };
        self.wait(self.engine().send(id, Vec::new(), options))
    }

    /// Waits until it is settled.
    pub fn settled(&self, id: OutboxId) -> OutboxItem {
        self.wait(self.engine().wait_outbox(id))
    }

    pub fn item(&self, id: OutboxId) -> OutboxItem {
        let items = self.wait(self.engine().outbox());
        items.into_iter().find(|item| item.outbox_id == id).unwrap()
    }

    /// Waits until a message is in a state.
    pub fn until(&self, id: OutboxId, state: OutboxState) -> OutboxItem {
        self.eventually(|| Some(self.item(id)).filter(|item| item.state == state))
    }

    /// Waits for a condition, looking again and again.
    pub fn eventually<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < deadline, "it did not happen in time");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The messages with that Message-ID in a folder on the server.
    pub fn arrived(&self, who: &str, folder: &str, message_id: &str) -> Vec<Vec<u8>> {
        let wanted = format!("Message-ID: <{message_id}>");
        self.practice
            .messages(who, folder)
            .into_iter()
            .map(|message| message.bytes.to_vec())
            .filter(|bytes| String::from_utf8_lossy(bytes).contains(&wanted))
            .collect()
    }
}
