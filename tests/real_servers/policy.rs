//! To a free provider: warned. From one: refused, whoever asks and however.

use serde_json::{Value, json};
use tcv_support::ServerSpec;

use crate::office::{Office, assert_failure, rows};

const OUTSIDE: &str = "congdan@gmail.com";

fn verdict<'a>(answer: &'a Value, rule: &str) -> &'a Value {
    let verdicts = answer["verdicts"].as_array().unwrap();
    verdicts
        .iter()
        .find(|verdict| verdict["rule"] == rule)
        .unwrap_or(&Value::Null)
}

#[test]
fn a_letter_to_gmail_is_warned_of_and_goes_when_that_is_acknowledged() {
    let office = Office::new();
    let warned = assert_failure(
        office.send(OUTSIDE, "Trả lời đơn thư", &["--wait"]),
        3,
        "refused-by-policy",
    );
    let why = verdict(&warned, "to-free-provider");
    assert_eq!(
        (&why["severity"], &why["evidence"]),
        (&json!("confirm"), &json!(OUTSIDE)),
        "{warned}"
    );
    assert_eq!(office.json(&["outbox"]), json!([]), "nothing was handed in");

    let more = ["--ack", "to-free-provider", "--wait"];
    let taken = office
        .send(OUTSIDE, "Trả lời đơn thư", &more)
        .expect_code(4)
        .unwrap()
        .json()
        .unwrap();
    // The policy lets it go; these servers let nothing out of the house, and say so in their own words.
    let item = office.only_outgoing();
    assert_eq!(item["state"], "refused", "{item}");
    assert_eq!(taken["state"], "refused");
    assert_eq!(
        item["recipients"],
        json!([{ "address": OUTSIDE, "state": "refused" }])
    );
    let words = item["detail"].as_str().unwrap();
    assert!(
        words.contains("554") && words.contains("Relay access denied"),
        "{words}"
    );
    assert!(
        office
            .servers
            .messages(&office.nva().address, "Sent")
            .is_empty()
    );

    // A colleague addressed too gets it all the same, and it counts as sent, less the outsider.
    let binh = office.binh().address.clone();
    office
        .send(
            &binh,
            "Thông báo",
            &[&["--cc", OUTSIDE], &more[..]].concat(),
        )
        .expect_code(4)
        .unwrap();
    let item = rows(&office.json(&["outbox"]))[0].clone();
    assert_eq!(item["state"], "sent", "{item}");
    let states: Vec<_> = rows(&item["recipients"])
        .iter()
        .map(|one| one["state"].clone())
        .collect();
    assert_eq!(states, [json!("sent"), json!("refused")]);
    let message_id = item["message_id"].as_str().unwrap();
    office.servers.wait_for_message(&binh, "INBOX", message_id);
    assert_eq!(office.copies(&office.nva().address, "Sent", message_id), 1);
}

#[test]
fn nothing_leaves_from_a_free_provider_whatever_is_acknowledged() {
    let office = Office::empty(&ServerSpec::default());
    let private = office
        .servers
        .add_user("nguyenvana@gmail.com", "riêng tư")
        .unwrap();
    let (imap, smtp) = (office.servers.imaps_url(), office.servers.smtps_url());
    // Set up where the agency allowed it, used where it does not any more.
    let allowing = "[policy]\nfree_account = true\n";
    let allowing = office
        .program
        .write("allowing.toml", allowing)
        .unwrap()
        .display()
        .to_string();
    office
        .add(&private, &imap, &smtp, &["--profile", &allowing])
        .expect_code(0)
        .unwrap();
    for more in [
        &["--wait"][..],
        &["--ack", "from-free-provider=việc gấp", "--wait"],
    ] {
        let done = office.send_from(&private.address, &office.binh().address, "Báo cáo", more);
        let refused = assert_failure(done, 3, "refused-by-policy");
        assert_eq!(
            verdict(&refused, "from-free-provider")["severity"],
            "block",
            "{refused}"
        );
    }
    assert_eq!(office.json(&["outbox"]), json!([]));
    assert_eq!(
        office
            .servers
            .messages(&office.binh().address, "INBOX")
            .len(),
        0
    );
}

#[test]
fn a_finished_letter_is_judged_alike() {
    let program = crate::office::program();
    let judge = |from: &str, to: &str| {
        let text = format!("From: {from}\r\nTo: {to}\r\nSubject: x\r\n\r\nx\r\n");
        let file = program.write("thu.eml", text).unwrap();
        let done = program
            .run(&["check-draft", file.to_str().unwrap(), "--json"])
            .unwrap();
        (done.code, done.json().unwrap())
    };
    let (official, colleague) = ("nva@quynhon.test.gov.vn", "ttbinh@quynhon.test.gov.vn");
    assert_eq!(
        judge(official, colleague),
        (Some(0), json!({ "verdicts": [] }))
    );
    let (code, answer) = judge(official, OUTSIDE);
    assert_eq!(
        (code, &verdict(&answer, "to-free-provider")["severity"]),
        (Some(0), &json!("confirm"))
    );
    let (code, answer) = judge("a@gmail.com", colleague);
    assert_eq!(
        (code, &verdict(&answer, "from-free-provider")["severity"]),
        (Some(3), &json!("block"))
    );
}
