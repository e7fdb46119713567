//! A full disk and a damaged file: said, survived, and mended from the server. What only we hold is not lost.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tcv_domain::address::Address;
use tcv_domain::draft::Draft;
use tcv_support::{Finished, MailServers, Program, ServerSpec};

use crate::letters::numbered;
use crate::office::{Office, assert_failure, has_flag, id};

/// The program on a small file system, which lies in a mount namespace of its own and is gone on drop.
struct SmallDisk {
    servers: MailServers,
    /// Runs `nsenter`, which runs the program where the disk is.
    program: Program,
    holder: Child,
}

impl SmallDisk {
    /// Says why where the system gives ordinary programs no namespaces.
    fn new(size: &str) -> Result<Self, String> {
        let program = Program::new("nsenter")?;
        let script = "mount -t tmpfs -o size=$1 none \"$2\" && echo ready && exec cat";
        let mut holder = Command::new("unshare")
            .args([
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                script,
                "sh",
                size,
            ])
            .arg(program.data_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("unshare: {error}"))?;
        let mut word = String::new();
        let _ = BufReader::new(holder.stdout.take().unwrap()).read_line(&mut word);
        let disk = Self {
            servers: MailServers::start(&ServerSpec::default())?,
            program,
            holder,
        };
        if word == "ready\n" {
            Ok(disk)
        } else {
            Err("no mount in a namespace of our own".to_owned())
        }
    }

    /// A file on it, as seen from here.
    fn path(&self, name: &str) -> PathBuf {
        let root = format!(
            "/proc/{}/root{}",
            self.holder.id(),
            self.program.data_dir().display()
        );
        Path::new(&root).join(name)
    }

    /// Writes until nothing more fits, then leaves `spare` bytes.
    fn fill(&self, spare: u64) {
        let mut file = fs::File::create(self.path("filler")).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length - spare).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.path("filler")).unwrap();
    }

    fn run(&self, args: &[&str], stdin: &str) -> Finished {
        let holder = self.holder.id().to_string();
        let enter = [
            "--target",
            &holder,
            "--user",
            "--mount",
            "--preserve-credentials",
        ];
        let program = [env!("CARGO_BIN_EXE_thucongvu")];
        self.program
            .run_with(&[&enter[..], &program, args, &["--json"]].concat(), stdin)
            .unwrap()
    }

    /// Runs to success and counts the rows of the answer.
    #[track_caller]
    fn rows(&self, args: &[&str]) -> usize {
        self.run(args, "")
            .expect_code(0)
            .unwrap()
            .json()
            .unwrap()
            .as_array()
            .unwrap()
            .len()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A letter that no compression makes small.
fn noisy(number: usize) -> Vec<u8> {
    let mut letter = numbered(number, 0);
    let mut state = number as u32 + 1;
    for column in 0..200_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letter.push(b"abcdefghijklmnopqrstuvwxyzABCDEF"[(state >> 27) as usize]);
        if column % 70 == 69 {
            letter.extend_from_slice(b"\r\n");
        }
    }
    letter
}

#[test]
fn a_full_disk_is_said_and_nothing_stored_is_lost() {
    let disk = match SmallDisk::new("24m") {
        Ok(disk) => disk,
        Err(why) => return println!("skipped: {why}"),
    };
    let (nva, binh) = (
        disk.servers.users().nva.clone(),
        disk.servers.users().ttbinh.clone(),
    );
    let (imap, smtp) = (disk.servers.imaps_url(), disk.servers.smtps_url());
    let doors = [
        "--imap",
        &imap,
        "--smtp",
        &smtp,
        "--ca",
        disk.servers.ca_file().to_str().unwrap(),
    ];
    let add = [
        &[
            "account",
            "add",
            "--address",
            &nva.address,
            "--password-stdin",
        ],
        &doors[..],
    ]
    .concat();
    disk.run(&add, &nva.password).expect_code(0).unwrap();
    for number in 0..12 {
        disk.servers
            .drop_in(&nva.address, "INBOX", &noisy(number))
            .unwrap();
    }
    disk.run(&["sync", "--bodies", "none"], "")
        .expect_code(0)
        .unwrap();

    disk.fill(1_000_000);
    assert_failure(disk.run(&["sync", "--bodies", "all"], ""), 6, "disk-full");
    assert_eq!(disk.rows(&["list", "--folder", "inbox"]), 12);
    disk.make_room();
    disk.fill(0);
    let body = disk
        .program
        .write("text.txt", "Kính gửi chị Bình./.")
        .unwrap();
    let send = [
        "send",
        "--from",
        &nva.address,
        "--to",
        &binh.address,
        "--subject",
        "Báo cáo",
        "--wait",
    ];
    let send = [&send[..], &["--body-file", body.to_str().unwrap()]].concat();
    assert_failure(disk.run(&send, ""), 6, "disk-full");
    assert_eq!(disk.servers.messages(&binh.address, "INBOX").len(), 0);

    disk.make_room();
    assert_eq!(disk.rows(&["outbox"]), 0);
    disk.run(&["sync", "--bodies", "all"], "")
        .expect_code(0)
        .unwrap();
    disk.servers.stop_dovecot().unwrap();
    let list = disk.run(&["list", "--folder", "inbox"], "").json().unwrap();
    // Newest first: of those there was room for, and of those there was none for.
    for row in list.as_array().unwrap().iter().step_by(5) {
        disk.run(&["show", &id(row)], "").expect_code(0).unwrap();
    }
    disk.servers.start_dovecot().unwrap();
    disk.run(&send, "").expect_code(0).unwrap();
}

