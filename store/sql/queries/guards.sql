-- name: guards.forget_nonces
DELETE FROM nonces WHERE expires_at <= $1

-- name: guards.add_nonce
INSERT INTO nonces (nonce, expires_at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING

-- name: guards.forget_hits
DELETE FROM rate_hits WHERE expires_at <= $1

-- name: guards.blocking_hit
SELECT at FROM rate_hits WHERE bucket = $1 AND key = $2 AND at > $3 ORDER BY at DESC LIMIT 1 OFFSET $4

-- name: guards.add_hit
INSERT INTO rate_hits (bucket, key, at, expires_at) VALUES ($1, $2, $3, $4)
