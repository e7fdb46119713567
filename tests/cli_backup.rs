//! `backup` and `restore` on the practice mailbox and on folders of their own.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tcv_support::Program;

struct Desk {
    program: Program,
    folder: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let program = Program::new(env!("CARGO_BIN_EXE_thucongvu")).unwrap();
        let folder = program.file("sao lưu");
        fs::create_dir(&folder).unwrap();
        program.write("cum", "cụm mật khẩu khôi phục\n").unwrap();
        let desk = Self { program, folder };
        desk.json(&["sync", "--bodies", "all", "--practice"], 0);
        desk
    }

    #[track_caller]
    fn json(&self, args: &[&str], code: i32) -> Value {
        let done = self.program.run(&[args, &["--json"]].concat()).unwrap();
        done.expect_code(code).unwrap().json().unwrap()
    }

    fn passphrase(&self) -> String {
        self.program.file("cum").display().to_string()
    }

    #[track_caller]
    fn backup(&self, more: &[&str]) -> PathBuf {
        let (to, passphrase) = (self.folder.display().to_string(), self.passphrase());
        let args = [
            "backup",
            "--practice",
            "--to",
            &to,
            "--passphrase-file",
            &passphrase,
        ];
        let made = self.json(&[&args[..], more].concat(), 0);
        assert_eq!(made["verified"], true);
        made["file"].as_str().unwrap().into()
    }

    /// What `restore` says of a backup and another, empty machine.
    #[track_caller]
    fn restore(&self, file: &Path, passphrase: &str, code: i32) -> (Program, Value) {
        let other = Program::new(env!("CARGO_BIN_EXE_thucongvu")).unwrap();
        let file = file.to_str().unwrap();
        let args = ["restore", file, "--passphrase-file", passphrase, "--json"];
        let done = other.run(&args).unwrap().expect_code(code).unwrap();
        let said = done.json().unwrap();
        (other, said)
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn json(program: &Program, args: &[&str]) -> Value {
    let done = program.run(&[args, &["--json"]].concat()).unwrap();
    done.expect_code(0).unwrap().json().unwrap()
}

#[test]
fn a_backup_is_restored_on_another_machine() {
    let desk = Desk::new();
    let inbox = desk.json(&["list", "--folder", "inbox", "--practice"], 0);
    desk.json(
        &[
            "flag",
            &inbox[0]["id"].to_string(),
            "+flagged",
            "--practice",
        ],
        0,
    );
    let with_mail = desk.backup(&["--with-mail"]);
    let (other, said) = desk.restore(&with_mail, &desk.passphrase(), 0);
    assert_eq!(said["bodies"], said["messages"]);
    let sound = json(&other, &["verify"]);
    assert_eq!(
        (&sound["sound"], &sound["bodies"]),
        (&true.into(), &said["bodies"])
    );
    assert_eq!(
        json(&other, &["account", "list"])[0]["address"],
        said["addresses"][0]
    );
    let rows = json(&other, &["list", "--folder", "inbox"]);
    assert_eq!(rows[0]["subject"], inbox[0]["subject"]);
    let subject = inbox[0]["subject"].as_str().unwrap();
    assert!(
        json(&other, &["search", subject])["total"]
            .as_u64()
            .unwrap()
            > 0
    );

    // Without mail: what only we hold, the change that waits among it.
    let small = desk.backup(&[]);
    assert!(fs::metadata(&small).unwrap().len() < fs::metadata(&with_mail).unwrap().len());
    let (other, _) = desk.restore(&small, &desk.passphrase(), 0);
    let rows = json(&other, &["list", "--folder", "inbox"]);
    assert_eq!(
        rows.as_array().unwrap().len(),
        1,
        "the message whose flag waits"
    );
    assert_eq!(rows[0]["subject"], inbox[0]["subject"]);
    assert!(rows[0]["flags"].to_string().contains("Flagged"));
    assert_eq!(json(&other, &["verify"])["sound"], true);
}

#[test]
fn what_is_wrong_with_a_backup_is_said_and_changes_nothing() {
    let desk = Desk::new();
    let file = desk.backup(&["--with-mail"]);
    let wrong = desk.program.write("sai", "không phải").unwrap();
    let (other, said) = desk.restore(&file, wrong.to_str().unwrap(), 5);
    assert_eq!(said["error"]["kind"], "backup-wrong-passphrase");
    assert!(!other.data_dir().join("own.db").exists());

    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    let middle = whole.len() / 2;
    flipped[middle] ^= 1;
    let cut = whole[..whole.len() - 1000].to_vec();
    for bad in [flipped, cut, b"not a backup".to_vec(), Vec::new()] {
        let path = desk.program.write("hong.tcvbackup", bad).unwrap();
        let (other, said) = desk.restore(&path, &desk.passphrase(), 6);
        assert_eq!(said["error"]["kind"], "backup-damaged");
        assert!(!other.data_dir().join("own.db").exists());
        assert!(!other.data_dir().join("backup-work").exists());
    }

    // Data that is there is kept, and only put aside when that is wished for.
    let (other, _) = desk.restore(&file, &desk.passphrase(), 0);
    let again = [
        "restore",
        file.to_str().unwrap(),
        "--passphrase-file",
        &desk.passphrase(),
    ];
    other.run(&again).unwrap().expect_code(2).unwrap();
    other
        .run(&[&again[..], &["--replace"]].concat())
        .unwrap()
        .expect_code(0)
        .unwrap();
    let aside = names(&other.data_dir());
    assert!(
        aside
            .iter()
            .any(|name| name.starts_with("own.db.before-restore-")),
        "{aside:?}"
    );
    assert_eq!(json(&other, &["verify"])["sound"], true);
}

#[test]
fn a_backup_that_cannot_be_made_leaves_the_others_alone() {
    let desk = Desk::new();
    let file = desk.backup(&[]);
    let before = names(&desk.folder);
    assert_eq!(before, [file.file_name().unwrap().to_str().unwrap()]);
    let gone = desk.program.file("ổ mạng").display().to_string();
    let passphrase = desk.passphrase();
    let args = [
        "backup",
        "--practice",
        "--to",
        &gone,
        "--passphrase-file",
        &passphrase,
    ];
    let said = desk.json(&args, 6);
    assert_eq!(said["error"]["kind"], "backup-no-folder");
    assert!(
        !Path::new(&gone).exists(),
        "a mount point that is missing is not made"
    );
    assert_eq!(names(&desk.folder), before);
    let work = desk.program.data_dir().join("practice/backup-work");
    assert!(!work.exists());

    // Without a passphrase, and nobody to ask.
    let to = desk.folder.display().to_string();
    let said = desk.json(&["backup", "--practice", "--to", &to], 5);
    assert_eq!(said["error"]["kind"], "backup-no-passphrase");
    // Once set, none is needed any more.
    desk.backup(&["--daily"]);
    desk.json(&["backup", "--practice", "--to", &to], 0);
}

#[test]
fn nothing_of_a_mail_can_be_read_in_a_backup() {
    let desk = Desk::new();
    let inbox = desk.json(&["list", "--folder", "inbox", "--practice"], 0);
    let file = fs::read(desk.backup(&["--with-mail"])).unwrap();
    for word in [
        "Message-ID",
        "Subject:",
        "SQLite format",
        inbox[0]["subject"].as_str().unwrap(),
    ] {
        let found = file.windows(word.len()).any(|some| some == word.as_bytes());
        assert!(!found, "{word}");
    }
}
