-- name: queues.receive
INSERT INTO relay_inbox (link_id, event_key, order_key, payload, received_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (link_id, event_key) DO NOTHING

-- name: queues.waiting
SELECT * FROM relay_inbox
WHERE link_id = $1 AND processed_at IS NULL AND waits_for IS NULL
ORDER BY order_key, event_key LIMIT $2

-- name: queues.processed
UPDATE relay_inbox
SET processed_at = $3, error = $4, waits_for = NULL, payload = CASE WHEN CAST($4 AS TEXT) IS NULL THEN '' ELSE payload END
WHERE link_id = $1 AND event_key = $2

-- name: queues.move_watermark
UPDATE relay_links SET watermark = $2 WHERE id = $1 AND (watermark IS NULL OR watermark < $2)

-- name: queues.retry_later
UPDATE relay_inbox SET attempts = attempts + 1 WHERE link_id = $1 AND event_key = $2

-- name: queues.hold
UPDATE relay_inbox SET waits_for = $3 WHERE link_id = $1 AND event_key = $2

-- name: queues.release
UPDATE relay_inbox SET waits_for = NULL WHERE link_id = $1 AND waits_for = $2

-- name: queues.held_since
SELECT * FROM relay_inbox
WHERE link_id = $1 AND waits_for IS NOT NULL AND received_at < $2 AND processed_at IS NULL
ORDER BY received_at, event_key LIMIT $3

-- name: queues.plan
INSERT INTO relay_outgoing (link_id, seq, kind, subject_id, planned_at, detail, changed_at, state)
SELECT links.id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT),
    CAST($5 AS BIGINT), 'pending'
FROM relay_links AS links WHERE links.id = $1
ON CONFLICT (link_id, seq) DO NOTHING

-- name: queues.move_cursor
UPDATE relay_cursor SET seq = $1 WHERE id = 1

-- name: queues.cursor
SELECT seq FROM relay_cursor WHERE id = 1

-- name: queues.due
SELECT * FROM relay_outgoing
WHERE link_id = $1 AND state IN ('pending', 'sending')
ORDER BY seq LIMIT $2

-- name: queues.sending
SELECT * FROM relay_outgoing WHERE link_id = $1 AND state = 'sending' ORDER BY seq

-- name: queues.save_outgoing
UPDATE relay_outgoing
SET state = $3, number = $4, content = $5, attempts = $6, attempted_at = $7, sent_after = $8, error = $9,
    changed_at = $10
WHERE link_id = $1 AND seq = $2

-- name: queues.posted
SELECT pairs.link_id AS link_id, pairs.created_at AS at, 1 AS posts
FROM relay_links AS links CROSS JOIN relay_pairs AS pairs
WHERE pairs.link_id = links.id AND pairs.created_at >= $1 AND NOT pairs.inbound
UNION ALL
SELECT link_id, changed_at, -number FROM relay_outgoing
WHERE state = 'sent' AND changed_at >= $1 AND number < 0
UNION ALL
SELECT link_id, NULL, CASE WHEN number < 0 THEN -number ELSE 1 END FROM relay_outgoing WHERE state = 'sending'

-- name: queues.outgoing_backlogs
SELECT link_id, SUM(CASE WHEN state = 'dead' THEN 0 ELSE 1 END) AS waiting,
    SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS dead,
    MIN(CASE WHEN state = 'dead' THEN NULL ELSE planned_at END) AS oldest
FROM relay_outgoing WHERE state IN ('pending', 'sending', 'dead') GROUP BY link_id

-- name: queues.received_backlogs
SELECT link_id, SUM(CASE WHEN processed_at IS NULL THEN 1 ELSE 0 END) AS waiting,
    SUM(CASE WHEN processed_at IS NULL THEN 0 ELSE 1 END) AS dead,
    MIN(CASE WHEN processed_at IS NULL THEN received_at ELSE NULL END) AS oldest
FROM relay_inbox WHERE processed_at IS NULL OR error IS NOT NULL GROUP BY link_id

-- name: queues.dead_outgoing
SELECT * FROM relay_outgoing WHERE state = 'dead' ORDER BY seq DESC LIMIT $1

-- name: queues.dead_received
SELECT * FROM relay_inbox WHERE error IS NOT NULL ORDER BY processed_at DESC, event_key DESC LIMIT $1

-- name: queues.revive_outgoing
UPDATE relay_outgoing
SET state = CASE WHEN attempted_at IS NULL THEN 'pending' ELSE 'sending' END, error = NULL, attempts = 0, changed_at = $3
WHERE link_id = $1 AND seq = $2 AND state = 'dead'

-- name: queues.revive_received
UPDATE relay_inbox SET processed_at = NULL, error = NULL, attempts = 0
WHERE link_id = $1 AND event_key = $2 AND error IS NOT NULL

-- name: queues.prune_inbox
DELETE FROM relay_inbox WHERE (link_id, event_key) IN (
    SELECT link_id, event_key FROM relay_inbox WHERE processed_at < $1 ORDER BY processed_at LIMIT $2
)

-- name: queues.prune_outgoing
DELETE FROM relay_outgoing WHERE (link_id, seq) IN (
    SELECT link_id, seq FROM relay_outgoing
    WHERE state = 'sent' AND changed_at < $1 ORDER BY changed_at LIMIT $2
)

-- name: queues.prune_dead
DELETE FROM relay_outgoing WHERE (link_id, seq) IN (
    SELECT link_id, seq FROM relay_outgoing WHERE state = 'dead' AND changed_at < $1 ORDER BY seq LIMIT $2
)
