//! `account`: setting accounts up, listing and removing them.

use std::io::{self, BufRead as _, IsTerminal as _};

use serde_json::{Value, json};
use tcv_domain::address::Address;
use tcv_domain::profile::ServerUrl;
use tcv_engine::{Account, Error, Kind, NewAccount, Result, Secret, SetupStep};
use tcv_words::Words;
use tokio::sync::mpsc;

use super::args::{AccountCommand, AddArgs};
use super::output::{Console, Doing, Reply};
use super::session::Session;

pub async fn run(session: &Session, command: AccountCommand, console: &Console) -> Result<Reply> {
    match command {
        AccountCommand::Add(args) => Ok(add(session, &args, console)
            .await
            .unwrap_or_else(|error| console.failure(&error, Doing::Setup))),
        AccountCommand::List => list(session, console).await,
        AccountCommand::Remove { address } => {
            let account = session.account(&address, console.words()).await?;
            session.engine.remove_account(account.id).await?;
            let removed = account.identity.address;
            let text = console
                .words()
                .with("cli-account-removed", &[("address", (&removed).into())]);
            Ok(Reply::done(json!({ "removed": removed }), text))
        }
    }
}

async fn list(session: &Session, console: &Console) -> Result<Reply> {
    let accounts = session.engine.accounts().await?;
    let text = if accounts.is_empty() {
        console.words().text("cli-no-account")
    } else {
        accounts
            .iter()
            .map(account_text)
            .collect::<Vec<_>>()
            .join("\n")
    };
    Ok(Reply::done(
        accounts.iter().map(account_json).collect(),
        text,
    ))
}

async fn add(session: &Session, args: &AddArgs, console: &Console) -> Result<Reply> {
    let words = console.words();
    let new = NewAccount {
        identity: Address::new(args.name.trim(), args.address.trim()),
        login: args.login.clone(),
        imap: args.imap.as_deref().map(server).transpose()?,
        smtp: args.smtp.as_deref().map(server).transpose()?,
        password: password(args, words)?,
    };
    let (sender, mut steps) = mpsc::unbounded_channel();
    let (added, ()) = tokio::join!(session.engine.add_account(new, sender), async {
        while let Some(step) = steps.recv().await {
            if let Some(line) = step_text(&step, words) {
                console.note(&line);
            }
        }
    });
    let account = added?;
    if let Some(certificate) = &session.certificate {
        certificate.keep(&account.identity.address)?;
    }
    let text = words.with(
        "cli-account-added",
        &[("account", account_text(&account).into())],
    );
    Ok(Reply::done(account_json(&account), text))
}

fn server(url: &str) -> Result<ServerUrl> {
    url.parse()
        .map_err(|error| Error::new(Kind::BadRequest, format!("{url}: {error}")))
}

/// The password from standard input's first line, or asked for at the terminal. Never an argument: those are seen by
/// everybody on the machine.
fn password(args: &AddArgs, words: &Words) -> Result<Secret> {
    if args.password_stdin {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        let password = Secret::new(line.trim_end_matches(['\r', '\n']));
        if password.reveal().is_empty() {
            return Err(Error::new(
                Kind::BadRequest,
                words.text("cli-password-empty"),
            ));
        }
        return Ok(password);
    }
    if !io::stdin().is_terminal() {
        return Err(Error::new(
            Kind::BadRequest,
            words.text("cli-password-missing"),
        ));
    }
    let prompt = words.with("cli-password-ask", &[("address", (&args.address).into())]);
    Ok(Secret::new(rpassword::prompt_password(prompt)?))
}

/// A step that has ended, as a line; the start of one is no news on a terminal.
fn step_text(step: &SetupStep, words: &Words) -> Option<String> {
    let outcome = step.outcome?;
    let name = words.text(step.stage.key());
    let result = match outcome {
        Ok(()) => words.text("setup-outcome-done"),
        Err(kind) => {
            let title = words.error(kind.key()).title;
            if step.detail.is_empty() {
                title
            } else {
                format!("{title} ({})", step.detail)
            }
        }
    };
    let subject = if step.subject.is_empty() {
        String::new()
    } else {
        format!(" ({})", step.subject)
    };
    Some(format!("{name}{subject}: {result}"))
}

fn account_json(account: &Account) -> Value {
    json!({
        "id": account.id,
        "address": account.identity.address,
        "name": account.identity.name,
        "aliases": account.aliases,
        "login": account.login,
        "imap": account.imap.to_string(),
        "smtp": account.smtp.to_string(),
    })
}

fn account_text(account: &Account) -> String {
    let Address { name, address } = &account.identity;
    let who = if name.is_empty() {
        address.clone()
    } else {
        format!("{name} <{address}>")
    };
    format!("{who}  {}  {}", account.imap, account.smtp)
}
