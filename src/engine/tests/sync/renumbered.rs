//! A folder is numbered anew (UIDVALIDITY, RFC 9051 §2.3.1.1): what was here stays with its body, what waits to be
//! pushed reaches the message it was meant for, and a UID of before is never used for what bears it now.

use tcv_domain::message::{FlagChange, Flags};
use tcv_engine::{Bodies, Kind};
use tcv_practice::{ADDRESS, Script};

use crate::office::{Office, letter};

/// Letters 0 to 5, of which the first goes on the server unseen by us: with new numbers each is one less than it was.
fn shifted(honest: &Script, bodies: Bodies) -> Office {
    let office = Office::open(honest.clone());
    let uids = office.deliver(0..6);
    office.sync_bodies(bodies);
    office.practice.expunge(ADDRESS, "INBOX", uids[0]).unwrap();
    office
}

fn makes() -> [Script; 3] {
    [None, Some("UIDPLUS"), Some(Script::BARE)].map(|capabilities| Script {
        imap_capabilities: capabilities.map(str::to_owned),
        ..Script::default()
    })
}

#[test]
fn changes_that_wait_reach_the_messages_they_were_meant_for() {
    for honest in makes() {
        let office = shifted(&honest, Bodies::All);
        let id = |number| office.row("INBOX", number).id;
        let archive = office.folder("Archive").id;
        office.wait(
            office
                .engine
                .flag(vec![id(2)], FlagChange::set(Flags::FLAGGED)),
        );
        let (moved, removed) = (id(3), id(4));
        office.wait(office.engine.move_to(vec![moved], archive));
        office.wait(office.engine.expunge(vec![removed]));
        office
            .practice
            .renew_uid_validity(ADDRESS, "INBOX")
            .unwrap();
        let report = office.sync_bodies(Bodies::All);
        assert_eq!(report.pending_ops, 0, "pushed with the new numbers at once");
        office.heal_on(honest, "numbered anew");
        assert_eq!(
            office.subjects("INBOX"),
            ["Báo cáo 1", "Báo cáo 2", "Báo cáo 5"]
        );
        assert_eq!(office.subjects("Archive"), ["Báo cáo 3"]);
        assert_eq!(office.row("INBOX", 2).flags, Flags::FLAGGED);
        assert_eq!(office.row("INBOX", 1).flags, Flags::empty());
    }
}

#[test]
fn a_letter_opened_meanwhile_is_itself_or_not_there() {
    let office = shifted(&Script::default(), Bodies::None);
    office
        .practice
        .renew_uid_validity(ADDRESS, "INBOX")
        .unwrap();
    let row = office.row("INBOX", 2);
    let error = office
        .try_wait(office.engine.open_message(row.id))
        .unwrap_err();
    assert_eq!(error.kind, Kind::NotCached);
    office.sync();
    let open = office.wait(office.engine.open_message(office.row("INBOX", 2).id));
    assert!(
        open.content.text.contains("thư số 2"),
        "{}",
        open.content.text
    );
    office.heal("afterwards");
}

/// Devices give all they send one Message-ID.
fn device_letter(day: usize, text: &str) -> Vec<u8> {
    format!(
        "From: <may-quet@tanphong.thuchanh.gov.vn>\r\nTo: {ADDRESS}\r\nSubject: Ban quet {day}\r\n\
         Message-ID: <quet@may>\r\nDate: Mon, {day:02} Nov 2026 08:00:00 +0700\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

#[test]
fn letters_of_one_message_id_keep_their_own_bodies() {
    for same_size in [true, false] {
        let office = Office::open(Script::default());
        let text = |day: usize| {
            if same_size {
                "mot trang".to_owned()
            } else {
                "trang ".repeat(day)
            }
        };
        for day in 10..16 {
            office
                .practice
                .deliver(ADDRESS, "INBOX", &device_letter(day, &text(day)), &[])
                .unwrap();
        }
        office.heal("at first");
        let first = office.practice.messages(ADDRESS, "INBOX")[0].uid;
        office.practice.expunge(ADDRESS, "INBOX", first).unwrap();
        office
            .practice
            .renew_uid_validity(ADDRESS, "INBOX")
            .unwrap();
        office
            .practice
            .deliver(ADDRESS, "INBOX", &device_letter(9, &text(30)), &[])
            .unwrap();
        office
            .practice
            .deliver(ADDRESS, "INBOX", &device_letter(20, &text(20)), &[])
            .unwrap();
        let report = office.sync_bodies(Bodies::All);
        let inbox = &report.accounts[0].folders[0];
        assert_eq!(inbox.bodies, 2, "the others were here");
        office.heal("numbered anew");
    }
}

#[test]
fn of_letters_of_one_message_id_the_right_one_is_moved() {
    for message_id in ["Message-ID: <quet@may>\r\n", ""] {
        for honest in makes() {
            let office = Office::open(honest.clone());
            let device = |day| {
                let text = String::from_utf8(device_letter(day, "mot trang")).unwrap();
                text.replace("Message-ID: <quet@may>\r\n", message_id)
                    .into_bytes()
            };
            for day in 10..16 {
                office
                    .practice
                    .deliver(ADDRESS, "INBOX", &device(day), &[])
                    .unwrap();
            }
            office.heal_on(honest.clone(), "at first");
            let row = office
                .rows("INBOX")
                .into_iter()
                .find(|row| row.subject == "Ban quet 12")
                .unwrap();
            office.wait(
                office
                    .engine
                    .move_to(vec![row.id], office.folder("Archive").id),
            );
            office
                .practice
                .renew_uid_validity(ADDRESS, "INBOX")
                .unwrap();
            office.heal_on(honest, "numbered anew");
            assert_eq!(office.subjects("Archive"), ["Ban quet 12"]);
            assert_eq!(office.rows("INBOX").len(), 5);
        }
    }
}

#[test]
fn a_folder_renamed_or_made_anew_under_its_old_name_is_taken_for_what_it_is() {
    let office = Office::open(Script::default());
    office.practice.create_folder(ADDRESS, "Du an").unwrap();
    let deliver = |folder: &str, number| {
        office
            .practice
            .deliver(ADDRESS, folder, &letter(number), &[])
            .unwrap()
    };
    for number in 0..4 {
        deliver("Du an", number);
    }
    office.heal("at first");
    office
        .practice
        .rename_folder(ADDRESS, "Du an", "Du an cu")
        .unwrap();
    office.practice.create_folder(ADDRESS, "Du an").unwrap();
    for number in 10..13 {
        deliver("Du an", number);
    }
    office.heal("renamed, and another made under the name");
    assert_eq!(office.rows("Du an").len(), 3);
    assert_eq!(office.rows("Du an cu").len(), 4);
    office.practice.remove_folder(ADDRESS, "Du an").unwrap();
    office.heal("removed");
}
