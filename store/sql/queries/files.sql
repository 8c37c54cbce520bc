-- name: files.insert
INSERT INTO files (
    id, channel_id, uploader_id, name, path, size, sha256, content_type, created_at, message_id, idempotency_key
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING

-- name: files.by_key
SELECT * FROM files WHERE uploader_id = $1 AND idempotency_key = $2

-- name: files.known
SELECT DISTINCT sha256 FROM files WHERE sha256 IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT))) AND deleted_at IS NULL

-- name: files.by_path
SELECT * FROM files WHERE path = $1 AND deleted_at IS NULL

-- name: files.in_channel
SELECT * FROM files WHERE channel_id = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2

-- name: files.attach
UPDATE files SET message_id = $2 WHERE id = $1

-- name: files.delete_with
UPDATE files SET name = 'deleted', path = id, deleted_at = $2 WHERE message_id = $1 AND deleted_at IS NULL RETURNING *

-- name: files.delete
UPDATE files SET name = 'deleted', path = id, deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL RETURNING *

-- name: files.to_collect
SELECT DISTINCT f.sha256 FROM files f
WHERE f.deleted_at IS NOT NULL AND NOT f.collected
    AND NOT EXISTS (SELECT 1 FROM files o WHERE o.sha256 = f.sha256 AND o.deleted_at IS NULL)
LIMIT $1

-- name: files.collected
UPDATE files SET collected = TRUE
WHERE sha256 IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT))) AND deleted_at IS NOT NULL AND NOT collected
