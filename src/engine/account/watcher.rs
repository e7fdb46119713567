//! The watcher of an account: a connection of its own that idles on the inbox and rings the
//! worker when the server reports something. It reads no mail and changes nothing.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use tcv_domain::folder::Role;

use super::desk::Line;
use super::{Desk, account, connect};
use crate::Inner;
use crate::error::{Error, Kind, Result};
use crate::imap::{Fault, IdlePace, Session};

/// Starts the thread.
pub(super) fn spawn(inner: &Arc<Inner>, desk: &Arc<Desk>) -> Result<JoinHandle<()>> {
    let (inner, desk) = (Arc::downgrade(inner), Arc::clone(desk));
    let name = format!("watch-{}", desk.account());
    Ok(std::thread::Builder::new()
        .name(name)
        .spawn(move || run(&inner, &desk))?)
}

fn run(inner: &Weak<Inner>, desk: &Desk) {
    let mut failures = 0_u32;
    while desk.wait_for_line() {
        let Some((session, pace, least, most)) = prepare(inner, desk, &mut failures) else {
            break;
        };
        if let Some(session) = session {
            let outcome = watch(session, desk, pace);
            desk.watched.store(false, Ordering::SeqCst);
            if desk.stopping() {
                break;
            }
            match outcome {
                // The server announced IDLE and will not do it: the worker polls.
                Fault::Refused(_) => desk.set_line(Line::CannotIdle),
                // The worker's own line is probably as dead; its round will find out.
                Fault::Lost(_) => desk.ring_inbox(),
            }
        }
        let pause = least
            .saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX))
            .min(most);
        failures = failures.saturating_add(1);
        if !desk.rest(pause) {
            break;
        }
    }
    desk.watched.store(false, Ordering::SeqCst);
}

type Prepared = (
    Option<Session>,
    IdlePace,
    std::time::Duration,
    std::time::Duration,
);

/// Connects and opens the inbox; `None` when the engine is gone. Holds the engine no longer than
/// that: the waiting must not keep it alive.
fn prepare(inner: &Weak<Inner>, desk: &Desk, failures: &mut u32) -> Option<Prepared> {
    let inner = inner.upgrade()?;
    let pace = inner.workers.pace();
    let idle = IdlePace {
        slice: pace.idle_slice,
        reissue: pace.idle_reissue,
    };
    let session = match open(&inner, desk) {
        Ok(session) => {
            *failures = 0;
            Some(session)
        }
        Err(error) => {
            tracing::info!(account = %desk.account(), kind = ?error.kind, "cannot watch the inbox");
            // Perhaps the worker's line is as dead and nobody has noticed yet.
            if error.kind.is_temporary() {
                desk.ring_inbox();
            }
            None
        }
    };
    Some((session, idle, pace.retry_least, pace.retry_most))
}

fn open(inner: &Inner, desk: &Desk) -> Result<Session> {
    let account = account(inner, desk.account())?;
    let folders = inner.store.folders(account.id)?;
    let inbox = folders
        .iter()
        .find(|folder| folder.role == Some(Role::Inbox));
    let missing = || Error::new(Kind::NotFound, "no inbox is known yet");
    let inbox = inner.store.folder_sync(inbox.ok_or_else(missing)?.id)?;
    let mut session = connect(inner, &account, &desk.watch_cancel)?;
    session.select(&inbox.raw_name, None)?;
    Ok(session)
}

/// Idles until something ends it.
fn watch(mut session: Session, desk: &Desk, pace: IdlePace) -> Fault {
    desk.watched.store(true, Ordering::SeqCst);
    // What came between the worker's last look and now was reported to nobody.
    desk.ring_inbox();
    loop {
        if let Err(fault) = session.idle(pace, &mut || desk.ring_inbox()) {
            return fault;
        }
    }
}
