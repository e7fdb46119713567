//! `export` and `import`: mail taken out into files others can read, and brought in from them.

use std::time::Duration;

use serde_json::json;
use tcv_domain::message::MessageId;
use tcv_engine::{
    Error, ExportReport, ExportRequest, ExportSource, ImportReport, ImportRequest, Job, Kind,
    Progress, Result,
};
use tcv_words::Words;

use super::args::{ExportArgs, ImportArgs};
use super::output::{Console, NETWORK, Reply};
use super::session::Session;

/// How often long work says how far it is.
const BEAT: Duration = Duration::from_secs(2);

/// Some of it could not be read.
const UNREADABLE: u8 = 6;

/// Lines about messages that could not be had; programs get all of them.
const MOST_LISTED: usize = 20;

pub async fn export(session: &Session, args: ExportArgs, console: &Console) -> Result<Reply> {
    let request = ExportRequest {
        source: source(session, &args, console.words()).await?,
        format: args.format.into(),
        to: std::path::absolute(&args.out)?,
        fetch: !args.offline,
        mark: args.flag_mark.chars().next().unwrap_or(':'),
    };
    let job = Job::new();
    let work = session.engine.export(request, job.clone());
    let report = told(&job, work, console).await?;
    Ok(reply(&report, console.words()))
}

async fn source(session: &Session, args: &ExportArgs, words: &Words) -> Result<ExportSource> {
    if !args.ids.is_empty() {
        let ids = args.ids.iter().copied().map(MessageId).collect();
        return Ok(ExportSource::Messages(ids));
    }
    let address = args.within.account.as_deref();
    let accounts = session.accounts(address, words).await?;
    if let Some(name) = &args.folder {
        let folder = session.folder(name, &accounts, words).await?;
        return Ok(ExportSource::Folder(folder.id));
    }
    match accounts.as_slice() {
        [one] => Ok(ExportSource::Account(one.id)),
        _ => Err(Error::new(
            Kind::BadRequest,
            words.text("cli-which-account"),
        )),
    }
}

fn reply(report: &ExportReport, words: &Words) -> Reply {
    let mut lines: Vec<_> = report
        .folders
        .iter()
        .map(|one| {
            let args = [
                ("folder", one.name.as_str().into()),
                ("count", one.messages.into()),
            ];
            words.with("export-folder", &args)
        })
        .collect();
    let args = [
        ("count", report.messages.into()),
        ("size", words.size(report.bytes).into()),
        ("path", report.out.display().to_string().into()),
    ];
    lines.push(words.with("export-done", &args));
    if !report.missing.is_empty() {
        let count = [("count", report.missing.len().into())];
        lines.push(words.with("export-missing", &count));
    }
    for missing in report.missing.iter().take(MOST_LISTED) {
        let why = words.error(missing.reason).title;
        lines.push(format!("  {}: {why}", missing.id));
    }
    Reply {
        json: json!(report),
        text: lines.join("\n"),
        code: if report.missing.is_empty() {
            0
        } else {
            NETWORK
        },
    }
}

pub async fn import(session: &Session, args: ImportArgs, console: &Console) -> Result<Reply> {
    let words = console.words();
    let accounts = session
        .accounts(args.within.account.as_deref(), words)
        .await?;
    let (account, folder) = match &args.folder {
        Some(name) => {
            let folder = session.folder(name, &accounts, words).await?;
            (folder.account, Some(folder.id))
        }
        None => match accounts.as_slice() {
            [one] => (one.id, None),
            _ => {
                return Err(Error::new(
                    Kind::BadRequest,
                    words.text("cli-which-account"),
                ));
            }
        },
    };
    let request = ImportRequest {
        from: std::path::absolute(&args.from)?,
        account,
        folder,
        push: !args.offline,
    };
    let job = Job::new();
    let work = session.engine.import(request, job.clone());
    let report = told(&job, work, console).await?;
    Ok(import_reply(&report, words))
}

fn import_reply(report: &ImportReport, words: &Words) -> Reply {
    let mut lines: Vec<_> = report
        .folders
        .iter()
        .map(|one| {
            let args = [
                ("folder", one.name.as_str().into()),
                ("count", one.imported.into()),
                ("duplicates", one.duplicates.into()),
            ];
            words.with("import-folder", &args)
        })
        .collect();
    let args = [
        ("count", report.imported.into()),
        ("duplicates", report.duplicates.into()),
        ("removed", report.removed.into()),
        ("unreadable", report.unreadable.into()),
    ];
    lines.push(words.with("import-done", &args));
    for failure in report.failures.iter().take(MOST_LISTED) {
        lines.push(format!("  {}: {}", failure.file.display(), failure.detail));
    }
    if report.pending_ops > 0 {
        lines.push(words.with("cli-sync-pending", &[("count", report.pending_ops.into())]));
    }
    Reply {
        json: json!(report),
        text: lines.join("\n"),
        code: if report.unreadable == 0 {
            0
        } else {
            UNREADABLE
        },
    }
}

/// Waits for long work, saying from time to time how far it is.
pub async fn told<T>(
    job: &Job,
    work: impl Future<Output = Result<T>>,
    console: &Console,
) -> Result<T> {
    let progress = job.progress();
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(BEAT, work.as_mut()).await {
            Ok(done) => return done,
            Err(_) => {
                let Progress { done, total } = *progress.borrow();
                let args = [("done", done.into()), ("total", total.into())];
                console.note(&console.words().with("job-progress", &args));
            }
        }
    }
}
