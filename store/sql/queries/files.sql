-- name: files.insert
INSERT INTO files (id, channel_id, uploader_id, name, path, size, sha256, content_type, created_at, message_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (path) DO NOTHING

-- name: files.by_path
SELECT * FROM files WHERE path = $1

-- name: files.in_channel
SELECT * FROM files WHERE channel_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2

-- name: files.attach
UPDATE files SET message_id = $2 WHERE id = $1
