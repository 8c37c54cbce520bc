-- Pages of the log. A page over several channels takes from each no more than its own newest or oldest $2 rows.
-- Where `seq` or number tells the order, `+` keeps the index by time out of it.
-- Postgres asks every channel in its turn (LATERAL), which SQLite does not know.

-- name: history.positions [sqlite]
-- For every (channel, seq) the number of the last message up to `seq`: numbers are dense and rise with `seq`.
WITH RECURSIVE halved AS (
    SELECT w.value ->> 0 AS channel_id, CAST(w.value ->> 1 AS BIGINT) AS seq, CAST(0 AS BIGINT) AS low,
        c.last_number + 1 AS high
    FROM json_each(CAST($1 AS TEXT)) w JOIN channels c ON c.id = w.value ->> 0
    UNION ALL
    SELECT h.channel_id, h.seq,
        CASE WHEN m.seq <= h.seq THEN m.number ELSE h.low END, CASE WHEN m.seq <= h.seq THEN h.high ELSE m.number END
    FROM halved h JOIN messages m ON m.channel_id = h.channel_id AND m.number = (h.low + h.high) / 2
    WHERE h.high - h.low > 1
)
SELECT channel_id, seq, low AS number FROM halved WHERE high - low = 1

-- name: history.positions [postgres]
WITH RECURSIVE halved AS (
    SELECT w.value ->> 0 AS channel_id, CAST(w.value ->> 1 AS BIGINT) AS seq, CAST(0 AS BIGINT) AS low,
        c.last_number + 1 AS high
    FROM json_each(CAST($1 AS TEXT)) w JOIN channels c ON c.id = w.value ->> 0
    UNION ALL
    SELECT h.channel_id, h.seq,
        CASE WHEN m.seq <= h.seq THEN m.number ELSE h.low END, CASE WHEN m.seq <= h.seq THEN h.high ELSE m.number END
    FROM halved h CROSS JOIN LATERAL (
        SELECT n.seq, n.number FROM messages n
        WHERE n.channel_id = h.channel_id AND n.number = (h.low + h.high) / 2 LIMIT 1
    ) m
    WHERE h.high - h.low > 1
)
SELECT channel_id, seq, low AS number FROM halved WHERE high - low = 1

-- name: history.newest [sqlite]
WITH w AS MATERIALIZED (
    SELECT b.*, COALESCE((
        SELECT n.number FROM messages n
        WHERE n.channel_id = b.channel_id AND n.number > b.above AND n.number < b.below
            AND n.deleted_at IS NULL AND +n.created_at >= $3 AND +n.created_at < $4
        ORDER BY n.number DESC LIMIT 1 OFFSET $2 - 1
    ), b.above + 1) AS first_number
    FROM (
        SELECT value ->> 0 AS channel_id, CAST(value ->> 1 AS BIGINT) AS above, CAST(value ->> 2 AS BIGINT) AS below
        FROM json_each(CAST($1 AS TEXT))
    ) b
)
SELECT m.* FROM w JOIN messages m ON m.channel_id = w.channel_id AND m.number >= w.first_number AND m.number < w.below
WHERE m.deleted_at IS NULL AND +m.created_at >= $3 AND +m.created_at < $4
ORDER BY m.seq DESC LIMIT $2

-- name: history.newest [postgres]
SELECT m.* FROM json_each(CAST($1 AS TEXT)) w CROSS JOIN LATERAL (
    SELECT * FROM messages n
    WHERE n.channel_id = w.value ->> 0 AND n.deleted_at IS NULL
        AND n.number > CAST(w.value ->> 1 AS BIGINT) AND n.number < CAST(w.value ->> 2 AS BIGINT)
        AND +n.created_at >= $3 AND +n.created_at < $4
    ORDER BY n.number DESC LIMIT $2
) m
ORDER BY m.seq DESC LIMIT $2

