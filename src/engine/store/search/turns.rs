//! A search as the user types takes the place of the one before it, which is called off: on a
//! large mailbox an unlucky word would otherwise hold up those that follow.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, InterruptHandle};

/// The search that goes on, if one does.
#[derive(Default)]
pub(in crate::store) struct Turns(Mutex<Current>);

#[derive(Default)]
struct Current {
    number: u64,
    handle: Option<InterruptHandle>,
}

impl Turns {
    /// Calls the search off that goes on and begins another; it ends when the turn is dropped.
    pub(super) fn begin(&self, connection: &Connection) -> Turn<'_> {
        let mut current = self.lock();
        if let Some(before) = current.handle.replace(connection.get_interrupt_handle()) {
            before.interrupt();
        }
        current.number += 1;
        Turn {
            turns: self,
            number: current.number,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A search that can be called off.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    number: u64,
}

impl Drop for Turn<'_> {
    /// Under the same lock as the call: whoever uses the connection next is not meant.
    fn drop(&mut self) {
        let mut current = self.turns.lock();
        if current.number == self.number {
            current.handle = None;
        }
    }
}
