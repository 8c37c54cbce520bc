-- name: metadata.all
SELECT key, value FROM metadata WHERE subject_id = $1 ORDER BY key

-- name: metadata.of
SELECT subject_id, key, value FROM metadata
WHERE subject_id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))
AND key IN (SELECT value ->> 0 FROM json_each(CAST($2 AS TEXT)))
ORDER BY subject_id, key

-- name: metadata.set
INSERT INTO metadata (subject_id, key, value) VALUES ($1, $2, $3)
ON CONFLICT (subject_id, key) DO UPDATE SET value = excluded.value WHERE metadata.value <> excluded.value

-- name: metadata.remove
DELETE FROM metadata WHERE subject_id = $1 AND key = $2

-- name: metadata.clear
DELETE FROM metadata WHERE subject_id = $1 RETURNING key
