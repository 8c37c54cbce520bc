-- name: reservations.insert
INSERT INTO reservations (id, project, pattern, agent_id, purpose, lease_seconds, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: reservations.renew
UPDATE reservations SET lease_seconds = $2, expires_at = $3 WHERE id = $1

-- name: reservations.delete
DELETE FROM reservations WHERE id = $1

-- name: reservations.get
SELECT r.*, p.name AS agent_name FROM reservations r JOIN principals p ON p.id = r.agent_id WHERE r.id = $1

-- name: reservations.live
SELECT r.*, p.name AS agent_name FROM reservations r JOIN principals p ON p.id = r.agent_id
WHERE r.expires_at > $1 AND (CAST($3 AS TEXT) IS NULL OR r.project = $3)
ORDER BY r.created_at, r.id LIMIT $2

-- name: reservations.count_of
SELECT COUNT(*) AS count FROM reservations WHERE agent_id = $1 AND expires_at > $2

-- name: reservations.lapsed
SELECT r.*, p.name AS agent_name FROM reservations r JOIN principals p ON p.id = r.agent_id
WHERE r.expires_at <= $1 ORDER BY r.expires_at, r.id LIMIT $2
