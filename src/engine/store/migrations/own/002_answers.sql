-- What was answered to invitations: the last word on each event.
CREATE TABLE answers (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL,
    uid        TEXT    NOT NULL,
    -- Which time of a repeated event; '' for all.
    recurrence TEXT    NOT NULL,
    sequence   INTEGER NOT NULL,
    answer     TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    outbox     INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX answers_event ON answers (account, uid, recurrence);

-- Read receipts that were sent or declined: none goes twice.
CREATE TABLE receipts (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    -- Message-ID of what was read.
    about   TEXT    NOT NULL,
    sent    INTEGER NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX receipts_about ON receipts (account, about);
