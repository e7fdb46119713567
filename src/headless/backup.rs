//! `backup` and `restore`.

use serde_json::json;
use tcv_engine::{Backup, BackupPlan, Engine, Result, Secret};
use tcv_words::Words;

use super::args::{BackupArgs, BackupPassphrase, Common, RestoreArgs};
use super::moment::iso;
use super::output::{Console, Reply};
use super::session::{Session, ask_backup_passphrase, ask_passphrase};
use crate::start::{Start, read_passphrase};

pub async fn backup(session: &Session, args: BackupArgs, console: &Console) -> Result<Reply> {
    let words = console.words();
    let to = std::path::absolute(&args.to)?;
    let given = given(&args.passphrase)?;
    let is_set = session.engine.backup_status().await?.has_passphrase;
    let passphrase = match given {
        None if !is_set => Some(ask_backup_passphrase(true, words)?),
        given => given,
    };
    let made = session
        .engine
        .backup(to.clone(), passphrase.clone(), args.with_mail)
        .await?;
    if args.daily {
        if let Some(passphrase) = passphrase {
            session.engine.set_backup_passphrase(passphrase).await?;
        }
        let plan = BackupPlan {
            folder: Some(to),
            with_mail: args.with_mail,
        };
        session.engine.plan_backups(plan).await?;
    }
    Ok(reply("backup-made", &made, words))
}

/// Works on files no engine has open: an engine would make new ones.
pub fn restore(common: &Common, args: &RestoreArgs, console: &Console) -> Result<Reply> {
    let words = console.words();
    let start = Start::prepare(common)?;
    let vault = if start.needs_passphrase() {
        Some(ask_passphrase(&start, words)?)
    } else {
        None
    };
    let passphrase = match given(&args.passphrase)? {
        Some(given) => given,
        None => ask_backup_passphrase(false, words)?,
    };
    let options = start.options(vault);
    let restored = Engine::restore(&options, &args.file, &passphrase, args.replace)?;
    Ok(reply("backup-restored", &restored, words))
}

fn given(passphrase: &BackupPassphrase) -> Result<Option<Secret>> {
    passphrase
        .passphrase_file
        .as_deref()
        .map(read_passphrase)
        .transpose()
}

fn reply(key: &str, backup: &Backup, words: &Words) -> Reply {
    let args = [
        ("path", backup.file.display().to_string().into()),
        ("size", words.size(backup.bytes).into()),
        ("drafts", backup.drafts.into()),
        ("outbox", backup.outbox.into()),
        ("bodies", backup.bodies.into()),
    ];
    let mut document = json!(backup);
    document["created"] = json!(iso(backup.created));
    Reply::done(document, words.with(key, &args))
}
