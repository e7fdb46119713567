//! `export` and `import` on the practice mailbox: what goes out is what the server has and is read by others; what
//! others wrote comes in once.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tcv_support::Program;

fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_thucongvu")).unwrap()
}

#[track_caller]
fn json(program: &Program, args: &[&str], code: i32) -> Value {
    let all = [args, &["--practice", "--json"]].concat();
    let done = program.run(&all).unwrap();
    done.expect_code(code).unwrap().json().unwrap()
}

/// What Python's `mailbox` module makes of something; `None` where there is no Python.
fn python(script: &str, path: &Path) -> Option<Value> {
    let script = format!("import sys, json, mailbox, zipfile, os, tempfile\n{script}");
    let done = Command::new("python3")
        .args(["-c", &script])
        .arg(path)
        .output();
    let done = done.ok()?;
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    Some(serde_json::from_slice(&done.stdout).unwrap())
}

#[test]
fn a_folder_as_single_files_byte_for_byte() {
    let program = program();
    json(&program, &["sync", "--bodies", "all"], 0);
    let rows = json(
        &program,
        &["list", "--folder", "inbox", "--limit", "1000"],
        0,
    );
    let out = program.file("thư");
    let args = ["export", "--folder", "inbox", "--format", "eml", "--out"];
    let report = json(&program, &[&args[..], &[out.to_str().unwrap()]].concat(), 0);
    let count = rows.as_array().unwrap().len();
    assert_eq!(report["messages"], count);
    assert_eq!(report["missing"].as_array().unwrap().len(), 0);
    let folder = out.join(report["folders"][0]["file"].as_str().unwrap());
    let mut sizes: Vec<u64> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .collect();
    let mut expected: Vec<u64> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["size"].as_u64().unwrap())
        .collect();
    sizes.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sizes, expected, "as large as on the server");

    let one = program.file("một.eml");
    let id = rows[0]["id"].to_string();
    let args = [
        "export",
        "--ids",
        &id,
        "--format",
        "eml",
        "--out",
        one.to_str().unwrap(),
    ];
    json(&program, &args, 0);
    let parsed = json(&program, &["parse", one.to_str().unwrap()], 0);
    assert_eq!(parsed["subject"], rows[0]["subject"]);
    assert_eq!(
        json(&program, &args, 2)["error"]["kind"],
        "bad-request",
        "not overwritten"
    );
}

#[test]
fn a_folder_as_mbox_is_read_by_python() {
    let program = program();
    json(&program, &["sync", "--bodies", "all"], 0);
    let out = program.file("hop-thu.mbox");
    let args = ["export", "--folder", "inbox", "--format", "mbox", "--out"];
    let report = json(&program, &[&args[..], &[out.to_str().unwrap()]].concat(), 0);
    assert_eq!(report["quoting"], "mboxrd");
    assert!(!out.with_extension("mbox.part").exists());
    let script = "print(json.dumps(sorted(m['Message-ID'] for m in mailbox.mbox(sys.argv[1]))))";
    let Some(found) = python(script, &out) else {
        return println!("skipped: no python3");
    };
    let rows = json(
        &program,
        &["list", "--folder", "inbox", "--limit", "1000"],
        0,
    );
    let mut expected: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("<{}>", row["message_id"].as_str().unwrap()))
        .collect();
    expected.sort_unstable();
    assert_eq!(found, serde_json::json!(expected));
}

#[test]
fn an_account_as_maildir_keeps_folders_and_flags() {
    let program = program();
    json(&program, &["sync", "--bodies", "all"], 0);
    let row = &json(&program, &["list", "--folder", "inbox"], 0)[0];
    let id = row["id"].to_string();
    json(&program, &["flag", &id, "+seen", "+flagged"], 0);
    let out = program.file("tất cả.zip");
    let args = [
        "export",
        "--format",
        "maildir",
        "--out",
        out.to_str().unwrap(),
    ];
    let report = json(&program, &args, 0);
    let folders = json(&program, &["folders"], 0);
    let total: u64 = folders
        .as_array()
        .unwrap()
        .iter()
        .map(|folder| folder["total"].as_u64().unwrap())
        .sum();
    assert_eq!(report["messages"], total);
    let script = "\
d = tempfile.mkdtemp(); zipfile.ZipFile(sys.argv[1]).extractall(d)
found = []
for at, dirs, files in os.walk(d):
    if 'cur' in dirs:
        for m in mailbox.Maildir(at, factory=None):
            found.append([os.path.relpath(at, d), m['Message-ID'], m.get_flags()])
print(json.dumps(found))";
    let Some(found) = python(script, &out) else {
        return println!("skipped: no python3");
    };
    let found = found.as_array().unwrap();
    assert_eq!(found.len() as u64, total);
    let message_id = format!("<{}>", row["message_id"].as_str().unwrap());
    let flagged = found
        .iter()
        .find(|one| one[1] == message_id.as_str())
        .unwrap();
    assert_eq!(flagged[2], "FS");
    for folder in folders.as_array().unwrap() {
        let name = folder["name"].as_str().unwrap();
        assert!(
            report["folders"].to_string().contains(name),
            "{name} is not in the export"
        );
    }
}

