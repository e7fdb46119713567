//! Syncing on demand: the public methods. The work is `account`'s.

use std::fs::{File, TryLockError};
use std::sync::Arc;
use std::time::Instant;

use tcv_domain::message::AccountId;

use crate::account::{self, Pace, Round, Scope};
use crate::error::{Error, Kind, Result};
use crate::imap::Session;
use crate::store::private_file;
use crate::tls::Cancel;
use crate::types::{Account, AccountReport, SyncReport, SyncScope, SyncStatus};
use crate::{Engine, Inner, outbox};

impl Engine {
    /// Syncs once: connects by itself, pushes local changes, pulls what `scope` says. One
    /// account's failure does not keep the others from their turn; it is in the report.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an unknown account, [`Kind::BadRequest`] for an unknown folder of
    /// the only account asked for, or a failure of the disk.
    pub async fn sync(&self, scope: SyncScope) -> Result<SyncReport> {
        self.run(move |inner| run(inner, &scope)).await
    }

    /// Wakes the workers of an account, or of all: they look at everything now, and try again
    /// what had stopped them.
    pub fn sync_now(&self, account: Option<AccountId>) {
        match account {
            Some(account) => self.inner.workers.resume(account),
            None => self.inner.workers.resume_all(),
        }
    }

    /// Ends the syncing of an account: the work under way stops at the next batch, its connections
    /// are closed. Changes are made and kept here meanwhile, and opening a message still fetches
    /// it. Lasts until [`Engine::resume`], also over the end of the program.
    pub fn pause(&self, account: AccountId) {
        self.inner.workers.set_paused(account, true);
    }

    /// Goes on where [`Engine::pause`] ended it.
    pub fn resume(&self, account: AccountId) {
        self.inner.workers.set_paused(account, false);
    }

    /// How it stands with an account's connection. Cheap.
    #[must_use]
    pub fn sync_status(&self, account: AccountId) -> SyncStatus {
        self.inner.workers.status(account)
    }

    /// Sets how patient and how busy connections are from now on.
    pub fn set_pace(&self, pace: Pace) {
        self.inner.workers.set_pace(pace);
    }
}

/// Syncs once; see [`Engine::sync`].
pub(crate) fn run(inner: &Arc<Inner>, scope: &SyncScope) -> Result<SyncReport> {
    let accounts: Vec<Account> = inner
        .store
        .accounts()?
        .into_iter()
        .filter(|account| scope.account.is_none_or(|wanted| wanted == account.id))
        .collect();
    if let (Some(wanted), true) = (scope.account, accounts.is_empty()) {
        return Err(Error::new(Kind::NotFound, format!("no account {wanted}")));
    }
    let mut report = SyncReport::default();
    let turn = turn(inner)?;
    if turn.is_some() {
        // What was sent a moment ago goes to Sent with this sync, not with the next.
        outbox::queue_copies(inner)?;
    }
    let scope = Scope {
        inbox_only: false,
        push: turn.is_some(),
        folders: scope.folders.clone(),
        bodies: scope.bodies,
    };
    for account in &accounts {
        report.accounts.push(sync_account(inner, account, &scope));
        report.pending_ops += inner.store.pending_count(account.id)?;
    }
    Ok(report)
}

/// Gives the server the changes of an account that wait. Where another process has the right to,
/// it is left to that.
pub(crate) fn push(inner: &Arc<Inner>, account: AccountId) -> Result<()> {
    let Some(_turn) = turn(inner)? else {
        return Ok(());
    };
    let gone = || Error::new(Kind::NotFound, format!("no account {account}"));
    let account = inner.store.account(account)?.ok_or_else(gone)?;
    let desk = inner.workers.desk(account.id);
    let _turn = desk.turn();
    let mut session = account::connect(inner, &account, &Cancel::default())?;
    Round::new(inner, &desk, &account, &mut session).push()?;
    session.logout();
    Ok(())
}

/// The right to push. Another process that has it pushes by itself; two would do things twice.
/// Pulling beside each other does no harm. Dropping the file gives the right up.
fn turn(inner: &Inner) -> Result<Option<Option<File>>> {
    if inner.workers.are_running() {
        // The workers of this process hold it, and each account's desk lets in one at a time.
        return Ok(Some(None));
    }
    let lock = private_file(&inner.data_dir.join("worker.lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(Some(lock))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn sync_account(inner: &Inner, account: &Account, scope: &Scope) -> AccountReport {
    let start = Instant::now();
    let desk = inner.workers.desk(account.id);
    let _turn = desk.turn();
    let cancel = Cancel::default();
    let mut report = match account::connect(inner, account, &cancel) {
        Ok(mut session) => {
            let report = with_session(inner, account, &mut session, scope);
            if report.error.is_none() {
                session.logout();
            }
            report
        }
        Err(error) => AccountReport {
            address: account.identity.address.clone(),
            error: Some(error),
            ..AccountReport::default()
        },
    };
    report.seconds = start.elapsed().as_secs_f64();
    report
}

fn with_session(
    inner: &Inner,
    account: &Account,
    session: &mut Session,
    scope: &Scope,
) -> AccountReport {
    let desk = inner.workers.desk(account.id);
    let mut round = Round::new(inner, &desk, account, session);
    let outcome = round.run(scope);
    let mut report = round.report;
    let count = session.count();
    report.round_trips = count.round_trips;
    report.bytes_in = count.bytes_in;
    report.bytes_out = count.bytes_out;
    report.error = outcome.err();
    report
}
