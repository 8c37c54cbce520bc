-- compat: 5
-- What is good for nothing any more goes after a while: credentials, codes that enrol a machine, counts of sessions.

ALTER TABLE usage_sessions ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
UPDATE usage_sessions SET at = COALESCE((SELECT MAX(u.at) FROM usage u WHERE u.agent_id = usage_sessions.agent_id), 0);
CREATE INDEX usage_sessions_by_time ON usage_sessions (at);
