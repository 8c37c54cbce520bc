-- The bulk append's procedure in SQLite, which has no other kind: a row inserted into this view is a batch to be written.
-- Both belong to the connection that makes them. All is done in one step, so that the thread that takes it need not
-- come back to the interpreter, which another thread keeps busy, in between. `known` is where the log's head has to be;
-- NULL where the transaction has looked.

-- name: batch.view [sqlite]
CREATE TEMP VIEW batch (head, numbers, messages, events, memberships, mentions, items, known) AS
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL

-- name: batch.trigger [sqlite]
CREATE TEMP TRIGGER write_batch INSTEAD OF INSERT ON batch BEGIN
    SELECT RAISE(ABORT, 'The log has moved on.') FROM log_head WHERE seq <> NEW.known;

    UPDATE log_head SET seq = NEW.head;

    UPDATE channels SET last_number = used.value ->> 1 FROM json_each(NEW.numbers) AS used
    WHERE channels.id = used.value ->> 0;

    INSERT INTO messages (
        seq, id, channel_id, number, author_id, author_name, author_display, content, metadata, parent_id,
        idempotency_key, platform, verified, hops, created_at
    )
    SELECT
        value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
        value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14
    FROM json_each(NEW.messages);

    INSERT INTO message_words (rowid, scope, body)
    SELECT value ->> 0, value ->> 15, value ->> 16 FROM json_each(NEW.messages);

    INSERT INTO events (seq, kind, created_at, actor_id, channel_id, recipient_id, subject_id, data)
    SELECT
        value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
    FROM json_each(NEW.events);

    INSERT INTO memberships (channel_id, principal_id, joined_at, role, read_number, read_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, 'member', value ->> 3, value ->> 2
    FROM json_each(NEW.memberships)
    WHERE TRUE
    ON CONFLICT (channel_id, principal_id) DO UPDATE SET read_number = excluded.read_number, read_at = excluded.read_at
    WHERE memberships.read_number < excluded.read_number;

    INSERT INTO mentions (id, message_id, channel_id, mentioned_id, author_id, created_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
    FROM json_each(NEW.mentions)
    WHERE TRUE
    ON CONFLICT DO NOTHING;

    INSERT INTO inbox_items (id, principal_id, kind, created_at, message_id, channel_id, state, attempts)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 'queued', 0
    FROM json_each(NEW.items)
    WHERE TRUE
    ON CONFLICT DO NOTHING;
END

-- name: batch.alone [sqlite]
-- Fails if the log's head is not $8.
INSERT INTO batch (head, numbers, messages, events, memberships, mentions, items, known)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
