//! `sync`: what waits in the outbox goes, changes are pushed, new mail is fetched; with `--watch` it stays.

use std::time::Duration;

use serde_json::{Value, json};
use tcv_domain::message::OutboxId;
use tcv_engine::{
    AccountReport, Bodies, Event, Extraction, Fullness, OutboxState, Result, SyncReport, SyncScope,
};
use tcv_words::Words;
use tokio::sync::broadcast::error::RecvError;

use super::args::{BodiesArg, SyncArgs};
use super::output::{Console, Reply, error_body, error_text, exit_code};
use super::session::Session;

/// How long letters waiting in the outbox may take to leave before the sync goes on without them.
const OUTBOX_PATIENCE: Duration = Duration::from_secs(60);

/// How often a letter on its way is looked at; another process may be the one that sends it.
const GLANCE: Duration = Duration::from_millis(100);

pub async fn run(session: &Session, args: &SyncArgs, console: &Console) -> Result<Reply> {
    let accounts = session
        .accounts(args.within.account.as_deref(), console.words())
        .await?;
    let scope = SyncScope {
        account: args
            .within
            .account
            .as_ref()
            .and(accounts.first())
            .map(|account| account.id),
        folders: args.folders.clone(),
        bodies: match args.bodies {
            BodiesArg::None => Bodies::None,
            BodiesArg::Recent => Bodies::Recent,
            BodiesArg::All => Bodies::All,
        },
    };
    // First, so that the copies in Sent are among what is pushed and fetched.
    send_waiting(session).await?;
    let report = session.engine.sync(scope).await?;
    let mut reply = answer(&report, console.words());
    // With `--watch` the engine's own loop does it.
    if !args.watch {
        reply.json["attachments"] = json!(read_attachments(session).await?);
        return Ok(reply);
    }
    console.answer(&reply);
    watch(session, console).await;
    Ok(Reply {
        json: Value::Null,
        text: String::new(),
        code: 0,
    })
}

/// Reads the attachments that have come, so that a search finds what is in them.
async fn read_attachments(session: &Session) -> Result<Extraction> {
    match session.engine.read_attachments().await {
        Err(error) => {
            tracing::warn!(%error, "attachments were not read");
            session.engine.extraction().await
        }
        read => read,
    }
}

/// Tries the letters that wait, once each: also those whose last try failed and whose next is far off, for whoever
/// asks for a sync wants them gone now. Only a time the user set is kept. Sending needs the engine's workers; they are
/// started only where there is such a letter.
async fn send_waiting(session: &Session) -> Result<()> {
    let now = session.engine.clock().now();
    let mut waiting = session.engine.outbox().await?;
    waiting.retain(|item| match item.state {
        OutboxState::Held => item.due.is_some_and(|due| due <= now),
        OutboxState::Queued | OutboxState::Sending => true,
        _ => false,
    });
    if waiting.is_empty() {
        return Ok(());
    }
    for item in &waiting {
        if item.state == OutboxState::Queued
            && let Err(error) = session.engine.retry(item.outbox_id).await
        {
            // Another process has just taken it.
            tracing::debug!(%error, "a letter in the outbox");
        }
    }
    session.engine.start();
    let all = async {
        for item in waiting {
            if let Err(error) = tried(session, item.outbox_id).await {
                tracing::warn!(%error, "a letter in the outbox");
            }
        }
    };
    if tokio::time::timeout(OUTBOX_PATIENCE, all).await.is_err() {
        tracing::warn!("letters are still waiting in the outbox");
    }
    Ok(())
}

/// Waits until a letter has been sent, refused, or put off.
async fn tried(session: &Session, id: OutboxId) -> Result<()> {
    loop {
        let item = session
            .engine
            .outbox()
            .await?
            .into_iter()
            .find(|item| item.outbox_id == id);
        let now = session.engine.clock().now();
        let open = item.is_some_and(|item| match item.state {
            // After a failed try the next is later.
            OutboxState::Held | OutboxState::Queued => item.due.is_some_and(|due| due <= now),
            OutboxState::Sending => true,
            _ => false,
        });
        if !open {
            return Ok(());
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// Listens for new mail until the engine ends; that is, until the user interrupts.
async fn watch(session: &Session, console: &Console) {
    let mut events = session.engine.events();
    session.engine.start();
    console.note(&console.words().text("cli-watching"));
    loop {
        match events.recv().await {
            Ok(Event::MailArrived { ids, .. }) => {
                console.note(
                    &console
                        .words()
                        .with("cli-mail-arrived", &[("count", ids.len().into())]),
                );
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn answer(report: &SyncReport, words: &Words) -> Reply {
    let accounts: Vec<_> = report
        .accounts
        .iter()
        .map(|account| account_json(account, words))
        .collect();
    let mut document = json!({ "accounts": accounts, "pending_ops": report.pending_ops });
    let mut code = 0;
    if let Some(error) = report
        .accounts
        .iter()
        .find_map(|account| account.error.as_ref())
    {
        document["error"] = error_body(error, words);
        code = exit_code(error.kind);
    }
    Reply {
        json: document,
        text: text(report, words),
        code,
    }
}

fn account_json(account: &AccountReport, words: &Words) -> Value {
    let mut row = json!(account);
    row["error"] = account
        .error
        .as_ref()
        .map_or(Value::Null, |error| error_body(error, words));
    row
}

fn text(report: &SyncReport, words: &Words) -> String {
    let mut lines = Vec::new();
    for account in &report.accounts {
        let seconds = format!("{:.1}", account.seconds);
        lines.push(words.with(
            "cli-sync-account",
            &[
                ("address", (&account.address).into()),
                ("seconds", seconds.into()),
                ("received", words.size(account.bytes_in).into()),
                ("sent", words.size(account.bytes_out).into()),
                ("trips", account.round_trips.into()),
            ],
        ));
        for folder in account
            .folders
            .iter()
            .filter(|f| f.new + f.vanished + f.flags_changed + f.bodies > 0)
        {
            lines.push(words.with(
                "cli-sync-folder",
                &[
                    ("folder", (&folder.name).into()),
                    ("new", folder.new.into()),
                    ("vanished", folder.vanished.into()),
                    ("flags", folder.flags_changed.into()),
                    ("bodies", folder.bodies.into()),
                ],
            ));
        }
        if let Some(fullness) = account.fullness.filter(Fullness::is_nearly_full) {
            let percent = [("percent", fullness.percent().into())];
            lines.push(words.with("cli-sync-full", &percent));
        }
        lines.extend(account.error.iter().map(|error| error_text(error, words)));
    }
    if report.pending_ops > 0 {
        lines.push(words.with("cli-sync-pending", &[("count", report.pending_ops.into())]));
    }
    lines.join("\n")
}
