//! The text of attachments, from outside: found by `search`, read on after a kill, left alone where the agency says so;
//! and the process that reads them, fed with files made to break it.
//!
//! `READ_FIGURES=1 cargo test --release --test attachments figures -- --nocapture` prints how fast each format is read.

#![allow(clippy::print_stdout)]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tcv_support::{Chance, Program};

const PROGRAM: &str = env!("CARGO_BIN_EXE_thucongvu");
const ME: &str = "nva@tanphong.thuchanh.gov.vn";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/documents")
}

/// The program on a practice mailbox with letters that have attachments.
struct Mailbox(Program);

impl Mailbox {
    fn new() -> Self {
        Self(Program::new(PROGRAM).unwrap())
    }

    fn json(&self, args: &[&str]) -> Value {
        let practice = ["--practice", "--json"];
        let finished = self.0.run(&[args, &practice].concat()).unwrap();
        finished.expect_code(0).unwrap().json().unwrap()
    }

    /// Sends itself a letter with these files of the fixtures.
    fn receive(&self, subject: &str, files: &[&str]) {
        self.receive_with(subject, files, &[]);
    }

    fn receive_with(&self, subject: &str, files: &[&str], more: &[&str]) {
        let body = self
            .0
            .write("body.txt", "Kính gửi anh, tôi gửi tệp./.\n")
            .unwrap();
        let body = body.to_str().unwrap();
        let mut args = vec![
            "send",
            "--from",
            ME,
            "--to",
            ME,
            "--subject",
            subject,
            "--body-file",
            body,
            "--wait",
        ];
        let paths: Vec<_> = files.iter().map(|file| fixtures().join(file)).collect();
        for path in &paths {
            args.extend(["--attach", path.to_str().unwrap()]);
        }
        args.extend(more);
        assert_eq!(self.json(&args)["state"], "sent");
    }

    /// Subject and attachment of each hit.
    fn found(&self, query: &str) -> Vec<(String, Value)> {
        let hits = self.json(&["search", query]);
        let mut found: Vec<_> = hits["hits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| {
                (
                    hit["subject"].as_str().unwrap().to_owned(),
                    hit["attachment"].clone(),
                )
            })
            .collect();
        // A letter to oneself lies in two folders.
        found.dedup();
        found
    }
}

#[test]
fn what_an_attachment_says_is_found_and_the_hit_names_it() {
    let mailbox = Mailbox::new();
    mailbox.receive("Gửi tệp PDF", &["scan.pdf", "letter.pdf"]);
    mailbox.receive("Gửi tệp Word", &["letter-nfd.docx"]);
    mailbox.receive("Gửi bảng tính", &["letter.xls", "letter-enc-password.pdf"]);
    let report = mailbox.json(&["sync", "--bodies", "all"]);
    let read = &report["attachments"];
    assert_eq!(read["waiting"], 0, "{read}");
    assert!(read["with_text"].as_u64().unwrap() >= 3, "{read}");
    assert!(read["without_text"].as_u64().unwrap() >= 1, "{read}");
    assert!(read["unreadable"].as_u64().unwrap() >= 1, "{read}");
    for query in ["ngập úng sạt lở", "ngap ung sat lo", "5598/VPUB-KGVX"] {
        let mut found = mailbox.found(query);
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [
            ("Gửi bảng tính".to_owned(), json!("letter.xls")),
            ("Gửi tệp PDF".to_owned(), json!("letter.pdf")),
            ("Gửi tệp Word".to_owned(), json!("letter-nfd.docx")),
        ];
        assert_eq!(found, expected, "{query}");
    }
    // One word of the letter, one of what is attached to it.
    assert_eq!(mailbox.found("\"Gửi tệp Word\" \"khắc phục\"").len(), 1);
    let hit = &mailbox.json(&["search", "ngập úng"])["hits"][0];
    assert!(
        hit["snippet"].as_str().unwrap().contains("ngập úng"),
        "{hit}"
    );
    // Of the letter itself nobody says it is attached.
    assert!(
        mailbox
            .found("Kính gửi anh")
            .iter()
            .all(|(_, attachment)| attachment.is_null())
    );
    // What was read is not read again, and goes with its letter.
    assert_eq!(mailbox.json(&["sync"])["attachments"], *read);
}

#[test]
fn an_agency_may_leave_attachments_unread() {
    let mailbox = Mailbox::new();
    let profile = mailbox
        .0
        .write("agency.toml", "[sync]\nread_attachments = false\n")
        .unwrap();
    let profile = profile.to_str().unwrap();
    // Sending starts the engine's loops: they too are told.
    mailbox.receive_with("Gửi tệp", &["letter.docx"], &["--profile", profile]);
    let report = mailbox.json(&["sync", "--profile", profile]);
    assert_eq!(report["attachments"]["with_text"], 0);
    assert!(mailbox.found("ngập úng").is_empty());
    assert_eq!(mailbox.found("letter.docx").len(), 1);
    // Allowed again, it is read.
    mailbox.json(&["sync"]);
    assert_eq!(mailbox.found("ngập úng").len(), 1);
}

