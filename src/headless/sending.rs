//! `send`, `outbox`: a letter on its way. The policy is asked inside the engine; nothing here can go round it.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tcv_domain::address::Address;
use tcv_domain::draft::Draft;
use tcv_domain::message::{DraftId, OutboxId};
use tcv_domain::mime;
use tcv_domain::policy::{Acknowledgement, Rule};
use tcv_engine::{
    Accepted, Account, Bodies, Error, Kind, OutboxItem, OutboxState, Result, SendOptions, SyncScope,
};
use tcv_words::Words;

use super::args::SendArgs;
use super::moment::{self, iso};
use super::output::{Console, NETWORK, Reply, kind_name, verdict_json, verdict_text};
use super::session::Session;
use crate::start::in_file;

pub async fn send(session: &Session, args: SendArgs, console: &Console) -> Result<Reply> {
    let words = console.words();
    let account = session.account(&args.from, words).await?;
    let acknowledged = args
        .ack
        .iter()
        .map(|ack| acknowledgement(ack, words))
        .collect::<Result<_>>()?;
    let at = match &args.at {
        None => None,
        Some(text) => Some(
            moment::parse(text, session.engine.clock().as_ref()).ok_or_else(|| {
                Error::new(
                    Kind::BadRequest,
                    words.with("cli-bad-time", &[("time", text.into())]),
                )
            })?,
        ),
    };
    let draft = draft(&args, &account)?;
    let id = session.engine.create_draft(draft).await?;
    let options = SendOptions {
        hold_seconds: 0,
        at,
    };
    let accepted = match hand_in(session, id, args.attach, acknowledged, options).await {
        Ok(accepted) => accepted,
        Err(error) => {
            // A script that was refused tries again with a new letter: leave none of the old one behind.
            if let Err(left) = session.engine.discard_draft(id).await {
                tracing::warn!(error = %left, "the refused draft stays among the drafts");
            }
            return Err(error);
        }
    };
    let item = match args.wait {
        Some(seconds) => {
            wait(
                session,
                &account,
                accepted.outbox_id,
                Duration::from_secs(seconds),
            )
            .await?
        }
        None => item(session, accepted.outbox_id).await?,
    };
    Ok(answer(&accepted, &item, args.wait.is_some(), words))
}

async fn hand_in(
    session: &Session,
    id: DraftId,
    files: Vec<PathBuf>,
    acknowledged: Vec<Acknowledgement>,
    options: SendOptions,
) -> Result<Accepted> {
    for file in files {
        session.engine.attach(id, file).await?;
    }
    session.engine.send(id, acknowledged, options).await
}

fn draft(args: &SendArgs, account: &Account) -> Result<Draft> {
    let mut from = account.identity.clone();
    if !from.address.eq_ignore_ascii_case(args.from.trim()) {
        // One of the account's other addresses.
        args.from.trim().clone_into(&mut from.address);
    }
    Ok(Draft {
        from,
        to: recipients(&args.to)?,
        cc: recipients(&args.cc)?,
        bcc: recipients(&args.bcc)?,
        subject: args.subject.clone(),
        body: body(&args.body_file)?,
        ..Draft::default()
    })
}

/// Recipients as they stand in a header: bare addresses, with names, several with commas (RFC 5322 §3.4).
fn recipients(given: &[String]) -> Result<Vec<Address>> {
    let mut addresses = Vec::new();
    for text in given {
        let one_line = text.replace(['\r', '\n'], " ");
        let read = mime::envelope(format!("To: {one_line}\r\n").as_bytes()).to;
        if read.is_empty() {
            return Err(Error::new(Kind::BadAddress, text.clone()));
        }
        addresses.extend(read);
    }
    Ok(addresses)
}

/// The text of the letter, with the line ends of a draft.
fn body(file: &Path) -> Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        io::stdin().lock().read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(file).map_err(|error| in_file(file, &error))?;
    }
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

/// `RULE` or `RULE=reason`.
fn acknowledgement(text: &str, words: &Words) -> Result<Acknowledgement> {
    let (rule, reason) = match text.split_once('=') {
        Some((rule, reason)) => (rule, Some(reason.to_owned())),
        None => (text, None),
    };
    let rule = rule.parse::<Rule>().map_err(|_| {
        let all: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        let args = [("rule", rule.into()), ("rules", all.join(", ").into())];
        Error::new(Kind::BadRequest, words.with("cli-unknown-rule", &args))
    })?;
    Ok(Acknowledgement {
        rule,
        evidence: None,
        reason,
    })
}

/// Stays until the server has the letter, and its copy is in Sent.
async fn wait(
    session: &Session,
    account: &Account,
    id: OutboxId,
    patience: Duration,
) -> Result<OutboxItem> {
    session.engine.start();
    match tokio::time::timeout(patience, session.engine.wait_outbox(id)).await {
        Ok(done) => {
            let done = done?;
            if done.state == OutboxState::Sent {
                push_copy(session, account).await;
            }
            Ok(done)
        }
        Err(_) => item(session, id).await,
    }
}