/// Overwrites a stretch of a file.
fn damage(file: &Path, from: u64, length: usize) {
    let file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.write_all_at(&vec![0x5a; length], from).unwrap();
}

fn kept_aside(office: &Office, file: &str) -> usize {
    let prefix = format!("{file}.damaged-");
    let names = fs::read_dir(office.program.data_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| {
            name.to_string_lossy().starts_with(&prefix) && !name.to_string_lossy().ends_with("-wal")
        })
        .count()
}

/// An office with mail, a refused letter in the outbox and a draft.
fn in_use() -> Office {
    let office = Office::new();
    let letters: Vec<_> = (0..40).map(|number| numbered(number, 3_000)).collect();
    office.receive(&letters);
    let row = &office.list("inbox")[0];
    office.json(&["flag", &id(row), "+flagged"]);
    office.json(&["sync"]);
    let more = ["--ack", "to-free-provider", "--wait"];
    office
        .send("congdan@gmail.com", "Trả lời đơn", &more)
        .expect_code(4)
        .unwrap();
    let inside = office.engine();
    let from = Address::new("Nguyễn Văn An", &*office.nva().address);
    let draft = Draft {
        from,
        subject: "Dự thảo Quyết định".to_owned(),
        body: "Căn cứ…".to_owned(),
        ..Draft::default()
    };
    inside.wait(inside.engine.create_draft(draft));
    drop(inside);
    office
}

#[track_caller]
fn assert_drafts_and_outbox(office: &Office) {
    let item = office.only_outgoing();
    assert_eq!(
        (item["state"].as_str(), item["subject"].as_str()),
        (Some("refused"), Some("Trả lời đơn"))
    );
    let inside = office.engine();
    let drafts = inside.wait(inside.engine.drafts());
    assert_eq!(drafts.len(), 1);
    let draft = inside.wait(inside.engine.draft(drafts[0].id));
    assert_eq!(
        (&*draft.subject, &*draft.body),
        ("Dự thảo Quyết định", "Căn cứ…")
    );
}

#[test]
fn a_damaged_cache_is_kept_aside_and_rebuilt_from_the_server() {
    let office = in_use();
    let message_ids = || -> Vec<_> {
        office
            .list("inbox")
            .iter()
            .map(|row| row["message_id"].clone())
            .collect()
    };
    let before = message_ids();
    let cache = office.program.data_dir().join("cache.db");
    let length = fs::metadata(&cache).unwrap().len();
    // The head, which is read at every start; and the middle, which is met on the way.
    for (round, (from, stretch)) in [(0, 8192), (length / 4, length as usize / 2)]
        .into_iter()
        .enumerate()
    {
        damage(&cache, from, stretch);
        // Met while working, it may end that one command; the next begins anew.
        let first = office.run(&["sync", "--bodies", "all"]);
        if first.code != Some(0) {
            assert_failure(first.clone(), 6, "cache-damaged");
        }
        office.json(&["sync", "--bodies", "all"]);
        assert_eq!(message_ids(), before, "round {round}");
        assert!(has_flag(&office.list("inbox")[0], "\\Flagged"));
        assert!(
            office.json(&["show", &id(&office.list("inbox")[5])])["text"]
                .as_str()
                .unwrap()
                .contains("Báo cáo 34")
        );
        assert_eq!(office.json(&["search", "bao cao 34"])["total"], 1);
        assert!(kept_aside(&office, "cache.db") >= 1, "round {round}");
        assert_drafts_and_outbox(&office);
    }
}

#[test]
fn a_damaged_file_of_our_own_is_salvaged_and_reported() {
    let office = in_use();
    let own = office.program.data_dir().join("own.db");
    let length = fs::metadata(&own).unwrap().len();
    damage(&own, length - 4096, 4096);
    damage(&own, 0, 1024);
    let done = office.run(&["account", "list"]).expect_code(0).unwrap();
    assert_eq!(kept_aside(&office, "own.db"), 1);
    assert!(done.stderr.contains("own.db.damaged-"), "{}", done.stderr);
}
