-- Bodies by age, for a cache that is to keep within a size.
-- body_state 4 = dropped for room: fetched again when opened, not by itself.
CREATE INDEX messages_held ON messages (docid) WHERE body_state IN (1, 3);

-- SQLCipher keeps 80 bytes of each page of 4,096 to itself: pieces of the default size would take
-- two pages each.
INSERT INTO search (search, rank) VALUES ('pgsz', 3900);
INSERT INTO hints (hints, rank) VALUES ('pgsz', 3900);
