-- name: inbox.add
INSERT INTO inbox_items
    (
        id, principal_id, kind, created_at, message_id, task_id, channel_id, state, attempts, delivered_at, acked_at, held
    )
SELECT
    value ->> 0, value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, CAST(value ->> 8 AS BIGINT), CAST(value ->> 9 AS BIGINT), CAST(value ->> 10 AS BIGINT),
    value ->> 11
FROM json_each(CAST($1 AS TEXT))
WHERE TRUE
ON CONFLICT DO NOTHING

-- name: inbox.get
SELECT * FROM inbox_items WHERE id = $1

-- name: inbox.held
SELECT i.*, COALESCE(m.author_id, t.created_by) AS sender_id
FROM inbox_items i LEFT JOIN messages m ON m.id = i.message_id LEFT JOIN tasks t ON t.id = i.task_id
WHERE i.held IS NOT NULL AND (i.created_at > $2 OR (i.created_at = $2 AND i.id > $3))
ORDER BY i.created_at, i.id LIMIT $1

-- name: inbox.release
UPDATE inbox_items SET held = NULL
WHERE held IS NOT NULL AND id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))
RETURNING *

-- name: inbox.take
UPDATE inbox_items SET state = 'delivered', delivered_at = $3, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM inbox_items
    WHERE principal_id = $1 AND state <> 'acked' AND held IS NULL AND (state = 'queued' OR delivered_at < $4)
        AND (created_at, id) > ($5, $6)
    ORDER BY created_at, id LIMIT $2
)
RETURNING *

-- name: inbox.pending
SELECT * FROM inbox_items
WHERE principal_id = $1 AND state <> 'acked' AND held IS NULL AND (created_at, id) > ($3, $4)
ORDER BY created_at, id LIMIT $2

-- name: inbox.ack
UPDATE inbox_items SET state = 'acked', acked_at = $3, held = NULL
WHERE principal_id = $1 AND state <> 'acked' AND id IN (SELECT value ->> 0 FROM json_each(CAST($2 AS TEXT)))
RETURNING *

-- name: inbox.ack_messages
UPDATE inbox_items SET state = 'acked', acked_at = $3, held = NULL
WHERE principal_id = $1 AND state <> 'acked' AND message_id IN (SELECT value ->> 0 FROM json_each(CAST($2 AS TEXT)))
RETURNING *

-- name: inbox.withdraw
DELETE FROM inbox_items
WHERE message_id = $1 AND state <> 'acked' AND principal_id IN (SELECT value ->> 0 FROM json_each(CAST($2 AS TEXT)))

-- name: inbox.withdraw_task
DELETE FROM inbox_items WHERE task_id = $1

-- name: inbox.receipts
SELECT * FROM inbox_items WHERE message_id = $1 ORDER BY created_at, id
