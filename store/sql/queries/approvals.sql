-- name: approvals.insert
INSERT INTO approvals (
    id, short_id, channel_id, parent_id, message_id, requested_by, tool, request, approvers, state, created_at,
    expires_at, answered_by, answered_at, reason
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: approvals.save
UPDATE approvals SET state = $2, answered_by = $3, answered_at = $4, reason = $5 WHERE id = $1

-- name: approvals.get
SELECT * FROM approvals WHERE id = $1

-- name: approvals.by_short_id
SELECT * FROM approvals WHERE short_id = $1 ORDER BY state = 'pending' DESC, created_at DESC, id DESC LIMIT 10

-- name: approvals.find
SELECT a.* FROM approvals a JOIN channels c ON c.id = a.channel_id
WHERE (NOT c.private OR EXISTS (
        SELECT 1 FROM memberships m WHERE m.channel_id = c.id AND m.principal_id = $1
    ))
    AND (CAST($2 AS TEXT) IS NULL OR a.state = $2)
    AND (CAST($3 AS TEXT) IS NULL OR EXISTS (
        SELECT 1 FROM json_each(a.approvers) WHERE value ->> 0 = $3
    ))
ORDER BY a.created_at DESC, a.id DESC
LIMIT $4

-- name: approvals.count_pending
SELECT COUNT(*) AS count FROM approvals WHERE requested_by = $1 AND state = 'pending'

-- name: approvals.overdue
SELECT * FROM approvals WHERE state = 'pending' AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2
