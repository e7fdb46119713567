-- Messages others refer to, whether they are here or not, and the conversation they belong to: what
-- joins a conversation whose messages come in any order and some of which never come.
CREATE TABLE links (
    id           TEXT NOT NULL PRIMARY KEY,
    conversation TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX links_conversation ON links (conversation);

-- Most messages stand alone and are found by their Message-ID.
CREATE INDEX messages_answers ON messages (conversation) WHERE conversation <> message_id;
