-- name: relay.save_link
INSERT INTO relay_links (id, channel_id, platform, workspace, remote_channel, created_at, direction, paused, watermark)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE SET direction = excluded.direction, paused = excluded.paused

-- name: relay.delete_link
DELETE FROM relay_links WHERE id = $1

-- name: relay.delete_received
DELETE FROM relay_inbox WHERE link_id = $1

-- name: relay.links
SELECT * FROM relay_links ORDER BY created_at, id

-- name: relay.receive
INSERT INTO relay_inbox (link_id, event_key, order_key, payload, received_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (link_id, event_key) DO NOTHING

-- name: relay.waiting
SELECT * FROM relay_inbox
WHERE link_id = $1 AND processed_at IS NULL
ORDER BY order_key, event_key LIMIT $2

-- name: relay.processed
UPDATE relay_inbox SET processed_at = $3, error = $4, payload = '' WHERE link_id = $1 AND event_key = $2

-- name: relay.move_watermark
UPDATE relay_links SET watermark = $2 WHERE id = $1 AND (watermark IS NULL OR watermark < $2)

-- name: relay.retry_later
UPDATE relay_inbox SET attempts = attempts + 1 WHERE link_id = $1 AND event_key = $2

-- name: relay.queue
INSERT INTO relay_outbox (link_id, seq, number, message_id, content, changed_at, state)
SELECT links.id, CAST($2 AS BIGINT), CAST($3 AS INTEGER), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT),
    'pending'
FROM relay_links AS links WHERE links.id = $1
ON CONFLICT (link_id, seq, number) DO NOTHING

-- name: relay.move_cursor
UPDATE relay_cursor SET seq = $1 WHERE id = 1

-- name: relay.cursor
SELECT seq FROM relay_cursor WHERE id = 1

-- name: relay.next_part
SELECT * FROM relay_outbox
WHERE link_id = $1 AND state IN ('pending', 'sending')
ORDER BY seq, number LIMIT 1

-- name: relay.save_part
UPDATE relay_outbox
SET state = $4, attempts = $5, sent_after = $6, remote_id = $7, error = $8, changed_at = $9
WHERE link_id = $1 AND seq = $2 AND number = $3

-- name: relay.dead_parts
SELECT * FROM relay_outbox WHERE state = 'dead' ORDER BY seq DESC, number DESC LIMIT $1

-- name: relay.prune_inbox
DELETE FROM relay_inbox WHERE (link_id, event_key) IN (
    SELECT link_id, event_key FROM relay_inbox WHERE processed_at < $1 ORDER BY processed_at LIMIT $2
)

-- name: relay.prune_outbox
DELETE FROM relay_outbox WHERE (link_id, seq, number) IN (
    SELECT link_id, seq, number FROM relay_outbox
    WHERE state = 'sent' AND changed_at < $1 ORDER BY changed_at LIMIT $2
)

-- name: relay.add_pair
INSERT INTO relay_pairs (link_id, remote_id, message_id, number, inbound, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (link_id, remote_id) DO NOTHING

-- name: relay.pair_of_remote
SELECT * FROM relay_pairs WHERE link_id = $1 AND remote_id = $2

-- name: relay.pairs_of_message
SELECT * FROM relay_pairs WHERE link_id = $1 AND message_id = $2 ORDER BY number

-- name: relay.newest_remote
SELECT remote_id FROM relay_pairs WHERE link_id = $1 ORDER BY remote_id DESC LIMIT 1

-- name: relay.save_identity
INSERT INTO relay_identities (platform, workspace, remote_user, principal_id, display_name, avatar_url)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (platform, workspace, remote_user)
DO UPDATE SET principal_id = excluded.principal_id, display_name = excluded.display_name,
    avatar_url = excluded.avatar_url

-- name: relay.identity
SELECT * FROM relay_identities WHERE platform = $1 AND workspace = $2 AND remote_user = $3

-- name: relay.identities
SELECT * FROM relay_identities ORDER BY platform, workspace, remote_user
