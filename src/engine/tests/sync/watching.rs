//! Workers and watchers: new mail by itself, coming back after failures, ending at once.

use std::time::Duration;

use tcv_domain::message::{FlagChange, Flags};
use tcv_engine::{Kind, Pace, SyncPhase};
use tcv_practice::{ADDRESS, Action, Certificate, Protocol, Rule, Script};

use crate::office::Office;

fn started(script: Script) -> Office {
    let office = Office::open(script);
    office.deliver(0..3);
    office.engine.start();
    office.until("the account to be connected", || {
        phase(&office) == SyncPhase::Connected
    });
    office
}

fn phase(office: &Office) -> SyncPhase {
    office.engine.sync_status(office.account.id).phase
}

/// Sessions of the server that are not only being set up: the worker's and the watcher's.
fn watched(office: &Office) {
    office.until("the watcher to be connected", || {
        office.practice.connections() >= 2
    });
}

#[test]
fn new_mail_comes_by_idle() {
    let office = started(Script::default());
    watched(&office);
    let mut events = office.engine.events();
    office.deliver(3..4);
    let ids = office.arrived(&mut events);
    assert_eq!(ids, [office.row("INBOX", 3).id]);
    // The first sync's mail was not announced as new.
    assert_eq!(office.rows("INBOX").len(), 4);
    office.until("its body", || !office.row("INBOX", 3).preview.is_empty());
}

#[test]
fn without_idle_it_comes_by_looking() {
    let office = Office::open(Script {
        imap_capabilities: Some(String::new()),
        ..Script::default()
    });
    office.engine.set_pace(Pace {
        poll: Duration::from_millis(100),
        ..Pace::default()
    });
    office.deliver(0..1);
    office.engine.start();
    office.until("the first sync", || phase(&office) == SyncPhase::Connected);
    let mut events = office.engine.events();
    office.deliver(1..2);
    assert_eq!(office.arrived(&mut events), [office.row("INBOX", 1).id]);
}

#[test]
fn an_idle_that_is_refused_is_replaced_by_looking() {
    let refuse = Action::Refuse("not for you".to_owned());
    let office = Office::open(Script::once(Protocol::Imap, "IDLE", refuse));
    office.engine.set_pace(Pace {
        poll: Duration::from_millis(100),
        retry_least: Duration::from_millis(50),
        ..Pace::default()
    });
    office.engine.start();
    office.until("the first sync", || phase(&office) == SyncPhase::Connected);
    let mut events = office.engine.events();
    office.deliver(0..1);
    office.arrived(&mut events);
}

#[test]
fn local_changes_are_pushed_at_once() {
    let office = started(Script::default());
    let id = office.row("INBOX", 1).id;
    office.wait(
        office
            .engine
            .flag(vec![id], FlagChange::set(Flags::FLAGGED)),
    );
    office.until("the flag on the server", || {
        office.practice.messages(ADDRESS, "INBOX")[1].has("\\Flagged")
    });
}

#[test]
fn it_comes_back_when_the_line_was_cut() {
    let office = started(Script::default());
    watched(&office);
    for number in 3..6 {
        let mut events = office.engine.events();
        office.practice.cut_connections();
        office.deliver(number..number + 1);
        office.arrived(&mut events);
    }
    office.until("the account to be connected", || {
        phase(&office) == SyncPhase::Connected
    });
}

#[test]
fn a_refused_password_stops_until_the_user_acts() {
    let refuse = || Action::Refuse("[AUTHENTICATIONFAILED] Sai mật khẩu".to_owned());
    let script = Script::once(Protocol::Imap, "AUTHENTICATE", refuse()).and(Rule::new(
        Protocol::Imap,
        "LOGIN",
        refuse(),
    ));
    let office = Office::open(script);
    office.deliver(0..1);
    office.engine.start();
    office.until("the account to stop", || {
        matches!(phase(&office), SyncPhase::Stopped(Kind::SignInRefused, _))
    });
    office.practice.set_script(Script::default());
    office.engine.sync_now(Some(office.account.id));
    office.until("the account to be connected", || {
        phase(&office) == SyncPhase::Connected
    });
    assert_eq!(office.rows("INBOX").len(), 1);
}

#[test]
fn shutting_down_does_not_wait_for_a_silent_server() {
    let office = Office::open(Script::once(Protocol::Imap, "SELECT", Action::Hang));
    // Without a cut from outside the read would last longer than any test.
    office.engine.set_pace(Pace {
        read: Duration::from_secs(3600),
        ..Pace::default()
    });
    office.engine.start();
    office.until("the worker to be at work", || {
        phase(&office) == SyncPhase::Syncing
    });
    let engine = office.engine.clone();
    office.wait(async {
        engine.shutdown().await;
        Ok(())
    });
    office.until("the connection to be gone", || {
        office.practice.connections() == 0
    });
}

/// What stands between a guest's machine and the world until he has signed in there.
#[test]
fn a_captive_portal_is_told_by_its_fault_and_changes_nothing() {
    let portals = [
        (
            Script {
                plaintext: true,
                ..Script::once(
                    Protocol::Imap,
                    "GREETING",
                    Action::instead("HTTP/1.1 302 Found\r\nLocation: http://wifi/\r\n\r\n"),
                )
            },
            Kind::TlsFailed,
        ),
        (
            Script {
                certificate: Certificate::UnknownAuthority,
                ..Script::default()
            },
            Kind::CertificateUntrusted,
        ),
        (
            Script::once(
                Protocol::Imap,
                "GREETING",
                Action::instead("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
            ),
            Kind::ServerRefused,
        ),
    ];
    for (portal, fault) in portals {
        let office = started(Script::default());
        let before = office.subjects("INBOX");
        office.practice.set_script(portal);
        office.practice.cut_connections();
        let change = FlagChange::set(Flags::FLAGGED);
        let id = office.row("INBOX", 1).id;
        office.wait(office.engine.flag(vec![id], change));
        office.until("the fault to be told", || match phase(&office) {
            SyncPhase::Stopped(kind, _) | SyncPhase::Offline(kind, _) => kind == fault,
            _ => false,
        });
        assert_eq!(office.subjects("INBOX"), before);
        assert_eq!(office.engine.sync_status(office.account.id).pending_ops, 1);
        // Signed in at the portal; the user, or time, tries again.
        office.practice.set_script(Script::default());
        office.until("the change to arrive", || {
            office.engine.sync_now(None);
            office.practice.messages(ADDRESS, "INBOX")[1].has("\\Flagged")
        });
    }
}