-- name: history.oldest [sqlite]
WITH w AS MATERIALIZED (
    SELECT b.*, COALESCE((
        SELECT n.number FROM messages n
        WHERE n.channel_id = b.channel_id AND n.number > b.above AND n.number < b.below
            AND n.deleted_at IS NULL AND +n.created_at >= $3 AND +n.created_at < $4
        ORDER BY n.number LIMIT 1 OFFSET $2 - 1
    ), b.below - 1) AS last_number
    FROM (
        SELECT value ->> 0 AS channel_id, CAST(value ->> 1 AS BIGINT) AS above, CAST(value ->> 2 AS BIGINT) AS below
        FROM json_each(CAST($1 AS TEXT))
    ) b
)
SELECT m.* FROM w JOIN messages m ON m.channel_id = w.channel_id AND m.number > w.above AND m.number <= w.last_number
WHERE m.deleted_at IS NULL AND +m.created_at >= $3 AND +m.created_at < $4
ORDER BY m.seq LIMIT $2

-- name: history.oldest [postgres]
SELECT m.* FROM json_each(CAST($1 AS TEXT)) w CROSS JOIN LATERAL (
    SELECT * FROM messages n
    WHERE n.channel_id = w.value ->> 0 AND n.deleted_at IS NULL
        AND n.number > CAST(w.value ->> 1 AS BIGINT) AND n.number < CAST(w.value ->> 2 AS BIGINT)
        AND +n.created_at >= $3 AND +n.created_at < $4
    ORDER BY n.number LIMIT $2
) m
ORDER BY m.seq LIMIT $2

-- name: history.newest_by_time [sqlite]
WITH w AS MATERIALIZED (
    SELECT value ->> 0 AS channel_id, COALESCE((
        SELECT n.created_at FROM messages n
        WHERE n.channel_id = value ->> 0 AND n.deleted_at IS NULL AND n.created_at >= $3 AND n.created_at < $4
        ORDER BY n.created_at DESC, n.number DESC LIMIT 1 OFFSET $2 - 1
    ), $3) AS first_at
    FROM json_each(CAST($1 AS TEXT))
)
SELECT m.* FROM w JOIN messages m ON m.channel_id = w.channel_id AND m.created_at >= w.first_at AND m.created_at < $4
WHERE m.deleted_at IS NULL
ORDER BY m.created_at DESC, m.seq DESC LIMIT $2

-- name: history.newest_by_time [postgres]
SELECT m.* FROM json_each(CAST($1 AS TEXT)) w CROSS JOIN LATERAL (
    SELECT * FROM messages n
    WHERE n.channel_id = w.value ->> 0 AND n.deleted_at IS NULL
        AND n.created_at >= $3 AND n.created_at < $4
    ORDER BY n.created_at DESC, n.number DESC LIMIT $2
) m
ORDER BY m.created_at DESC, m.seq DESC LIMIT $2

-- name: history.oldest_by_time [sqlite]
WITH w AS MATERIALIZED (
    SELECT value ->> 0 AS channel_id, COALESCE((
        SELECT n.created_at FROM messages n
        WHERE n.channel_id = value ->> 0 AND n.deleted_at IS NULL AND n.created_at >= $3 AND n.created_at < $4
        ORDER BY n.created_at, n.number LIMIT 1 OFFSET $2 - 1
    ), $4 - 1) AS last_at
    FROM json_each(CAST($1 AS TEXT))
)
SELECT m.* FROM w JOIN messages m ON m.channel_id = w.channel_id AND m.created_at >= $3 AND m.created_at <= w.last_at
WHERE m.deleted_at IS NULL
ORDER BY m.created_at, m.seq LIMIT $2

-- name: history.oldest_by_time [postgres]
SELECT m.* FROM json_each(CAST($1 AS TEXT)) w CROSS JOIN LATERAL (
    SELECT * FROM messages n
    WHERE n.channel_id = w.value ->> 0 AND n.deleted_at IS NULL
        AND n.created_at >= $3 AND n.created_at < $4
    ORDER BY n.created_at, n.number LIMIT $2
) m
ORDER BY m.created_at, m.seq LIMIT $2

