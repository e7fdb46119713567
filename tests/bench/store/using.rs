//! Our side, in a process of its own: the benchmark starts itself again with a task on a data folder that stays.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tcv_domain::address::Address;
use tcv_domain::message::{FlagChange, Flags, FolderId, MessageId};
use tcv_engine::{
    Bodies, Engine, Filter, Hits, LoadedProfile, NewAccount, Options, PageRequest, SearchRequest,
    Secret, SecretsChoice, SortBy, SyncScope, SystemClock, read_certificates,
};
use tokio::runtime::Runtime;

use crate::cpu_seconds;

/// The variable that names a child's task.
pub const TASK: &str = "TCV_BENCH_TASK";

/// How far hits are counted before the first page is answered.
const COUNTED_AT_ONCE: usize = 1_000;

const PASSPHRASE: &str = "đo kho thư";

/// Runs a task and gives what it told.
pub fn run(task: &str, order: &Value) -> Value {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(TASK, task)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(order.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{task} failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The child's side.
pub fn child(task: &str) {
    let mut order = String::new();
    std::io::stdin().read_to_string(&mut order).unwrap();
    let order: Value = serde_json::from_str(&order).unwrap();
    let begun = Instant::now();
    let store = Opened::new(&order);
    let opened = begun.elapsed().as_secs_f64() * 1e3;
    let told = match task {
        "fill" => store.fill(&order),
        "start" => store.start(opened),
        "list" => store.list(),
        "search" => store.search(&order),
        "change" => store.change(),
        other => panic!("{other}"),
    };
    println!("{told}");
    store.runtime.block_on(store.engine.shutdown());
}

struct Opened {
    engine: Engine,
    runtime: Runtime,
}

impl Opened {
    fn new(order: &Value) -> Self {
        let text = |key: &str| order[key].as_str().unwrap().to_owned();
        let options = Options {
            data_dir: Path::new(&text("dir")).to_owned(),
            profile: LoadedProfile::default(),
            secrets: SecretsChoice::Vault {
                passphrase: Some(Secret::new(PASSPHRASE)),
            },
            clock: Arc::new(SystemClock),
            extra_roots: read_certificates(text("ca").as_ref()).unwrap(),
        };
        let (engine, _) = Engine::open(options).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Self { engine, runtime }
    }

    fn inbox(&self) -> FolderId {
        self.runtime.block_on(async {
            let account = self.engine.accounts().await.unwrap()[0].id;
            self.engine.folders(account).await.unwrap()[0].id
        })
    }

    fn page(&self, request: PageRequest) -> tcv_engine::Page {
        self.runtime.block_on(self.engine.page(request)).unwrap()
    }

    /// The mailbox comes down, bodies and index included.
    fn fill(&self, order: &Value) -> Value {
        let text = |key: &str| order[key].as_str().unwrap().to_owned();
        let new = NewAccount {
            identity: Address::new("", text("address")),
            login: Some(text("login")),
            imap: Some(text("imap").parse().unwrap()),
            smtp: Some(text("smtp").parse().unwrap()),
            password: Secret::new(text("password")),
        };
        let (steps, _heard) = tokio::sync::mpsc::unbounded_channel();
        self.runtime
            .block_on(self.engine.add_account(new, steps))
            .unwrap();
        let mut cpu = Vec::new();
        for bodies in [Bodies::None, Bodies::All] {
            let before = cpu_seconds(false);
            let scope = SyncScope {
                bodies,
                ..SyncScope::default()
            };
            let report = self.runtime.block_on(self.engine.sync(scope)).unwrap();
            assert!(report.accounts[0].error.is_none(), "{report:?}");
            cpu.push(cpu_seconds(false) - before);
        }
        // What is left to index.
        self.search_for("hoàn tất", 1);
        json!({ "headers": cpu[0], "bodies": cpu[1] })
    }

    /// From the call to the first page, and what it takes of memory.
    fn start(&self, opened: f64) -> Value {
        let begun = Instant::now();
        let page = self.page(PageRequest::new(self.inbox(), 50));
        let shown = begun.elapsed().as_secs_f64() * 1e3;
        json!({ "open": opened, "page": shown, "total": page.total, "resident": resident_mb() })
    }

    fn list(&self) -> Value {
        let folder = self.inbox();
        let mut rows = Vec::new();
        for (name, by) in [
            ("date", SortBy::Date),
            ("sender", SortBy::Sender),
            ("subject", SortBy::Subject),
            ("size", SortBy::Size),
        ] {
            for (shown, filter) in [
                ("all", Filter::All),
                ("unread", Filter::Unread),
                ("flagged", Filter::Flagged),
            ] {
                let first = PageRequest {
                    by,
                    filter,
                    ..PageRequest::new(folder, 50)
                };
                // An order is put in order when first asked for.
                let begun = Instant::now();
                let total = self.page(first.clone()).total;
                let prepared = begun.elapsed().as_secs_f64() * 1e3;
                let top = times(20, || self.page(first.clone()));
                let jumped = PageRequest {
                    offset: total / 2,
                    ..first.clone()
                };
                let jump = times(5, || self.page(jumped.clone()));
                let mut next = PageRequest {
                    after: self.page(jumped).rows.last().map(|row| row.id),
                    ..first
                };
                let on = times(20, || {
                    let page = self.page(next.clone());
                    next.after = page.rows.last().map(|row| row.id).or(next.after);
                });
                rows.push(json!({
                    "what": format!("{name}, {shown}"), "total": total, "prepared": prepared,
                    "top": top, "on": on, "jump": jump,
                }));
            }
        }
        rows.into()
    }

    fn search_for(&self, text: &str, count_to: usize) -> Hits {
        let request = SearchRequest {
            text: text.to_owned(),
            typing: false,
            account: None,
            limit: 50,
            count_to,
        };
        self.runtime.block_on(self.engine.search(request)).unwrap()
    }

    /// Every query as typed and without marks.
    fn search(&self, order: &Value) -> Value {
        let queries = order["queries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|query| query.as_str().unwrap().to_owned());
        let (mut typed, mut plain, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for query in queries {
            let mut totals = Vec::new();
            for (text, times) in [
                (query.clone(), &mut typed),
                (tcv_domain::text::fold(&query), &mut plain),
            ] {
                let begun = Instant::now();
                self.search_for(&text, COUNTED_AT_ONCE);
                times.push(begun.elapsed().as_secs_f64() * 1e3);
                totals.push(self.search_for(&text, usize::MAX).total);
            }
            told.push(totals);
        }
        json!({ "typed": p95(&mut typed), "plain": p95(&mut plain), "totals": told })
    }

    fn change(&self) -> Value {
        let many = PageRequest::new(self.inbox(), 10_000);
        let ids: Vec<MessageId> = self.page(many).rows.iter().map(|row| row.id).collect();
        let flag = |ids: &[MessageId], change| {
            self.runtime
                .block_on(self.engine.flag(ids.to_vec(), change))
                .unwrap();
        };
        let mut at = 0;
        let one = times(100, || {
            at += 7;
            flag(&ids[at..=at], FlagChange::set(Flags::FLAGGED));
        });
        flag(&ids, FlagChange::clear(Flags::SEEN));
        let begun = Instant::now();
        flag(&ids, FlagChange::set(Flags::SEEN));
        json!({ "one": one, "many": begun.elapsed().as_secs_f64() * 1e3, "count": ids.len() })
    }
}

/// The 95th percentile of what something takes, in milliseconds.
fn times<T>(many: usize, mut work: impl FnMut() -> T) -> f64 {
    let mut times: Vec<f64> = (0..many)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    p95(&mut times)
}

fn p95(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() * 95 / 100).min(times.len() - 1)]
}

/// What this process holds of memory, in MiB.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}
