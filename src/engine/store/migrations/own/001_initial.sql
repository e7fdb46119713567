-- What only we hold. Every table has a numeric key, so that a damaged file can be read row by row.

CREATE TABLE accounts (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL,
    address TEXT NOT NULL,
    aliases TEXT NOT NULL,
    login   TEXT NOT NULL,
    imap    TEXT NOT NULL,
    smtp    TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    name  TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;

-- When the user had the inbox in front of him.
CREATE TABLE looks (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

CREATE INDEX looks_at ON looks (at);

CREATE TABLE blobs (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    created INTEGER NOT NULL,
    bytes   BLOB    NOT NULL
) STRICT;

CREATE TABLE drafts (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    saved     INTEGER NOT NULL,
    -- When it was thrown away; it can be taken back for a while.
    discarded INTEGER,
    draft     TEXT    NOT NULL
) STRICT;

CREATE INDEX drafts_saved ON drafts (saved) WHERE discarded IS NULL;

CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account     INTEGER NOT NULL,
    sender      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    message_id  TEXT    NOT NULL UNIQUE,
    -- held, queued, sending, sent, refused, doubtful, cancelled.
    state       TEXT    NOT NULL,
    since       INTEGER NOT NULL,
    -- Why it waits, was refused or is in doubt: the key of an error's kind.
    reason      TEXT,
    -- The server's words.
    detail      TEXT    NOT NULL DEFAULT '',
    -- While being sent: whether the final dot may have gone out.
    handed_over INTEGER NOT NULL DEFAULT 0,
    -- Whether the user has seen how it ended.
    dismissed   INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    -- When it may be tried; NULL when nothing is to be done by itself.
    due         INTEGER,
    -- The message answered or forwarded.
    source      INTEGER,
    source_kind TEXT,
    -- Whether the copy for the Sent folder is queued.
    copied      INTEGER NOT NULL DEFAULT 0,
    draft_id    INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_due ON outbox (due) WHERE state IN ('held', 'queued');
CREATE INDEX outbox_uncopied ON outbox (id) WHERE state = 'sent' AND copied = 0;
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';

-- The frozen bytes and the draft they were made of; dropped once the copy is on its way.
CREATE TABLE outbox_mail (
    outbox INTEGER PRIMARY KEY REFERENCES outbox (id) ON DELETE CASCADE,
    draft  TEXT NOT NULL,
    raw    BLOB NOT NULL
) STRICT;

CREATE TABLE outbox_recipients (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    outbox  INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    address TEXT    NOT NULL,
    state   TEXT    NOT NULL
) STRICT;

CREATE INDEX outbox_recipients_outbox ON outbox_recipients (outbox, id);
