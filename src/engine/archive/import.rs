//! Import: mail of other programs into folders of an account.
//!
//! Messages are queued as changes of the user's, and so reach the server like any other; dates and
//! flags are kept. What is there already is counted and left alone, so that an import may be run
//! again after whatever ended it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tcv_domain::archive::letter;
use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::{AccountId, FolderId};

use super::discover::{self, Place};
use super::intake::{self, Found, Message};
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::job::Job;
use crate::store::{Import as Queued, Prepared};
use crate::{Engine, Inner, changes, sync};

/// Bounds of what is queued in one transaction.
const LOT_COUNT: usize = 100;
const LOT_BYTES: usize = 8 << 20;

/// Queued bytes after which the server is given what waits: they lie here twice until then.
const PUSH_AFTER: u64 = 64 << 20;

/// Names that are kept of what could not be read.
const MOST_NAMED: usize = 100;

/// An import to make.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// A file or folder: mbox, message, Maildir, Thunderbird profile, or a folder of these.
    pub from: PathBuf,
    /// Whose mail it becomes.
    pub account: AccountId,
    /// The folder it goes into; folders found in the source are made below it. `None`: they are
    /// matched with the account's own from the top.
    pub folder: Option<FolderId>,
    /// Whether to give it to the server at once, as far as it can be reached.
    pub push: bool,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Each folder that got something or was looked through.
    pub folders: Vec<Imported>,
    /// Messages brought in.
    pub imported: u64,
    /// Messages that were there already, by Message-ID and size.
    pub duplicates: u64,
    /// Messages their program had deleted.
    pub removed: u64,
    /// How many could not be read.
    pub unreadable: u64,
    /// Which, as far as they are kept: file, and why.
    pub failures: Vec<Failure>,
    /// Changes the server does not have yet.
    pub pending_ops: u32,
    /// Whether it was called off before its end.
    pub cancelled: bool,
}

/// What came into a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Its name.
    pub name: String,
    /// Messages brought in.
    pub imported: u64,
    /// Messages that were there already.
    pub duplicates: u64,
}

/// Something that could not be brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The file.
    pub file: PathBuf,
    /// Technical text.
    pub detail: String,
}

impl Engine {
    /// Brings mail in. Called off ([`Job::cancel`]), what was brought in so far stays.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] where nothing to import is found or no folder can take it,
    /// [`Kind::NotFound`] for an unknown account, [`Kind::Disk`] or [`Kind::DiskFull`].
    pub async fn import(&self, request: ImportRequest, job: Job) -> Result<ImportReport> {
        self.run(move |inner| {
            let places = discover::places(&request.from)?;
            if places.is_empty() {
                let detail = format!("{}: no mail is found there", request.from.display());
                return Err(Error::new(Kind::BadRequest, detail));
            }
            Intake::new(inner, &request, &job).run(&places)
        })
        .await
    }
}

struct Intake<'a> {
    inner: &'a Arc<Inner>,
    request: &'a ImportRequest,
    job: &'a Job,
    /// Folders found or made, by their levels in the source.
    targets: BTreeMap<Vec<String>, Folder>,
    lot: Vec<Queued>,
    lot_bytes: usize,
    unpushed: u64,
    can_push: bool,
    read: u64,
    report: ImportReport,
}

impl<'a> Intake<'a> {
    fn new(inner: &'a Arc<Inner>, request: &'a ImportRequest, job: &'a Job) -> Self {
        Self {
            inner,
            request,
            job,
            targets: BTreeMap::new(),
            lot: Vec::new(),
            lot_bytes: 0,
            unpushed: 0,
            can_push: request.push,
            read: 0,
            report: ImportReport::default(),
        }
    }

    fn run(mut self, places: &[Place]) -> Result<ImportReport> {
        for place in places {
            if self.job.is_cancelled() {
                break;
            }
            let folder = self.target(&place.levels)?;
            if !self
                .report
                .folders
                .iter()
                .any(|one| one.name == folder.name)
            {
                self.report.folders.push(Imported {
                    name: folder.name.clone(),
                    ..Imported::default()
                });
            }
            let read = intake::read(place, &mut |found| self.take(place, &folder, found));
            // What could be read of a place stays, and the others are read all the same.
            if let Err(error) = read {
                if error.kind != Kind::Disk {
                    return Err(error);
                }
                self.fail(place, error.detail);
            }
            self.queue(&folder)?;
        }
        self.push();
        self.report.cancelled = self.job.is_cancelled();
        self.report.pending_ops = self.inner.store.pending_count(self.request.account)?;
        Ok(self.report)
    }

    fn take(&mut self, place: &Place, folder: &Folder, found: Found) -> Result<bool> {
        self.read += 1;
        self.job.tell(self.read, 0);
        match found {
            Found::Message(message) => {
                self.lot_bytes += message.raw.len();
                self.lot.push(self.prepared(message)?);
            }
            Found::Removed => self.report.removed += 1,
            Found::Unreadable(why) => self.fail(place, why.to_owned()),
        }
        if self.lot.len() >= LOT_COUNT || self.lot_bytes >= LOT_BYTES {
            self.queue(folder)?;
        }
        Ok(!self.job.is_cancelled())
    }

    fn fail(&mut self, place: &Place, detail: String) {
        self.report.unreadable += 1;
        if self.report.failures.len() < MOST_NAMED {
            let file = place.path.clone();
            self.report.failures.push(Failure { file, detail });
        }
    }

