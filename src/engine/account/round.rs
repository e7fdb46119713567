//! One round with the server: push what changed here, then pull: the inbox first, then the other
//! folders. Used by the workers and by the command line alike.

use tcv_domain::folder::{Folder, Role};
use tcv_domain::message::FolderId;

use super::ledger::Ledger;
use super::{Desk, tell};
use crate::error::{Error, Kind, Result};
use crate::imap::{Fault, Figures, Quota, RemoteList, Session, Usage, assign_roles};
use crate::outbox::Loop;
use crate::store::{Budget, RemoteFolder};
use crate::types::{Account, AccountReport, Bodies, FolderReport, Fullness};
use crate::{Event, Inner};

/// What to look at.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// Whether to push first: only who holds the data folder's turn may.
    pub(crate) push: bool,
    /// Only the inbox, without asking which folders there are.
    pub(crate) inbox_only: bool,
    /// Only folders of these names; empty means all.
    pub(crate) folders: Vec<String>,
    /// Which bodies to fetch.
    pub(crate) bodies: Bodies,
}

/// A round under way.
pub(crate) struct Round<'a> {
    pub(super) inner: &'a Inner,
    pub(super) desk: &'a Desk,
    pub(super) account: &'a Account,
    pub(super) session: &'a mut Session,
    /// Whether bells are heeded between batches (workers do, the command line does not).
    pub(super) attentive: bool,
    /// Moves were pushed since the current folder was opened.
    pub(super) moved: bool,
    /// Operations wait for a look at the folders: one was numbered anew, or is gone.
    pub(super) postponed: bool,
    /// The inbox is what is being pulled.
    pub(super) at_inbox: bool,
    /// What was done, folder by folder.
    pub(crate) report: AccountReport,
}

/// Headers indexed in one transaction.
pub(crate) const INDEXED_AT_ONCE: usize = 1_000;

/// Figures of folders, where the server gave them.
type KnownFigures = Vec<(FolderId, Figures)>;

impl<'a> Round<'a> {
    pub(crate) fn new(
        inner: &'a Inner,
        desk: &'a Desk,
        account: &'a Account,
        session: &'a mut Session,
    ) -> Self {
        let address = account.identity.address.clone();
        Self {
            inner,
            desk,
            account,
            session,
            attentive: false,
            moved: false,
            postponed: false,
            at_inbox: false,
            report: AccountReport {
                address,
                ..AccountReport::default()
            },
        }
    }

    /// The whole round.
    pub(crate) fn run(&mut self, scope: &Scope) -> Result<()> {
        if scope.push {
            self.push()?;
        }
        let nameless = self.inner.store.nameless_ops(self.account.id)?;
        let (folders, figures) = self.folders(scope)?;
        for folder in &folders {
            let figures = figures
                .iter()
                .find(|(id, _)| *id == folder.id)
                .map(|(_, f)| f);
            let mut report = Self::blank_report(folder);
            spare_others(folder, self.pull(folder, figures, &mut report))?;
            if folder.role == Some(Role::Inbox) {
                report.bodies = self.pull_bodies(folder.id, scope.bodies)?;
            }
            self.report.folders.push(report);
        }
        let named = self.inner.store.nameless_ops(self.account.id)? < nameless;
        if scope.push && (std::mem::take(&mut self.postponed) || named) {
            self.push()?;
            self.look_again(&folders)?;
        }
        // Every list is complete before the first body outside the inbox is fetched.
        for (index, folder) in folders.iter().enumerate() {
            if folder.role != Some(Role::Inbox) {
                let bodies = self.pull_bodies(folder.id, scope.bodies);
                let bodies = spare_others(folder, bodies)?;
                if let Some(report) = self.report.folders.get_mut(index) {
                    report.bodies = bodies;
                }
            }
        }
        self.take_news()?;
        self.index()
    }

    /// What the server has to say besides the mail: how full the mailbox is, and alerts. A command
    /// that found nothing new saves itself the question.
    fn take_news(&mut self) -> Result<()> {
        for text in self.session.take_alerts() {
            let account = self.account.id;
            self.inner.announce(Event::ServerAlert { account, text });
        }
        if !self.attentive && self.report.folders.iter().all(|folder| folder.new == 0) {
            return Ok(());
        }
        let quota = match self.session.quota() {
            Ok(quota) => quota,
            Err(Fault::Refused(_)) => None,
            Err(fault) => return Err(fault.into()),
        };
        let fullness = quota.and_then(fullness);
        self.report.fullness = fullness;
        tell(self.inner, self.desk, |status| status.fullness = fullness);
        Ok(())
    }

