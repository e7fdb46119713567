//! What tests need from outside the program: real Dovecot and Postfix ([`MailServers`]), servers that misbehave
//! on purpose ([`Trap`], [`Proxy`]), a private X display with window manager and session bus ([`Desktop`]), and
//! the program itself run as a child ([`Program`]).
//!
//! Everything binds to loopback, lives in its own temporary folder and ends with the test: on drop, and when the
//! test process is killed, because a guard script watches a pipe that closes with it. Any number of instances may
//! run at once, from one process or from many.
//!
//! Not here: tests of the program, and the scriptable in-process server of the practice mailbox.

mod certs;
mod chance;
mod desktop;
mod guard;
mod imap;
mod letters;
mod mailbox;
mod ports;
mod program;
mod proxy;
mod servers;
mod trap;

pub use chance::Chance;
pub use desktop::{Desktop, DesktopSpec, Window};
pub use imap::OtherClient;
pub use letters::{Letter, Letters};
pub use mailbox::{Entry, Mailbox};
pub use program::{Finished, Program, Running};
pub use proxy::Proxy;
pub use servers::{
    Account, BadCertificate, Endpoints, LoginName, MailServers, Outside, ServerSpec, Users,
};
pub use trap::Trap;

use std::time::{Duration, Instant};

/// How long [`wait_until`] rests between two looks.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Waits until `condition` holds and panics, naming `what` was awaited, when `timeout` passes first.
#[track_caller]
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn wait_until(timeout: Duration, what: &str, condition: impl FnMut() -> bool) {
    if let Err(message) = poll(timeout, what, condition) {
        panic!("{message}");
    }
}

/// [`wait_until`] for values: returns the first `Some`.
#[track_caller]
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn wait_for<T>(timeout: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let mut found = None;
    let outcome = poll(timeout, what, || {
        found = look();
        found.is_some()
    });
    match (found, outcome) {
        (Some(value), _) => value,
        (None, outcome) => panic!("{}", outcome.err().unwrap_or_default()),
    }
}

/// [`wait_until`] for code that reports instead of panicking.
pub(crate) fn poll(
    timeout: Duration,
    what: &str,
    mut condition: impl FnMut() -> bool,
) -> Result<(), String> {
    let start = Instant::now();
    while !condition() {
        if start.elapsed() > timeout {
            return Err(format!("waited {timeout:?} in vain for: {what}"));
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}