-- name: history.place
SELECT channel_id, seq, created_at FROM messages WHERE id = $1

-- name: history.events_newest [sqlite]
WITH w AS MATERIALIZED (
    SELECT value ->> 0 AS channel_id, COALESCE((
        SELECT n.seq FROM events n
        WHERE n.kind <> 'message.created' AND n.recipient_id IS NULL AND n.channel_id = value ->> 0
            AND n.kind IN (SELECT k.value ->> 0 FROM json_each(CAST($7 AS TEXT)) k)
            AND n.seq > $5 AND n.seq < $6 AND +n.created_at >= $3 AND +n.created_at < $4
        ORDER BY n.seq DESC LIMIT 1 OFFSET $2 - 1
    ), $5 + 1) AS first_seq
    FROM json_each(CAST($1 AS TEXT))
)
SELECT e.* FROM w JOIN events e ON e.channel_id = w.channel_id AND e.seq >= w.first_seq AND e.seq < $6
WHERE e.kind <> 'message.created' AND e.recipient_id IS NULL AND +e.created_at >= $3 AND +e.created_at < $4
    AND e.kind IN (SELECT k.value ->> 0 FROM json_each(CAST($7 AS TEXT)) k)
ORDER BY e.seq DESC LIMIT $2

-- name: history.events_newest [postgres]
SELECT m.* FROM json_each(CAST($1 AS TEXT)) w CROSS JOIN LATERAL (
    SELECT * FROM events n
    WHERE n.channel_id = w.value ->> 0
        AND n.kind <> 'message.created' AND n.recipient_id IS NULL
        AND n.kind = ANY (ARRAY(SELECT k.value ->> 0 FROM json_each(CAST($7 AS TEXT)) k))
        AND n.seq > $5 AND n.seq < $6
        AND +n.created_at >= $3 AND +n.created_at < $4
    ORDER BY n.seq DESC LIMIT $2
) m
ORDER BY m.seq DESC LIMIT $2

-- name: history.events_oldest [sqlite]
WITH w AS MATERIALIZED (
    SELECT value ->> 0 AS channel_id, COALESCE((
        SELECT n.seq FROM events n
        WHERE n.kind <> 'message.created' AND n.recipient_id IS NULL AND n.channel_id = value ->> 0
            AND n.kind IN (SELECT k.value ->> 0 FROM json_each(CAST($7 AS TEXT)) k)
            AND n.seq > $5 AND n.seq < $6 AND +n.created_at >= $3 AND +n.created_at < $4
        ORDER BY n.seq LIMIT 1 OFFSET $2 - 1
    ), $6 - 1) AS last_seq
    FROM json_each(CAST($1 AS TEXT))
)
SELECT e.* FROM w JOIN events e ON e.channel_id = w.channel_id AND e.seq > $5 AND e.seq <= w.last_seq
WHERE e.kind <> 'message.created' AND e.recipient_id IS NULL AND +e.created_at >= $3 AND +e.created_at < $4
    AND e.kind IN (SELECT k.value ->> 0 FROM json_each(CAST($7 AS TEXT)) k)
ORDER BY e.seq LIMIT $2

-- name: history.events_oldest [postgres]
SELECT m.* FROM json_each(CAST($1 AS TEXT)) w CROSS JOIN LATERAL (
    SELECT * FROM events n
    WHERE n.channel_id = w.value ->> 0
        AND n.kind <> 'message.created' AND n.recipient_id IS NULL
        AND n.kind = ANY (ARRAY(SELECT k.value ->> 0 FROM json_each(CAST($7 AS TEXT)) k))
        AND n.seq > $5 AND n.seq < $6
        AND +n.created_at >= $3 AND +n.created_at < $4
    ORDER BY n.seq LIMIT $2
) m
ORDER BY m.seq LIMIT $2