    /// A message ready to be queued. One without a Message-ID gets one that follows from its
    /// bytes: it is by this that it is known again.
    fn prepared(&self, message: Message) -> Result<Queued> {
        let Message {
            mut raw,
            flags,
            arrived,
        } = message;
        let mut prepared = Prepared::new(&raw)?;
        if prepared.message_id().is_empty() {
            let digest = Sha256::digest(&raw);
            let hex: String = digest
                .iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            raw = letter::with_message_id(&raw, &format!("{hex}@import.invalid"));
            prepared = Prepared::new(&raw)?;
        }
        let now = self.inner.clock.now();
        let arrived = arrived.or(prepared.date()).unwrap_or(now).min(now);
        Ok(Queued {
            message_id: prepared.message_id().to_owned(),
            raw,
            flags,
            arrived,
            prepared,
        })
    }

    /// Queues what was gathered for a folder.
    fn queue(&mut self, folder: &Folder) -> Result<()> {
        if self.lot.is_empty() {
            return Ok(());
        }
        let lot = std::mem::take(&mut self.lot);
        let now = self.inner.clock.now();
        let account = self.request.account;
        let store = &self.inner.store;
        let new = store.queue_imports(account, folder.id, &lot, now)?;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let (new, known) = (count(new), count(lot.len() - new));
        self.report.imported += new;
        self.report.duplicates += known;
        if let Some(one) = self
            .report
            .folders
            .iter_mut()
            .find(|one| one.name == folder.name)
        {
            one.imported += new;
            one.duplicates += known;
        }
        if new > 0 {
            self.unpushed += count(self.lot_bytes);
            let (folder, ids) = (folder.id, Vec::new());
            self.inner.announce(Event::MessagesChanged { folder, ids });
            self.inner.announce(Event::FoldersChanged(account));
        }
        self.lot_bytes = 0;
        if self.unpushed >= PUSH_AFTER {
            self.push();
        }
        Ok(())
    }

    /// Gives the server what waits. Where it cannot be reached it goes with a later sync.
    fn push(&mut self) {
        if self.can_push && self.unpushed > 0 {
            let pushed = sync::push(self.inner, self.request.account);
            self.can_push = pushed.is_ok();
            if let Err(error) = pushed {
                tracing::info!(%error, "imported mail waits for the next sync");
            }
        }
        self.unpushed = 0;
    }

    /// The folder that levels of the source mean, made where it is missing.
    fn target(&mut self, levels: &[String]) -> Result<Folder> {
        if let Some(known) = self.targets.get(levels) {
            return Ok(known.clone());
        }
        let account = self.request.account;
        let folders = self.inner.store.folders(account)?;
        let of = |id: FolderId| folders.iter().find(|folder| folder.id == id).cloned();
        let base = match self.request.folder {
            Some(id) => Some(of(id).ok_or_else(|| not_there("the folder"))?),
            None => None,
        };
        let found = match (levels.split_last(), &base) {
            (None, Some(base)) => base.clone(),
            (None, None) => {
                let inbox = folders.iter().find(|one| one.role == Some(Role::Inbox));
                inbox.cloned().ok_or_else(|| not_there("the inbox"))?
            }
            (Some((leaf, above)), _) => {
                let parent = match (above.is_empty(), &base) {
                    (true, base) => base.clone(),
                    (false, _) => Some(self.target(above)?),
                };
                self.child(&folders, parent.as_ref(), leaf)?
            }
        };
        self.targets.insert(levels.to_vec(), found.clone());
        Ok(found)
    }

    /// The folder of a name below another, or at the top.
    fn child(&self, folders: &[Folder], parent: Option<&Folder>, leaf: &str) -> Result<Folder> {
        let store = &self.inner.store;
        let delimiter = match folders.first() {
            Some(folder) => store.folder_sync(folder.id)?.delimiter,
            None => None,
        };
        let leaf = clean(leaf, delimiter);
        let is_inbox = parent.is_none() && leaf.eq_ignore_ascii_case("inbox");
        let name = match parent {
            Some(parent) => format!("{}/{leaf}", parent.name),
            None => leaf.clone(),
        };
        let known = folders
            .iter()
            .find(|one| one.name == name || (is_inbox && one.role == Some(Role::Inbox)));
        if let Some(known) = known {
            return Ok(known.clone());
        }
        let account = self.request.account;
        let parent = parent.map(|parent| parent.id);
        let (id, changed) = store.create_folder(account, parent, &leaf)?;
        changes::announce(self.inner, &changed);
        let folders = store.folders(account)?;
        let made = folders.into_iter().find(|folder| folder.id == id);
        made.ok_or_else(|| not_there("the folder that was made"))
    }
}

fn not_there(what: &str) -> Error {
    Error::new(Kind::NotFound, format!("{what} is not there"))
}

/// A level with nothing in it that a folder's name cannot have.
fn clean(level: &str, delimiter: Option<char>) -> String {
    let clean: String = level
        .chars()
        .map(|c| {
            let divides = Some(c) == delimiter;
            if divides || c.is_control() || "/\\*%\"".contains(c) {
                '_'
            } else {
                c
            }
        })
        .take(tcv_domain::folder::name::MOST_CHARACTERS)
        .collect();
    match clean.trim() {
        "" => "_".to_owned(),
        clean => clean.to_owned(),
    }
}