    /// Workers bring the search index up to date when all else is done; for the command line the
    /// next search does.
    fn index(&mut self) -> Result<()> {
        while self.attentive && self.inner.store.index_pending(INDEXED_AT_ONCE)? > 0 {
            self.attend()?;
        }
        self.keep_to_budget()
    }

    /// Drops the oldest bodies where the agency bounds the cache.
    fn keep_to_budget(&self) -> Result<()> {
        let profile = &self.inner.profile.profile;
        let megabytes = u64::from(profile.cache_up_to_mb);
        let budget = Budget {
            bytes: (megabytes > 0).then_some(megabytes << 20),
            recent: self.recent().unwrap_or(self.inner.clock.now()),
        };
        let dropped = self.inner.store.shed(&budget)?;
        if dropped > 0 {
            tracing::info!(
                dropped,
                "bodies were dropped to keep the cache within its size"
            );
        }
        Ok(())
    }

    /// Pulls the lists once more, after changes could only be pushed when they had been pulled.
    fn look_again(&mut self, folders: &[Folder]) -> Result<()> {
        for (index, folder) in folders.iter().enumerate() {
            let place = self.report.folders.get_mut(index);
            let mut report = place.map(std::mem::take).unwrap_or_default();
            let outcome = self.pull(folder, None, &mut report);
            if let Some(place) = self.report.folders.get_mut(index) {
                *place = report;
            }
            spare_others(folder, outcome)?;
        }
        Ok(())
    }

    /// Between two batches: ends the round when the account is to stop, and serves what cannot
    /// wait. The caller opens its folder again if it needs it open.
    pub(super) fn attend(&mut self) -> Result<()> {
        if self.is_called_off() {
            return Err(Error::new(Kind::ServerUnreachable, "stopped"));
        }
        self.keep_to_limit()?;
        if !self.attentive {
            return Ok(());
        }
        let rung = self.desk.take_rung();
        if rung.push {
            self.push()?;
        }
        if rung.all {
            self.desk.ring_all(); // for the next round
        }
        if rung.inbox && self.at_inbox {
            self.desk.ring_inbox(); // the same
        } else if rung.inbox {
            self.glance()?;
        }
        Ok(())
    }

    /// New mail does not wait for the end of a long transfer.
    fn glance(&mut self) -> Result<()> {
        let moved = self.moved;
        let folders = self.inner.store.folders(self.account.id)?;
        if let Some(inbox) = folders
            .iter()
            .find(|folder| folder.role == Some(Role::Inbox))
        {
            self.pull(inbox, None, &mut Self::blank_report(inbox))?;
        }
        self.moved |= moved;
        Ok(())
    }

    /// The folders in the order of work: the inbox, then those with a part, then the rest.
    fn folders(&mut self, scope: &Scope) -> Result<(Vec<Folder>, KnownFigures)> {
        let known = self.inner.store.folders(self.account.id)?;
        let inbox = known.iter().find(|folder| folder.role == Some(Role::Inbox));
        if let Some(inbox) = inbox.filter(|_| scope.inbox_only) {
            return Ok((vec![inbox.clone()], Vec::new()));
        }
        // Before the first sync figures tell nothing and may cost the server a walk through
        // every folder.
        let figures_help = inbox.is_some_and(|inbox| inbox.uidvalidity.is_some());
        let mut list = self.session.list(figures_help)?;
        if !list
            .folders
            .iter()
            .any(|folder| folder.raw_name.eq_ignore_ascii_case("INBOX"))
        {
            // RFC 9051 §5.1: there is always an inbox. A list without one is no list, and
            // believing it would drop every folder we hold.
            return Err(Error::new(
                Kind::ServerRefused,
                "the list of folders has no INBOX",
            ));
        }
        let made = scope.push && self.make_sent(&list)?;
        if made {
            list = self.session.list(figures_help)?;
        }
        let mut listed = remote_folders(&list);
        let held = self.inner.store.server_folders(self.account.id)?;
        let there = self.unlisted(&held, &listed)?;
        listed.extend(there);
        self.follow(&held, &listed)?;
        if self.inner.store.put_folders(self.account.id, &listed)? {
            self.inner.announce(Event::FoldersChanged(self.account.id));
        }
        if made {
            self.inner.outbox.ring(Loop::Outbox);
        }
        let folders = self.wanted(scope)?;
        let figures = self.match_figures(&folders, list.figures)?;
        Ok((folders, figures))
    }

