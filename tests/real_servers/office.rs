//! An office for a test: servers, the program with a home of its own, and short ways to use both.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tcv_domain::message::MessageId;
use tcv_engine::{
    Engine, LoadedProfile, Options, Secret, SecretsChoice, SystemClock, read_certificates,
};
use tcv_support::{Account, Finished, MailServers, Program, ServerSpec};
use tokio::runtime::Runtime;

/// Longer than anything awaited takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

/// Servers, and a program that runs against them.
pub struct Office {
    pub servers: MailServers,
    pub program: Program,
}

/// The program with an empty home.
pub fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_thucongvu")).unwrap()
}

impl Office {
    /// Servers with some difference and a program without an account.
    pub fn empty(spec: &ServerSpec) -> Self {
        Self {
            servers: MailServers::start(spec).unwrap(),
            program: program(),
        }
    }

    /// [`Office::empty`] for hundreds of runs of the program.
    pub fn in_memory(spec: &ServerSpec) -> Self {
        Self {
            servers: MailServers::start(spec).unwrap(),
            program: Program::in_memory(env!("CARGO_BIN_EXE_thucongvu")).unwrap(),
        }
    }

    /// The usual servers and a program on which nva's account is set up.
    pub fn new() -> Self {
        let office = Self::empty(&ServerSpec::default());
        office.add_nva();
        office
    }

    /// Sets nva's account up at the servers' usual addresses.
    pub fn add_nva(&self) {
        let (imap, smtp) = (self.servers.imaps_url(), self.servers.smtps_url());
        self.add(self.nva(), &imap, &smtp, &[])
            .expect_code(0)
            .unwrap();
    }

    /// Whose mailbox the program is used for.
    pub fn nva(&self) -> &Account {
        &self.servers.users().nva
    }

    /// A colleague.
    pub fn binh(&self) -> &Account {
        &self.servers.users().ttbinh
    }

    /// `account add` with the test authority's certificate.
    pub fn add(&self, account: &Account, imap: &str, smtp: &str, more: &[&str]) -> Finished {
        let ca = self.servers.ca_file().to_str().unwrap();
        let args = [
            "account",
            "add",
            "--address",
            &account.address,
            "--name",
            "Nguyễn Văn An",
        ];
        let doors = [
            "--imap",
            imap,
            "--smtp",
            smtp,
            "--ca",
            ca,
            "--password-stdin",
            "--json",
        ];
        let args = [&args[..], &doors, more].concat();
        self.program
            .run_with(&args, &format!("{}\n", account.password))
            .unwrap()
    }

    /// Runs with `--json`, whatever comes of it.
    pub fn run(&self, args: &[&str]) -> Finished {
        self.program.run(&[args, &["--json"]].concat()).unwrap()
    }

    /// Runs with `--json` to success.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.run(args).expect_code(0).unwrap().json().unwrap()
    }

    /// The rows of a folder, newest first.
    #[track_caller]
    pub fn list(&self, folder: &str) -> Vec<Value> {
        rows(&self.json(&["list", "--folder", folder, "--limit", "1000"]))
    }

    /// Delivers to nva's inbox and syncs.
    pub fn receive(&self, letters: &[Vec<u8>]) {
        for letter in letters {
            self.servers.deliver(&self.nva().address, letter).unwrap();
        }
        self.json(&["sync"]);
    }

    /// `send` from nva with a short text, `--json`.
    pub fn send(&self, to: &str, subject: &str, more: &[&str]) -> Finished {
        self.send_from(&self.nva().address, to, subject, more)
    }

    /// `send` with a short text, `--json`.
    pub fn send_from(&self, from: &str, to: &str, subject: &str, more: &[&str]) -> Finished {
        let body = self.program.write("text.txt", TEXT).unwrap();
        let args = ["send", "--from", from, "--to", to, "--subject", subject];
        let args = [&args[..], &["--body-file", body.to_str().unwrap()], more].concat();
        self.run(&args)
    }

    /// The only letter in the outbox.
    #[track_caller]
    pub fn only_outgoing(&self) -> Value {
        let outbox = rows(&self.json(&["outbox"]));
        assert_eq!(outbox.len(), 1, "{outbox:?}");
        outbox[0].clone()
    }

    /// How many messages of a mailbox bear a Message-ID.
    pub fn copies(&self, address: &str, folder: &str, message_id: &str) -> usize {
        let wanted = format!("<{message_id}>");
        let messages = self.servers.messages(address, folder);
        messages
            .iter()
            .filter(|message| contains(message, wanted.as_bytes()))
            .count()
    }

    /// The server's flags of a folder's messages, by doveadm, ascending by UID.
    pub fn server_flags(&self, folder: &str) -> Vec<String> {
        let args = [
            "fetch",
            "-u",
            &self.nva().address,
            "flags",
            "mailbox",
            folder,
        ];
        let text = self.servers.doveadm(&args).unwrap();
        text.lines()
            .filter_map(|line| line.strip_prefix("flags:"))
            .map(str::to_owned)
            .collect()
    }

    /// The engine the command line stands on, opened on the same data folder.
    pub fn engine(&self) -> Inside {
        let passphrase = std::fs::read_to_string(self.program.file("passphrase")).unwrap();
        let options = Options {
            data_dir: self.program.data_dir(),
            profile: LoadedProfile::default(),
            secrets: SecretsChoice::Vault {
                passphrase: Some(Secret::new(&passphrase)),
            },
            clock: Arc::new(SystemClock),
            extra_roots: read_certificates(self.servers.ca_file()).unwrap(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        Inside {
            engine: Engine::open(options).unwrap().0,
            runtime,
        }
    }
}

/// What [`Office::send`] says.
pub const TEXT: &str =
    "Kính gửi chị Bình,\n\nPhòng đã nhận được công văn, sẽ trả lời đúng hạn./.\n";

/// An engine in the test's own process; its work is ended on drop.
pub struct Inside {
    pub engine: Engine,
    runtime: Runtime,
}

impl Inside {
    /// Waits for an answer of the engine.
    #[track_caller]
    pub fn wait<T, E: Debug>(&self, answer: impl Future<Output = Result<T, E>>) -> T {
        self.try_wait(answer).unwrap()
    }

    /// Waits for an answer or a refusal of the engine.
    pub fn try_wait<T, E>(&self, answer: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        self.runtime.block_on(answer)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.runtime.block_on(self.engine.shutdown());
    }
}

/// The elements of a JSON list.
#[track_caller]
pub fn rows(list: &Value) -> Vec<Value> {
    list.as_array().unwrap().clone()
}

/// A row's identifier, as the command line takes it.
pub fn id(row: &Value) -> String {
    row["id"].as_i64().unwrap().to_string()
}

/// A row's identifier, as the engine takes it.
pub fn message(row: &Value) -> MessageId {
    MessageId(row["id"].as_i64().unwrap())
}

/// Whether a flag stands in a row.
pub fn has_flag(row: &Value, flag: &str) -> bool {
    row["flags"]
        .as_array()
        .unwrap()
        .iter()
        .any(|one| one == flag)
}

/// Whether bytes stand in bytes.
pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

/// Wants a failure of this exit code and kind, told in a sentence.
#[track_caller]
pub fn assert_failure(done: Finished, code: i32, kind: &str) -> Value {
    let answer = done.expect_code(code).unwrap().json().unwrap();
    assert_eq!(answer["error"]["kind"], kind, "{answer}");
    assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
    answer
}
