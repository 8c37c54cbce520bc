-- name: cursors.get
SELECT device, seq, saved_at FROM cursors WHERE principal_id = $1
ORDER BY device = $2 DESC, seq DESC LIMIT 1

-- name: cursors.save
INSERT INTO cursors (principal_id, device, seq, saved_at)
SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), CAST(value ->> 3 AS BIGINT)
FROM json_each(CAST($1 AS TEXT))
WHERE TRUE
ON CONFLICT (principal_id, device) DO UPDATE SET seq = excluded.seq, saved_at = excluded.saved_at
WHERE cursors.seq <= excluded.seq

-- name: cursors.keep_newest
DELETE FROM cursors WHERE (principal_id, device) IN (
    SELECT principal_id, device FROM (
        SELECT
            principal_id, device,
            ROW_NUMBER() OVER (PARTITION BY principal_id ORDER BY saved_at DESC, device) AS place
        FROM cursors WHERE principal_id IN (SELECT value ->> 0 FROM json_each(CAST($1 AS TEXT)))
    ) AS ranked
    WHERE place > $2
)
