//! What the server or the line does wrong, and what becomes of the letter.

use std::time::Duration;

use tcv_domain::address::Address;
use tcv_domain::profile::{Protocol as Speaks, Transport};
use tcv_engine::{Event, Kind, OutboxState, Secret};
use tcv_practice::{AGENCY, Action, COLLEAGUE, PASSWORD, Protocol, Rule, Script};

use crate::office::Office;

fn smtp(when: &str, action: Action) -> Rule {
    Rule::new(Protocol::Smtp, when, action)
}

fn script(rule: Rule) -> Script {
    Script::default().and(rule)
}

fn refuse(words: &str) -> Action {
    Action::Refuse(words.to_owned())
}

#[test]
fn a_temporary_refusal_is_tried_again_with_the_same_bytes() {
    for when in ["MAIL", "RCPT", "DATA", ".", "GREETING"] {
        let office = Office::open(script(smtp(when, refuse("452 4.3.1 hết chỗ")).first(1)));
        let accepted = office.send(office.draft("thử lại"));
        let item = office.eventually(|| {
            Some(office.item(accepted.outbox_id))
                .filter(|item| item.state == OutboxState::Queued && !item.detail.is_empty())
        });
        assert!(item.detail.starts_with("452"), "{when}: {item:?}");
        assert_eq!(item.reason, Some(Kind::ServerRefused), "{when}");
        assert!(
            office
                .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
                .is_empty(),
            "{when}"
        );
        office.clock.advance(29);
        assert_eq!(
            office.item(accepted.outbox_id).state,
            OutboxState::Queued,
            "{when}"
        );
        office.clock.advance(1);
        let item = office.settled(accepted.outbox_id);
        assert_eq!(
            (item.state, item.detail.as_str()),
            (OutboxState::Sent, ""),
            "{when}"
        );
        assert_eq!(item.message_id, accepted.message_id);
        assert_eq!(
            office
                .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
                .len(),
            1,
            "{when}"
        );
    }
}

#[test]
fn one_refused_recipient_is_named_and_the_others_get_it() {
    let rule = smtp(
        &format!("RCPT TO:<{AGENCY}>"),
        refuse("550 5.1.1 không có người này"),
    );
    let office = Office::open(script(rule));
    let mut draft = office.draft("hai người");
    draft.to.push(Address::bare(AGENCY));
    let accepted = office.send(draft);
    let item = office.settled(accepted.outbox_id);
    assert_eq!(item.state, OutboxState::Sent);
    assert!(
        item.detail.contains(AGENCY) && item.detail.contains("550"),
        "{}",
        item.detail
    );
    let states: Vec<_> = item
        .recipients
        .iter()
        .map(|one| (one.address.as_str(), one.state.as_str()))
        .collect();
    assert_eq!(states, [(COLLEAGUE, "sent"), (AGENCY, "refused")]);
    // It is marked for the user until he has seen it, also after a restart.
    assert_eq!(
        (item.reason, item.dismissed),
        (Some(Kind::ServerRefused), false)
    );
    let mut events = office.engine().events();
    office.wait(office.engine().dismiss(accepted.outbox_id));
    let told = std::iter::from_fn(|| events.try_recv().ok());
    assert!(
        told.into_iter()
            .any(|event| matches!(event, Event::OutboxChanged(id) if id == accepted.outbox_id))
    );
    assert!(office.item(accepted.outbox_id).dismissed);
    assert_eq!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .len(),
        1
    );
    assert!(
        office
            .arrived(AGENCY, "INBOX", &accepted.message_id)
            .is_empty()
    );
}

#[test]
fn a_recipient_put_off_gets_it_later_and_nobody_gets_it_twice() {
    let rule = smtp(&format!("RCPT TO:<{AGENCY}>"), refuse("451 4.2.1 bận")).first(1);
    let office = Office::open(script(rule));
    let mut draft = office.draft("hai người");
    draft.to.push(Address::bare(AGENCY));
    let accepted = office.send(draft);
    office.eventually(|| {
        Some(office.item(accepted.outbox_id))
            .filter(|item| item.state == OutboxState::Queued && item.detail.contains("451"))
    });
    office.clock.advance(30);
    assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
    for who in [COLLEAGUE, AGENCY] {
        assert_eq!(
            office.arrived(who, "INBOX", &accepted.message_id).len(),
            1,
            "{who}"
        );
    }
}

#[test]
fn a_final_refusal_waits_for_the_user() {
    let office = Office::open(script(smtp(".", refuse("554 5.7.1 thư rác")).first(1)));
    let accepted = office.send(office.draft("bị từ chối"));
    let item = office.settled(accepted.outbox_id);
    assert_eq!(item.state, OutboxState::Refused);
    assert!(item.detail.contains("554"), "{}", item.detail);
    office.clock.advance(100_000);
    assert_eq!(office.item(accepted.outbox_id).state, OutboxState::Refused);
    // The user may try again, with the same Message-ID.
    office.wait(office.engine().retry(accepted.outbox_id));
    office.until(accepted.outbox_id, OutboxState::Sent);
    assert_eq!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .len(),
        1
    );
}

