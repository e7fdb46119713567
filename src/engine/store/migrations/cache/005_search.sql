-- The search index anew: a column for the text of attachments, and what ranks a hit. An unfinished word is looked up
-- among the words there are (`search_words`), which is faster than an index of prefixes and takes no
-- room.

DROP TRIGGER messages_deleted_indexed;
DROP TABLE search;

-- Holds folded text only (see domain::text::fold), so the tokenizer has nothing to fold.
CREATE VIRTUAL TABLE search USING fts5 (
    subject, senders, recipients, body, attachments, documents,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 0'
);

-- Memory for words of one transaction before they are written out: fewer, larger pieces to merge.
INSERT INTO search (search, rank) VALUES ('hashsize', 8388608);

CREATE VIRTUAL TABLE search_words USING fts5vocab (search, instance);

-- What ranks a hit, of which only the message counts, not the place: words with their marks
-- (see domain::text::exact_key), and the words of subject and senders.
CREATE VIRTUAL TABLE hints USING fts5 (
    words,
    content = '', contentless_delete = 1, detail = none,
    tokenize = 'unicode61 remove_diacritics 0'
);

INSERT INTO hints (hints, rank) VALUES ('hashsize', 4194304);

UPDATE messages SET indexed = 0 WHERE indexed <> 0;

CREATE TRIGGER messages_deleted_indexed AFTER DELETE ON messages WHEN OLD.indexed > 0 BEGIN
    DELETE FROM search WHERE rowid = OLD.docid;
    DELETE FROM hints WHERE rowid = OLD.docid;
END;
