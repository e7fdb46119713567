//! The real window on the practice mailbox, driven by mouse and keyboard.
//!
//! What came of a gesture is read where it cannot be mistaken: in the books of the practice server, which lie on
//! the disk while it serves, and, once the window is closed, from the program's own commands. The screen is looked
//! at only to know when it can be used. Not here: how it looks (`tests/look`).
#![allow(clippy::unwrap_used)]

mod office;

use std::time::SystemTime;

use office::{COLLEAGUE, LONG, Office, USER};
use tcv_support::{wait_for, wait_until};

/// The first and second letter of the inbox, from the top left of the window.
const FIRST_ROW: (u32, u32) = (330, 175);
const SECOND_ROW: (u32, u32) = (330, 257);
/// The gear.
const SETTINGS: (u32, u32) = (1199, 28);
/// "English" in the settings.
const ENGLISH: (u32, u32) = (692, 148);

#[test]
fn a_letter_that_is_clicked_is_read_here_and_on_the_server() {
    let office = Office::new();
    let mut shown = office.open(&["--lang", "vi"]);
    shown.read(FIRST_ROW);
    shown.quit();

    let rows = office.json(&["list", "--folder", "inbox"]);
    assert!(has_flag(&rows[0], "\\Seen"), "{}", rows[0]);
    assert!(!has_flag(&rows[1], "\\Seen"), "{}", rows[1]);
}

#[test]
fn a_reply_in_vietnamese_reaches_the_colleague_and_lies_in_sent() {
    const TEXT: &str = "Đồng ý với lịch họp, đề nghị chuẩn bị đầy đủ tài liệu ạ";
    let office = Office::new();
    let mut shown = office.open(&["--lang", "vi"]);
    let had = office.server_folder(COLLEAGUE, "INBOX").unwrap().len();
    shown.read(SECOND_ROW);
    shown.key("ctrl+r");
    let reply = shown.wait_for_letter("Re: Lịch họp");
    shown.type_into(&reply, TEXT);
    shown.key_in(&reply, "ctrl+Return");
    shown.wait_until_alone();
    // Ten seconds in which it could be taken back, then the server.
    wait_until(LONG, "the reply at the colleague's", || {
        office
            .server_folder(COLLEAGUE, "INBOX")
            .is_some_and(|letters| letters.len() == had + 1)
    });
    wait_until(LONG, "the copy in Sent", || {
        office
            .server_folder(USER, "Sent")
            .is_some_and(|letters| letters.len() == 6)
    });
    shown.quit();

    let outbox = office.json(&["outbox"]);
    assert_eq!(outbox[0]["state"], "sent", "{outbox}");
    office.run(&["sync"]);
    let sent = office.json(&["list", "--folder", "sent", "--limit", "1"]);
    assert_eq!(sent[0]["to"][0]["address"], COLLEAGUE, "{sent}");
    let letter = office.json(&["show", &sent[0]["id"].to_string()]);
    assert!(
        letter["text"].as_str().unwrap().starts_with(TEXT),
        "{letter}"
    );
    let rows = office.json(&["list", "--folder", "inbox"]);
    assert!(has_flag(&rows[1], "\\Answered"), "{}", rows[1]);
}

#[test]
fn a_draft_survives_kill_9_and_a_letter_in_its_grace_survives_quitting() {
    const SUBJECT: &str = "Dự thảo chưa gửi";
    const TEXT: &str = "Nội dung đã gõ trước khi mất điện";
    let office = Office::new();
    let shown = office.open(&["--lang", "vi"]);
    shown.key("ctrl+n");
    let letter = shown.wait_for_letter("");
    shown.type_into(&letter, COLLEAGUE);
    shown.key_in(&letter, "Return");
    shown.key_in(&letter, "Tab");
    shown.type_into(&letter, SUBJECT);
    shown.key_in(&letter, "Tab");
    shown.type_into(&letter, TEXT);
    let typed = SystemTime::now();
    shown.type_into(&letter, ", và còn gõ tiếp");
    wait_until(LONG, "the draft to be saved after the text", || {
        office.own_data_written().is_some_and(|at| at > typed)
    });
    shown.type_into(&letter, " nữa");
    shown.kill();

    let mut shown = office.open(&["--lang", "vi"]);
    shown.open_local_draft();
    let letter = shown.wait_for_letter(SUBJECT);
    shown.key_in(&letter, "ctrl+Return");
    shown.wait_until_alone();
    shown.quit();
    let outbox = office.json(&["outbox"]);
    assert_eq!(outbox.as_array().unwrap().len(), 1, "{outbox}");
    assert_eq!(outbox[0]["state"], "held", "{outbox}");

    // The next start, here of a command, sends it.
    let sent = wait_for(LONG, "the letter in Sent", || {
        office.run(&["sync"]);
        let sent = office.json(&["list", "--folder", "sent", "--limit", "1"]);
        (sent[0]["subject"] == SUBJECT).then_some(sent)
    });
    let letter = office.json(&["show", &sent[0]["id"].to_string()]);
    assert!(
        letter["text"].as_str().unwrap().starts_with(TEXT),
        "{letter}"
    );
}