#[test]
fn a_line_cut_before_the_final_dot_is_tried_again() {
    for (when, action) in [
        ("GREETING", Action::Drop),
        ("AUTH", Action::DropAfterDoing),
        ("MAIL", Action::DropAfterDoing),
        ("RCPT", Action::DropAfterDoing),
        ("DATA", Action::Drop),
    ] {
        let office = Office::open(script(smtp(when, action).first(1)));
        let accepted = office.send(office.draft("đứt dây"));
        let item = office.eventually(|| {
            Some(office.item(accepted.outbox_id))
                .filter(|item| item.state == OutboxState::Queued && item.reason.is_some())
        });
        // The server said nothing: there are no words of its to show.
        assert_eq!(
            (item.reason, item.detail.as_str()),
            (Some(Kind::ServerUnreachable), ""),
            "{when}"
        );
        office.clock.advance(30);
        assert_eq!(
            office.settled(accepted.outbox_id).state,
            OutboxState::Sent,
            "{when}"
        );
        assert_eq!(
            office
                .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
                .len(),
            1,
            "{when}"
        );
    }
}

#[test]
fn a_line_cut_after_the_final_dot_leaves_doubt_and_exactly_one_letter() {
    let office = Office::open(script(smtp(".", Action::DropAfterDoing).first(1)));
    let accepted = office.send(office.draft("còn nghi ngờ"));
    let item = office.settled(accepted.outbox_id);
    assert_eq!(item.state, OutboxState::Doubtful);
    assert_eq!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .len(),
        1
    );
    // However much time passes, it is not sent again by itself.
    office.clock.advance(1_000_000);
    office.engine().sync_now(None);
    let other = office.send(office.draft("thư khác"));
    assert_eq!(office.settled(other.outbox_id).state, OutboxState::Sent);
    assert_eq!(office.item(accepted.outbox_id).state, OutboxState::Doubtful);
    assert_eq!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .len(),
        1
    );
    // Only the user may decide that it goes out again.
    office.wait(office.engine().retry(accepted.outbox_id));
    office.until(accepted.outbox_id, OutboxState::Sent);
    assert_eq!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .len(),
        2
    );
}

#[test]
fn a_crash_while_the_server_thinks_leaves_doubt_not_a_second_letter() {
    let mut office = Office::open(script(smtp(".", Action::Hang).first(1)));
    let accepted = office.send(office.draft("mất điện"));
    // The mark that the message is handed over is on the disk before the final dot goes out.
    office.eventually(|| {
        Some(office.item(accepted.outbox_id))
            .filter(|item| item.state == OutboxState::Sending && item.handed_over)
    });
    office.crash();
    office.engine().start();
    let item = office.until(accepted.outbox_id, OutboxState::Doubtful);
    assert_eq!(item.message_id, accepted.message_id);
    assert!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .is_empty()
    );
}

#[test]
fn a_crash_before_the_handover_sends_it_at_the_next_start() {
    let mut office = Office::open(script(smtp("MAIL", Action::Hang).first(1)));
    let accepted = office.send(office.draft("mất điện sớm"));
    office.until(accepted.outbox_id, OutboxState::Sending);
    office.crash();
    office.engine().start();
    office.eventually(|| {
        office.clock.advance(60);
        Some(office.item(accepted.outbox_id)).filter(|item| item.state == OutboxState::Sent)
    });
    assert_eq!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .len(),
        1
    );
}

#[test]
fn what_waits_survives_a_crash() {
    let mut office = Office::empty(Script::default());
    office.add(office.new_account(PASSWORD)).1.unwrap();
    // Not started: nothing is sent.
    let accepted = office.send(office.draft("chờ"));
    office.crash();
    office.engine().start();
    assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
    assert_eq!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .len(),
        1
    );
}

#[test]
fn a_new_password_sends_what_waited_for_it() {
    let office = Office::open(script(
        smtp("AUTH", refuse("535 5.7.8 sai mật khẩu")).first(1),
    ));
    let accepted = office.send(office.draft("đổi mật khẩu"));
    office.eventually(|| {
        Some(office.item(accepted.outbox_id))
            .filter(|item| item.state == OutboxState::Queued && item.detail.contains("535"))
            .filter(|item| item.reason == Some(Kind::SignInRefused))
    });
    let account = office.wait(office.engine().accounts())[0].id;
    let wrong = office.fails(office.engine().set_password(account, Secret::new("sai")));
    assert_eq!(wrong.kind, Kind::SignInRefused);
    office.wait(office.engine().set_password(account, Secret::new(PASSWORD)));
    assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
}

#[test]
fn bytes_before_tls_are_not_believed() {
    let injected = Action::After(b"250 injected\r\n".to_vec());
    let office = Office::empty(script(smtp("STARTTLS", injected)));
    let mut new = office.new_account(PASSWORD);
    new.smtp = Some(office.server(Speaks::Smtp, Transport::StartTls));
    let error = office.add(new).1.unwrap_err();
    assert_eq!(error.kind, Kind::TlsFailed, "{error}");
}

#[test]
fn a_slow_answer_is_waited_for() {
    let office = Office::open(script(smtp(
        ".",
        Action::Delay(Duration::from_millis(1500)),
    )));
    let accepted = office.send(office.draft("chậm"));
    assert_eq!(office.settled(accepted.outbox_id).state, OutboxState::Sent);
    assert_eq!(
        office
            .arrived(COLLEAGUE, "INBOX", &accepted.message_id)
            .len(),
        1
    );
}
