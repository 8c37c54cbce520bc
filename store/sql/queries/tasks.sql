-- name: tasks.insert
INSERT INTO tasks (
    id, channel_id, title, body, tags, depends_on, status, priority, fence, attempts, max_attempts, lease_seconds,
    lease_expires_at, created_by, created_at, claimed_by, claimed_at, completed_at, result, result_message_id
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)

-- name: tasks.add_tags
INSERT INTO task_tags (task_id, tag, created_at)
SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT) FROM json_each(CAST($1 AS TEXT))

-- name: tasks.add_dependencies
INSERT INTO task_dependencies (task_id, depends_on_id) SELECT value ->> 0, value ->> 1 FROM json_each(CAST($1 AS TEXT))

-- name: tasks.save
UPDATE tasks SET
    status = $2, priority = $3, fence = $4, attempts = $5, max_attempts = $6, lease_seconds = $7,
    lease_expires_at = $8, claimed_by = $9, claimed_at = $10, completed_at = $11, result = $12, result_message_id = $13
WHERE id = $1

-- name: tasks.get
SELECT * FROM tasks WHERE id = $1

-- What a filter narrows most comes first, in a query of its own: SQLite does not look for an index behind an OR.

-- name: tasks.wanted [part]
(NOT c.private OR EXISTS (SELECT 1 FROM memberships m WHERE m.channel_id = c.id AND m.principal_id = $1))
    AND (CAST($2 AS TEXT) IS NULL OR t.status = $2)
    AND (CAST($3 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM task_tags g WHERE g.task_id = t.id AND g.tag = $3))
    AND (CAST($4 AS TEXT) IS NULL OR t.channel_id = $4)
    AND (CAST($5 AS TEXT) IS NULL OR t.created_by = $5)
    AND (CAST($6 AS TEXT) IS NULL OR t.claimed_by = $6)
    AND (CAST($7 AS BIGINT) IS NULL OR t.completed_at > $7)

-- name: tasks.done
SELECT t.* FROM tasks t JOIN channels c ON c.id = t.channel_id
WHERE t.status = 'done' AND t.created_by = $5 AND t.completed_at > $7
    AND {tasks.wanted}
ORDER BY t.created_at DESC, t.id DESC LIMIT $8

-- name: tasks.held
SELECT t.* FROM tasks t JOIN channels c ON c.id = t.channel_id
WHERE t.status = 'claimed' AND t.claimed_by = $6
    AND {tasks.wanted}
ORDER BY t.created_at DESC, t.id DESC LIMIT $8

-- name: tasks.by_creator
SELECT t.* FROM tasks t JOIN channels c ON c.id = t.channel_id
WHERE t.created_by = $5
    AND {tasks.wanted}
ORDER BY t.created_at DESC, t.id DESC LIMIT $8

-- name: tasks.by_holder
SELECT t.* FROM tasks t JOIN channels c ON c.id = t.channel_id
WHERE t.claimed_by = $6
    AND {tasks.wanted}
ORDER BY t.created_at DESC, t.id DESC LIMIT $8

-- name: tasks.by_status
SELECT t.* FROM tasks t JOIN channels c ON c.id = t.channel_id
WHERE t.status = $2
    AND {tasks.wanted}
ORDER BY t.created_at DESC, t.id DESC LIMIT $8

-- name: tasks.by_channel
SELECT t.* FROM tasks t JOIN channels c ON c.id = t.channel_id
WHERE t.channel_id = $4
    AND {tasks.wanted}
ORDER BY t.created_at DESC, t.id DESC LIMIT $8

-- name: tasks.by_tag
SELECT t.* FROM task_tags w JOIN tasks t ON t.id = w.task_id JOIN channels c ON c.id = t.channel_id
WHERE w.tag = $3
    AND {tasks.wanted}
ORDER BY w.created_at DESC, w.task_id DESC LIMIT $8

-- name: tasks.newest
SELECT t.* FROM tasks t JOIN channels c ON c.id = t.channel_id
WHERE {tasks.wanted}
ORDER BY t.created_at DESC, t.id DESC LIMIT $8

-- name: tasks.offers
SELECT t.* FROM tasks t JOIN channels c ON c.id = t.channel_id
WHERE t.status = 'open'
    AND {tasks.wanted}
    AND (NOT EXISTS (SELECT 1 FROM task_tags g WHERE g.task_id = t.id) OR EXISTS (
        SELECT 1 FROM task_tags g
        WHERE g.task_id = t.id AND g.tag IN (SELECT value ->> 0 FROM json_each(CAST($9 AS TEXT)))
    ))
    AND NOT EXISTS (
        SELECT 1 FROM task_dependencies d JOIN tasks n ON n.id = d.depends_on_id
        WHERE d.task_id = t.id AND n.status <> 'done'
    )
ORDER BY t.priority DESC, t.created_at, t.id
LIMIT $8

-- name: tasks.unfinished
SELECT value ->> 0 AS id FROM json_each(CAST($1 AS TEXT))
WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = value ->> 0 AND t.status = 'done')

-- name: tasks.waiting_for
SELECT t.* FROM task_dependencies d JOIN tasks t ON t.id = d.task_id
WHERE d.depends_on_id = $1 AND t.status = 'open' ORDER BY t.created_at, t.id

-- name: tasks.lapsed
SELECT * FROM tasks WHERE status = 'claimed' AND lease_expires_at < $1 ORDER BY lease_expires_at, id LIMIT $2
