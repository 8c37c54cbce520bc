-- name: markers.get
SELECT at FROM markers WHERE principal_id = $1 AND target = $2

-- name: markers.of
SELECT target, at FROM markers WHERE principal_id = $1

-- name: markers.move
INSERT INTO markers (principal_id, target, at) VALUES ($1, $2, $3)
ON CONFLICT (principal_id, target) DO UPDATE
SET at = CASE WHEN excluded.at > markers.at THEN excluded.at ELSE markers.at END
RETURNING at

-- name: markers.clear
DELETE FROM markers WHERE principal_id = $1
