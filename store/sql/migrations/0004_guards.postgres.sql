GRANT SELECT, INSERT, UPDATE (state, answered_by, answered_at, reason) ON approvals TO airchat_agent_api;
GRANT SELECT, INSERT, DELETE ON usage TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE (at, woken), DELETE ON wakes TO airchat_agent_api;
GRANT DELETE ON guard_notices TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE ON guard_marks, guard_notices, usage_sessions TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE (lease_seconds, expires_at), DELETE ON reservations TO airchat_agent_api;
