-- The bulk append's procedure in SQLite, which has no other kind: each row inserted into this view is a message to be
-- written with all that goes with it. Both belong to the connection that makes them. A whole batch is one statement, so
-- that the thread that takes it need not come back to the interpreter, which another thread keeps busy, in between.
-- `known` is where the log's head has to be before the row; NULL where that is certain.

-- name: batch.view [sqlite]
CREATE TEMP VIEW batch (
    seq, number, event, known, id, channel_id, author_id, author_name, author_display, content, metadata, parent_id,
    idempotency_key, platform, verified, hops, created_at, scope, body, mentions, items
) AS
SELECT
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL

-- name: batch.write [sqlite]
CREATE TEMP TRIGGER write_batch INSTEAD OF INSERT ON batch WHEN NEW.seq IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'The log has moved on.') FROM log_head WHERE seq <> NEW.known;

    SELECT RAISE(ABORT, 'The parent is not there.')
    WHERE NEW.parent_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM messages WHERE id = NEW.parent_id AND channel_id = NEW.channel_id);

    UPDATE log_head SET seq = NEW.seq;

    UPDATE channels SET last_number = NEW.number WHERE id = NEW.channel_id;

    INSERT INTO messages (
        seq, id, channel_id, number, author_id, author_name, author_display, content, metadata, parent_id,
        idempotency_key, platform, verified, hops, created_at
    )
    VALUES (
        NEW.seq, NEW.id, NEW.channel_id, NEW.number, NEW.author_id, NEW.author_name, NEW.author_display, NEW.content,
        NEW.metadata, NEW.parent_id, NEW.idempotency_key, NEW.platform, NEW.verified, NEW.hops, NEW.created_at
    );

    INSERT INTO message_words (rowid, scope, body) VALUES (NEW.seq, NEW.scope, NEW.body);

    INSERT INTO events (seq, kind, created_at, actor_id, channel_id, recipient_id, subject_id, data)
    VALUES (NEW.seq, 'message.created', NEW.created_at, NEW.author_id, NEW.channel_id, NULL, NEW.id, NEW.event);

    INSERT INTO memberships (channel_id, principal_id, joined_at, role, read_number, read_at)
    VALUES (NEW.channel_id, NEW.author_id, NEW.created_at, 'member', NEW.number, NEW.created_at)
    ON CONFLICT (channel_id, principal_id) DO UPDATE SET read_number = excluded.read_number, read_at = excluded.read_at
    WHERE memberships.read_number < excluded.read_number;
END

-- name: batch.address [sqlite]
-- Whom a message is for; most are for nobody by name, and opening lists that are not there takes its time, too.
CREATE TEMP TRIGGER address_batch INSTEAD OF INSERT ON batch WHEN NEW.mentions IS NOT NULL OR NEW.items IS NOT NULL BEGIN
    INSERT INTO mentions (id, message_id, channel_id, mentioned_id, author_id, created_at)
    SELECT value ->> 0, NEW.id, NEW.channel_id, value ->> 1, NEW.author_id, NEW.created_at FROM json_each(NEW.mentions)
    WHERE TRUE
    ON CONFLICT DO NOTHING;

    INSERT INTO inbox_items (id, principal_id, kind, created_at, message_id, channel_id, state, attempts, held)
    SELECT value ->> 0, value ->> 1, value ->> 2, NEW.created_at, NEW.id, NEW.channel_id, 'queued', 0, value ->> 3
    FROM json_each(NEW.items)
    WHERE TRUE
    ON CONFLICT DO NOTHING;
END
