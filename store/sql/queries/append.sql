-- The statements of the bulk append; each handles every draft of a batch.

-- name: append.channels
SELECT id, archived, last_number FROM channels WHERE id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))

-- name: append.repeats
SELECT m.* FROM json_each(CAST($1 AS TEXT)) AS sent
JOIN messages m ON m.author_id = sent.value ->> 0 AND m.idempotency_key = sent.value ->> 1

-- name: append.parents
SELECT id, channel_id FROM messages WHERE id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))

-- name: append.number
UPDATE channels SET last_number = CAST(used.value ->> 1 AS BIGINT)
FROM json_each(CAST($1 AS TEXT)) AS used WHERE channels.id = used.value ->> 0

-- name: append.messages
INSERT INTO messages (
    id, seq, channel_id, number, author_id, author_name, author_display, content, metadata, parent_id,
    idempotency_key, platform, verified, hops, created_at
)
SELECT
    value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, CAST(value ->> 12 AS BOOLEAN),
    CAST(value ->> 13 AS BIGINT), CAST(value ->> 14 AS BIGINT)
FROM json_each(CAST($1 AS TEXT))

-- name: append.memberships
INSERT INTO memberships (channel_id, principal_id, joined_at, role, read_number, read_at)
SELECT
    value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), 'member', CAST(value ->> 3 AS BIGINT),
    CAST(value ->> 2 AS BIGINT)
FROM json_each(CAST($1 AS TEXT))
WHERE TRUE
ON CONFLICT (channel_id, principal_id) DO UPDATE SET read_number = excluded.read_number, read_at = excluded.read_at
WHERE memberships.read_number < excluded.read_number
