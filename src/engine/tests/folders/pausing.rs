//! Pausing and going on.

use tcv_domain::message::{FlagChange, Flags};
use tcv_engine::SyncPhase;
use tcv_practice::{ADDRESS, Script};

use crate::office::Office;

fn phase(office: &Office) -> SyncPhase {
    office.engine.sync_status(office.account.id).phase
}

#[test]
fn a_pause_ends_the_connections_and_keeps_changes_until_it_ends() {
    let office = Office::open(Script::default());
    office.deliver(0..2);
    office.engine.start();
    office.until("the first sync", || phase(&office) == SyncPhase::Connected);
    let id = office.account.id;
    office.engine.pause(id);
    office.until("the pause", || phase(&office) == SyncPhase::Paused);
    office.until("the connections to be closed", || {
        office.practice.connections() == 0
    });
    let change = FlagChange::set(Flags::FLAGGED);
    office.wait(office.engine.flag(vec![office.row("INBOX", 0).id], change));
    office.until("the change to be counted", || {
        office.engine.sync_status(id).pending_ops == 1
    });
    office.deliver(2..3);
    office.engine.sync_now(None);
    assert_eq!(phase(&office), SyncPhase::Paused);
    assert_eq!(office.practice.connections(), 0);
    assert_eq!(office.rows("INBOX").len(), 2);

    office.engine.resume(id);
    office.until("the letter", || office.rows("INBOX").len() == 3);
    office.until("the change", || {
        office.practice.messages(ADDRESS, "INBOX")[0].has("\\Flagged")
    });
    office.until("the end of the round", || {
        phase(&office) == SyncPhase::Connected
    });
}

#[test]
fn a_pause_ends_a_long_transfer_between_batches() {
    let office = Office::open(Script::default());
    office.sync();
    office.deliver(0..400);
    let id = office.account.id;
    office.engine.start();
    office.until("the first batch", || !office.rows("INBOX").is_empty());
    office.engine.pause(id);
    office.until("the pause", || phase(&office) == SyncPhase::Paused);
    assert_eq!(office.engine.sync_status(id).progress, None);
    office.engine.resume(id);
    office.until("the rest", || office.rows("INBOX").len() == 400);
}

#[test]
fn a_pause_outlives_the_program() {
    let mut office = Office::open_lasting(Script::default());
    office.deliver(0..1);
    office.engine.start();
    let id = office.account.id;
    office.until("the first sync", || phase(&office) == SyncPhase::Connected);
    office.engine.pause(id);
    office.until("the pause", || phase(&office) == SyncPhase::Paused);
    office.reopen();
    office.engine.start();
    office.until("the pause again", || phase(&office) == SyncPhase::Paused);
    assert_eq!(office.practice.connections(), 0);
    office.engine.resume(id);
    office.until("the sync", || phase(&office) == SyncPhase::Connected);
    office.reopen();
    office.engine.start();
    office.until("no pause", || phase(&office) == SyncPhase::Connected);
}
