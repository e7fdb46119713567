//! The store with a large mailbox: how fast it is indexed (beside `mu`), opened, listed, searched and changed; and
//! whether a search finds all there is.
//!
//! `cargo bench --bench store -- [--mails N] [--seed N]` prints a table. Wants root's rights for the server, as the
//! tests do, and `tests/install-deps servers bench`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

mod mail;
mod using;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use mail::Office;
use serde_json::{Value, json};
use tcv_support::{MailServers, ServerSpec};

/// Compression costs CPU and saves nothing on loopback.
const NO_COMPRESSION: &str = "protocol imap {\n mail_plugins =\n}";

const QUERIES: usize = 200;

/// Of them are held against the truth.
const CHECKED: usize = 40;

fn main() {
    if let Some(task) = std::env::var_os(using::TASK) {
        return using::child(&task.into_string().unwrap());
    }
    let all: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = all.iter().position(|argument| argument == name)?;
        all.get(at + 1)?.parse::<usize>().ok()
    };
    let (mails, seed) = (
        after("--mails").unwrap_or(100_000),
        after("--seed").unwrap_or(2012) as u64,
    );
    let servers = MailServers::start(&ServerSpec {
        dovecot: NO_COMPRESSION.to_owned(),
        ..ServerSpec::default()
    })
    .unwrap();
    let account = servers.users().nva.clone();
    let mut office = Office::new(seed, mails);
    let begun = Instant::now();
    servers
        .fill(&account.address, "INBOX", &mut office)
        .unwrap();
    let text = office.text;
    println!(
        "{mails} letters, {} MB of text, seed {seed} (made in {:.1} s)",
        text / 1_000_000,
        begun.elapsed().as_secs_f64()
    );
    let dir = tempfile::tempdir().unwrap();
    let mut order = json!({
        "dir": dir.path(), "ca": servers.ca_file(), "address": account.address, "login": account.login,
        "password": account.password, "imap": servers.imaps_url(), "smtp": servers.smtps_url(),
    });
    indexing(&servers.maildir(&account.address), &order, mails, text);
    let start = using::run("start", &order);
    println!(
        "start: open {:.0} ms (with the vault's key derivation), first page of {} rows {:.1} ms; {} MB resident",
        number(&start["open"]),
        start["total"],
        number(&start["page"]),
        start["resident"]
    );
    println!(
        "{:<20} {:>9} {:>12} {:>12} {:>12} {:>12}",
        "pages of 50, p95 ms", "rows", "first time", "top", "next", "jump"
    );
    for row in using::run("list", &order).as_array().unwrap() {
        println!(
            "{:<20} {:>9} {:>12.1} {:>12.2} {:>12.2} {:>12.1}",
            row["what"].as_str().unwrap(),
            row["total"],
            number(&row["prepared"]),
            number(&row["top"]),
            number(&row["on"]),
            number(&row["jump"])
        );
    }
    searching(&mut order, seed, mails);
    let change = using::run("change", &order);
    println!(
        "a flag on the disk: p95 {:.1} ms; {} marked read in {:.0} ms",
        number(&change["one"]),
        change["count"],
        number(&change["many"])
    );
}

/// Our whole store beside mu's index of the same Maildir; and what of ours the bodies and their index take.
fn indexing(maildir: &Path, order: &Value, mails: usize, text: u64) {
    let per_second = |seconds: f64| mails as f64 / seconds;
    let ours = using::run("fill", order);
    let (headers, bodies) = (number(&ours["headers"]), number(&ours["bodies"]));
    let size: u64 = std::fs::read_dir(order["dir"].as_str().unwrap())
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .sum();
    println!(
        "ours: fetched, encrypted, indexed {:.0} letters per CPU second (headers alone {:.0}); {} MB on disk, {:.2} of the text",
        per_second(headers + bodies),
        per_second(headers),
        size / 1_000_000,
        size as f64 / text as f64
    );
    let home = tempfile::tempdir().unwrap();
    let mu = |arguments: &[&str]| {
        let status = Command::new("mu")
            .args(arguments)
            .arg("--muhome")
            .arg(home.path())
            .stdout(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    let maildir = format!("--maildir={}", maildir.display());
    let before = cpu_seconds(true);
    if !mu(&["init", &maildir]) || !mu(&["index", "--quiet"]) {
        println!("mu: not installed, or it failed");
        return;
    }
    let seconds = cpu_seconds(true) - before;
    println!(
        "mu: indexed {:.0} letters per CPU second; ours is {:.1} times as fast",
        per_second(seconds),
        seconds / (headers + bodies)
    );
}

fn searching(order: &mut Value, seed: u64, mails: usize) {
    let queries = Office::queries(seed + 1, mails, QUERIES);
    order["queries"] = json!(queries);
    let told = using::run("search", order);
    println!(
        "first 50 hits of {QUERIES} queries of two words, p95: {:.1} ms with marks, {:.1} ms without",
        number(&told["typed"]),
        number(&told["plain"])
    );
    let truth = Office::truth(seed, mails, &queries[..CHECKED]);
    let (mut whole, mut found) = (0, 0);
    for (at, truth) in truth.iter().enumerate() {
        let totals = &told["totals"][at];
        assert_eq!(totals[0], totals[1], "{}", queries[at]);
        assert!(
            totals[0] == *truth,
            "{}: {} found, {truth} there",
            queries[at],
            totals[0]
        );
        whole += truth;
        found += totals[0].as_u64().unwrap() as usize;
    }
    println!(
        "recall of {CHECKED} of them against reading everything: {found} of {whole}, with and without marks"
    );
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Clock ticks a process has spent, or the children it waited for, in seconds.
pub fn cpu_seconds(children: bool) -> f64 {
    // USER_HZ, the same on every Linux machine this runs on.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks: Vec<f64> = fields
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|field| field.parse().unwrap())
        .collect();
    let ticks = if children {
        ticks[2] + ticks[3]
    } else {
        ticks[0] + ticks[1]
    };
    ticks / TICKS
}
