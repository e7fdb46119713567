//! `verify` and `repair`: how the files of the data folder are, in words and as JSON.

use std::time::Instant;

use serde_json::json;
use tcv_engine::{Bodies, Engine, Finding, Health, Mended, Repair, Result, Secret, SyncScope};
use tcv_words::Words;

use super::args::{Common, RepairArgs};
use super::output::{Console, Reply};
use super::session::{Session, ask_passphrase};
use crate::start::{self, Start};

/// The files are damaged.
const DAMAGED: u8 = 6;

pub fn verify(common: &Common, console: &Console) -> Result<Reply> {
    let begin = Instant::now();
    let start = Start::prepare(common)?;
    let options = start.options(passphrase(&start, console)?);
    let health = Engine::verify(&options)?;
    let mut document = json!(health);
    document["sound"] = json!(health.is_sound());
    document["seconds"] = json!((begin.elapsed().as_secs_f64() * 100.0).round() / 100.0);
    Ok(Reply {
        json: document,
        text: health_text(&health, console.words()),
        code: if health.is_sound() { 0 } else { DAMAGED },
    })
}

pub fn repair(common: &Common, args: &RepairArgs, console: &Console) -> Result<Reply> {
    let start = Start::prepare(common)?;
    let options = start.options(passphrase(&start, console)?);
    let repair = Engine::repair(&options)?;
    drop(start);
    let fetched = if repair.steps.is_empty() || args.offline {
        None
    } else {
        Some(fetch(common, console)?)
    };
    Ok(reply(&repair, fetched, console))
}

fn reply(repair: &Repair, fetched: Option<bool>, console: &Console) -> Reply {
    let words = console.words();
    let mut lines = vec![health_text(&repair.before, words)];
    lines.extend(repair.steps.iter().map(|step| step_text(step, words)));
    if !repair.steps.is_empty() {
        lines.push(health_text(&repair.after, words));
    }
    match fetched {
        Some(true) => lines.push(words.text("repair-fetched")),
        Some(false) => lines.push(words.text("repair-not-fetched")),
        None => {}
    }
    let mut document = json!(repair);
    document["sound"] = json!(repair.after.is_sound());
    document["fetched"] = json!(fetched);
    Reply {
        json: document,
        text: lines.join("\n"),
        code: if repair.after.is_sound() { 0 } else { DAMAGED },
    }
}

/// Fetches what the repair left to the server; whether all accounts could be reached.
fn fetch(common: &Common, console: &Console) -> Result<bool> {
    let runtime = start::runtime()?;
    let session = Session::open(common, None, console)?;
    let scope = SyncScope {
        bodies: Bodies::Recent,
        ..SyncScope::default()
    };
    let report = runtime.block_on(session.engine.sync(scope));
    runtime.block_on(session.close());
    // A server out of reach is no fault of the repair: the next start fetches.
    Ok(report.is_ok_and(|report| {
        report
            .accounts
            .iter()
            .all(|account| account.error.is_none())
    }))
}

/// Asked for only where there is something to open.
fn passphrase(start: &Start, console: &Console) -> Result<Option<Secret>> {
    if Engine::has_data(start.data_dir()) && start.needs_passphrase() {
        return ask_passphrase(start, console.words()).map(Some);
    }
    Ok(None)
}

fn health_text(health: &Health, words: &Words) -> String {
    let mut lines = Vec::new();
    for file in &health.files {
        lines.push(match file.bytes {
            Some(bytes) => format!("{} ({})", file.name, words.size(bytes)),
            None => words.with("health-missing", &[("file", file.name.as_str().into())]),
        });
        lines.extend(file.findings.iter().map(|found| finding_text(found, words)));
    }
    let counts = [
        ("messages", health.messages.into()),
        ("bodies", health.bodies.into()),
        ("drafts", health.drafts.into()),
        ("outbox", health.outbox.into()),
    ];
    lines.push(words.with("health-counts", &counts));
    lines.push(words.text(if health.is_sound() {
        "health-sound"
    } else {
        "health-damaged"
    }));
    lines.join("\n")
}

fn finding_text(finding: &Finding, words: &Words) -> String {
    let mark = if finding.is_damage { '!' } else { ' ' };
    let said = words.with(finding.check.key(), &[("count", finding.count.into())]);
    if finding.detail.is_empty() {
        return format!("{mark} {said}");
    }
    format!("{mark} {said} [{}]", finding.detail)
}

fn step_text(step: &Mended, words: &Words) -> String {
    let path = step.aside.as_deref().map(|path| path.display().to_string());
    let args = [
        ("count", step.count.into()),
        ("path", path.unwrap_or_default().into()),
    ];
    format!("→ {}", words.with(step.step.key(), &args))
}
