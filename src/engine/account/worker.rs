//! The worker of an account: holds a connection, runs a round whenever something rings, and
//! comes back by itself after failures, patiently.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::desk::{Line, Rung};
use super::{Desk, Pace, Round, Scope, account, connect, tell};
use crate::Inner;
use crate::error::{Error, Kind, Result};
use crate::imap::Session;
use crate::outbox::Loop;
use crate::types::{Bodies, SyncPhase};

/// How long a kept connection for opening messages may lie unused.
const SPARE_LIFE: Duration = Duration::from_secs(60);

/// How often a connection refused for its certificate is tried again: nothing mends it by itself
/// except time (a renewed certificate).
const CERTIFICATE_RETRY: Duration = Duration::from_secs(10 * 60);

/// Never faster than this after a failure, however often somebody rings.
const BREATH: Duration = Duration::from_millis(500);

/// Starts the thread. It holds the engine only while it works, so that dropping the last handle
/// ends it.
pub(super) fn spawn(inner: &Arc<Inner>, desk: &Arc<Desk>) -> Result<JoinHandle<()>> {
    let (inner, desk) = (Arc::downgrade(inner), Arc::clone(desk));
    let name = format!("mail-{}", desk.account());
    Ok(std::thread::Builder::new()
        .name(name)
        .spawn(move || run(&inner, &desk))?)
}

struct Worker<'a> {
    desk: &'a Desk,
    session: Option<Session>,
    failures: u32,
    /// When everything was last looked at.
    looked: Option<Instant>,
}

fn run(inner: &Weak<Inner>, desk: &Desk) {
    let mut worker = Worker {
        desk,
        session: None,
        failures: 0,
        looked: None,
    };
    let mut rung = Rung {
        all: true,
        ..Rung::default()
    };
    while !desk.stopping() {
        if desk.paused() {
            if !worker.pause(inner) {
                break;
            }
            rung.all = true;
            continue;
        }
        let Some(inner) = inner.upgrade() else { break };
        let outcome = worker.turn(&inner, rung);
        if desk.stopping() {
            break;
        }
        if desk.paused() {
            continue;
        }
        let rest = worker.judge(&inner, outcome);
        drop(inner);
        if worker.failures > 0 && !desk.rest(BREATH) {
            break;
        }
        rung = rest.wait(desk);
        let mut spare = super::locked(&desk.spare);
        if spare
            .as_ref()
            .is_some_and(|(_, since)| since.elapsed() > SPARE_LIFE)
        {
            spare.take();
        }
    }
    desk.set_line(Line::Down);
}

/// How to wait for the next turn.
struct Rest {
    patience: Duration,
    /// Only the user's own wish wakes it: another sign-in with the same password could lock the
    /// account.
    deaf: bool,
}

impl Rest {
    fn wait(&self, desk: &Desk) -> Rung {
        desk.wait(self.patience, |rung| rung.all || !self.deaf)
    }
}

