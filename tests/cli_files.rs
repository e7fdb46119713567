//! Commands that read a file and need neither account nor data folder, and arguments that make no sense.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::json;
use tcv_support::Program;

const LETTER: &str = "From: =?UTF-8?Q?Nguy=E1=BB=85n_V=C4=83n_An?= <nva@quynhon.gov.vn>\r\n\
    To: binhtran@gmail.com\r\n\
    Subject: =?UTF-8?B?QsOhbyBjw6Fv?=\r\n\
    Date: Tue, 25 Aug 2026 14:05:00 +0700\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\
    \r\n\
    --b\r\n\
    Content-Type: text/html; charset=utf-8\r\n\
    \r\n\
    <p>Xem <a href=\"https://quynhon.gov.vn/a\">văn bản</a></p>\r\n\
    --b\r\n\
    Content-Type: application/octet-stream\r\n\
    Content-Disposition: attachment; filename=\"cai-dat.exe\"\r\n\
    \r\n\
    MZ\r\n\
    --b--\r\n";

fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_thucongvu")).unwrap()
}

#[test]
fn parse_reads_a_file_without_account_and_leaves_the_data_folder_alone() {
    let program = program();
    let file = program.write("thu.eml", LETTER).unwrap();
    let out = program.file("out");
    let args = [
        "parse",
        file.to_str().unwrap(),
        "--json",
        "--save-attachments",
        out.to_str().unwrap(),
    ];
    let letter = program
        .run(&args)
        .unwrap()
        .expect_code(0)
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(
        letter["from"],
        json!([{ "name": "Nguyễn Văn An", "address": "nva@quynhon.gov.vn" }])
    );
    assert_eq!(letter["subject"], "Báo cáo");
    assert_eq!(letter["date"], "2026-08-25T07:05:00Z");
    assert_eq!(letter["text_from"], "html");
    assert_eq!(letter["html_present"], true);
    assert_eq!(
        letter["links"],
        json!([{ "text": "văn bản", "target": "https://quynhon.gov.vn/a" }])
    );
    let attachment = &letter["attachments"][0];
    assert_eq!(attachment["name"], "cai-dat.exe");
    assert!(
        attachment["held"].is_string(),
        "a program is held: {attachment}"
    );
    // sha256sum of "MZ".
    assert_eq!(
        attachment["sha256"],
        "9b8db510ef42b8ed54a3712636fda55a4f8cfcd5493e20b74ab00cd4f3979f2d"
    );
    assert_eq!(std::fs::read(out.join("cai-dat.exe")).unwrap(), b"MZ");
    assert_eq!(std::fs::read_dir(program.data_dir()).unwrap().count(), 0);
}

#[test]
fn parse_shows_where_a_link_leads_that_names_another_site() {
    let letter = "From: a@example.com\r\nSubject: A\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/html; charset=utf-8\r\n\r\n\
        <p>Xem <a href=\"http://203.0.113.7/zimbra\">https://mail.gialai.gov.vn</a> và\r\n\
        <a href=\"https://quynhon.gov.vn/\">https://quynhon.gov.vn</a></p>\r\n";
    let program = program();
    let file = program.write("gia.eml", letter).unwrap();
    let shown = program.run(&["parse", file.to_str().unwrap()]).unwrap();
    let shown = shown.expect_code(0).unwrap().stdout;
    let targets: Vec<_> = shown.lines().filter(|line| line.contains('→')).collect();
    assert_eq!(
        targets,
        ["https://mail.gialai.gov.vn → http://203.0.113.7/zimbra"]
    );
}

#[test]
fn check_draft_prints_verdicts_and_says_by_its_code_that_it_would_be_blocked() {
    let program = program();
    let file = program.write("thu.eml", LETTER).unwrap();
    let done = program
        .run(&["check-draft", file.to_str().unwrap(), "--json"])
        .unwrap()
        .expect_code(3)
        .unwrap();
    let verdicts = done.json().unwrap()["verdicts"].as_array().unwrap().clone();
    let rules: Vec<_> = verdicts
        .iter()
        .map(|verdict| verdict["rule"].as_str().unwrap())
        .collect();
    assert!(
        rules.contains(&"to-free-provider") && rules.contains(&"executable-attachment"),
        "{rules:?}"
    );

    let harmless = "From: nva@quynhon.gov.vn\r\nTo: ttb@quynhon.gov.vn\r\nSubject: A\r\n\r\nB\r\n";
    let file = program.write("tot.eml", harmless).unwrap();
    let done = program
        .run(&["check-draft", file.to_str().unwrap(), "--json"])
        .unwrap()
        .expect_code(0)
        .unwrap();
    assert_eq!(done.json().unwrap(), json!({ "verdicts": [] }));
}

