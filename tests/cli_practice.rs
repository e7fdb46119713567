//! The command line on the practice mailbox: fields of the JSON answers, exit codes, and what changes. Each test has a
//! data folder and a server of its own. Tests against real servers are elsewhere.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use tcv_support::{Finished, Program};

const ME: &str = "nva@tanphong.thuchanh.gov.vn";
const COLLEAGUE: &str = "ttb@tanphong.thuchanh.gov.vn";

/// The program on a fresh practice mailbox.
struct Cli(Program);

impl Cli {
    fn new() -> Self {
        Self(Program::new(env!("CARGO_BIN_EXE_thucongvu")).unwrap())
    }

    fn synced() -> Self {
        let cli = Self::new();
        cli.json(&["sync"]);
        cli
    }

    /// Runs with `--json`, whatever the exit code.
    fn run(&self, args: &[&str]) -> Finished {
        let practice = ["--practice", "--json"];
        self.0.run(&[args, &practice].concat()).unwrap()
    }

    /// Runs with `--json` to success.
    fn json(&self, args: &[&str]) -> Value {
        self.run(args).expect_code(0).unwrap().json().unwrap()
    }

    /// Runs with `--json` to a failure of this exit code and kind.
    fn failure(&self, args: &[&str], code: i32, kind: &str) -> Value {
        let answer = self.run(args).expect_code(code).unwrap().json().unwrap();
        assert_eq!(answer["error"]["kind"], kind, "{answer}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
        assert!(answer["error"]["detail"].is_string());
        answer
    }

    fn text(&self, args: &[&str]) -> Finished {
        self.0.run(&[args, &["--practice"]].concat()).unwrap()
    }

    fn list(&self, folder: &str) -> Vec<Value> {
        self.json(&["list", "--folder", folder])
            .as_array()
            .unwrap()
            .clone()
    }

    fn send(&self, to: &str, more: &[&str]) -> Finished {
        let body = self
            .0
            .write(
                "body.txt",
                "Kính gửi chị Bình,\n\nTôi gửi kế hoạch tuần./.\n",
            )
            .unwrap();
        let body = body.to_str().unwrap().to_owned();
        let letter = [
            "send",
            "--from",
            ME,
            "--to",
            to,
            "--subject",
            "Kế hoạch tuần",
            "--body-file",
            &body,
        ];
        self.run(&[&letter, more].concat())
    }
}

fn has(value: &Value, fields: &[&str]) {
    let object = value.as_object().unwrap();
    for field in fields {
        assert!(object.contains_key(*field), "no {field:?} in {value}");
    }
}

fn id(row: &Value) -> String {
    row["id"].as_i64().unwrap().to_string()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(id).collect()
}

#[test]
fn sync_reports_what_it_did_and_the_second_time_nothing_is_new() {
    let cli = Cli::new();
    let first = cli.json(&["sync"]);
    has(&first, &["accounts", "pending_ops"]);
    let account = &first["accounts"][0];
    has(
        account,
        &[
            "address",
            "folders",
            "round_trips",
            "bytes_in",
            "bytes_out",
            "seconds",
        ],
    );
    assert_eq!(account["address"], ME);
    has(
        &account["folders"][0],
        &["name", "new", "vanished", "flags_changed", "bodies"],
    );
    let new = |report: &Value| -> u64 {
        let folders = report["accounts"][0]["folders"].as_array().unwrap();
        folders
            .iter()
            .map(|folder| folder["new"].as_u64().unwrap())
            .sum()
    };
    assert!(new(&first) > 20, "{first}");
    assert_eq!(
        new(&cli.json(&["sync"])),
        0,
        "a restart keeps the mail, on other ports of the server too"
    );
}

#[test]
fn folders_have_names_roles_and_counts() {
    let cli = Cli::synced();
    let folders = cli.json(&["folders"]);
    let folders = folders.as_array().unwrap();
    for folder in folders {
        has(folder, &["name", "role", "total", "unread", "uidvalidity"]);
    }
    let inbox = folders
        .iter()
        .find(|folder| folder["role"] == "inbox")
        .unwrap();
    assert_eq!(inbox["name"], "INBOX");
    assert_eq!(
        inbox["total"].as_u64().unwrap() as usize,
        cli.list("inbox").len()
    );
    let unread = cli.json(&["list", "--folder", "inbox", "--unread"]);
    assert_eq!(
        inbox["unread"].as_u64().unwrap() as usize,
        unread.as_array().unwrap().len()
    );
    assert!(
        folders
            .iter()
            .any(|folder| folder["name"] == "Công văn đến" && folder["role"] == Value::Null)
    );
}

#[test]
fn list_sorts_filters_and_goes_on_behind_a_message() {
    let cli = Cli::synced();
    let listed = |more: &[&str]| {
        let command = [&["list", "--folder", "INBOX"], more].concat();
        cli.json(&command).as_array().unwrap().clone()
    };
    let sizes =
        |rows: &[Value]| -> Vec<u64> { rows.iter().map(|r| r["size"].as_u64().unwrap()).collect() };
    let largest = listed(&["--sort", "size"]);
    assert_eq!(largest.len(), cli.list("INBOX").len());
    assert!(sizes(&largest).is_sorted_by(|larger, smaller| larger >= smaller));
    let smallest = listed(&["--sort", "size", "--reverse"]);
    assert!(ids(&smallest).iter().eq(ids(&largest).iter().rev()));
    for sort in ["date", "sender", "subject", "size"] {
        let whole = listed(&["--sort", sort]);
        let third = ids(&whole)[2].to_string();
        let next = listed(&["--sort", sort, "--after", &third, "--limit", "2"]);
        assert_eq!(ids(&next), ids(&whole)[3..5], "{sort}");
    }
    let unread = listed(&["--filter", "unread"]);
    assert_eq!(ids(&unread), ids(&listed(&["--unread"])));
    let with_files = listed(&["--filter", "attachments", "--sort", "sender"]);
    assert!(!with_files.is_empty() && with_files.iter().all(|row| row["has_attachments"] == true));
    for waiting in listed(&["--filter", "waiting"]) {
        let flags = waiting["flags"].as_array().unwrap();
        assert!(!flags.contains(&"\\Answered".into()), "{waiting}");
    }
    cli.failure(
        &["list", "--folder", "INBOX", "--after", "999999"],
        6,
        "not-found",
    );
}

#[test]
fn list_gives_rows_newest_first_under_every_name_of_a_folder() {
    let cli = Cli::synced();
    let rows = cli.list("INBOX");
    let fields = [
        "id",
        "uid",
        "message_id",
        "date",
        "from",
        "to",
        "subject",
        "flags",
        "size",
        "has_attachments",
        "preview",
        "conversation",
    ];
    has(&rows[0], &fields);
    has(&rows[0]["from"][0], &["name", "address"]);
    let dates: Vec<_> = rows
        .iter()
        .map(|row| row["date"].as_str().unwrap())
        .collect();
    assert!(
        dates.is_sorted_by(|newer, older| newer >= older),
        "{dates:?}"
    );
    let limited = cli.json(&[
        "list", "--folder", "thu den", "--limit", "2", "--offset", "1",
    ]);
    assert_eq!(ids(limited.as_array().unwrap()), ids(&rows)[1..3]);
    assert_eq!(
        ids(&cli.list("cong van den")),
        ids(&cli.list("Công văn đến"))
    );
    cli.failure(&["list", "--folder", "Không có"], 2, "bad-request");
}

#[test]
fn show_gives_the_letter_with_its_files() {
    let cli = Cli::synced();
    let rows = cli.list("inbox");
    let row = rows
        .iter()
        .find(|row| row["has_attachments"] == true)
        .unwrap();
    let out = cli.0.file("files");
    let shown = cli.json(&[
        "show",
        &id(row),
        "--raw",
        "--save-attachments",
        out.to_str().unwrap(),
    ]);
    let fields = [
        "headers",
        "from",
        "to",
        "subject",
        "date",
        "text",
        "html_present",
        "text_from",
        "attachments",
        "links",
        "verdicts",
        "document",
        "raw_header",
    ];
    has(&shown, &fields);
    assert_eq!(shown["subject"], row["subject"]);
    assert_eq!(shown["headers"]["Subject"], row["subject"], "decoded");
    assert!(!shown["text"].as_str().unwrap().is_empty());
    for attachment in shown["attachments"].as_array().unwrap() {
        has(
            attachment,
            &["name", "type", "size", "sha256", "inline", "held"],
        );
        let saved = std::fs::metadata(attachment["saved"].as_str().unwrap()).unwrap();
        assert_eq!(saved.len(), attachment["size"].as_u64().unwrap());
    }
    cli.failure(&["show", "999999"], 6, "not-found");
}

#[test]
fn search_needs_no_accents() {
    let cli = Cli::synced();
    let with = cli.json(&["search", "đề nghị"]);
    let without = cli.json(&["search", "de", "nghi", "--limit", "3"]);
    has(&with, &["total", "hits", "milliseconds"]);
    assert!(with["total"].as_u64().unwrap() > 0);
    assert!(without["total"].as_u64().unwrap() >= with["total"].as_u64().unwrap());
    has(&without["hits"][0], &["id", "subject", "snippet"]);
    assert!(without["hits"].as_array().unwrap().len() <= 3);
    let none = cli.json(&["search", "khongcotunaynhuvay"]);
    assert_eq!((&none["total"], &none["hits"]), (&json!(0), &json!([])));
}

#[test]
fn changes_are_seen_at_once_and_reach_the_server_with_the_next_sync() {
    let cli = Cli::synced();
    let rows = cli.json(&["list", "--folder", "inbox", "--unread"]);
    let rows = rows.as_array().unwrap();
    let (one, two, three) = (id(&rows[0]), id(&rows[1]), id(&rows[2]));

    assert_eq!(cli.json(&["flag", &one, "+seen", "+flagged"])["changed"], 1);
    assert_eq!(cli.json(&["flag", &one, "-flagged"])["changed"], 1);
    let row = cli
        .list("inbox")
        .into_iter()
        .find(|row| id(row) == one)
        .unwrap();
    assert_eq!(row["flags"], json!(["\\Seen"]));

    cli.json(&["move", &two, "cong van den"]);
    assert!(cli.list("Công văn đến").iter().any(|row| id(row) == two));
    cli.json(&["delete", &three]);
    assert!(cli.list("trash").iter().any(|row| id(row) == three));

    assert_eq!(cli.json(&["sync"])["pending_ops"], 0);
    // A new data folder on the same server would show it as well; here the rows have got UIDs of their new folders.
    let moved = cli
        .list("Công văn đến")
        .into_iter()
        .find(|row| id(row) == two)
        .unwrap();
    assert!(moved["uid"].is_u64(), "{moved}");

    cli.failure(&["flag", &one, "+nonsense"], 2, "bad-request");
    cli.failure(&["flag", "999999", "+seen"], 6, "not-found");
    cli.failure(&["move", &one, "Không có"], 2, "bad-request");
}

#[test]
fn folders_are_made_renamed_emptied_and_deleted() {
    let cli = Cli::synced();
    let names = || {
        let folders = cli.json(&["folders"]);
        let folders = folders.as_array().unwrap().clone();
        let name = |folder: &Value| folder["name"].as_str().unwrap().to_owned();
        folders.iter().map(name).collect::<Vec<_>>()
    };
    let before = names();
    let made = cli.json(&["folders", "create", "Năm 2027/Họp"]);
    assert_eq!(made["name"], "Năm 2027/Họp");
    has(&made, &["name", "account", "changed"]);
    cli.json(&["folders", "create", "Quý I", "--parent", "hop"]);
    let letter = id(&cli.list("inbox")[0]);
    cli.json(&["move", &letter, "Quý I"]);
    let renamed = cli.json(&["folders", "rename", "Năm 2027", "Năm 2028"]);
    assert_eq!(renamed["name"], "Năm 2028");
    assert_eq!(cli.json(&["sync"])["pending_ops"], 0);
    assert!(names().contains(&"Năm 2028/Họp/Quý I".to_owned()));
    assert_eq!(cli.list("Năm 2028/Họp/Quý I").len(), 1);

    let deleted = cli.json(&["folders", "delete", "Năm 2028"]);
    assert_eq!(deleted["changed"], 1);
    let trash = cli.list("trash").len();
    let emptied = cli.json(&["folders", "empty", "trash"]);
    assert_eq!(emptied["changed"], trash);
    assert_eq!(cli.json(&["sync"])["pending_ops"], 0);
    assert_eq!(names(), before);
    assert!(cli.list("trash").is_empty());

    for refused in [
        ["folders", "create", "a*"],
        ["folders", "create", "INBOX"],
        ["folders", "delete", "inbox"],
        ["folders", "empty", "inbox"],
    ] {
        cli.failure(&refused, 2, "bad-request");
    }
}

#[test]
fn a_letter_is_sent_and_its_copy_lies_in_sent() {
    let cli = Cli::synced();
    let file = cli.0.write("Kế hoạch.txt", "nội dung").unwrap();
    let sent = cli.send(COLLEAGUE, &["--attach", file.to_str().unwrap(), "--wait"]);
    let sent = sent.expect_code(0).unwrap().json().unwrap();
    has(&sent, &["outbox_id", "message_id", "state", "verdicts"]);
    assert_eq!(sent["state"], "sent");
    let outbox = cli.json(&["outbox"]);
    has(
        &outbox[0],
        &[
            "outbox_id",
            "message_id",
            "state",
            "since",
            "detail",
            "recipients",
        ],
    );
    assert_eq!(
        outbox[0]["recipients"],
        json!([{ "address": COLLEAGUE, "state": "sent" }])
    );
    let copies = cli.list("sent");
    let copy = copies
        .iter()
        .find(|row| row["message_id"] == sent["message_id"])
        .unwrap();
    let copy = cli.json(&["show", &id(copy)]);
    assert_eq!(
        copy["text"].as_str().unwrap().trim_end(),
        "Kính gửi chị Bình,\n\nTôi gửi kế hoạch tuần./."
    );
    assert_eq!(copy["attachments"][0]["name"], "Kế hoạch.txt");
}

#[test]
fn the_policy_is_not_gone_round() {
    let cli = Cli::synced();
    let refused = cli
        .send("cong.dan@gmail.com", &[])
        .expect_code(3)
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(refused["error"]["kind"], "refused-by-policy");
    let verdict = &refused["verdicts"][0];
    has(
        verdict,
        &["rule", "severity", "evidence", "remedy", "source"],
    );
    assert_eq!(
        (&verdict["rule"], &verdict["evidence"]),
        (&json!("to-free-provider"), &json!("cong.dan@gmail.com"))
    );
    assert_eq!(cli.json(&["outbox"]), json!([]));

    let ack = ["--ack", "to-free-provider=công dân chỉ có địa chỉ này"];
    let accepted = cli
        .send("cong.dan@gmail.com", &ack)
        .expect_code(0)
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(accepted["verdicts"][0]["rule"], "to-free-provider");
    assert_eq!(cli.json(&["outbox"]).as_array().unwrap().len(), 1);

    let misspelt = cli
        .send("cong.dan@gmail.com", &["--ack", "to-free"])
        .expect_code(2)
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(misspelt["error"]["kind"], "bad-request");
    let foreign = [
        "send",
        "--from",
        "x@gmail.com",
        "--to",
        COLLEAGUE,
        "--subject",
        "S",
        "--body-file",
        "/dev/null",
    ];
    cli.failure(&foreign, 2, "bad-request");
}

#[test]
fn a_letter_for_later_waits() {
    let cli = Cli::synced();
    let later = cli
        .send(COLLEAGUE, &["--at", "2099-01-01 08:00"])
        .expect_code(0)
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(later["state"], "held");
    let bad = cli
        .send(COLLEAGUE, &["--at", "mai"])
        .expect_code(2)
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(bad["error"]["kind"], "bad-request");
}

#[test]
fn accounts_are_listed_and_removed_and_their_lack_is_explained() {
    let cli = Cli::synced();
    let accounts = cli.json(&["account", "list"]);
    has(&accounts[0], &["address", "login", "imap", "smtp"]);
    assert_eq!(accounts[0]["address"], ME);
    assert!(
        accounts[0]["imap"]
            .as_str()
            .unwrap()
            .starts_with("imaps://")
    );
    cli.failure(&["account", "remove", "x@y.gov.vn"], 2, "bad-request");
    assert_eq!(
        cli.json(&["account", "remove", ME]),
        json!({ "removed": ME })
    );

    // Without --practice the data folder is another one, with no account.
    let empty = cli
        .0
        .run(&["folders", "--json"])
        .unwrap()
        .expect_code(2)
        .unwrap()
        .json()
        .unwrap();
    assert!(
        empty["error"]["detail"]
            .as_str()
            .unwrap()
            .contains("account add"),
        "{empty}"
    );
    assert_eq!(
        cli.0
            .run(&["account", "list", "--json"])
            .unwrap()
            .json()
            .unwrap(),
        json!([])
    );
}

#[test]
fn doctor_tests_the_servers_and_names_origins() {
    let cli = Cli::synced();
    let doctor = cli.json(&["doctor"]);
    has(&doctor, &["version", "ok", "lines"]);
    let lines = doctor["lines"].as_array().unwrap();
    for line in lines {
        has(line, &["key", "value", "origin", "ok"]);
    }
    let line = |key: &str| {
        lines
            .iter()
            .find(|line| line["key"] == key)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(
        line("policy.severity.from-free-provider")["origin"],
        "default"
    );
    // The program runs in the time of Vietnam here.
    let time = line("clock.local")["value"].to_string();
    assert!(time.contains("(UTC+07:00)"), "{time}");
    assert_eq!(line("account.1.imap")["ok"], true);
    assert_eq!(line("account.1.smtp")["ok"], true);
}

#[test]
fn text_is_in_the_language_asked_for() {
    let cli = Cli::synced();
    let vi = cli
        .text(&["folders", "--lang", "vi"])
        .expect_code(0)
        .unwrap();
    assert!(vi.stdout.contains("chưa đọc"), "{}", vi.stdout);
    let en = cli
        .text(&["folders", "--lang", "en"])
        .expect_code(0)
        .unwrap();
    assert!(en.stdout.contains("unread"), "{}", en.stdout);
    let failed = cli
        .text(&["show", "999999", "--lang", "vi"])
        .expect_code(6)
        .unwrap();
    assert_eq!(failed.stdout, "");
    assert!(
        failed.stderr.contains("Không tìm thấy"),
        "{}",
        failed.stderr
    );
}
