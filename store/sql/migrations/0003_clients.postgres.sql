-- Keys sort by code point, as in SQLite.
ALTER TABLE metadata ALTER COLUMN key TYPE TEXT COLLATE "C";

GRANT SELECT, INSERT, UPDATE (seq, saved_at) ON cursors TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE (at) ON markers TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE (value), DELETE ON metadata TO airchat_agent_api;
