-- name: principals.save
INSERT INTO principals (id, kind, name, role, created_at, display_name, active, last_seen_at, status, bot)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, role = excluded.role, display_name = excluded.display_name, active = excluded.active,
    last_seen_at = excluded.last_seen_at, status = excluded.status, bot = excluded.bot

-- name: principals.get
SELECT * FROM principals WHERE id = $1

-- name: principals.by_name
SELECT * FROM principals WHERE name = $1

-- name: principals.by_names
SELECT * FROM principals WHERE name IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))

-- name: principals.by_ids
SELECT * FROM principals WHERE id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))

-- name: principals.all
SELECT * FROM principals ORDER BY name

-- name: principals.seen
UPDATE principals SET last_seen_at = $2
WHERE id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT))) AND (last_seen_at IS NULL OR last_seen_at < $2)

-- name: principals.set_status
UPDATE principals SET
    status = $2,
    last_seen_at = CASE WHEN last_seen_at > $3 THEN last_seen_at ELSE $3 END
WHERE id = $1