-- name: history.events_newest_by_time [sqlite]
WITH w AS MATERIALIZED (
    SELECT value ->> 0 AS channel_id, COALESCE((
        SELECT n.created_at FROM events n
        WHERE n.kind <> 'message.created' AND n.recipient_id IS NULL AND n.channel_id = value ->> 0
            AND n.kind IN (SELECT k.value ->> 0 FROM json_each(CAST($5 AS TEXT)) k)
            AND n.created_at >= $3 AND n.created_at < $4
        ORDER BY n.created_at DESC, n.seq DESC LIMIT 1 OFFSET $2 - 1
    ), $3) AS first_at
    FROM json_each(CAST($1 AS TEXT))
)
SELECT e.* FROM w JOIN events e ON e.channel_id = w.channel_id AND e.created_at >= w.first_at AND e.created_at < $4
WHERE e.kind <> 'message.created' AND e.recipient_id IS NULL
    AND e.kind IN (SELECT k.value ->> 0 FROM json_each(CAST($5 AS TEXT)) k)
ORDER BY e.created_at DESC, e.seq DESC LIMIT $2

-- name: history.events_newest_by_time [postgres]
SELECT m.* FROM json_each(CAST($1 AS TEXT)) w CROSS JOIN LATERAL (
    SELECT * FROM events n
    WHERE n.channel_id = w.value ->> 0
        AND n.kind <> 'message.created' AND n.recipient_id IS NULL
        AND n.kind = ANY (ARRAY(SELECT k.value ->> 0 FROM json_each(CAST($5 AS TEXT)) k))
        AND n.created_at >= $3 AND n.created_at < $4
    ORDER BY n.created_at DESC, n.seq DESC LIMIT $2
) m
ORDER BY m.created_at DESC, m.seq DESC LIMIT $2

-- name: history.events_oldest_by_time [sqlite]
WITH w AS MATERIALIZED (
    SELECT value ->> 0 AS channel_id, COALESCE((
        SELECT n.created_at FROM events n
        WHERE n.kind <> 'message.created' AND n.recipient_id IS NULL AND n.channel_id = value ->> 0
            AND n.kind IN (SELECT k.value ->> 0 FROM json_each(CAST($5 AS TEXT)) k)
            AND n.created_at >= $3 AND n.created_at < $4
        ORDER BY n.created_at, n.seq LIMIT 1 OFFSET $2 - 1
    ), $4 - 1) AS last_at
    FROM json_each(CAST($1 AS TEXT))
)
SELECT e.* FROM w JOIN events e ON e.channel_id = w.channel_id AND e.created_at >= $3 AND e.created_at <= w.last_at
WHERE e.kind <> 'message.created' AND e.recipient_id IS NULL
    AND e.kind IN (SELECT k.value ->> 0 FROM json_each(CAST($5 AS TEXT)) k)
ORDER BY e.created_at, e.seq LIMIT $2

-- name: history.events_oldest_by_time [postgres]
SELECT m.* FROM json_each(CAST($1 AS TEXT)) w CROSS JOIN LATERAL (
    SELECT * FROM events n
    WHERE n.channel_id = w.value ->> 0
        AND n.kind <> 'message.created' AND n.recipient_id IS NULL
        AND n.kind = ANY (ARRAY(SELECT k.value ->> 0 FROM json_each(CAST($5 AS TEXT)) k))
        AND n.created_at >= $3 AND n.created_at < $4
    ORDER BY n.created_at, n.seq LIMIT $2
) m
ORDER BY m.created_at, m.seq LIMIT $2

-- name: history.latest_between
SELECT * FROM (
    SELECT c.*, (
        SELECT m.created_at FROM messages m WHERE m.channel_id = c.id AND m.deleted_at IS NULL
        ORDER BY m.created_at DESC, m.number DESC LIMIT 1
    ) AS latest_at
    FROM memberships s JOIN channels c ON c.id = s.channel_id
    WHERE s.principal_id = $1
) latest
WHERE latest_at >= $2 AND latest_at < $3
ORDER BY latest_at, id LIMIT $4
