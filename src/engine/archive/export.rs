//! Export: messages, a folder or an account into files others can read.
//!
//! What is not here is fetched first. What cannot be had is listed with the reason: nothing is
//! left out in silence.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tcv_domain::folder::Folder;
use tcv_domain::message::{AccountId, FolderId, MessageId, MessageRow};

use super::outlet::{Outlet, Parcel};
use crate::error::{Error, Kind, Result};
use crate::job::Job;
use crate::types::{Account, Bodies, SyncScope};
use crate::{Engine, Inner, reading, sync};

/// From this many missing bodies on, a folder's are fetched in groups rather than one by one.
const MANY: usize = 10;

/// Rows read at a time.
const LOT: usize = 500;

/// What to export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportSource {
    /// These messages.
    Messages(Vec<MessageId>),
    /// A folder, without those in it.
    Folder(FolderId),
    /// All folders of an account.
    Account(AccountId),
}

/// As what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A file for each message, byte for byte.
    Eml,
    /// An mbox file for each folder, quoted the mboxrd way, line ends LF (RFC 4155). Flags are not
    /// kept: the format has no place for them.
    Mbox,
    /// A zip with a Maildir for each folder, flags in the names, byte for byte.
    Maildir,
}

/// An export to make.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// What.
    pub source: ExportSource,
    /// As what.
    pub format: ExportFormat,
    /// The file, or the folder it goes into. Nothing there is overwritten.
    pub to: PathBuf,
    /// Whether to fetch what is not here.
    pub fetch: bool,
    /// What divides name and flags in a Maildir: `:`, as the format has it, or `;` for unpacking
    /// on Windows, which allows no colon.
    pub mark: char,
}

/// What an export did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportReport {
    /// The format.
    pub format: ExportFormat,
    /// How lines beginning with "From " were quoted, for mbox.
    pub quoting: Option<&'static str>,
    /// Where it is.
    pub out: PathBuf,
    /// Messages exported.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Each folder.
    pub folders: Vec<Exported>,
    /// What could not be exported.
    pub missing: Vec<LeftOut>,
    /// Whether it was called off before its end.
    pub cancelled: bool,
}

/// What was exported of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Its account's address.
    pub account: String,
    /// Its name.
    pub name: String,
    /// What it is called in the export.
    pub file: String,
    /// Messages.
    pub messages: u64,
}

/// A message that could not be exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The message.
    pub id: MessageId,
    /// Its folder's name.
    pub folder: String,
    /// Its Message-ID.
    pub message_id: String,
    /// Why: the key of the error's sentence.
    pub reason: &'static str,
}

impl Engine {
    /// Exports mail. Called off ([`Job::cancel`]), a file that is not whole is removed; single
    /// messages written so far stay.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] where a file is there already, [`Kind::NotFound`] for a folder that is
    /// gone, [`Kind::Disk`] or [`Kind::DiskFull`].
    pub async fn export(&self, request: ExportRequest, job: Job) -> Result<ExportReport> {
        self.run(move |inner| Export::new(inner, &request, &job)?.run())
            .await
    }
}

/// Messages that go to one place in the export.
struct Part {
    account: Account,
    folder: Folder,
    /// `None`: all of the folder.
    messages: Option<Vec<MessageId>>,
}

struct Export<'a> {
    inner: &'a Arc<Inner>,
    request: &'a ExportRequest,
    job: &'a Job,
    parts: Vec<Part>,
    total: u64,
    done: u64,
    /// Accounts whose server cannot be reached: asked once, not for each message.
    offline: Vec<AccountId>,
    report: ExportReport,
}

impl<'a> Export<'a> {
    fn new(inner: &'a Arc<Inner>, request: &'a ExportRequest, job: &'a Job) -> Result<Self> {
        let parts = parts(inner, &request.source)?;
        let count = |part: &Part| match &part.messages {
            Some(messages) => u64::try_from(messages.len()).unwrap_or_default(),
            None => u64::from(part.folder.total),
        };
        Ok(Self {
            inner,
            request,
            job,
            total: parts.iter().map(count).sum(),
            parts,
            done: 0,
            offline: Vec::new(),
            report: ExportReport {
                format: request.format,
                quoting: (request.format == ExportFormat::Mbox).then_some("mboxrd"),
                out: request.to.clone(),
                messages: 0,
                bytes: 0,
                folders: Vec::new(),
                missing: Vec::new(),
                cancelled: false,
            },
        })
    }

    fn run(mut self) -> Result<ExportReport> {
        self.job.tell(0, self.total);
        let parts = std::mem::take(&mut self.parts);
        let single = !matches!(self.request.source, ExportSource::Account(_)) && parts.len() < 2;
        let ExportRequest {
            format, to, mark, ..
        } = self.request;
        let mut outlet = Outlet::open(*format, to, single, *mark)?;
        for part in &parts {
            if self.job.is_cancelled() {
                break;
            }
            let levels = levels(part, single && *format == ExportFormat::Eml);
            let file = outlet.enter(&levels)?;
            self.report.folders.push(Exported {
                account: part.account.identity.address.clone(),
                name: part.folder.name.clone(),
                file,
                messages: 0,
            });
            self.fetch_many(part);
            self.put_part(part, &mut outlet)?;
        }
        self.report.cancelled = self.job.is_cancelled();
        if !self.report.cancelled {
            outlet.finish()?;
        }
        Ok(self.report)
    }

