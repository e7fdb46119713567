//! An account moved to another server, as agencies do when they are merged: the letters are there under other numbers,
//! and what is here of them stays.

use tcv_domain::message::{FlagChange, Flags};
use tcv_domain::profile::{Protocol, ServerUrl, Transport};
use tcv_engine::Bodies;
use tcv_practice::{ADDRESS, Script};

use crate::office::Office;

#[test]
fn what_is_here_of_an_account_that_moves_to_another_server_stays() {
    let office = Office::open(Script::default());
    office.deliver(0..4);
    office.heal("at first");
    let before: Vec<_> = office.rows("INBOX").into_iter().map(|row| row.id).collect();
    let change = FlagChange::set(Flags::FLAGGED);
    office.wait(office.engine.flag(vec![office.row("INBOX", 1).id], change));
    // The other server: another door, and a mailbox numbered anew.
    for folder in office.practice.folders(ADDRESS) {
        let renewed = office.practice.renew_uid_validity(ADDRESS, &folder);
        renewed.unwrap();
    }
    let port = office.practice.imap_starttls_addr().port();
    let imap = ServerUrl::new(Protocol::Imap, Transport::StartTls, office.practice.host());
    let (id, smtp) = (office.account.id, office.account.smtp.clone());
    let moved = office.engine.set_servers(id, imap.at_port(port), smtp);
    assert_eq!(office.wait(moved).id, id);
    let report = office.sync_bodies(Bodies::All);
    let fetched = report.accounts[0].folders.iter().map(|one| one.bodies);
    assert_eq!(fetched.sum::<u32>(), 0, "the bodies were here");
    office.heal("moved");
    let after: Vec<_> = office.rows("INBOX").into_iter().map(|row| row.id).collect();
    assert_eq!(after, before);
    assert!(office.practice.messages(ADDRESS, "INBOX")[1].has("\\Flagged"));
}