#[test]
fn the_agencys_profile_decides_and_a_broken_one_is_named_with_its_line() {
    let program = program();
    let file = program.write("thu.eml", LETTER).unwrap();
    let profile = program
        .write(
            "agency.toml",
            "[policy.severity]\nexecutable-attachment = \"note\"\n",
        )
        .unwrap();
    let profile = profile.to_str().unwrap();
    let args = [
        "check-draft",
        file.to_str().unwrap(),
        "--json",
        "--profile",
        profile,
    ];
    program.run(&args).unwrap().expect_code(0).unwrap();

    program
        .write(
            "agency.toml",
            "[policy.severity]\nexecutable-attachment = \"nonsense\"\n",
        )
        .unwrap();
    let done = program.run(&args).unwrap().expect_code(3).unwrap();
    assert!(
        done.stderr.contains("agency.toml") && done.stderr.contains("2"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_file_that_is_not_there_is_a_failure_of_the_disk() {
    let done = program()
        .run(&["parse", "khong-co.eml", "--json"])
        .unwrap()
        .expect_code(6)
        .unwrap();
    let error = &done.json().unwrap()["error"];
    assert_eq!(error["kind"], "disk");
    assert!(error["detail"].as_str().unwrap().contains("khong-co.eml"));
}

#[test]
fn wrong_usage_is_code_2_with_one_document_too() {
    let done = program()
        .run(&["list", "--json"])
        .unwrap()
        .expect_code(2)
        .unwrap();
    assert_eq!(done.json().unwrap()["error"]["kind"], "usage");
    let done = program()
        .run(&["render", "x"])
        .unwrap()
        .expect_code(2)
        .unwrap();
    assert_eq!(done.stdout, "");
    assert!(done.stderr.contains("Usage"));
}

#[test]
fn account_add_takes_no_password_as_an_argument_and_says_what_is_wrong() {
    let program = program();
    let add = [
        "account",
        "add",
        "--address",
        "nva@quynhon.gov.vn",
        "--json",
    ];
    program
        .run(&[&add[..], &["--password", "x"]].concat())
        .unwrap()
        .expect_code(2)
        .unwrap();
    let done = program.run(&add).unwrap().expect_code(2).unwrap();
    assert!(
        done.json().unwrap()["error"]["detail"]
            .as_str()
            .unwrap()
            .contains("--password-stdin")
    );

    let url = [
        "--password-stdin",
        "--imap",
        "imap://mail.quynhon.gov.vn:143",
    ];
    let done = program
        .run_with(&[&add[..], &url].concat(), "bí mật\n")
        .unwrap()
        .expect_code(2)
        .unwrap();
    assert!(!format!("{}{}", done.stdout, done.stderr).contains("bí mật"));

    let free = [
        "account",
        "add",
        "--address",
        "nva@gmail.com",
        "--password-stdin",
        "--json",
    ];
    let done = program
        .run_with(&free, "bí mật\n")
        .unwrap()
        .expect_code(3)
        .unwrap();
    assert_eq!(
        done.json().unwrap()["verdicts"][0]["rule"],
        "from-free-provider"
    );
}

#[test]
fn a_wrong_passphrase_is_told_apart_from_none() {
    let program = program();
    program
        .run(&["account", "list", "--json"])
        .unwrap()
        .expect_code(0)
        .unwrap();
    let wrong = program.write("wrong", "không phải").unwrap();
    let args = [
        "account",
        "list",
        "--json",
        "--vault-passphrase-file",
        wrong.to_str().unwrap(),
    ];
    let done = program.run(&args).unwrap().expect_code(5).unwrap();
    assert_eq!(
        done.json().unwrap()["error"]["kind"],
        "vault-wrong-passphrase"
    );
}
