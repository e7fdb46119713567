//! `kill -9` at the worst moments of sending: the letter arrives once or is said to be in doubt, never twice.

use std::time::Duration;

use serde_json::Value;
use tcv_engine::OutboxState;
use tcv_support::{Proxy, ServerSpec, wait_until};

use crate::office::{LONG, Office};

/// Room for the handshake and the commands: from here on only the letter itself flows.
const INSIDE_THE_LETTER: u64 = 100_000;

/// Bytes of an attachment that takes a moment.
const LETTER: u32 = 800_000;

/// An office whose letters go out through a proxy, synced so that Sent is known.
fn behind_a_proxy() -> (Office, Proxy) {
    let office = Office::empty(&ServerSpec::default());
    let proxy = Proxy::to(office.servers.smtps_port()).unwrap();
    let through = format!("smtps://127.0.0.1:{}", proxy.port());
    office
        .add(office.nva(), &office.servers.imaps_url(), &through, &[])
        .expect_code(0)
        .unwrap();
    office.json(&["sync"]);
    (office, proxy)
}

/// Starts sending a letter with an attachment of `size` bytes, waits until `ready`, and kills the program. Gives the
/// Message-ID.
fn send_and_kill(office: &Office, size: u32, ready: impl FnMut() -> bool) -> String {
    let noise: Vec<u8> = (0..size)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let file = office.program.write("so-lieu.bin", noise).unwrap();
    let body = office
        .program
        .write("text.txt", crate::office::TEXT)
        .unwrap();
    let args = [
        "send",
        "--from",
        &office.nva().address,
        "--to",
        &office.binh().address,
        "--subject",
        "Số liệu",
    ];
    let more = [
        "--body-file",
        body.to_str().unwrap(),
        "--attach",
        file.to_str().unwrap(),
        "--wait",
        "--json",
    ];
    let sending = office.program.spawn(&[&args[..], &more].concat()).unwrap();
    wait_until(LONG, "the moment to kill it", ready);
    assert_eq!(
        sending.kill().unwrap().code,
        None,
        "it was killed, it did not end"
    );
    office.only_outgoing()["message_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn arrived(office: &Office, message_id: &str) -> usize {
    office.servers.wait_for_empty_queue().unwrap();
    office.copies(&office.binh().address, "INBOX", message_id)
}

/// After a sync, and one more, the letter is at the recipient's and in Sent, once each.
fn assert_sent_once(office: &Office, message_id: &str) {
    office.json(&["sync"]);
    office.json(&["sync"]);
    let item = office.only_outgoing();
    assert_eq!(item["state"], "sent", "{item}");
    assert_eq!(item["message_id"], message_id);
    office
        .servers
        .wait_for_message(&office.binh().address, "INBOX", message_id);
    assert_eq!(arrived(office, message_id), 1);
    assert_eq!(office.copies(&office.nva().address, "Sent", message_id), 1);
}

#[test]
fn killed_while_the_letter_waits_for_the_server() {
    let (office, proxy) = behind_a_proxy();
    proxy.refuse();
    let waits = || {
        let outbox = office.json(&["outbox"]);
        outbox[0]["state"] == "queued" && outbox[0]["reason"] != Value::Null
    };
    let message_id = send_and_kill(&office, LETTER, waits);
    assert_eq!(office.only_outgoing()["state"], "queued");
    // Still no server: it goes on waiting.
    office.json(&["sync"]);
    assert_eq!(office.only_outgoing()["state"], "queued");
    proxy.resume();
    assert_sent_once(&office, &message_id);
}

#[test]
fn killed_before_the_first_word() {
    let (office, proxy) = behind_a_proxy();
    proxy.stall();
    let before = proxy.connections();
    let message_id = send_and_kill(&office, LETTER, || {
        proxy.connections() > before && office.json(&["outbox"])[0]["state"] == "sending"
    });
    proxy.resume();
    assert_sent_once(&office, &message_id);
}

#[test]
fn killed_in_the_middle_of_the_letter() {
    let (office, proxy) = behind_a_proxy();
    proxy.stall_after_sent(INSIDE_THE_LETTER);
    let start = proxy.carried().0;
    // More than the system takes into its buffers: otherwise the program has given all of it away.
    let message_id = send_and_kill(&office, 16 * LETTER, || {
        proxy.carried().0 >= start + INSIDE_THE_LETTER
    });
    proxy.cut();
    proxy.resume();
    assert_sent_once(&office, &message_id);
}

#[test]
fn killed_when_the_server_has_it_and_we_do_not_know() {
    let (office, proxy) = behind_a_proxy();
    let binh = office.binh().address.clone();
    proxy.mute_after_sent(INSIDE_THE_LETTER);
    let message_id = send_and_kill(&office, LETTER, || {
        !office.servers.messages(&binh, "INBOX").is_empty()
    });
    proxy.cut();
    proxy.resume();

    // Settled by finding it, or left to the user; not sent again by itself, however often it is started.
    for _ in 0..3 {
        office.json(&["sync"]);
        let state = office.only_outgoing()["state"].clone();
        assert!(state == "doubtful" || state == "sent", "{state}");
    }
    assert_eq!(arrived(&office, &message_id), 1);
    assert!(office.copies(&office.nva().address, "Sent", &message_id) <= 1);
    if office.only_outgoing()["state"] == "doubtful" {
        // The user's decision: again, under the same Message-ID, so that the recipient's side can tell.
        let inside = office.engine();
        let id = inside.wait(inside.engine.outbox())[0].outbox_id;
        inside.wait(inside.engine.retry(id));
        inside.engine.start();
        assert_eq!(
            inside.wait(inside.engine.wait_outbox(id)).state,
            OutboxState::Sent
        );
        drop(inside);
        wait_until(LONG, "the second copy", || {
            arrived(&office, &message_id) == 2
        });
    }
}

#[test]
fn the_letter_leaves_later_by_itself_when_the_server_comes_back() {
    let (office, proxy) = behind_a_proxy();
    proxy.refuse();
    office
        .send(&office.binh().address, "Báo cáo", &["--wait=2"])
        .expect_code(4)
        .unwrap();
    let message_id = office.only_outgoing()["message_id"]
        .as_str()
        .unwrap()
        .to_owned();
    proxy.resume();
    let watching = office
        .program
        .spawn(&["sync", "--watch", "--json"])
        .unwrap();
    wait_until(
        LONG + Duration::from_secs(30),
        "the letter to leave",
        || office.only_outgoing()["state"] == "sent",
    );
    watching.kill().unwrap();
    assert_sent_once(&office, &message_id);
}