impl Worker<'_> {
    /// A round, connecting first where that is needed. A connection that died while nobody used
    /// it is no failure: it is replaced once without further ado.
    fn turn(&mut self, inner: &Inner, rung: Rung) -> Result<()> {
        let held = self.session.is_some();
        match self.round(inner, rung) {
            Err(error) if held && error.kind.is_temporary() && !self.is_called_off() => {
                self.round(inner, rung)
            }
            other => other,
        }
    }

    fn is_called_off(&self) -> bool {
        self.desk.stopping() || self.desk.paused()
    }

    /// Rests without a connection while the user wants it so. `false`: the engine is gone.
    fn pause(&mut self, inner: &Weak<Inner>) -> bool {
        if let Some(session) = self.session.take() {
            session.logout();
        }
        self.desk.set_line(Line::Down);
        self.desk.watch_cancel.hang_up();
        super::locked(&self.desk.spare).take();
        self.remember_pause(inner, true);
        while self.desk.paused() && !self.desk.stopping() {
            let Some(inner) = inner.upgrade() else {
                return false;
            };
            let pending = inner.store.pending_count(self.desk.account()).unwrap_or(0);
            tell(&inner, self.desk, |status| {
                status.phase = SyncPhase::Paused;
                status.progress = None;
                status.pending_ops = pending;
            });
            drop(inner);
            self.desk.wait_paused();
        }
        if !self.desk.stopping() {
            self.remember_pause(inner, false);
        }
        true
    }

    /// For the next start of the program.
    fn remember_pause(&self, inner: &Weak<Inner>, rests: bool) {
        let Some(inner) = inner.upgrade() else { return };
        if let Err(error) = inner.store.remember_pause(self.desk.account(), rests) {
            tracing::warn!(kind = ?error.kind, "the pause is not remembered");
        }
    }

    fn round(&mut self, inner: &Inner, mut rung: Rung) -> Result<()> {
        // Whoever was away looks at everything; and however often it rings for the inbox, the
        // other folders get their turn.
        let due = |at: Instant| at.elapsed() >= inner.workers.pace().look;
        rung.all |= self.session.is_none() || self.looked.is_none_or(due);
        let account = account(inner, self.desk.account())?;
        let _turn = self.desk.turn();
        let mut session = match self.session.take() {
            Some(session) => session,
            None => {
                tell(inner, self.desk, |status| {
                    status.phase = SyncPhase::Connecting
                });
                let session = connect(inner, &account, &self.desk.cancel)?;
                let idle = session.has("IDLE");
                self.desk.set_line(if idle {
                    Line::CanIdle
                } else {
                    Line::CannotIdle
                });
                session
            }
        };
        tell(inner, self.desk, |status| status.phase = SyncPhase::Syncing);
        let scope = Scope {
            push: true,
            inbox_only: !rung.all,
            folders: Vec::new(),
            bodies: Bodies::Recent,
        };
        let mut round = Round::new(inner, self.desk, &account, &mut session);
        round.attentive = true;
        let outcome = match rung {
            Rung {
                push: true,
                inbox: false,
                all: false,
            } => round.push(),
            _ => round.run(&scope),
        };
        if round.postponed {
            self.desk.ring_all();
        }
        // After a failure the session may be out of step: only a whole round keeps it.
        if outcome.is_ok() {
            self.session = Some(session);
            if rung.all {
                self.looked = Some(Instant::now());
            }
        }
        outcome
    }

    /// Puts the outcome into the status and says how long to rest.
    fn judge(&mut self, inner: &Inner, outcome: Result<()>) -> Rest {
        let pace = inner.workers.pace();
        let pending = inner.store.pending_count(self.desk.account()).unwrap_or(0);
        let Err(error) = outcome else {
            self.failures = 0;
            let now = inner.clock.now();
            tell(inner, self.desk, |status| {
                status.phase = SyncPhase::Connected;
                status.last_done = Some(now);
                status.progress = None;
                status.pending_ops = pending;
            });
            // What came may have attachments.
            inner.outbox.ring(Loop::Extracting);
            let watched = self.desk.watched.load(Ordering::SeqCst);
            let patience = if watched { pace.look } else { pace.poll };
            return Rest {
                patience: patience.min(self.until_due(inner)),
                deaf: false,
            };
        };
        self.session = None;
        self.failures = self.failures.saturating_add(1);
        self.desk.set_line(Line::Down);
        self.desk.watch_cancel.hang_up();
        tracing::info!(account = %self.desk.account(), kind = ?error.kind, "sync failed");
        let (phase, rest) = self.consequence(error, &pace);
        tell(inner, self.desk, |status| {
            status.phase = phase;
            status.progress = None;
            status.pending_ops = pending;
        });
        rest
    }

    /// How long until a change that is held back, so that it can be taken back, is to be pushed.
    fn until_due(&self, inner: &Inner) -> Duration {
        let now = inner.clock.now();
        let due = inner.store.held_until(self.desk.account(), now);
        due.ok().flatten().map_or(Duration::MAX, |due| {
            Duration::from_secs(due.0.saturating_sub(now.0).unsigned_abs())
        })
    }

    fn consequence(&self, error: Error, pace: &Pace) -> (SyncPhase, Rest) {
        let Error { kind, detail, .. } = error;
        match kind {
            Kind::SignInRefused
            | Kind::PasswordMissing
            | Kind::VaultLocked
            | Kind::VaultWrongPassphrase => {
                let rest = Rest {
                    patience: Duration::MAX,
                    deaf: true,
                };
                (SyncPhase::Stopped(kind, detail), rest)
            }
            Kind::CertificateUntrusted
            | Kind::CertificateExpired
            | Kind::CertificateWrongName
            | Kind::TlsFailed => {
                let rest = Rest {
                    patience: CERTIFICATE_RETRY,
                    deaf: true,
                };
                (SyncPhase::Stopped(kind, detail), rest)
            }
            _ => {
                let doubled = 1_u32
                    .checked_shl(self.failures.saturating_sub(1))
                    .unwrap_or(u32::MAX);
                let patience = pace
                    .retry_least
                    .saturating_mul(doubled)
                    .min(pace.retry_most);
                (
                    SyncPhase::Offline(kind, detail),
                    Rest {
                        patience,
                        deaf: false,
                    },
                )
            }
        }
    }
}
