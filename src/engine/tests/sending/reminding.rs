//! The duty to check the mailbox twice a working day.

use std::time::Duration;

use tcv_domain::reminder::HalfDay;
use tcv_engine::{Clock, Event};
use tcv_practice::{PASSWORD, Script};
use tokio::sync::broadcast::Receiver;

use crate::office::{MONDAY, Office};

/// How long a loop may take to notice that time was moved, before it is told once more.
const MOMENT: Duration = Duration::from_millis(300);

/// Waits for the next turn of the loop; says whether a check was announced before its end.
fn turn(office: &Office, events: &mut Receiver<Event>) -> bool {
    let mut due = false;
    loop {
        let next = async { tokio::time::timeout(MOMENT, events.recv()).await };
        match office.runtime.block_on(next) {
            Ok(event) => match event.unwrap() {
                Event::CheckDue => due = true,
                Event::ReminderChanged => return due,
                _ => {}
            },
            // The clock was moved while the loop was not asleep yet: let it look again.
            Err(_) => office.clock.set(office.clock.now()),
        }
    }
}

#[test]
fn reminded_once_per_half_day_and_not_after_looking() {
    let mut office = Office::empty(Script::default());
    office.add(office.new_account(PASSWORD)).1.unwrap();
    // It is 08:00 on a Monday: the first check is due.
    let mut events = office.engine().events();
    office.engine().start();
    assert!(turn(&office, &mut events));
    let status = office.wait(office.engine().reminder_status());
    assert!(matches!(status.morning, HalfDay::Due(_)), "{status:?}");
    office.clock.set(MONDAY.plus(3600));
    assert!(!turn(&office, &mut events), "once is enough");

    office.wait(office.engine().inbox_looked_at());
    let status = office.wait(office.engine().reminder_status());
    assert!(matches!(status.morning, HalfDay::Looked(_)), "{status:?}");

    // 13:30: the afternoon's check, and not again after a restart.
    let mut events = office.engine().events();
    office.clock.set(MONDAY.plus(5 * 3600 + 1800));
    office.eventually(|| turn(&office, &mut events).then_some(()));
    office.reopen();
    let mut events = office.engine().events();
    office.engine().start();
    assert!(!turn(&office, &mut events), "told before the restart");

    // Looked at in time on Tuesday morning: nothing is announced.
    let day = 24 * 3600;
    office.clock.set(MONDAY.plus(day - 3600));
    office.wait(office.engine().inbox_looked_at());
    let mut events = office.engine().events();
    office.clock.set(MONDAY.plus(day));
    assert!(!turn(&office, &mut events));
}

#[test]
fn the_morning_before_the_mailbox_was_set_up_is_not_missed() {
    let office = Office::empty(Script::default());
    office.clock.set(MONDAY.plus(6 * 3600));
    office.add(office.new_account(PASSWORD)).1.unwrap();
    let status = office.wait(office.engine().reminder_status());
    assert_eq!(status.morning, HalfDay::Off);
    assert!(matches!(status.afternoon, HalfDay::Due(_)), "{status:?}");
    // Setting it up anew does not begin anew: Tuesday's morning counts.
    office.clock.set(MONDAY.plus(30 * 3600));
    office.add(office.new_account(PASSWORD)).1.unwrap();
    let status = office.wait(office.engine().reminder_status());
    assert_eq!(status.morning, HalfDay::Missed);
}
