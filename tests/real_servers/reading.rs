//! First sync, the list, and a Vietnamese letter with its attachment, byte by byte.

use serde_json::{Value, json};
use tcv_support::ServerSpec;

use crate::letters::{self, invitation, numbered};
use crate::office::{Office, has_flag, id, rows};

fn assert_is_the_invitation(shown: &Value) {
    assert_eq!(shown["subject"], letters::SUBJECT);
    assert_eq!(shown["from"][0]["name"], letters::SENDER);
    assert_eq!(shown["text_from"], "plain");
    let text = shown["text"].as_str().unwrap();
    assert!(
        text.starts_with(letters::GREETING) && text.contains("Trân trọng./."),
        "{text}"
    );
    let files = rows(&shown["attachments"]);
    assert_eq!(files.len(), 1);
    assert_eq!(files[0]["name"], letters::FILE_NAME);
    assert_eq!(files[0]["type"], "application/pdf");
    assert_eq!(files[0]["size"], letters::file().len());
}

#[test]
fn a_letter_with_an_attachment_is_read_whole() {
    let office = Office::new();
    let raw = invitation(&office.binh().address);
    office.servers.deliver(&office.nva().address, &raw).unwrap();

    let report = office.json(&["sync"]);
    let folders = rows(&report["accounts"][0]["folders"]);
    let inbox = folders
        .iter()
        .find(|folder| folder["name"] == "INBOX")
        .unwrap();
    assert_eq!(
        (&inbox["new"], &inbox["bodies"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    let roles: Vec<_> = rows(&office.json(&["folders"]))
        .iter()
        .map(|f| f["role"].clone())
        .collect();
    for role in ["inbox", "drafts", "sent", "junk", "trash"] {
        assert!(roles.contains(&json!(role)), "{roles:?}");
    }

    let list = office.list("inbox");
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["subject"], letters::SUBJECT);
    assert_eq!(
        list[0]["from"],
        json!([{ "name": letters::SENDER, "address": office.binh().address }])
    );
    assert_eq!(list[0]["message_id"], "moi-hop-1@quynhon.test.gov.vn");
    assert_eq!(
        list[0]["date"].as_str().unwrap().get(..19),
        Some("2026-11-23T01:00:00")
    );
    assert_eq!(list[0]["has_attachments"], true);
    assert!(
        list[0]["preview"]
            .as_str()
            .unwrap()
            .starts_with("Kính gửi: Các phòng"),
        "{}",
        list[0]["preview"]
    );
    assert!(!has_flag(&list[0], "\\Seen"));

    let saved = office.program.file("tep");
    let shown = office.json(&[
        "show",
        &id(&list[0]),
        "--save-attachments",
        saved.to_str().unwrap(),
    ]);
    assert_is_the_invitation(&shown);
    assert_eq!(
        std::fs::read(saved.join(letters::FILE_NAME)).unwrap(),
        letters::file()
    );

    // The same from the file as the server has it, without account or store.
    let file = office
        .program
        .write(
            "thu.eml",
            &office.servers.messages(&office.nva().address, "INBOX")[0],
        )
        .unwrap();
    assert_is_the_invitation(&office.json(&["parse", file.to_str().unwrap()]));
    // Found with and without marks.
    for words in ["nghị định", "nghi dinh", "from:binh giao ban"] {
        assert_eq!(office.json(&["search", words])["total"], 1, "{words}");
    }
}

#[test]
fn headers_come_first_and_bodies_when_they_are_wanted() {
    let office = Office::new();
    for number in 0..30 {
        office
            .servers
            .drop_in(&office.nva().address, "INBOX", &numbered(number, 2_000))
            .unwrap();
    }
    let folder = |report: &Value| {
        let folders = rows(&report["accounts"][0]["folders"]);
        folders
            .into_iter()
            .find(|folder| folder["name"] == "INBOX")
            .unwrap()
    };
    let headers = folder(&office.json(&["sync", "--bodies", "none"]));
    assert_eq!(
        (&headers["new"], &headers["bodies"]),
        (&json!(30), &json!(0))
    );
    let list = office.list("inbox");
    let numbers: Vec<_> = list
        .iter()
        .map(|row| row["message_id"].as_str().unwrap().to_owned())
        .collect();
    let newest_first: Vec<_> = (0..30)
        .rev()
        .map(|n| format!("bao-cao-{n}@xa.test.gov.vn"))
        .collect();
    assert_eq!(numbers, newest_first);
    // One body is fetched by looking at it, the rest by a sync.
    let shown = office.json(&["show", &id(&list[7])]);
    assert!(
        shown["text"].as_str().unwrap().starts_with("Báo cáo 22"),
        "{shown}"
    );
    let bodies = folder(&office.json(&["sync", "--bodies", "all"]));
    assert_eq!((&bodies["new"], &bodies["bodies"]), (&json!(0), &json!(29)));
    let quiet = folder(&office.json(&["sync", "--bodies", "all"]));
    let nothing = ["new", "vanished", "flags_changed", "bodies"].map(|key| quiet[key].clone());
    assert_eq!(nothing, [json!(0), json!(0), json!(0), json!(0)]);
}

#[test]
fn a_server_of_the_oldest_kind_will_do() {
    // Nothing but RFC 3501: no IDLE, MOVE, UIDPLUS, CONDSTORE, QRESYNC, SPECIAL-USE, NAMESPACE.
    let dovecot = "protocol imap {\n imap_capability = IMAP4rev1 AUTH=PLAIN\n}\n".to_owned();
    let office = Office::empty(&ServerSpec {
        dovecot,
        ..ServerSpec::default()
    });
    office.add_nva();
    office.receive(&[numbered(1, 100), numbered(2, 100)]);
    let list = office.list("inbox");
    assert_eq!(list.len(), 2);
    office.json(&["flag", &id(&list[0]), "+seen", "+flagged"]);
    office.json(&["delete", &id(&list[1])]);
    office
        .send(&office.binh().address, "Báo cáo", &["--wait"])
        .expect_code(0)
        .unwrap();
    assert_eq!(office.json(&["sync"])["pending_ops"], 0);
    // Without UIDPLUS only a plain EXPUNGE would do, and that takes along what another program has marked: the mark stays.
    let (gone, left): (Vec<_>, Vec<_>) = office
        .server_flags("INBOX")
        .into_iter()
        .partition(|flags| flags.contains("\\Deleted"));
    assert_eq!((gone.len(), left.len()), (1, 1));
    assert!(
        left[0].contains("\\Flagged") && left[0].contains("\\Seen"),
        "{left:?}"
    );
    assert_eq!(
        office
            .servers
            .messages(&office.nva().address, "Trash")
            .len(),
        1
    );
    assert_eq!(
        office.servers.messages(&office.nva().address, "Sent").len(),
        1
    );
    assert_eq!(
        (
            office.list("inbox").len(),
            office.list("trash").len(),
            office.list("sent").len()
        ),
        (1, 1, 1)
    );
}
