-- name: messages.get
SELECT * FROM messages WHERE id = $1

-- name: messages.by_key
SELECT * FROM messages WHERE author_id = $1 AND idempotency_key = $2

-- name: messages.newest
SELECT * FROM messages
WHERE channel_id = $1 AND deleted_at IS NULL AND created_at < COALESCE(CAST($3 AS BIGINT), 9223372036854775807)
ORDER BY created_at DESC, number DESC LIMIT $2

-- name: messages.after_number
SELECT * FROM messages
WHERE channel_id = $1 AND deleted_at IS NULL AND number > $3
ORDER BY number LIMIT $2

-- name: messages.direct_newest
WITH d AS MATERIALIZED (
    SELECT c.id, COALESCE((
        SELECT n.number FROM messages n
        WHERE n.channel_id = c.id AND n.deleted_at IS NULL
            AND n.created_at < COALESCE(CAST($3 AS BIGINT), 9223372036854775807)
        ORDER BY n.created_at DESC, n.number DESC LIMIT 1 OFFSET $2 - 1
    ), 0) AS first_number -- no channel has more to give than its newest $2
    FROM memberships s JOIN channels c ON c.id = s.channel_id AND c.type = 'direct'
    WHERE s.principal_id = $1
)
SELECT m.* FROM d JOIN messages m ON m.channel_id = d.id AND m.number >= d.first_number
WHERE m.deleted_at IS NULL AND m.created_at < COALESCE(CAST($3 AS BIGINT), 9223372036854775807)
ORDER BY m.created_at DESC, m.seq DESC LIMIT $2

-- name: messages.newest_replies
SELECT * FROM messages
WHERE parent_id = $1 AND deleted_at IS NULL AND (CAST($3 AS BIGINT) IS NULL OR number < $3)
ORDER BY number DESC LIMIT $2

-- name: messages.replies_after
SELECT * FROM messages WHERE parent_id = $1 AND deleted_at IS NULL AND number > $3 ORDER BY number LIMIT $2

-- name: messages.count_replies
SELECT COUNT(*) AS replies FROM messages
WHERE parent_id = $1 AND deleted_at IS NULL
    AND (CAST($2 AS BIGINT) IS NULL OR number < $2)
    AND (CAST($3 AS BIGINT) IS NULL OR number > $3)

-- name: messages.pinned
SELECT * FROM messages WHERE channel_id = $1 AND pinned AND deleted_at IS NULL ORDER BY number

-- name: messages.edit
UPDATE messages SET content = $2, edited_at = $3, metadata = $4 WHERE id = $1 RETURNING *

-- name: messages.keep_revision
INSERT INTO revisions (message_id, revision, content, edited_by, edited_at)
SELECT $1, 1 + count(*), $2, $3, $4 FROM revisions WHERE message_id = $1

-- name: messages.delete
UPDATE messages SET content = '', metadata = '{}', deleted_at = $2 WHERE id = $1 RETURNING *

-- name: messages.forget_revisions
DELETE FROM revisions WHERE message_id = $1

-- name: messages.set_pinned
UPDATE messages SET pinned = $2 WHERE id = $1 AND pinned <> $2

-- name: messages.set_hops
UPDATE messages SET hops = $2 WHERE id = $1

-- name: messages.revisions
SELECT * FROM revisions WHERE message_id = $1 ORDER BY revision

-- name: messages.react
INSERT INTO reactions (message_id, principal_id, principal_name, emoji, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (message_id, principal_id, emoji) DO NOTHING

-- name: messages.unreact
DELETE FROM reactions WHERE message_id = $1 AND principal_id = $2 AND emoji = $3

-- name: messages.reactions
SELECT * FROM reactions WHERE message_id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))
ORDER BY created_at, principal_id, emoji

-- name: messages.add_mentions
INSERT INTO mentions (id, message_id, channel_id, mentioned_id, author_id, created_at, read_at)
SELECT
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, CAST(value ->> 5 AS BIGINT),
    CAST(value ->> 6 AS BIGINT)
FROM json_each(CAST($1 AS TEXT))
WHERE TRUE
ON CONFLICT DO NOTHING

-- name: messages.remove_mentions
DELETE FROM mentions WHERE message_id = $1 AND mentioned_id IN (SELECT value ->> 0 FROM json_each(CAST($2 AS TEXT)))

-- name: messages.mentions_in
SELECT * FROM mentions WHERE message_id = $1 ORDER BY created_at, id

-- name: messages.mentions_of
SELECT
    m.*,
    n.id AS n_id, n.message_id AS n_message_id, n.channel_id AS n_channel_id, n.mentioned_id AS n_mentioned_id,
    n.author_id AS n_author_id, n.created_at AS n_created_at, n.read_at AS n_read_at,
    c.id AS c_id, c.name AS c_name, c.type AS c_type, c.created_at AS c_created_at, c.created_by AS c_created_by,
    c.description AS c_description, c.topic AS c_topic, c.metadata AS c_metadata, c.archived AS c_archived,
    c.last_number AS c_last_number, c.modes AS c_modes, c.topic_by AS c_topic_by, c.topic_at AS c_topic_at
FROM mentions n JOIN messages m ON m.id = n.message_id JOIN channels c ON c.id = n.channel_id
WHERE n.mentioned_id = $1 AND m.deleted_at IS NULL
    AND (NOT CAST($2 AS BOOLEAN) OR (n.read_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM inbox_items i
        WHERE i.message_id = n.message_id AND i.principal_id = n.mentioned_id AND i.held IS NOT NULL
    )))
ORDER BY n.created_at DESC, n.id DESC LIMIT $3

-- name: messages.read_mentions
UPDATE mentions SET read_at = $3
WHERE mentioned_id = $1 AND read_at IS NULL AND id IN (SELECT value ->> 0 FROM json_each(CAST($2 AS TEXT)))
RETURNING message_id
