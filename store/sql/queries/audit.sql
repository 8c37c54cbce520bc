-- name: audit.last
SELECT * FROM audit ORDER BY seq DESC LIMIT 1

-- name: audit.add
INSERT INTO audit (seq, at, actor_id, action, subject, detail, previous_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: audit.page
SELECT * FROM audit WHERE CAST($1 AS BIGINT) IS NULL OR seq < $1 ORDER BY seq DESC LIMIT $2
