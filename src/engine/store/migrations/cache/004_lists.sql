-- Lists that are filtered, and lists that are not sorted by date.

CREATE INDEX messages_flagged ON messages (folder, date DESC, id DESC) WHERE flags & 12 = 4;
CREATE INDEX messages_attached ON messages (folder, date DESC, id DESC)
    WHERE has_attachments = 1 AND flags & 8 = 0;

-- Made when first asked for; see sorting.rs. What sorts the other way round is negative, so that
-- one index serves an order and its reverse.
CREATE TABLE sort_keys (
    message    INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    folder     INTEGER NOT NULL,
    -- 0 = marked as deleted.
    shown      INTEGER NOT NULL,
    minus_date INTEGER NOT NULL,
    sender     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    minus_size INTEGER NOT NULL
) STRICT;

CREATE INDEX sort_keys_sender  ON sort_keys (folder, sender, minus_date)     WHERE shown = 1;
CREATE INDEX sort_keys_subject ON sort_keys (folder, subject, minus_date)    WHERE shown = 1;
CREATE INDEX sort_keys_size    ON sort_keys (folder, minus_size, minus_date) WHERE shown = 1;

CREATE TRIGGER messages_resorted AFTER UPDATE OF folder, flags, size ON messages
WHEN OLD.folder <> NEW.folder OR OLD.flags & 8 <> NEW.flags & 8 OR OLD.size <> NEW.size BEGIN
    UPDATE sort_keys SET folder = NEW.folder, shown = NEW.flags & 8 = 0, minus_size = -NEW.size
     WHERE message = NEW.id;
END;
