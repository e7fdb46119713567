//! `sync`: what waits in the outbox goes, changes are pushed, new mail is fetched; with `--watch` it stays.

use std::time::Duration;

use serde_json::{Value, json};
use tcv_engine::{AccountReport, Bodies, Event, OutboxState, Result, SyncReport, SyncScope};
use tcv_words::Words;
use tokio::sync::broadcast::error::RecvError;

use super::args::{BodiesArg, SyncArgs};
use super::output::{Console, Reply, error_body, error_text, exit_code};
use super::session::Session;

/// How long letters waiting in the outbox may take to leave before the sync goes on without them.
const OUTBOX_PATIENCE: Duration = Duration::from_secs(60);

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
    let reply = answer(&report, console.words());
    if !args.watch {
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

/// Sends letters that are due. Sending needs the engine's workers; they are started only where there is such a letter.
async fn send_waiting(session: &Session) -> Result<()> {
    let waiting: Vec<_> = session
        .engine
        .outbox()
        .await?
        .into_iter()
        .filter(|item| matches!(item.state, OutboxState::Queued | OutboxState::Sending))
        .map(|item| item.outbox_id)
        .collect();
    if waiting.is_empty() {
        return Ok(());
    }
    session.engine.start();
    let all = async {
        for id in waiting {
            if let Err(error) = session.engine.wait_outbox(id).await {
                tracing::warn!(%error, "a letter in the outbox");
            }
        }
    };
    if tokio::time::timeout(OUTBOX_PATIENCE, all).await.is_err() {
        tracing::warn!("letters are still waiting in the outbox");
    }
    Ok(())
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
        lines.extend(account.error.iter().map(|error| error_text(error, words)));
    }
    if report.pending_ops > 0 {
        lines.push(words.with("cli-sync-pending", &[("count", report.pending_ops.into())]));
    }
    lines.join("\n")
}
