-- What the server has, as far as we know it. All of this can be made again from the server,
-- except the rows of `ops` and what they concern.

CREATE TABLE folders (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account       INTEGER NOT NULL,
    -- As the server writes it; '' while it does not have the folder yet.
    raw_name      TEXT    NOT NULL,
    -- As shown: with what was renamed here and not there yet.
    name          TEXT    NOT NULL,
    -- Level separator of raw_name; NULL = no levels.
    delimiter     TEXT,
    -- 0 = made here, not on the server yet: there is an operation 'create' for it.
    made          INTEGER NOT NULL DEFAULT 1,
    role          TEXT,
    selectable    INTEGER NOT NULL,
    uidvalidity   INTEGER,
    uidnext       INTEGER,
    highestmodseq INTEGER,
    total         INTEGER NOT NULL DEFAULT 0,
    unread        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX folders_raw_name ON folders (account, raw_name) WHERE made;
CREATE INDEX folders_account ON folders (account);

CREATE TABLE messages (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    folder          INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    -- NULL while a local move or append has not reached the server.
    uid             INTEGER,
    -- Row of the search index: grows with the date, so that "newest first" is the index's order.
    docid           INTEGER NOT NULL UNIQUE,
    message_id      TEXT    NOT NULL,
    conversation    TEXT    NOT NULL,
    date            INTEGER NOT NULL,
    senders         TEXT    NOT NULL,
    recipients      TEXT    NOT NULL,
    -- Cc and Bcc; empty where there are none.
    copies          TEXT    NOT NULL DEFAULT '',
    subject         TEXT    NOT NULL,
    -- What is shown: server_flags with the pending operations applied. 1 = seen, 8 = deleted.
    flags           INTEGER NOT NULL,
    server_flags    INTEGER NOT NULL,
    size            INTEGER NOT NULL,
    modseq          INTEGER,
    has_attachments INTEGER NOT NULL,
    has_invitation  INTEGER NOT NULL,
    preview         TEXT    NOT NULL DEFAULT '',
    -- 0 = not here, 1 = here, 2 = the server will not give it, 3 = here without its attachments.
    body_state      INTEGER NOT NULL DEFAULT 0,
    -- What `search` holds: 0 = nothing yet, 1 = what the header tells, 2 = the text too.
    indexed         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX messages_uid ON messages (folder, uid) WHERE uid IS NOT NULL;
CREATE INDEX messages_list ON messages (folder, date DESC, id DESC) WHERE flags & 8 = 0;
CREATE INDEX messages_unread ON messages (folder, date DESC, id DESC) WHERE flags & 9 = 0;
CREATE INDEX messages_homeless ON messages (folder, message_id) WHERE uid IS NULL;
CREATE INDEX messages_bodiless ON messages (folder, date DESC) WHERE body_state = 0 AND uid IS NOT NULL;
CREATE INDEX messages_excerpts ON messages (folder, date DESC) WHERE body_state = 3 AND uid IS NOT NULL;
CREATE INDEX messages_message_id ON messages (message_id);
CREATE INDEX messages_unindexed ON messages (docid) WHERE indexed = 0;

CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
    UPDATE folders
       SET total  = total  + (NEW.flags & 8 = 0),
           unread = unread + (NEW.flags & 9 = 0)
     WHERE id = NEW.folder;
END;

CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    UPDATE folders
       SET total  = total  - (OLD.flags & 8 = 0),
           unread = unread - (OLD.flags & 9 = 0)
     WHERE id = OLD.folder;
END;

CREATE TRIGGER messages_deleted_indexed AFTER DELETE ON messages WHEN OLD.indexed > 0 BEGIN
    DELETE FROM search WHERE rowid = OLD.docid;
END;

CREATE TRIGGER messages_updated AFTER UPDATE OF folder, flags ON messages
WHEN OLD.folder <> NEW.folder OR OLD.flags <> NEW.flags BEGIN
    UPDATE folders
       SET total  = total  - (OLD.flags & 8 = 0),
           unread = unread - (OLD.flags & 9 = 0)
     WHERE id = OLD.folder;
    UPDATE folders
       SET total  = total  + (NEW.flags & 8 = 0),
           unread = unread + (NEW.flags & 9 = 0)
     WHERE id = NEW.folder;
END;

-- Compressed (zlib). The readable text stands before the raw message: reading a column walks over
-- the ones before it.
CREATE TABLE bodies (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    text    BLOB NOT NULL,
    raw     BLOB NOT NULL
) STRICT;

-- Holds folded text only (see domain::text::fold), so the tokenizer has nothing to fold.
CREATE VIRTUAL TABLE search USING fts5 (
    subject, senders, recipients, body, attachments,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 0',
    prefix = '2'
);

-- Memory for words of one transaction before they are written out: fewer, larger pieces to merge.
INSERT INTO search (search, rank) VALUES ('hashsize', 8388608);

CREATE TABLE ops (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account      INTEGER NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('flag', 'move', 'expunge', 'append',
                                                  'create', 'rename', 'delete')),
    message      INTEGER REFERENCES messages (id) ON DELETE CASCADE,
    -- move: where the server has it; append: where it goes; create, rename, delete: the folder.
    folder       INTEGER REFERENCES folders (id) ON DELETE CASCADE,
    -- move: where it goes; create: the folder it lies in, NULL = the top.
    target       INTEGER REFERENCES folders (id) ON DELETE CASCADE,
    -- move: its UID in `folder`; NULL while the server has not told it.
    uid          INTEGER,
    add_flags    INTEGER NOT NULL DEFAULT 0,
    remove_flags INTEGER NOT NULL DEFAULT 0,
    message_id   TEXT    NOT NULL DEFAULT '',
    blob         INTEGER,
    -- create, rename: the last level of the name as shown; rename: what it was before.
    leaf         TEXT    NOT NULL DEFAULT '',
    was          TEXT    NOT NULL DEFAULT '',
    -- Not before this time (seconds), so that it can be taken back; NULL = at once.
    due          INTEGER,
    -- 0 = waits, 1 = handed to a worker: must not be changed any more, 2 = failed for good.
    state        INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0,
    detail       TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX ops_account ON ops (account, id);
CREATE INDEX ops_message ON ops (message, id);
CREATE INDEX ops_folder ON ops (folder, uid);
CREATE INDEX ops_target ON ops (target);

-- Everybody whose address was seen, for completion.
CREATE TABLE people (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT    NOT NULL UNIQUE,
    name    TEXT    NOT NULL,
    written INTEGER NOT NULL DEFAULT 0,
    seen    INTEGER NOT NULL DEFAULT 0,
    last    INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a person is found by: folded words of the name, its initials, the address.
CREATE TABLE people_keys (
    key    TEXT    NOT NULL,
    person INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (key, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX people_keys_person ON people_keys (person);