/// The copy in Sent is a change like others, pushed by a sync. Should it fail, the next sync pushes it.
async fn push_copy(session: &Session, account: &Account) {
    let scope = SyncScope {
        account: Some(account.id),
        folders: Vec::new(),
        bodies: Bodies::None,
    };
    if let Err(error) = session.engine.sync(scope).await {
        tracing::warn!(%error, "the copy in Sent waits for the next sync");
    }
}

async fn item(session: &Session, id: OutboxId) -> Result<OutboxItem> {
    let items = session.engine.outbox().await?;
    items
        .into_iter()
        .find(|item| item.outbox_id == id)
        .ok_or_else(|| Error::new(Kind::NotFound, format!("outbox {id}")))
}

fn answer(accepted: &Accepted, item: &OutboxItem, waited: bool, words: &Words) -> Reply {
    let whole =
        item.state == OutboxState::Sent && item.recipients.iter().all(|one| one.state != "refused");
    let mut document = item_json(item);
    document["verdicts"] = accepted.verdicts.iter().map(verdict_json).collect();
    let mut lines = vec![item_text(item, words)];
    lines.extend(
        accepted
            .verdicts
            .iter()
            .map(|verdict| verdict_text(verdict, words)),
    );
    Reply {
        json: document,
        text: lines.join("\n"),
        code: if waited && !whole { NETWORK } else { 0 },
    }
}

pub async fn outbox(session: &Session, console: &Console) -> Result<Reply> {
    let items = session.engine.outbox().await?;
    let words = console.words();
    let text = if items.is_empty() {
        words.text("cli-outbox-empty")
    } else {
        items
            .iter()
            .map(|item| item_text(item, words))
            .collect::<Vec<_>>()
            .join("\n")
    };
    Ok(Reply::done(items.iter().map(item_json).collect(), text))
}

fn item_json(item: &OutboxItem) -> Value {
    json!({
        "outbox_id": item.outbox_id,
        "message_id": item.message_id,
        "subject": item.subject,
        "state": item.state,
        "since": iso(item.since),
        "detail": item.detail,
        "reason": item.reason.map(kind_name),
        "recipients": item.recipients,
    })
}

fn item_text(item: &OutboxItem, words: &Words) -> String {
    let state = words.text(match item.state {
        OutboxState::Held => "cli-outbox-held",
        OutboxState::Queued => "cli-outbox-queued",
        OutboxState::Sending => "cli-outbox-sending",
        OutboxState::Sent => "cli-outbox-sent",
        OutboxState::Refused => "cli-outbox-refused",
        OutboxState::Doubtful => "cli-outbox-doubtful",
        OutboxState::Cancelled => "cli-outbox-cancelled",
    });
    let to: Vec<_> = item
        .recipients
        .iter()
        .map(|one| one.address.as_str())
        .collect();
    let mut text = format!(
        "{:>6} {state}: {} → {}",
        item.outbox_id.0,
        item.subject,
        to.join(", ")
    );
    if let Some(reason) = item.reason {
        text.push_str(&format!("\n       {}", words.error(reason.key()).title));
    }
    if !item.detail.is_empty() {
        text.push_str(&format!("\n       {}", item.detail));
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use tcv_words::Language;

    use super::*;

    #[test]
    fn recipients_are_read_as_in_a_header() {
        let given = [
            "nva@quynhon.gov.vn".to_owned(),
            "Trần Thị Bình <ttb@quynhon.gov.vn>, c@d.vn".to_owned(),
        ];
        let read = recipients(&given).unwrap();
        let addresses: Vec<_> = read
            .iter()
            .map(|address| address.address.as_str())
            .collect();
        assert_eq!(
            addresses,
            ["nva@quynhon.gov.vn", "ttb@quynhon.gov.vn", "c@d.vn"]
        );
        assert_eq!(read[1].name, "Trần Thị Bình");
        let smuggled = recipients(&["a@b.vn\r\nBcc: x@y.vn".to_owned()]);
        assert!(
            smuggled.is_err()
                || smuggled
                    .unwrap()
                    .iter()
                    .all(|address| address.address != "x@y.vn")
        );
    }

    #[test]
    fn rules_are_acknowledged_by_name() {
        let words = Words::new(Language::Vi);
        let ack = acknowledgement("to-free-provider=công dân dùng Gmail = được", &words).unwrap();
        assert_eq!(ack.rule, Rule::ToFreeProvider);
        assert_eq!(ack.reason.as_deref(), Some("công dân dùng Gmail = được"));
        let error = acknowledgement("nonsense", &words).unwrap_err();
        assert!(
            error.kind == Kind::BadRequest && error.detail.contains("to-free-provider"),
            "{error}"
        );
    }
}
