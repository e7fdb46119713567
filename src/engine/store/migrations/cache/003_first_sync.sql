-- A first sync puts in thousands of rows, newest first. A trigger at each would cost as much as the
-- row: whoever inserts rows counts them (arrivals.rs). Indexes that run from new to old are appended to.

DROP TRIGGER messages_inserted;

-- Rows without a UID too: when a folder goes, its messages are found by this.
DROP INDEX messages_uid;
CREATE UNIQUE INDEX messages_uid ON messages (folder, uid DESC);

DROP INDEX messages_unindexed;
CREATE INDEX messages_unindexed ON messages (docid DESC) WHERE indexed = 0;
