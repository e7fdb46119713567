//! Every statement that any test of the store runs is seen here, and at the end of the test asked
//! how it would be carried out: none may read a whole table that grows with the mailbox.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::types::Null;

use super::Store;

static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Tables with a row for each message, change or person.
const LARGE: [&str; 6] = [
    "messages",
    "bodies",
    "ops",
    "people",
    "people_keys",
    "sort_keys",
];

/// What is meant to read everything, and why.
const WHOLE: [(&str, &str); 13] = [
    ("/* test */", "tests count anew"),
    (
        "seen, last FROM people ORDER BY id",
        "everybody is asked for",
    ),
    ("SET indexed = 0", "the index is made anew"),
    ("SET body_state = 0, indexed = 0", "salvage"),
    ("FROM ops WHERE message IS NOT NULL", "salvage"),
    ("blob IS NOT NULL", "verify and repair"),
    ("indexed > 0", "verify and repair"),
    ("search_docsize", "verify and repair"),
    ("body_state IN (1, 3)", "verify and repair"),
    ("FROM people_keys WHERE person NOT IN", "verify and repair"),
    ("SELECT count(*) FROM", "verify"),
    ("FROM bodies b JOIN messages", "verify and repair"),
    ("SELECT message, text, raw FROM bodies", "repair"),
];

/// What is no statement of ours: set-up, and what FTS5 and triggers do within one.
const OTHER: [&str; 12] = [
    "PRAGMA",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "CREATE",
    "DROP",
    "ALTER",
    "EXPLAIN",
    "--",
    "SAVEPOINT",
    "RELEASE",
    "VACUUM",
];

/// Sees what the connection runs from now on.
pub fn observed(mut connection: Connection) -> Connection {
    let note = |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(_, sql) = event {
            let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
            seen.insert(sql.to_owned());
        }
    };
    connection
        .trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note))
        .unwrap();
    connection
}

/// The statements so far that read a whole large table, with how they do it.
pub fn scans(store: &Store) -> Vec<String> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut scans = Vec::new();
    for sql in seen.iter().filter(|sql| is_ours(sql)) {
        let lines = [
            store.read(|c| Ok(plan(c, sql))),
            store.read_own(|c| Ok(plan(c, sql))),
        ];
        // Statements of one file are none of the other's.
        for line in lines.into_iter().flatten().flatten().flatten() {
            if scanned(&line).is_some_and(|name| LARGE.contains(&table_of(sql, name))) {
                scans.push(format!("{line}: {sql}"));
            }
        }
    }
    scans
}

fn is_ours(sql: &str) -> bool {
    let sql = sql.trim_start();
    !OTHER.iter().any(|other| sql.starts_with(other))
        && !sql.contains("'main'.")
        && !sql.contains("sqlite_")
        && !WHOLE.iter().any(|(whole, _)| sql.contains(whole))
}

/// How SQLite carries a statement out.
pub fn plan(c: &Connection, sql: &str) -> Option<Vec<String>> {
    let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).ok()?;
    for index in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(index, Null).ok()?;
    }
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().ok()? {
        lines.push(row.get(3).ok()?);
    }
    Some(lines)
}

/// What a line reads from its beginning to its end.
pub fn scanned(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("SCAN ")?;
    let along = ["USING", "VIRTUAL TABLE", "CONSTANT ROW"]
        .iter()
        .any(|way| rest.contains(way));
    rest.split(' ').next().filter(|_| !along)
}

/// The table a name in a plan stands for: itself, or what it was called by in the statement.
fn table_of<'s>(sql: &'s str, name: &'s str) -> &'s str {
    let words: Vec<&str> = sql
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let called = words
        .windows(2)
        .find(|pair| pair[1] == name && LARGE.contains(&pair[0]));
    called.map_or(name, |pair| pair[0])
}

/// Whatever a test did was done along indexes.
impl Drop for Store {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let scans = scans(self);
            assert!(
                scans.is_empty(),
                "whole tables are read:\n{}",
                scans.join("\n")
            );
        }
    }
}

#[test]
fn scans_are_noticed_under_other_names_too() {
    let mail = super::Mailbox::new();
    mail.store
        .read(|c| {
            c.query_row(
                "SELECT sum(m.date) FROM messages m WHERE m.size = 12345",
                [],
                |_| Ok(()),
            )?;
            c.query_row(
                "SELECT count(*) FROM folders WHERE total = 12345",
                [],
                |_| Ok(()),
            )?;
            Ok(())
        })
        .unwrap();
    let noticed: Vec<String> = scans(&mail.store)
        .into_iter()
        .filter(|scan| scan.contains("12345"))
        .collect();
    assert_eq!(
        noticed,
        ["SCAN m: SELECT sum(m.date) FROM messages m WHERE m.size = 12345"]
    );
    SEEN.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .retain(|sql| !sql.contains("12345"));
}
