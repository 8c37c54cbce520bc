-- name: files.insert
INSERT INTO files (
    id, channel_id, uploader_id, name, path, size, sha256, content_type, created_at, message_id, idempotency_key
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING

-- name: files.by_key
SELECT * FROM files WHERE uploader_id = $1 AND idempotency_key = $2

-- name: files.known
SELECT DISTINCT sha256 FROM files WHERE sha256 IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))

-- name: files.by_path
SELECT * FROM files WHERE path = $1

-- name: files.in_channel
SELECT * FROM files WHERE channel_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2

-- name: files.attach
UPDATE files SET message_id = $2 WHERE id = $1
