//! What encryption at rest costs: the same work on a plain and on an encrypted file, in one run.
//!
//! `cargo bench --bench encryption -- [ROWS]` prints a table; the ratios are what counts, the
//! absolute figures are this machine's. SQLCipher without a key writes plain SQLite files, so both
//! sides run the same library.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

const WORDS: [&str; 24] = [
    "đề nghị",
    "báo cáo",
    "ủy ban",
    "nhân dân",
    "phường",
    "kế hoạch",
    "thực hiện",
    "chuyển đổi số",
    "thư điện tử",
    "công vụ",
    "kết quả",
    "quý",
    "cơ quan",
    "đơn vị",
    "thủ tục",
    "hành chính",
    "hồ sơ",
    "giấy mời",
    "hội nghị",
    "trực tuyến",
    "tổng hợp",
    "trước ngày",
    "văn phòng",
    "kính gửi",
];

/// A small generator with a fixed seed: both sides get the same text (xorshift64*).
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % below
    }

    fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 32);
        while text.len() < bytes {
            text.push_str(WORDS[self.next(WORDS.len())]);
            text.push(' ');
        }
        text
    }
}

struct Figures {
    insert: Duration,
    open: Duration,
    search: Duration,
    read: Duration,
    size: u64,
}

fn open(path: &Path, encrypted: bool) -> Connection {
    let connection = Connection::open(path).unwrap();
    if encrypted {
        connection
            .pragma_update(None, "key", format!("x'{}'", "5a".repeat(32)))
            .unwrap();
    }
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        .unwrap();
    connection
}

fn measure(folder: &Path, encrypted: bool, rows: usize) -> Figures {
    let path = folder.join(if encrypted {
        "encrypted.db"
    } else {
        "plain.db"
    });
    let mut connection = open(&path, encrypted);
    connection
        .execute_batch(
            "CREATE TABLE m (id INTEGER PRIMARY KEY, date INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
             CREATE VIRTUAL TABLE f USING fts5(body, content='', tokenize='unicode61');",
        )
        .unwrap();
    let mut chance = Chance(7);
    let texts: Vec<String> = (0..rows).map(|_| chance.text(1900)).collect();

    let begun = Instant::now();
    for (batch, texts) in texts.chunks(500).enumerate() {
        let transaction = connection.transaction().unwrap();
        for (within, text) in texts.iter().enumerate() {
            let id = (batch * 500 + within + 1) as i64;
            transaction
                .prepare_cached("INSERT INTO m VALUES (?1, ?1, ?2)")
                .unwrap()
                .execute(params![id, text])
                .unwrap();
            transaction
                .prepare_cached("INSERT INTO f (rowid, body) VALUES (?1, ?2)")
                .unwrap()
                .execute(params![id, text])
                .unwrap();
        }
        transaction.commit().unwrap();
    }
    let insert = begun.elapsed();
    drop(connection);

    let begun = Instant::now();
    let connection = open(&path, encrypted);
    let newest = "SELECT id FROM m ORDER BY id DESC LIMIT 100";
    assert_eq!(count(&connection, newest), rows.min(100));
    let open = begun.elapsed();

    let begun = Instant::now();
    let mut found = 0;
    for turn in 0..200 {
        let (a, b) = (
            WORDS[turn % WORDS.len()],
            WORDS[(turn * 7 + 3) % WORDS.len()],
        );
        let query = format!(
            "SELECT rowid FROM f WHERE f MATCH '\"{a}\" \"{b}\"' ORDER BY rowid DESC LIMIT 50"
        );
        found += count(&connection, &query);
    }
    assert!(found > 0);
    let search = begun.elapsed() / 200;

    let begun = Instant::now();
    let mut statement = connection
        .prepare("SELECT body FROM m WHERE id = ?1")
        .unwrap();
    for _ in 0..2000 {
        let id = chance.next(rows) as i64 + 1;
        let body: String = statement.query_row([id], |row| row.get(0)).unwrap();
        assert!(body.len() >= 1900);
    }
    let read = begun.elapsed() / 2000;
    drop(statement);
    drop(connection);
    Figures {
        insert,
        open,
        search,
        read,
        size: std::fs::metadata(&path).unwrap().len(),
    }
}

fn count(connection: &Connection, query: &str) -> usize {
    let mut statement = connection.prepare(query).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    rows.filter(Result::is_ok).count()
}

fn main() {
    let rows = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(50_000);
    let folder = tempfile::tempdir().unwrap();
    let plain = measure(folder.path(), false, rows);
    let encrypted = measure(folder.path(), true, rows);
    println!("{rows} rows of 1.9 KB with a full-text index; encrypted / plain");
    let line = |what: &str, plain: Duration, encrypted: Duration| {
        let ratio = encrypted.as_secs_f64() / plain.as_secs_f64();
        println!("{what:<28} {plain:>12.2?} {encrypted:>12.2?} {ratio:>6.2} ×");
    };
    println!("{:<28} {:>12} {:>12}", "", "plain", "encrypted");
    line("insert and index, all", plain.insert, encrypted.insert);
    line("open, newest 100", plain.open, encrypted.open);
    line("two-word search, newest 50", plain.search, encrypted.search);
    line("one body at random", plain.read, encrypted.read);
    println!(
        "{:<28} {:>9} MB {:>9} MB",
        "file",
        plain.size >> 20,
        encrypted.size >> 20
    );
}
