-- name: lead.try [postgres]
SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held

-- name: lead.probe [postgres]
SELECT 1
