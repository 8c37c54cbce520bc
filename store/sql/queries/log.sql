-- The advisory lock is held until the transaction ends: so `seq` order is commit order, over all processes.

-- name: log.begin [postgres]
BEGIN; SELECT pg_advisory_xact_lock(7205759403792794)

-- name: log.lock [postgres]
SELECT pg_advisory_xact_lock(7205759403792794)

-- name: log.notify [postgres]
SELECT pg_notify('airchat_log', $1)

-- name: log.listen [postgres]
LISTEN airchat_log
