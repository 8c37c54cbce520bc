-- name: events.allocate
UPDATE log_head SET seq = seq + $1 RETURNING seq

-- name: events.insert
INSERT INTO events (seq, kind, created_at, actor_id, channel_id, recipient_id, subject_id, data)
SELECT
    CAST(value ->> 0 AS BIGINT), value ->> 1, CAST(value ->> 2 AS BIGINT), value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7
FROM json_each(CAST($1 AS TEXT))

-- name: events.after
SELECT * FROM events WHERE seq > $1 ORDER BY seq LIMIT $2

-- name: events.head
SELECT seq FROM log_head

-- name: events.about
SELECT seq, data FROM events WHERE subject_id = $1 AND kind <> 'message.created'
UNION ALL
SELECT seq, data FROM events WHERE seq = (SELECT seq FROM messages WHERE id = $1)

-- name: events.redact
UPDATE events SET data = $2 WHERE seq = $1