/// The processes that threads of a process have started.
#[cfg(target_os = "linux")]
fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
    let lists = tasks.into_iter().flatten().flatten();
    lists
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_kill_in_the_middle_loses_nothing() {
    let mailbox = Mailbox::new();
    let count = 12;
    for number in 0..count {
        mailbox.receive(
            &format!("Công văn {number}"),
            &["letter.pdf", "letter.docx", "letter.xlsx"],
        );
    }
    for _ in 0..3 {
        let mut running = mailbox
            .0
            .spawn(&["sync", "--bodies", "all", "--practice", "--json"])
            .unwrap();
        let mut readers = Vec::new();
        while readers.is_empty() && running.is_running() {
            readers = children(running.pid());
        }
        running.kill().unwrap();
        // Nobody goes on reading for a program that is gone.
        for reader in readers {
            let begin = Instant::now();
            while Path::new(&format!("/proc/{reader}/cwd")).exists() {
                assert!(
                    begin.elapsed() < Duration::from_secs(30),
                    "{reader} goes on"
                );
                std::thread::yield_now();
            }
        }
    }
    assert_eq!(
        mailbox.json(&["sync", "--bodies", "all"])["attachments"]["waiting"],
        0
    );
    let found = mailbox.found("ngập úng sạt lở");
    for number in 0..count {
        let subject = format!("Công văn {number}");
        assert!(
            found.iter().any(|(found, _)| *found == subject),
            "{subject} in {found:?}"
        );
    }
}

/// A reader of attachments, started as the engine starts it.
struct Reader {
    child: Child,
}

/// What became of a file.
#[derive(Debug)]
struct Answer {
    /// `None`: the reader broke.
    answer: Option<Value>,
    took: Duration,
}

impl Reader {
    fn read(name: &str, bytes: &[u8]) -> Answer {
        let begin = Instant::now();
        let mut command = Command::new(PROGRAM);
        command.arg("read-attachment").env_clear();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut reader = Self {
            child: command.spawn().unwrap(),
        };
        let mut input = reader.child.stdin.take().unwrap();
        let head = json!({ "name": name, "media_type": "", "size": bytes.len() });
        // A reader that has broken takes no more.
        let _ = writeln!(input, "{head}").and_then(|()| input.write_all(bytes));
        drop(input);
        let mut output = String::new();
        let mut stdout = reader.child.stdout.take().unwrap();
        stdout.read_to_string(&mut output).unwrap();
        reader.child.wait().unwrap();
        let answer = output.strip_prefix("extract 1\n").unwrap();
        Answer {
            answer: serde_json::from_str(answer).ok(),
            took: begin.elapsed(),
        }
    }
}

fn documents() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "md"))
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

fn below(chance: &mut Chance, end: usize) -> usize {
    usize::try_from(chance.below(end as u64)).unwrap()
}

/// The reader ends by itself whatever it is given: the limit of its time on a processor sees to it.
#[test]
fn altered_files_never_hold_the_reader() {
    let mut chance = Chance::new();
    let mut broke = 0;
    let mut tried = 0;
    for (name, bytes) in documents() {
        for round in 0..6 {
            let mut altered = bytes.clone();
            if round == 0 {
                altered.truncate(below(&mut chance, bytes.len()));
            }
            for _ in 0..1 + chance.below(20) {
                let at = below(&mut chance, altered.len());
                if let Some(byte) = altered.get_mut(at) {
                    *byte = u8::try_from(chance.below(256)).unwrap();
                }
            }
            broke += usize::from(Reader::read(&name, &altered).answer.is_none());
            tried += 1;
        }
    }
    println!("{tried} altered files, {broke} broke the reader");
    assert!(broke * 4 < tried, "{broke} of {tried}");
}

#[test]
fn figures() {
    if std::env::var_os("READ_FIGURES").is_none() {
        return;
    }
    const ROUNDS: u32 = 20;
    println!(
        "{:32} {:>8} {:>10} {:>9} {:>9}",
        "file", "KB", "text, KB", "files/s", "MB/s"
    );
    for (name, bytes) in documents() {
        let mut took = Duration::ZERO;
        let mut text = 0;
        for _ in 0..ROUNDS {
            let answer = Reader::read(&name, &bytes);
            took += answer.took;
            text = answer
                .answer
                .map_or(0, |answer| answer["text"].as_str().unwrap().len());
        }
        let seconds = took.as_secs_f64() / f64::from(ROUNDS);
        let size = bytes.len() as f64;
        println!(
            "{name:32} {:8.1} {:10.1} {:9.1} {:9.2}",
            size / 1e3,
            text as f64 / 1e3,
            1.0 / seconds,
            size / 1e6 / seconds
        );
    }
}
