-- name: usage.add
INSERT INTO usage (
    id, agent_id, at, source, model, channel_id, sender_id, turns, input_tokens, output_tokens, cache_read_tokens,
    cache_creation_tokens, cost_micros, report_key
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT DO NOTHING

-- name: usage.spent_agent
SELECT
    COALESCE(SUM(turns), 0) AS turns,
    COALESCE(SUM(input_tokens + output_tokens + cache_creation_tokens), 0) AS tokens,
    COALESCE(SUM(cost_micros), 0) AS cost
FROM usage WHERE agent_id = $1 AND at >= $2 AND source <> 'served'

-- name: usage.spent_channel
SELECT
    COALESCE(SUM(turns), 0) AS turns,
    COALESCE(SUM(input_tokens + output_tokens + cache_creation_tokens), 0) AS tokens,
    COALESCE(SUM(cost_micros), 0) AS cost
FROM usage WHERE channel_id = $1 AND at >= $2 AND source <> 'served'

-- name: usage.spent_sender
SELECT
    COALESCE(SUM(turns), 0) AS turns,
    COALESCE(SUM(input_tokens + output_tokens + cache_creation_tokens), 0) AS tokens,
    COALESCE(SUM(cost_micros), 0) AS cost
FROM usage WHERE sender_id = $1 AND at >= $2 AND source <> 'served'

-- name: usage.lines
SELECT
    agent_id, model, source, SUM(input_tokens) AS input, SUM(output_tokens) AS output,
    SUM(cache_read_tokens) AS cache_read, SUM(cache_creation_tokens) AS cache_creation, COUNT(*) AS events,
    SUM(cost_micros) AS cost
FROM usage
WHERE (CAST($1 AS TEXT) IS NULL OR agent_id = $1) AND at >= $2 AND at < $3
GROUP BY agent_id, model, source ORDER BY agent_id, model, source

-- name: usage.session
SELECT * FROM usage_sessions WHERE agent_id = $1 AND session_id = $2 AND model = $3

-- name: usage.save_session
INSERT INTO usage_sessions (
    agent_id, session_id, model, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (agent_id, session_id, model) DO UPDATE SET
    input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
    cache_read_tokens = excluded.cache_read_tokens, cache_creation_tokens = excluded.cache_creation_tokens,
    at = excluded.at

-- name: usage.forget
DELETE FROM usage WHERE at < $1

-- name: usage.forget_sessions
DELETE FROM usage_sessions WHERE at < $1
