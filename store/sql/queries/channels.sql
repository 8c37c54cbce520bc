-- name: channels.insert
INSERT INTO channels
    (id, name, type, created_at, created_by, description, topic, metadata, archived, last_number, modes, topic_by, topic_at,
    private)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (name) DO NOTHING

-- name: channels.save
UPDATE channels
SET description = $2, topic = $3, metadata = $4, archived = $5, modes = $6, topic_by = $7, topic_at = $8,
    private = $9
WHERE id = $1

-- name: channels.rename
UPDATE channels SET name = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM channels WHERE name = $2)

-- name: channels.get
SELECT * FROM channels WHERE id = $1

-- name: channels.by_name
SELECT * FROM channels WHERE name = $1

-- name: channels.all
SELECT * FROM channels ORDER BY name

-- name: channels.count_created_by
SELECT count(*) AS count FROM channels WHERE created_by = $1 AND type <> 'direct'

-- name: channels.join
INSERT INTO memberships (channel_id, principal_id, joined_at, role, read_number, read_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (channel_id, principal_id) DO NOTHING

-- name: channels.leave
DELETE FROM memberships WHERE channel_id = $1 AND principal_id = $2

-- name: channels.set_role
UPDATE memberships SET role = $3 WHERE channel_id = $1 AND principal_id = $2

-- name: channels.membership
SELECT * FROM memberships WHERE channel_id = $1 AND principal_id = $2

-- name: channels.members
SELECT * FROM memberships WHERE channel_id = $1 ORDER BY joined_at, principal_id

-- name: channels.all_members
SELECT * FROM memberships ORDER BY joined_at, channel_id, principal_id

-- name: channels.memberships_of
SELECT * FROM memberships WHERE principal_id = $1 ORDER BY joined_at, channel_id

-- name: channels.mark_read
UPDATE memberships SET read_number = $3, read_at = $4
WHERE channel_id = $1 AND principal_id = $2 AND read_number < $3

-- name: channels.latest [part]
-- A message's columns, of the newest that is not deleted.
t.id AS t_id, t.channel_id AS t_channel_id, t.number AS t_number, t.author_id AS t_author_id,
t.author_name AS t_author_name, t.author_display AS t_author_display, t.content AS t_content,
t.metadata AS t_metadata, t.parent_id AS t_parent_id, t.platform AS t_platform, t.verified AS t_verified,
t.hops AS t_hops, t.pinned AS t_pinned, t.created_at AS t_created_at, t.edited_at AS t_edited_at,
t.deleted_at AS t_deleted_at

-- name: channels.joined
-- Nobody's own messages are above their read number, unless they left and came back.
SELECT
    c.*, m.role, {channels.latest},
    c.last_number - m.read_number - (
        SELECT count(*) FROM messages u
        WHERE u.channel_id = m.channel_id AND u.number > m.read_number AND u.deleted_at IS NOT NULL
    ) AS unread
FROM memberships m JOIN channels c ON c.id = m.channel_id
LEFT JOIN messages t ON t.channel_id = m.channel_id AND t.number = (
    SELECT max(n.number) FROM messages n WHERE n.channel_id = m.channel_id AND n.deleted_at IS NULL
)
WHERE m.principal_id = $1
ORDER BY m.joined_at, m.channel_id

-- name: channels.further
SELECT c.*, NULL AS role, {channels.latest}, 0 AS unread
FROM channels c JOIN messages t ON t.channel_id = c.id AND t.number = (
    SELECT max(n.number) FROM messages n WHERE n.channel_id = c.id AND n.deleted_at IS NULL
)
WHERE NOT c.private AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.channel_id = c.id AND m.principal_id = $1)
ORDER BY t.created_at DESC, c.name LIMIT $2
