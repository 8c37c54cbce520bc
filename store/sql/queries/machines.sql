-- name: machines.save
INSERT INTO machines (id, name, public_key, created_at, active) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET public_key = excluded.public_key, active = excluded.active

-- name: machines.by_name
SELECT * FROM machines WHERE name = $1

-- name: machines.all
SELECT * FROM machines ORDER BY name

-- name: machines.add_invite
INSERT INTO invites (id, code_hash, created_by, created_at, expires_at, machine_name, used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: machines.invite
SELECT * FROM invites WHERE code_hash = $1

-- name: machines.use_invite
UPDATE invites SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2
RETURNING *

-- name: machines.forget_invites
DELETE FROM invites WHERE expires_at < $1
