-- name: counterparts.add
INSERT INTO relay_pairs (link_id, remote_id, message_id, number, inbound, created_at, hash, version, gone, thread)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (link_id, remote_id) DO NOTHING

-- name: counterparts.save
UPDATE relay_pairs SET hash = $3, version = $4, gone = $5 WHERE link_id = $1 AND remote_id = $2

-- name: counterparts.of_remote
SELECT * FROM relay_pairs WHERE link_id = $1 AND remote_id = $2

-- name: counterparts.of_message
SELECT * FROM relay_pairs WHERE link_id = $1 AND message_id = $2 ORDER BY number, created_at, remote_id

-- name: counterparts.recent
SELECT * FROM relay_pairs
WHERE link_id = $1 AND created_at >= $2 AND NOT gone
ORDER BY created_at DESC, remote_id DESC LIMIT $3

-- name: counterparts.mark
INSERT INTO relay_marks (link_id, remote_id, emoji, remote_user, principal_id)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (link_id, remote_id, emoji, remote_user) DO NOTHING

-- name: counterparts.unmark
DELETE FROM relay_marks WHERE link_id = $1 AND remote_id = $2 AND emoji = $3 AND remote_user = $4

-- name: counterparts.marks
SELECT * FROM relay_marks
WHERE link_id = $1 AND remote_id IN (SELECT value ->> 0 FROM json_each(CAST($2 AS TEXT)))
ORDER BY remote_id, emoji, remote_user
