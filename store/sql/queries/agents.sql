-- name: agents.save
INSERT INTO agents (principal_id, machine_id, description, card) VALUES ($1, $2, $3, $4)
ON CONFLICT (principal_id) DO UPDATE SET
    machine_id = excluded.machine_id, description = excluded.description, card = excluded.card

-- name: agents.forget_capabilities
DELETE FROM agent_capabilities WHERE principal_id = $1

-- name: agents.add_capabilities
INSERT INTO agent_capabilities (principal_id, capability)
SELECT value ->> 0, value ->> 1 FROM json_each(CAST($1 AS TEXT))

-- name: agents.get
SELECT p.*, a.machine_id, a.description, a.card, m.name AS machine_name
FROM agents a JOIN principals p ON p.id = a.principal_id LEFT JOIN machines m ON m.id = a.machine_id
WHERE a.principal_id = $1

-- name: agents.find
SELECT p.*, a.machine_id, a.description, a.card, m.name AS machine_name
FROM agents a JOIN principals p ON p.id = a.principal_id LEFT JOIN machines m ON m.id = a.machine_id
WHERE (p.active OR CAST($4 AS BOOLEAN))
    AND (CAST($1 AS TEXT) IS NULL OR EXISTS (
        SELECT 1 FROM agent_capabilities c WHERE c.capability = $1 AND c.principal_id = a.principal_id
    ))
    AND (CAST($2 AS BIGINT) IS NULL OR p.last_seen_at >= $2)
ORDER BY p.last_seen_at DESC NULLS LAST, p.name
LIMIT $3

-- name: agents.count_active
SELECT count(*) AS count FROM agents a JOIN principals p ON p.id = a.principal_id
WHERE a.machine_id = $1 AND p.active

-- name: agents.of_machine
SELECT p.*, a.machine_id, a.description, a.card, m.name AS machine_name
FROM agents a JOIN principals p ON p.id = a.principal_id LEFT JOIN machines m ON m.id = a.machine_id
WHERE a.machine_id = $1 ORDER BY p.name
