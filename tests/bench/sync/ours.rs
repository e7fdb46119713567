//! Our engine, measured from within a process of its own: the benchmark starts itself again with a task.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tcv_domain::address::Address;
use tcv_engine::{
    Bodies, Engine, Event, LoadedProfile, NewAccount, Options, Secret, SecretsChoice, SyncScope,
    SystemClock, read_certificates,
};

use tcv_support::Account;

use crate::{Figure, Place, cpu_seconds};

/// The variable that names a child's task.
pub const TASK: &str = "TCV_BENCH_TASK";

/// Runs a task on a fresh data folder: `headers`, `all`, or `again` (a second look at everything).
pub fn measure(place: &Place, account: &Account, task: &str) -> Figure {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(TASK, task)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let order = json!({
        "address": account.address,
        "login": account.login,
        "password": account.password,
        "imap": place.servers.imaps_url(),
        "smtp": place.servers.smtps_url(),
        "ca": place.servers.ca_file(),
    });
    let mut input = child.stdin.take().unwrap();
    input.write_all(order.to_string().as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    Figure {
        wall: told["wall"].as_f64().unwrap(),
        cpu: told["cpu"].as_f64().unwrap(),
        peak_mb: told["peak"].as_u64(),
        note: told["note"].as_str().unwrap().to_owned(),
    }
}

/// The child's side.
pub fn child(task: &str) {
    let mut order = String::new();
    std::io::stdin().read_to_string(&mut order).unwrap();
    let order: Value = serde_json::from_str(&order).unwrap();
    let text = |key: &str| order[key].as_str().unwrap().to_owned();
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        data_dir: dir.path().to_owned(),
        profile: LoadedProfile::default(),
        secrets: SecretsChoice::Memory,
        clock: Arc::new(SystemClock),
        extra_roots: read_certificates(text("ca").as_ref()).unwrap(),
    };
    let (engine, _) = Engine::open(options).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let new = NewAccount {
        identity: Address::new("", text("address")),
        login: Some(text("login")),
        imap: Some(text("imap").parse().unwrap()),
        smtp: Some(text("smtp").parse().unwrap()),
        password: Secret::new(text("password")),
    };
    let (steps, _heard) = tokio::sync::mpsc::unbounded_channel();
    runtime.block_on(engine.add_account(new, steps)).unwrap();
    let told = run(task, &engine, &runtime, dir.path());
    println!("{told}");
    runtime.block_on(engine.shutdown());
}

fn run(
    task: &str,
    engine: &Engine,
    runtime: &tokio::runtime::Runtime,
    dir: &std::path::Path,
) -> Value {
    let sync = |bodies: Bodies| {
        let scope = SyncScope {
            bodies,
            ..SyncScope::default()
        };
        let report = runtime.block_on(engine.sync(scope)).unwrap();
        let account = report.accounts.into_iter().next().unwrap();
        assert!(account.error.is_none(), "{:?}", account.error);
        account
    };
    if task == "again" {
        sync(Bodies::All);
    }
    let mut events = engine.events();
    let begun = Instant::now();
    let first = std::thread::spawn(move || {
        loop {
            match events.blocking_recv() {
                Ok(Event::MessagesChanged { .. }) => return Some(begun.elapsed().as_secs_f64()),
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return None,
                _ => {}
            }
        }
    });
    let cpu = cpu_seconds(false);
    let rounds = if task == "again" { 5 } else { 1 };
    let mut walls = Vec::new();
    let mut note = String::new();
    for _ in 0..rounds {
        let begun = Instant::now();
        let report = sync(if task == "headers" {
            Bodies::None
        } else {
            Bodies::All
        });
        walls.push(begun.elapsed().as_secs_f64());
        let new: u32 = report.folders.iter().map(|folder| folder.new).sum();
        let bodies: u32 = report.folders.iter().map(|folder| folder.bodies).sum();
        note = format!(
            "{new} new, {bodies} whole, {} MB, {} round trips",
            report.bytes_in / 1_000_000,
            report.round_trips
        );
    }
    let cpu = (cpu_seconds(false) - cpu) / f64::from(rounds);
    if task != "again"
        && let Some(Some(seconds)) = first.is_finished().then(|| first.join().unwrap())
    {
        note.push_str(&format!("; first rows after {seconds:.2} s"));
    }
    let size: u64 = std::fs::read_dir(dir)
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .sum();
    note.push_str(&format!("; {} MB on disk", size / 1_000_000));
    walls.sort_by(f64::total_cmp);
    json!({ "wall": walls[walls.len() / 2], "cpu": cpu, "peak": peak_mb(), "note": note })
}

/// The most memory this process held, in MiB.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}