    /// Folders we hold that the list lacks and that are there all the same. A folder takes its
    /// mail and its waiting changes along, so a line that could not be read must not drop it.
    fn unlisted(&mut self, held: &[Folder], listed: &[RemoteFolder]) -> Result<Vec<RemoteFolder>> {
        let mut there = Vec::new();
        for folder in held {
            let known = self.inner.store.folder_sync(folder.id)?;
            let raw_name = known.raw_name;
            if listed.iter().any(|one| one.raw_name == raw_name) {
                continue;
            }
            match self.session.select(&raw_name, None) {
                Err(fault @ Fault::Refused(_)) if !fault.is_temporary() => continue,
                Err(Fault::Lost(error)) => return Err(error),
                _ => there.push(RemoteFolder {
                    name: folder.name.clone(),
                    raw_name,
                    delimiter: known.delimiter,
                    role: folder.role,
                    selectable: folder.selectable,
                }),
            }
        }
        Ok(there)
    }

    /// Makes a Sent folder where the server has none and a copy waits for it; whether it did.
    fn make_sent(&mut self, list: &RemoteList) -> Result<bool> {
        if assign_roles(&list.folders).contains(&Some(Role::Sent)) || !self.copy_waits()? {
            return Ok(false);
        }
        Ok(self.session.create(&list.top_name("Sent"))?)
    }

    /// Whether a sent message's copy waits for a Sent folder, or for one that another client took
    /// away.
    fn copy_waits(&self) -> Result<bool> {
        let store = &self.inner.store;
        Ok(store.outbox_copy_waits(self.account.id)?
            || store.append_waits(self.account.id, Role::Sent)?)
    }

    fn wanted(&self, scope: &Scope) -> Result<Vec<Folder>> {
        let mut folders = self.inner.store.pulled_folders(self.account.id)?;
        for name in &scope.folders {
            if !folders.iter().any(|folder| is_called(folder, name)) {
                return Err(Error::new(Kind::BadRequest, format!("no folder {name:?}")));
            }
        }
        let wanted = |folder: &Folder| {
            scope.folders.is_empty() || scope.folders.iter().any(|name| is_called(folder, name))
        };
        folders.retain(|folder| folder.selectable && wanted(folder));
        folders.sort_by_key(|folder| folder.role.map_or(u8::MAX, |role| role as u8));
        Ok(folders)
    }

    fn match_figures(&self, folders: &[Folder], figures: Vec<Figures>) -> Result<KnownFigures> {
        let mut matched = Vec::with_capacity(figures.len());
        for folder in folders.iter().filter(|_| !figures.is_empty()) {
            let raw_name = self.inner.store.folder_sync(folder.id)?.raw_name;
            if let Some(figures) = figures.iter().find(|figures| figures.raw_name == raw_name) {
                matched.push((folder.id, figures.clone()));
            }
        }
        Ok(matched)
    }

    /// What commits and tells, apart from the connection.
    pub(super) fn ledger(&self) -> Ledger<'a> {
        Ledger {
            inner: self.inner,
            desk: self.desk,
            account: self.account,
        }
    }

    /// A report to fill for a folder.
    pub(super) fn blank_report(folder: &Folder) -> FolderReport {
        FolderReport {
            name: folder.name.clone(),
            ..FolderReport::default()
        }
    }
}

/// The limit that is nearer.
fn fullness(quota: Quota) -> Option<Fullness> {
    let value = |usage: Usage, of_messages| Fullness {
        used: usage.used,
        limit: usage.limit,
        of_messages,
    };
    let space = quota.storage.map(|usage| value(usage, false));
    let number = quota.messages.map(|usage| value(usage, true));
    space
        .into_iter()
        .chain(number)
        .max_by_key(Fullness::percent)
}

/// A folder that the server refuses to open or to read, or that was deleted meanwhile, keeps no
/// other from its turn. The inbox is worth a failure the user sees.
fn spare_others<T: Default>(folder: &Folder, outcome: Result<T>) -> Result<T> {
    match outcome {
        Err(error)
            if matches!(error.kind, Kind::ServerRefused | Kind::NotFound)
                && folder.role != Some(Role::Inbox) =>
        {
            tracing::info!(folder = %folder.id, kind = ?error.kind, "a folder is passed over");
            Ok(T::default())
        }
        other => other,
    }
}

fn is_called(folder: &Folder, name: &str) -> bool {
    folder.name == name
        || (folder.role == Some(Role::Inbox) && folder.name.eq_ignore_ascii_case(name))
}

fn remote_folders(list: &RemoteList) -> Vec<RemoteFolder> {
    let roles = assign_roles(&list.folders);
    list.folders
        .iter()
        .zip(roles)
        .map(|(folder, role)| RemoteFolder {
            name: folder.name.clone(),
            raw_name: folder.raw_name.clone(),
            delimiter: folder.delimiter,
            role,
            selectable: folder.is_selectable(),
        })
        .collect()
}
