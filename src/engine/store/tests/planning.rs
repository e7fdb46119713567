//! Statements that run at every key press, scroll or sync use an index, and sort nothing. That no
//! statement at all reads a large table whole is seen to in `observing`.

use super::super::{
    arrivals, bodies, extracts, opqueue, outbox, people, rows, search, shedding, sorting, threads,
};
use super::*;

fn plan(c: &rusqlite::Connection, sql: &str) -> Vec<String> {
    observing::plan(c, sql).unwrap()
}

/// A line that reads a whole table or sorts.
fn is_costly(line: &str) -> bool {
    observing::scanned(line).is_some() || line.contains("TEMP B-TREE FOR ORDER BY")
}

#[test]
fn hot_statements_of_the_cache_use_indexes() {
    let mail = Mailbox::new();
    mail.deliver(&(1..=50).collect::<Vec<_>>());
    let searches = [
        "từ:an đề nghị -họp",
        "is:unread",
        "-họp tháng 8/2026",
        "trong:x \"đề nghị\" hoặc gắn cờ",
    ];
    let mut statements: Vec<String> = searches
        .iter()
        .map(|typed| query::parse(typed, date(2026, 11, 23), Typing::Finished))
        .flat_map(|query| search::statements(&query, &|_| NOW))
        .collect();
    statements.extend(threads::RENAME.map(str::to_owned));
    statements.extend([
        format!("SELECT {} {}", rows::COLUMNS, rows::AFTER),
        rows::SINCE.to_owned(),
        rows::UNREAD_SINCE.to_owned(),
        bodies::MISSING.to_owned(),
        bodies::EXCERPTS.to_owned(),
        search::UNINDEXED.to_owned(),
        extracts::UNREAD.to_owned(),
        extracts::REREAD.to_owned(),
        extracts::TEXTS.to_owned(),
        arrivals::AWAITS.to_owned(),
        threads::LINKED.to_owned(),
        threads::HERE.to_owned(),
        format!("{} {}", opqueue::PENDING, opqueue::OF_ACCOUNT),
        format!("{} {}", opqueue::PENDING, opqueue::OF_ID),
        people::CANDIDATES.to_owned(),
        sorting::UNSORTED.to_owned(),
        shedding::SHEDDABLE.to_owned(),
        arrivals::LOCAL_UIDS.to_owned(),
        arrivals::COUNT_LOCAL.to_owned(),
        arrivals::HOMELESS.to_owned(),
        arrivals::BY_UID.to_owned(),
        "SELECT max(docid) FROM messages WHERE docid >= ?1 AND docid < ?2".to_owned(),
        "SELECT id FROM ops WHERE message = ?1 AND state <> 2 ORDER BY id".to_owned(),
        "DELETE FROM messages WHERE id IN (SELECT message FROM ops WHERE folder = ?1 AND uid = ?2)"
            .to_owned(),
    ]);
    // Along an order the page alone, of a few rows, is scanned and sorted once more.
    let pages = Store::page_statements();
    let pages = pages.into_iter().map(|sql| match sql.split_once(") p") {
        Some((page, _)) => page
            .trim_start()
            .split_once('(')
            .map_or_else(String::new, |(_, p)| p.into()),
        None => sql,
    });
    let statements = statements.into_iter().chain(pages);
    let statements: Vec<String> = statements.collect();
    mail.store
        .read(|c| {
            for sql in &statements {
                let lines = plan(c, sql);
                assert!(!lines.is_empty());
                // "is:unread" walks the messages newest first, along an index.
                let costly: Vec<_> = lines.iter().filter(|line| is_costly(line)).collect();
                assert!(costly.is_empty(), "{sql}\n{lines:#?}");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_outbox_finds_what_is_due_by_its_index() {
    let mail = Mailbox::new();
    mail.store
        .read_own(|c| {
            let lines = plan(c, outbox::NEXT_DUE);
            assert!(
                lines.iter().any(|line| line.contains("outbox_due")),
                "{lines:#?}"
            );
            assert!(!lines.iter().any(|line| is_costly(line)), "{lines:#?}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_check_itself_notices_scans() {
    let mail = Mailbox::new();
    mail.store
        .read(|c| {
            for sql in [
                "SELECT * FROM messages WHERE size = ?1",
                "SELECT * FROM ops ORDER BY uid",
            ] {
                assert!(plan(c, sql).iter().any(|line| is_costly(line)), "{sql}");
            }
            Ok(())
        })
        .unwrap();
}
