-- The bulk append. One statement looks, one writes, however many drafts a batch has.

-- name: append.all [part]
-- That channel and author are there is seen to by the foreign keys of the membership that the author has after it.
-- A row that names what is `known` to be the log's head divides by zero when it is elsewhere.
WITH
sent AS MATERIALIZED (
    SELECT
        value, CAST(value ->> 0 AS BIGINT) AS seq, CAST(value ->> 1 AS BIGINT) AS number,
        CAST(value ->> 3 AS BIGINT) AS known, value ->> 4 AS id, value ->> 5 AS channel_id, value ->> 6 AS author_id,
        CAST(value ->> 16 AS BIGINT) AS created_at
    FROM json_each($1)
),
head AS (
    UPDATE log_head SET seq = (
        SELECT MAX(sent.seq) / CAST(COALESCE(MAX(known), log_head.seq) = log_head.seq AS INTEGER) FROM sent
    )
),
numbers AS (
    UPDATE channels SET last_number = used.number
    FROM (SELECT channel_id, MAX(number) AS number FROM sent GROUP BY channel_id) AS used
    WHERE channels.id = used.channel_id
),
written AS (
    INSERT INTO messages (
        seq, id, channel_id, number, author_id, author_name, author_display, content, metadata, parent_id,
        idempotency_key, platform, verified, hops, created_at
    )
    SELECT
        seq, id, channel_id, number, author_id, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11,
        value ->> 12, value ->> 13, CAST(value ->> 14 AS BOOLEAN), CAST(value ->> 15 AS BIGINT), created_at
    FROM sent
),
indexed AS (
    INSERT INTO message_words (seq, words)
    SELECT seq, to_tsvector('airchat.airchat', value ->> 18) || array_to_tsvector(string_to_array(value ->> 17, ' ')) FROM sent
),
joined AS (
    INSERT INTO memberships (channel_id, principal_id, joined_at, role, read_number, read_at)
    SELECT channel_id, author_id, MAX(created_at), 'member', MAX(number), MAX(created_at) FROM sent
    GROUP BY channel_id, author_id
    ON CONFLICT (channel_id, principal_id) DO UPDATE SET read_number = excluded.read_number, read_at = excluded.read_at
    WHERE memberships.read_number < excluded.read_number
),
mentioned AS (
    INSERT INTO mentions (id, message_id, channel_id, mentioned_id, author_id, created_at)
    SELECT each.value ->> 0, sent.id, sent.channel_id, each.value ->> 1, sent.author_id, sent.created_at
    FROM sent CROSS JOIN json_each(sent.value ->> 19) AS each
    ON CONFLICT DO NOTHING
),
queued AS (
    INSERT INTO inbox_items (id, principal_id, kind, created_at, message_id, channel_id, state, attempts, held)
    SELECT
        each.value ->> 0, each.value ->> 1, each.value ->> 2, sent.created_at, sent.id, sent.channel_id, 'queued', 0,
        each.value ->> 3
    FROM sent CROSS JOIN json_each(sent.value ->> 20) AS each
    ON CONFLICT DO NOTHING
),
told AS (
    INSERT INTO events (seq, kind, created_at, actor_id, channel_id, recipient_id, subject_id, data)
    SELECT seq, 'message.created', created_at, author_id, channel_id, NULL, id, value ->> 2 FROM sent
)

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
INSERT INTO batch (
    seq, number, event, known, id, channel_id, author_id, author_name, author_display, content, metadata, parent_id,
    idempotency_key, platform, verified, hops, created_at, scope, body, mentions, items
)
VALUES

-- name: append.write [postgres]
{append.all}
SELECT 1

-- name: append.alone [postgres]
-- All of a transaction in one statement: what `log.notify` says goes with it.
{append.all}
SELECT pg_notify('airchat_log', $2)
