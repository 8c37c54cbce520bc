-- name: metadata.all
SELECT key, value FROM metadata WHERE subject_id = $1 ORDER BY key

-- name: metadata.set
INSERT INTO metadata (subject_id, key, value) VALUES ($1, $2, $3)
ON CONFLICT (subject_id, key) DO UPDATE SET value = excluded.value WHERE metadata.value <> excluded.value

-- name: metadata.remove
DELETE FROM metadata WHERE subject_id = $1 AND key = $2

-- name: metadata.clear
DELETE FROM metadata WHERE subject_id = $1 RETURNING key
