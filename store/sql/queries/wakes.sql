-- name: wakes.add
INSERT INTO wakes (subject_id, agent_id, sender_id, channel_id, at, number, woken)
SELECT
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, CAST(value ->> 4 AS BIGINT), CAST(value ->> 5 AS BIGINT),
    CAST(value ->> 6 AS BOOLEAN)
FROM json_each(CAST($1 AS TEXT))
WHERE TRUE
ON CONFLICT (subject_id, agent_id) DO UPDATE SET at = excluded.at, woken = excluded.woken

-- name: wakes.turns
SELECT number, MAX(at) AS at, MAX(sender_id) AS sender_id FROM wakes
WHERE channel_id = $1 AND at >= $2 AND number IS NOT NULL
GROUP BY number ORDER BY number DESC LIMIT $3

-- name: wakes.between
SELECT COUNT(*) AS count FROM wakes
WHERE agent_id IN ($1, $2) AND at >= $3 AND number IS NOT NULL AND woken
    AND sender_id = CASE WHEN agent_id = $1 THEN CAST($2 AS TEXT) ELSE CAST($1 AS TEXT) END

-- name: wakes.count_agent
SELECT COUNT(*) AS count FROM wakes WHERE agent_id = $1 AND at >= $2 AND woken

-- name: wakes.count_channel
SELECT COUNT(*) AS count FROM wakes WHERE channel_id = $1 AND at >= $2 AND woken

-- name: wakes.count_sender
SELECT COUNT(*) AS count FROM wakes WHERE sender_id = $1 AND at >= $2 AND woken

-- name: wakes.spoken_since
SELECT 1 AS found FROM messages m JOIN principals p ON p.id = m.author_id
WHERE m.channel_id = $1 AND m.number > $2 AND p.kind IN ('person', 'ghost') AND NOT p.bot LIMIT 1

-- name: wakes.spoken_from
SELECT 1 AS found FROM messages m JOIN principals p ON p.id = m.author_id
WHERE m.channel_id = $1 AND m.created_at >= $2 AND p.kind IN ('person', 'ghost') AND NOT p.bot LIMIT 1

-- name: wakes.newest_for
SELECT m.id FROM mentions n JOIN messages m ON m.id = n.message_id
WHERE n.mentioned_id = $1 AND n.created_at >= $3
ORDER BY n.channel_id = $2 DESC, n.created_at DESC, m.number DESC LIMIT 1

-- name: wakes.mark
INSERT INTO guard_marks (channel_id, at) VALUES ($1, $2) ON CONFLICT (channel_id) DO UPDATE SET at = excluded.at

-- name: wakes.marked_at
SELECT at FROM guard_marks WHERE channel_id = $1

-- name: wakes.notice
INSERT INTO guard_notices (channel_id, cause, window_at) VALUES ($1, $2, $3)
ON CONFLICT (channel_id, cause) DO UPDATE SET window_at = excluded.window_at
WHERE guard_notices.window_at <> excluded.window_at

-- name: wakes.unnotice
DELETE FROM guard_notices WHERE channel_id = $1 AND cause = $2

-- name: wakes.forget
DELETE FROM wakes WHERE at < $1
