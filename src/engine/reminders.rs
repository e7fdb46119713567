//! Reminding the user of the duty to check the mailbox: the loop, and the record of looks.
//!
//! Which moments matter and what is due is `domain::reminder`'s; showing the notification is the
//! window's. A notification given is written down before it is announced, so that a restart does
//! not repeat it.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use tcv_domain::calendar::{Half, NOON};
use tcv_domain::message::UnixTime;
use tcv_domain::reminder::{self, HalfDay, Status};

use crate::error::Result;
use crate::event::Event;
use crate::outbox::{Bell, Loop};
use crate::{Engine, Inner};

/// Setting under which the last notification given is kept: a civil time, `2026-11-23T07:30:00`.
const NOTIFIED: &str = "reminder.notified";
/// Setting under which the moment the first mailbox was set up is kept, seconds since 1970.
const SINCE: &str = "reminder.since";
/// A day in seconds.
const SECONDS_OF_A_DAY: i64 = 24 * 3600;

/// Starts the loop.
pub(crate) fn start(inner: &Arc<Inner>) -> Result<()> {
    Bell::run(inner, Loop::Reminders, turn)
}

/// A mailbox is there: from the first one on there is a duty to check.
pub(crate) fn begin(inner: &Inner) -> Result<()> {
    if inner.store.setting(SINCE)?.is_none() {
        let now = inner.clock.now();
        inner.store.put_setting(SINCE, &now.0.to_string())?;
    }
    Ok(())
}

/// Announces what is due; says when to look again.
fn turn(inner: &Arc<Inner>) -> Result<Option<UnixTime>> {
    let now = inner.clock.local(inner.clock.now());
    let schedule = &inner.profile.profile.schedule;
    let notified: Vec<DateTime> = inner
        .store
        .setting(NOTIFIED)?
        .and_then(|text| text.parse().ok())
        .into_iter()
        .collect();
    let accounts = inner.store.accounts()?;
    let due = reminder::due_notification(now, schedule, &looks(inner)?, &notified);
    // Without a mailbox there is nothing to check yet.
    if let Some(check) = due.filter(|_| !accounts.is_empty()) {
        inner
            .store
            .put_setting(NOTIFIED, &check.on(now.date()).to_string())?;
        inner.announce(Event::CheckDue);
    }
    // Each wake is a moment at which the status line may read differently.
    inner.announce(Event::ReminderChanged);
    Ok(Some(inner.clock.moment(reminder::next_wake(now, schedule))))
}

/// The looks that can matter today, in the user's time.
fn looks(inner: &Inner) -> Result<Vec<DateTime>> {
    let since = inner.clock.now().plus(-2 * SECONDS_OF_A_DAY);
    let looks = inner.store.looks_since(since)?;
    Ok(looks.into_iter().map(|at| inner.clock.local(at)).collect())
}

/// Whether a mailbox was there on the morning of a day.
fn had_mailbox(inner: &Inner, date: Date) -> Result<bool> {
    let since = inner.store.setting(SINCE)?;
    let since = since.and_then(|text| text.parse().ok()).map(UnixTime);
    Ok(since.is_none_or(|since| inner.clock.local(since) < date.to_datetime(NOON)))
}

impl Engine {
    /// The user has the inbox in front of him: recorded once per half day.
    ///
    /// # Errors
    /// Where it cannot be written down.
    pub async fn inbox_looked_at(&self) -> Result<()> {
        self.run(|inner| {
            let now = inner.clock.now();
            let civil = inner.clock.local(now);
            let same_half = |at: &DateTime| {
                at.date() == civil.date() && Half::of(at.time()) == Half::of(civil.time())
            };
            if looks(inner)?.iter().any(same_half) {
                return Ok(());
            }
            for account in inner.store.accounts()? {
                inner.store.look(account.id, now)?;
            }
            inner.announce(Event::ReminderChanged);
            inner.outbox.ring(Loop::Reminders);
            Ok(())
        })
        .await
    }

    /// How today's checks stand.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub async fn reminder_status(&self) -> Result<Status> {
        self.run(|inner| {
            let now = inner.clock.local(inner.clock.now());
            let schedule = &inner.profile.profile.schedule;
            let mut status = reminder::status(now, schedule, &looks(inner)?);
            // Of the halves of today only the morning can be over.
            if status.morning == HalfDay::Missed && !had_mailbox(inner, now.date())? {
                status.morning = HalfDay::Off;
            }
            Ok(status)
        })
        .await
    }
}
