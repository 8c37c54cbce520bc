-- name: relay.save_link
INSERT INTO relay_links (id, channel_id, platform, workspace, remote_channel, created_at, direction, paused, watermark,
    remote_name, source, rules, reading, topic)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET direction = excluded.direction, paused = excluded.paused,
    remote_name = excluded.remote_name, source = excluded.source, rules = excluded.rules

-- name: relay.delete_link
DELETE FROM relay_links WHERE id = $1

-- name: relay.delete_received
DELETE FROM relay_inbox WHERE link_id = $1

-- name: relay.links
SELECT * FROM relay_links ORDER BY created_at, id

-- name: relay.save_reading
UPDATE relay_links SET reading = $2 WHERE id = $1

-- name: relay.save_topic
UPDATE relay_links SET topic = $2 WHERE id = $1

-- name: relay.want
INSERT INTO relay_wanted (id, channel, platform, remote, created_at, direction, rules)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: relay.unwant
DELETE FROM relay_wanted WHERE id = $1

-- name: relay.wanted
SELECT * FROM relay_wanted ORDER BY created_at, id

-- name: relay.save_state
INSERT INTO relay_states (platform, state, since, workspace, detail)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (platform) DO UPDATE SET state = excluded.state, since = excluded.since, workspace = excluded.workspace,
    detail = excluded.detail

-- name: relay.states
SELECT * FROM relay_states ORDER BY platform

-- name: relay.close
INSERT INTO relay_closed (platform, scope, since, until) VALUES ($1, $2, $3, $4)
ON CONFLICT (platform, scope) DO UPDATE SET since = excluded.since, until = excluded.until

-- name: relay.closed
SELECT * FROM relay_closed WHERE platform = $1 ORDER BY scope

-- name: relay.forget_closed
DELETE FROM relay_closed WHERE until < $1

-- name: relay.save_identity
INSERT INTO relay_identities (platform, workspace, remote_user, principal_id, display_name, avatar_url)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (platform, workspace, remote_user)
DO UPDATE SET principal_id = excluded.principal_id, display_name = excluded.display_name,
    avatar_url = excluded.avatar_url

-- name: relay.identity
SELECT * FROM relay_identities WHERE platform = $1 AND workspace = $2 AND remote_user = $3

-- name: relay.identities
SELECT * FROM relay_identities ORDER BY platform, workspace, remote_user
