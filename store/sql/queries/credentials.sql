-- name: credentials.held_by_other
SELECT 1 AS found FROM credentials
WHERE secret_hash = $1 AND principal_id <> $2 AND revoked_at IS NULL LIMIT 1

-- name: credentials.replace
UPDATE credentials SET revoked_at = $4
WHERE principal_id = $1 AND kind = $2 AND slot = $3 AND kind IN ('agent_key', 'password', 'scram')
    AND revoked_at IS NULL

-- name: credentials.add
INSERT INTO credentials
    (id, principal_id, kind, slot, scope, secret_hash, created_at, expires_at, last_used_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: credentials.authenticate [sqlite]
SELECT
    c.id, c.principal_id, c.kind, c.slot, c.scope, c.created_at, c.expires_at, c.last_used_at, c.revoked_at,
    p.kind AS p_kind, p.name AS p_name, p.role AS p_role, p.created_at AS p_created_at,
    p.display_name AS p_display_name, p.active AS p_active, p.last_seen_at AS p_last_seen_at, p.status AS p_status,
    p.bot AS p_bot, p.id AS p_id
FROM credentials c JOIN principals p ON p.id = c.principal_id
WHERE c.secret_hash = $1 AND c.kind IN ('agent_key', 'token') AND c.revoked_at IS NULL
    AND (c.expires_at IS NULL OR c.expires_at > $2)
ORDER BY c.created_at DESC LIMIT 1

-- name: credentials.authenticate [postgres]
SELECT
    c.id, c.principal_id, c.kind, c.slot, c.scope, c.created_at, c.expires_at, c.last_used_at, c.revoked_at,
    p.kind AS p_kind, p.name AS p_name, p.role AS p_role, p.created_at AS p_created_at,
    p.display_name AS p_display_name, p.active AS p_active, p.last_seen_at AS p_last_seen_at, p.status AS p_status,
    p.bot AS p_bot, p.id AS p_id
FROM credentials c JOIN principals p ON p.id = c.principal_id
WHERE c.id = credential_by_hash($1, $2)

-- name: credentials.by_certificate
SELECT
    c.id, c.principal_id, c.kind, c.slot, c.scope, c.created_at, c.expires_at, c.last_used_at, c.revoked_at,
    p.kind AS p_kind, p.name AS p_name, p.role AS p_role, p.created_at AS p_created_at,
    p.display_name AS p_display_name, p.active AS p_active, p.last_seen_at AS p_last_seen_at, p.status AS p_status,
    p.bot AS p_bot, p.id AS p_id
FROM credentials c JOIN principals p ON p.id = c.principal_id
WHERE c.secret_hash = $1 AND c.kind = 'certificate' AND c.revoked_at IS NULL
    AND (c.expires_at IS NULL OR c.expires_at > $2)
ORDER BY c.created_at DESC LIMIT 1

-- name: credentials.secret_hash
SELECT secret_hash FROM credentials
WHERE principal_id = $1 AND kind = $2 AND revoked_at IS NULL
ORDER BY created_at DESC LIMIT 1

-- name: credentials.use_login_link
UPDATE credentials SET revoked_at = $3
WHERE secret_hash = $2 AND kind = 'login_link' AND slot = $1 AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > $3)
RETURNING principal_id

-- name: credentials.of
SELECT id, principal_id, kind, slot, scope, created_at, expires_at, last_used_at, revoked_at
FROM credentials WHERE principal_id = $1 ORDER BY created_at DESC, id DESC

-- name: credentials.get
SELECT id, principal_id, kind, slot, scope, created_at, expires_at, last_used_at, revoked_at
FROM credentials WHERE id = $1

-- name: credentials.revoke
UPDATE credentials SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL

-- name: credentials.used
UPDATE credentials SET last_used_at = CAST(used.value ->> 1 AS BIGINT)
FROM json_each(CAST($1 AS TEXT)) AS used
WHERE credentials.id = used.value ->> 0 AND (last_used_at IS NULL OR last_used_at < CAST(used.value ->> 1 AS BIGINT))

-- name: credentials.forget [sqlite]
DELETE FROM credentials WHERE revoked_at < $1 OR expires_at < $1

-- name: credentials.forget [postgres]
SELECT forget_credentials($1)
