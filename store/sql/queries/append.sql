-- The bulk append. One statement looks, one writes, however many drafts a batch has.

-- name: append.look [sqlite]
SELECT
    (SELECT seq FROM log_head) AS head,
    (
        SELECT json_group_array(json_array(id, archived, last_number)) FROM channels
        WHERE id IN (SELECT value ->> 0 FROM json_each($1))
    ) AS channels

-- name: append.look [postgres]
SELECT
    (SELECT seq FROM log_head) AS head,
    (
        SELECT CAST(json_agg(json_build_array(id, archived, last_number)) AS TEXT) FROM channels
        WHERE id IN (SELECT value ->> 0 FROM json_each($1))
    ) AS channels

-- name: append.repeats
SELECT m.* FROM json_each(CAST($1 AS TEXT)) AS sent
JOIN messages m ON m.author_id = sent.value ->> 0 AND m.idempotency_key = sent.value ->> 1

-- name: append.parents
SELECT id, channel_id FROM messages WHERE id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))

-- name: append.write [sqlite]
-- What happens then is said by the trigger in batch.sql.
INSERT INTO batch (head, numbers, messages, events, memberships, mentions, items) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: append.write [postgres]
WITH
head AS (UPDATE log_head SET seq = $1),
numbers AS (
    UPDATE channels SET last_number = CAST(used.value ->> 1 AS BIGINT)
    FROM json_each($2) AS used WHERE channels.id = used.value ->> 0
),
sent AS MATERIALIZED (SELECT value FROM json_each($3)),
written AS (
    INSERT INTO messages (
        seq, id, channel_id, number, author_id, author_name, author_display, content, metadata, parent_id,
        idempotency_key, platform, verified, hops, created_at
    )
    SELECT
        CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4, value ->> 5,
        value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, CAST(value ->> 12 AS BOOLEAN),
        CAST(value ->> 13 AS BIGINT), CAST(value ->> 14 AS BIGINT)
    FROM sent
),
indexed AS (
    INSERT INTO message_words (seq, words)
    SELECT
        CAST(value ->> 0 AS BIGINT),
        to_tsvector('airchat.airchat', value ->> 16) || to_tsvector('pg_catalog.simple', value ->> 15)
    FROM sent
),
joined AS (
    INSERT INTO memberships (channel_id, principal_id, joined_at, role, read_number, read_at)
    SELECT
        value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), 'member', CAST(value ->> 3 AS BIGINT),
        CAST(value ->> 2 AS BIGINT)
    FROM json_each($5)
    ON CONFLICT (channel_id, principal_id) DO UPDATE SET read_number = excluded.read_number, read_at = excluded.read_at
    WHERE memberships.read_number < excluded.read_number
),
mentioned AS (
    INSERT INTO mentions (id, message_id, channel_id, mentioned_id, author_id, created_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, CAST(value ->> 5 AS BIGINT)
    FROM json_each($6)
    ON CONFLICT DO NOTHING
),
queued AS (
    INSERT INTO inbox_items (id, principal_id, kind, created_at, message_id, channel_id, state, attempts)
    SELECT value ->> 0, value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4, value ->> 5, 'queued', 0
    FROM json_each($7)
    ON CONFLICT DO NOTHING
)
INSERT INTO events (seq, kind, created_at, actor_id, channel_id, recipient_id, subject_id, data)
SELECT
    CAST(value ->> 0 AS BIGINT), value ->> 1, CAST(value ->> 2 AS BIGINT), value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7
FROM json_each($4)
