-- Text of attachments: read in the background, kept for showing what was found in them.

-- Whether the attachments of the message as it is here were read.
ALTER TABLE messages ADD COLUMN extracted INTEGER NOT NULL DEFAULT 0;

CREATE INDEX messages_unextracted ON messages (docid DESC)
 WHERE body_state = 1 AND has_attachments = 1 AND extracted = 0;

CREATE TABLE extracts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    message    INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    -- Its place among the message's attachments.
    attachment INTEGER NOT NULL,
    -- Of the reader: what it made nothing of is read once more by a later one.
    version    INTEGER NOT NULL,
    -- 0 = a kind that is not read, 1 = text, 2 = none in it, 3 = too large, 4 = protected,
    -- 5 = damaged, 6 = the reader failed.
    state      INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    -- Compressed (zlib).
    text       BLOB
) STRICT;

CREATE UNIQUE INDEX extracts_message ON extracts (message, attachment);
CREATE INDEX extracts_state ON extracts (state);
CREATE INDEX extracts_unread ON extracts (version, message) WHERE state <> 1;
