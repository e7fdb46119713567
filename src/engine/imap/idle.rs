//! Waiting for the server to say that something changed (RFC 2177).
//!
//! The command goes out through the crate; the waiting is ours, because the crate's own panics
//! when a server answers IDLE at once, and cannot tell a suspended machine from a quiet folder.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use super::Fault;
use super::response::{Status, Untagged};
use super::session::{Session, lost};
use super::talk::Heard;
use crate::tls::timed_out;

/// How patiently to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdlePace {
    /// How often to look at the wall clock meanwhile: a suspend stops the socket's time-out, not
    /// the server's.
    pub(crate) slice: Duration,
    /// After how long to end the command and prove the line alive. Below the half hour of
    /// RFC 2177 and the ten minutes of many firewalls.
    pub(crate) reissue: Duration,
}

impl Session {
    /// Waits in IDLE on the open folder until it is time to issue it anew; calls `changed` each
    /// time the server reports something.
    ///
    /// # Errors
    /// [`Fault::Refused`] when the server will not idle, [`Fault::Lost`] when the line is dead.
    pub(crate) fn idle(&mut self, pace: IdlePace, changed: &mut dyn FnMut()) -> Result<(), Fault> {
        self.start("IDLE")?;
        self.hear_until(|heard| matches!(heard, Heard::Continuation))?;
        self.patient(pace.slice)?;
        let outcome = self.wait(pace, changed);
        self.patient(self.patience)?;
        outcome?;
        self.done()
            .map_err(|error| Fault::Lost(lost(&error, None)))?;
        self.hear_until(|heard| matches!(heard, Heard::Done(Status::Ok)))?;
        if self.heard_news() {
            changed();
        }
        self.settle(None).map(drop)
    }

    fn done(&mut self) -> io::Result<()> {
        let wire = &mut self.talk().wire;
        wire.write_all(b"DONE\r\n")?;
        wire.flush()
    }

    fn wait(&mut self, pace: IdlePace, changed: &mut dyn FnMut()) -> Result<(), Fault> {
        let start = SystemTime::now();
        loop {
            let before = SystemTime::now();
            let heard = self.talk().hear();
            match heard {
                Ok(Some(Heard::Kept)) => {
                    if self.heard_news() {
                        changed();
                    }
                }
                Ok(Some(Heard::Continuation | Heard::Answered)) => {}
                Ok(Some(Heard::Done(_))) => {
                    return Err(self.refusal());
                }
                Ok(None) => return Err(self.hung_up()),
                Err(error) if timed_out(&error) => {
                    let slept = before.elapsed().unwrap_or(Duration::MAX);
                    if slept > pace.slice.saturating_mul(2) {
                        return Ok(());
                    }
                }
                Err(error) => return Err(Fault::Lost(lost(&error, None))),
            }
            if start.elapsed().unwrap_or(Duration::MAX) >= pace.reissue {
                return Ok(());
            }
        }
    }

    /// Whether something kept meanwhile concerns the folder's messages; drops what was kept.
    fn heard_news(&mut self) -> bool {
        let data = self.talk().take_kept();
        self.absorb(&data);
        data.iter().any(|response| {
            matches!(
                response,
                Untagged::Exists(_)
                    | Untagged::Expunge(_)
                    | Untagged::Vanished { .. }
                    | Untagged::Fetch(_)
            )
        })
    }

    fn patient(&mut self, patience: Duration) -> Result<(), Fault> {
        self.talk()
            .wire
            .patience(patience)
            .map_err(|error| Fault::Lost(lost(&error, None)))
    }
}