    /// Fetches what a folder lacks in groups. What fails is tried one by one afterwards.
    fn fetch_many(&mut self, part: &Part) {
        if !self.request.fetch || part.messages.is_some() {
            return;
        }
        let store = &self.inner.store;
        let missing = store.missing_bodies(part.folder.id, None, MANY);
        let missing = missing.map(|some| some.len()).unwrap_or_default();
        let excerpts = store.excerpts(part.folder.id).map(|some| some.len());
        if missing + excerpts.unwrap_or_default() < MANY {
            return;
        }
        let scope = SyncScope {
            account: Some(part.account.id),
            folders: vec![part.folder.name.clone()],
            bodies: Bodies::All,
        };
        let reached = sync::run(self.inner, &scope)
            .is_ok_and(|report| report.accounts.iter().all(|one| one.error.is_none()));
        if !reached {
            self.offline.push(part.account.id);
        }
    }

    fn put_part(&mut self, part: &Part, outlet: &mut Outlet) -> Result<()> {
        let store = &self.inner.store;
        if let Some(messages) = &part.messages {
            for id in messages {
                self.put(part, &store.row(*id)?, outlet)?;
            }
            return Ok(());
        }
        let mut after = None;
        loop {
            let rows = store.rows_after(part.folder.id, after, LOT)?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some((last.date, last.id));
            for row in &rows {
                if self.job.is_cancelled() {
                    return Ok(());
                }
                self.put(part, row, outlet)?;
            }
        }
    }

    fn put(&mut self, part: &Part, row: &MessageRow, outlet: &mut Outlet) -> Result<()> {
        match self.raw(part.account.id, row.id) {
            Ok(raw) => {
                outlet.put(&Parcel {
                    id: row.id.0,
                    sender: row.from.first().map_or("", |from| &from.address),
                    subject: &row.subject,
                    date: row.date,
                    local: self.inner.clock.local(row.date),
                    flags: row.flags,
                    raw: &raw,
                })?;
                self.report.messages += 1;
                self.report.bytes += u64::try_from(raw.len()).unwrap_or_default();
                if let Some(folder) = self.report.folders.last_mut() {
                    folder.messages += 1;
                }
            }
            Err(error) => self.report.missing.push(LeftOut {
                id: row.id,
                folder: part.folder.name.clone(),
                message_id: row.message_id.clone(),
                reason: error.kind.key(),
            }),
        }
        self.done += 1;
        self.job.tell(self.done, self.total.max(self.done));
        Ok(())
    }

    /// A message whole, fetched where that is wanted and possible.
    fn raw(&mut self, account: AccountId, id: MessageId) -> Result<Vec<u8>> {
        let store = &self.inner.store;
        let not_here = || Error::new(Kind::NotCached, format!("message {id}"));
        if !self.request.fetch || self.offline.contains(&account) {
            return store.body(id)?.ok_or_else(not_here);
        }
        let raw = reading::raw(self.inner, id);
        if let Err(error) = &raw
            && !matches!(error.kind, Kind::NotFound | Kind::ServerRefused)
        {
            self.offline.push(account);
        }
        raw
    }
}

/// What a source comes to, folder by folder.
fn parts(inner: &Inner, source: &ExportSource) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for account in inner.store.accounts()? {
        for folder in inner.store.folders(account.id)? {
            let messages = match source {
                ExportSource::Account(wanted) if *wanted == account.id => None,
                ExportSource::Folder(wanted) if *wanted == folder.id => None,
                ExportSource::Messages(wanted) => {
                    let here = of_folder(inner, wanted, folder.id)?;
                    if here.is_empty() {
                        continue;
                    }
                    Some(here)
                }
                _ => continue,
            };
            if folder.selectable {
                parts.push(Part {
                    account: account.clone(),
                    folder,
                    messages,
                });
            }
        }
    }
    let wanted = match source {
        ExportSource::Messages(wanted) => wanted.len(),
        _ => usize::from(parts.is_empty()),
    };
    let found: usize = parts
        .iter()
        .filter_map(|part| part.messages.as_ref())
        .map(Vec::len)
        .sum();
    if found < wanted {
        return Err(Error::new(
            Kind::NotFound,
            "what is to be exported is not there",
        ));
    }
    Ok(parts)
}

fn of_folder(inner: &Inner, ids: &[MessageId], folder: FolderId) -> Result<Vec<MessageId>> {
    let mut here = Vec::new();
    for id in ids {
        let place = inner.store.message_place(*id)?;
        if place.is_some_and(|(_, place, _)| place == folder) && !here.contains(id) {
            here.push(*id);
        }
    }
    Ok(here)
}

/// A folder's place in the export. Single messages of one folder lie where the user said.
fn levels(part: &Part, flat: bool) -> Vec<String> {
    if flat && part.messages.is_some() {
        return Vec::new();
    }
    part.folder.name.split('/').map(str::to_owned).collect()
}