#[test]
fn a_letter_taken_back_in_its_grace_is_not_sent() {
    let office = Office::new();
    let mut shown = office.open(&["--lang", "vi"]);
    shown.read(SECOND_ROW);
    shown.key("ctrl+r");
    let reply = shown.wait_for_letter("Re: Lịch họp");
    shown.type_into(&reply, "Em gửi nhầm");
    shown.key_in(&reply, "ctrl+Return");
    shown.wait_until_alone();
    shown.key("ctrl+z");
    let again = shown.wait_for_letter("Re: Lịch họp");
    assert_ne!(reply, again);
    shown.quit();

    let outbox = office.json(&["outbox"]);
    let waiting = outbox.as_array().unwrap().iter();
    let states: Vec<_> = waiting.map(|item| item["state"].clone()).collect();
    assert!(
        states.iter().all(|state| state == "cancelled"),
        "{states:?}"
    );
}

#[test]
fn a_second_start_raises_the_first_and_ends() {
    let office = Office::new();
    let mut shown = office.open(&["--lang", "vi"]);
    shown.minimise();
    wait_until(LONG, "the window to be gone", || shown.windows().is_empty());
    let second = office.program.run(&["--practice"]).unwrap();
    second.expect_code(0).unwrap();
    wait_until(LONG, "the first window to be back", || {
        shown.windows().len() == 1
    });
    shown.quit();
}

#[test]
fn a_letter_to_gmail_waits_for_the_review() {
    let office = Office::new();
    let mut shown = office.open(&["--lang", "vi"]);
    shown.key("ctrl+n");
    let letter = shown.wait_for_letter("");
    shown.type_into(&letter, "ttbinh.qn@gmail.com");
    shown.key_in(&letter, "Return");
    shown.key_in(&letter, "Tab");
    shown.type_into(&letter, "Hỏi thăm");
    shown.key_in(&letter, "ctrl+Return");
    let confirm = shown.wait_for_review(&letter);
    // Leaving instead of confirming: the letter stays a draft.
    shown.quit();
    assert_eq!(office.json(&["outbox"]).as_array().unwrap().len(), 0);

    let mut shown = office.open(&["--lang", "vi"]);
    shown.open_local_draft();
    let letter = shown.wait_for_letter("Hỏi thăm");
    // Without the mouse: from the text round to "Send", then past "Back" to "Send all the same".
    shown.key_in(&letter, "Tab");
    shown.key_in(&letter, "Return");
    assert_eq!(shown.wait_for_review(&letter), confirm);
    for key in ["Tab", "Tab", "space"] {
        shown.key_in(&letter, key);
    }
    shown.wait_until_alone();
    shown.quit();
    let outbox = office.json(&["outbox"]);
    let item = &outbox[0];
    assert_eq!(item["state"], "held", "{outbox}");
    assert_eq!(
        item["recipients"][0]["address"], "ttbinh.qn@gmail.com",
        "{outbox}"
    );
}

#[test]
fn the_language_changes_while_it_runs_and_is_kept() {
    let office = Office::new();
    office.open(&["--lang", "vi"]).quit();
    let mut shown = office.open(&[]);
    let before = shown.title();
    shown.click(SETTINGS);
    shown.wait_for_sheet();
    shown.click(ENGLISH);
    wait_until(LONG, "the title in English", || {
        shown.title().ends_with("Practice mailbox")
    });
    assert_ne!(shown.title(), before);
    shown.quit();
    let mut shown = office.open(&[]);
    assert!(shown.title().ends_with("Practice mailbox"));
    shown.close();
}

#[test]
fn undo_brings_back_what_was_deleted_last() {
    let office = Office::new();
    let mut shown = office.open(&["--lang", "vi"]);
    let uids = |folder: &str| -> Vec<_> {
        let letters = office.server_folder(USER, folder).unwrap_or_default();
        letters.iter().map(|letter| letter["uid"].clone()).collect()
    };
    let (inbox, trash) = (uids("INBOX").len(), uids("Trash").len());
    for deleted in 1..=2 {
        shown.click(FIRST_ROW);
        shown.key("Delete");
        wait_until(LONG, "a letter more in Trash", || {
            uids("Trash").len() == trash + deleted
        });
    }
    shown.key("ctrl+z");
    wait_until(LONG, "the letter back from Trash", || {
        (uids("INBOX").len(), uids("Trash").len()) == (inbox - 1, trash + 1)
    });
    shown.quit();

    let subjects = |folder: &str| -> Vec<String> {
        let rows = office.json(&["list", "--folder", folder]);
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(subjects("inbox")[0], "Re: Lịch họp giao ban tuần 48");
    assert!(
        subjects("trash")
            .iter()
            .any(|subject| subject.starts_with("Báo cáo kết quả"))
    );
}

fn has_flag(row: &serde_json::Value, flag: &str) -> bool {
    let flags = row["flags"].as_array().unwrap();
    flags.iter().any(|known| known == flag)
}