#[test]
fn what_is_not_here_is_fetched_or_listed() {
    let program = program();
    json(&program, &["sync", "--bodies", "none"], 0);
    let out = program.file("thiếu.mbox");
    let out = out.to_str().unwrap();
    let args = [
        "export", "--folder", "inbox", "--format", "mbox", "--out", out,
    ];
    let report = json(&program, &[&args[..], &["--offline"]].concat(), 4);
    assert_eq!(report["messages"], 0);
    let missing = report["missing"].as_array().unwrap();
    assert!(!missing.is_empty() && missing[0]["reason"] == "error-not-cached");
    fs::remove_file(out).unwrap();
    let report = json(&program, &args, 0);
    assert_eq!(report["messages"], missing.len());
}

/// Files as Python's `mailbox` module makes them, and as Thunderbird does.
fn foreign(program: &Program) -> std::path::PathBuf {
    let letter = |number: u32| {
        format!(
            "From: nva@binhdinh.gov.vn\nTo: a@b.vn\nSubject: Thu {number}\n\
             Date: Mon, 2 Feb 2015 08:00:00 +0700\nMessage-ID: <cu-{number}@binhdinh.gov.vn>\n"
        )
    };
    let at = "From - Mon Feb  2 01:00:00 2015\n";
    let inbox = format!(
        "{at}X-Mozilla-Status: 0005\nX-Mozilla-Status2: 00000000\n{}\nmột\n\n>From đây\n\n\
         {at}X-Mozilla-Status: 0009\n{}\nđã xóa\n\n\
         {at}X-Mozilla-Status: 0000\nSubject: no id\n\nba\n",
        letter(1),
        letter(2),
    );
    let profile = program.file("thunderbird/ab.default");
    let local = profile.join("Mail/Local Folders");
    fs::create_dir_all(local.join("Công văn.sbd")).unwrap();
    fs::write(profile.join("prefs.js"), "").unwrap();
    fs::write(local.join("Công văn"), inbox).unwrap();
    fs::write(local.join("Công văn.msf"), "").unwrap();
    let below = format!("{at}X-Mozilla-Status: 0001\n{}\nbốn\n", letter(4));
    fs::write(local.join("Công văn.sbd/Năm 2015"), below).unwrap();
    profile
}

#[test]
fn a_thunderbird_profile_comes_in_once() {
    let program = program();
    json(&program, &["sync"], 0);
    let profile = foreign(&program);
    let import = ["import", profile.to_str().unwrap(), "--folder", "inbox"];
    let report = json(&program, &[&import[..], &["--offline"]].concat(), 0);
    assert_eq!(
        (&report["imported"], &report["removed"]),
        (&3.into(), &1.into())
    );
    assert!(report["pending_ops"].as_u64().unwrap() >= 3);
    let again = json(&program, &import, 0);
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&0.into(), &3.into())
    );
    let pushed = json(&program, &["sync", "--bodies", "all"], 0);
    assert_eq!(pushed["pending_ops"], 0);
    let again = json(&program, &import, 0);
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&0.into(), &3.into())
    );

    let folder = again["folders"][0]["name"].as_str().unwrap();
    assert!(folder.ends_with("Local Folders/Công văn"), "{folder}");
    let rows = json(&program, &["list", "--folder", folder], 0);
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["subject"] == "Thu 1")
        .unwrap();
    assert_eq!(row["flags"], serde_json::json!(["\\Seen", "\\Flagged"]));
    assert_eq!(row["date"], "2015-02-02T01:00:00Z");
    assert!(row["uid"].is_u64(), "it reached the server: {row}");
    let shown = json(&program, &["show", &row["id"].to_string()], 0);
    assert!(
        shown["text"].as_str().unwrap().contains("\nFrom đây"),
        "{}",
        shown["text"]
    );
}

#[test]
fn what_was_exported_comes_back_as_it_was() {
    let program = program();
    json(&program, &["sync", "--bodies", "all"], 0);
    let mbox = program.file("thư.mbox");
    let mbox = mbox.to_str().unwrap();
    json(
        &program,
        &[
            "export", "--folder", "inbox", "--format", "mbox", "--out", mbox,
        ],
        0,
    );
    let total = json(
        &program,
        &["list", "--folder", "inbox", "--limit", "999"],
        0,
    );
    let total = total.as_array().unwrap().len();
    let same = json(&program, &["import", mbox, "--folder", "inbox"], 0);
    assert_eq!(
        (&same["imported"], &same["duplicates"]),
        (&0.into(), &total.into())
    );
    json(&program, &["folders", "create", "Nhập về"], 0);
    let other = json(&program, &["import", mbox, "--folder", "Nhập về"], 0);
    assert_eq!(other["imported"], total);
    assert_eq!(other["pending_ops"], 0, "pushed at once");

    let letters = program.file("lẻ");
    fs::create_dir(&letters).unwrap();
    fs::write(letters.join("a.eml"), "Subject: a\n\nb\n").unwrap();
    fs::write(letters.join("b.eml"), "\u{0}\u{1}no message").unwrap();
    fs::write(letters.join("c.eml"), "").unwrap();
    let args = ["import", letters.to_str().unwrap(), "--folder", "Nhập về"];
    let report = json(&program, &args, 6);
    assert_eq!(
        (&report["imported"], &report["unreadable"]),
        (&1.into(), &2.into())
    );
    assert!(json(&program, &["import", "/nowhere", "--folder", "inbox"], 6)["error"].is_object());
}
