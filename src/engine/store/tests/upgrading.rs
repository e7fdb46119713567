//! Files of every released version become files of today: the same schema as a fresh one, with all
//! that was in them.

use std::io::Write as _;

use rusqlite::{Connection, OpenFlags};

use super::super::database::{private_file, unlock};
use super::super::schema::{CACHE, OWN, Schema};
use super::*;

/// What the first release wrote.
const CACHE_DATA: &str = "
INSERT INTO folders (id, account, raw_name, name, delimiter, role, selectable, uidvalidity, uidnext)
VALUES (1, 1, 'INBOX', 'INBOX', '/', 'inbox', 1, 7, 3), (2, 1, 'Sent', 'Đã gửi', '/', 'sent', 1, 8, 1);
INSERT INTO messages (id, folder, uid, docid, message_id, conversation, date, senders, recipients, subject,
                      flags, server_flags, size, has_attachments, has_invitation, body_state, indexed)
VALUES (1, 1, 1, 5000, 'a@x', 'a@x', 1795392000, '[{\"name\":\"Lê Văn Bình\",\"address\":\"b@x\"}]', '[]',
        'Giấy mời họp', 1, 1, 100, 0, 0, 0, 0),
       (2, 1, 2, 6000, 'b@x', 'b@x', 1795392060, '[{\"name\":\"Trần An\",\"address\":\"a@x\"}]', '[]',
        'Kế hoạch', 0, 0, 200, 0, 0, 1, 2);
INSERT INTO search (rowid, subject, senders, recipients, body, attachments)
VALUES (6000, 'ke hoach', 'tran an a@x', '', 'noi dung', '');
INSERT INTO ops (account, kind, message, folder, uid, target) VALUES (1, 'move', 1, 1, 1, 2);
INSERT INTO people (id, address, name, seen, last) VALUES (1, 'b@x', 'Lê Văn Bình', 1, 1795392000);
INSERT INTO people_keys (key, person) VALUES ('binh', 1);
";
const OWN_DATA: &str = "
INSERT INTO accounts (id, name, address, aliases, login, imap, smtp)
VALUES (1, 'An', 'an@x', '[]', 'an', 'imaps://x:993', 'smtps://x:465');
INSERT INTO settings (name, value) VALUES ('window', '{}');
INSERT INTO looks (account, at) VALUES (1, 1795392000);
INSERT INTO blobs (id, created, bytes) VALUES (4, 1795392000, x'00ff');
";

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

fn letter() -> Vec<u8> {
    raw("b@x", "=?UTF-8?Q?K=E1=BA=BF_ho=E1=BA=A1ch?=", "nội dung")
}

/// A file as a program left it that knew the first `version` migrations and began with the first.
fn made_by(dir: &TempDir, name: &str, schema: &Schema, data: &str, version: usize) {
    let path = dir.path().join(name);
    drop(private_file(&path).unwrap());
    let c = unlock(
        &path,
        &CacheKey::new(KEY),
        OpenFlags::SQLITE_OPEN_READ_WRITE,
    )
    .unwrap();
    c.pragma_update(None, "journal_mode", "WAL").unwrap();
    for (index, script) in schema.migrations.iter().enumerate().take(version) {
        c.execute_batch(script).unwrap();
        if index == 0 {
            c.execute_batch(data).unwrap();
            if name == "cache.db" {
                let bodies = (zlib("nội dung".as_bytes()), zlib(&letter()));
                c.execute(
                    "INSERT INTO bodies (message, text, raw) VALUES (2, ?1, ?2)",
                    bodies,
                )
                .unwrap();
                // The first release counted by a trigger, later ones at the insertion.
                c.execute_batch("UPDATE folders SET total = 2, unread = 1 WHERE id = 1")
                    .unwrap();
            }
        }
    }
    c.pragma_update(None, "user_version", i64::try_from(version).unwrap())
        .unwrap();
}

/// All that makes up a schema, without white space.
fn schema_of(c: &Connection) -> Vec<String> {
    let mut statement = c
        .prepare(
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1",
        )
        .unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    let spaced = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    rows.map(|row| spaced(row.unwrap())).collect()
}

fn schemas(store: &Store) -> (Vec<String>, Vec<String>) {
    let cache = store.read(|c| Ok(schema_of(c))).unwrap();
    let own = store.read_own(|c| Ok(schema_of(c))).unwrap();
    (cache, own)
}

#[test]
fn files_of_every_release_become_those_of_today() {
    let fresh_dir = tempfile::tempdir().unwrap();
    let fresh = schemas(&open(&fresh_dir));
    let newest = CACHE.migrations.len().max(OWN.migrations.len());
    for version in 1..=newest {
        let dir = tempfile::tempdir().unwrap();
        made_by(
            &dir,
            "cache.db",
            &CACHE,
            CACHE_DATA,
            version.min(CACHE.migrations.len()),
        );
        made_by(
            &dir,
            "own.db",
            &OWN,
            OWN_DATA,
            version.min(OWN.migrations.len()),
        );
        let store = open(&dir);
        assert_eq!(schemas(&store), fresh, "from version {version}");
        holds_all(&store);
    }
}

fn holds_all(store: &Store) {
    let inbox = FolderId(1);
    let folders = store.folders(ACCOUNT).unwrap();
    assert_eq!((folders[0].total, folders[0].unread), (2, 1));
    let request = ListRequest {
        folder: inbox,
        offset: 0,
        limit: 10,
        unread_only: false,
    };
    let page = store.list(&request).unwrap();
    let subjects: Vec<_> = page.rows.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!(
        (subjects, page.total),
        (vec!["Kế hoạch", "Giấy mời họp"], 2)
    );
    assert_eq!(store.body(MessageId(2)).unwrap().unwrap(), letter());
    assert_eq!(store.pending_ops(ACCOUNT).unwrap().len(), 1);
    assert_eq!(store.people_matching("binh").unwrap().len(), 1);
    while store.index_pending(100).unwrap() > 0 {}
    for text in ["giay moi", "noi dung"] {
        let hits = ask(store, text, None, Typing::Finished);
        assert_eq!(hits.total, 1, "{text}");
    }
    assert_eq!(store.accounts().unwrap()[0].identity.address, "an@x");
    assert_eq!(store.setting("window").unwrap().as_deref(), Some("{}"));
    assert_eq!(store.blob(4).unwrap().unwrap(), [0, 255]);
}

#[test]
fn what_only_we_hold_is_on_the_disk_when_a_change_returns() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let mode =
        |c: &Connection| Ok(c.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0))?);
    let (full, normal): (i64, i64) = (2, 1);
    assert_eq!(store.write_own(mode).unwrap(), full);
    // A change made here waits in the cache for the server.
    assert_eq!(store.write_durable(mode).unwrap(), full);
    // The rest of it can be fetched again.
    assert_eq!(store.write(mode).unwrap(), normal);
}

#[test]
fn what_is_deleted_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let mode =
        |c: &Connection| Ok(c.query_row("PRAGMA secure_delete", [], |row| row.get::<_, i64>(0))?);
    let on: i64 = 1;
    assert_eq!(store.write(mode).unwrap(), on);
    assert_eq!(store.write_own(mode).unwrap(), on);
}
