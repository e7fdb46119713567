//! The same engine without a window: one command, one answer, as text or as one JSON document.
//!
//! Each command is a function in a submodule from arguments to a [`Reply`]; how it is written out and which exit code
//! it has is [`output`]'s. Not here: anything the engine should know; these commands only ask it.

pub mod args;
pub mod output;

mod account;
mod archive;
mod backup;
mod changes;
mod doctor;
mod folder_name;
mod folders;
mod health;
mod insight;
mod letter;
mod mailbox;
mod moment;
mod render;
mod sending;
mod session;
mod sync;

use std::process::ExitCode;

use serde_json::json;
use tcv_domain::address::Address;
use tcv_engine::Result;

use crate::start;
use args::{Command, Common};
use output::{Console, Reply, USAGE};
use session::Session;

/// Runs a command to its end.
pub fn run(common: &Common, command: Command) -> ExitCode {
    let mut console = Console::new(common.json, start::words(common));
    let outcome = perform(common, command, &mut console);
    console.finish(outcome)
}

/// Answers arguments that make no sense, and `--help` and `--version`, which clap treats alike.
pub fn usage(error: &clap::Error, json: bool) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if json {
        let message = error.render().to_string();
        let detail = error.kind().to_string();
        let document = json!({ "error": { "kind": "usage", "message": message.trim_end(), "detail": detail } });
        let words = tcv_words::Words::new(tcv_words::Language::En);
        return Console::new(true, words).answer(&Reply {
            json: document,
            text: String::new(),
            code: USAGE,
        });
    }
    let _ = error.print();
    ExitCode::from(USAGE)
}

fn perform(common: &Common, command: Command, console: &mut Console) -> Result<Reply> {
    // Reading a file needs no account, no folder and no passphrase.
    let command = match command {
        Command::Parse(args) => return letter::parse(&args, common, console),
        Command::Render(args) => return render::run(&args, console.words()),
        Command::CheckDraft(args) => return letter::check_draft(&args.file, common, console),
        // An engine that opens mends what it finds: these look first.
        Command::Verify => return health::verify(common, console),
        Command::Repair(args) => return health::repair(common, &args, console),
        Command::Restore(args) => return backup::restore(common, &args, console),
        other => other,
    };
    let trusted = match &command {
        Command::Account(args::AccountCommand::Add(add)) => add.ca.as_deref(),
        _ => None,
    };
    if let Command::Account(args::AccountCommand::Add(add)) = &command {
        // A no comes before anybody is asked for a password or the vault's passphrase.
        let identity = Address::new(add.name.trim(), add.address.trim());
        let profile = tcv_engine::load_profile(common.profile.as_deref());
        if let Err(error) = profile.allows_account(&identity) {
            return Ok(console.failure(&error, output::Doing::Setup));
        }
    }
    let runtime = start::runtime()?;
    let session = match Session::open(common, trusted, console) {
        Err(error) if matches!(command, Command::Doctor) => {
            return doctor::without_engine(error, common, console);
        }
        opened => opened?,
    };
    if common.lang.is_none() {
        runtime.block_on(session.speak_users_language(console));
    }
    let outcome = runtime.block_on(dispatch(&session, command, common, console));
    runtime.block_on(session.close());
    outcome
}

async fn dispatch(
    session: &Session,
    command: Command,
    common: &Common,
    console: &Console,
) -> Result<Reply> {
    match command {
        Command::Account(command) => account::run(session, command, console).await,
        Command::Folders(args) => folders::run(session, args, console).await,
        Command::Sync(args) => sync::run(session, &args, console).await,
        Command::List(args) => mailbox::list(session, &args, console).await,
        Command::Show(args) => letter::show(session, &args, console.words()).await,
        Command::Parse(args) => letter::parse(&args, common, console),
        Command::Render(args) => render::run(&args, console.words()),
        Command::Search(args) => mailbox::search(session, &args, console).await,
        Command::Flag(args) => changes::flag(session, &args.words, console).await,
        Command::Move(args) => changes::move_to(session, &args.words, console).await,
        Command::Delete(args) => changes::delete(session, &args.ids, console).await,
        Command::Send(args) => sending::send(session, args, console).await,
        Command::Outbox => sending::outbox(session, console).await,
        Command::CheckDraft(args) => letter::check_draft(&args.file, common, console),
        // The program's entry has served it before anything was opened.
        Command::RenderLetters | Command::ReadAttachment => {
            Ok(Reply::done(json!({}), String::new()))
        }
        Command::Doctor => doctor::run(session, console).await,
        Command::Export(args) => archive::export(session, args, console).await,
        Command::Import(args) => archive::import(session, args, console).await,
        Command::Backup(args) => backup::backup(session, args, console).await,
        Command::Restore(args) => backup::restore(common, &args, console),
        Command::Verify => health::verify(common, console),
        Command::Repair(args) => health::repair(common, &args, console),
    }
}
