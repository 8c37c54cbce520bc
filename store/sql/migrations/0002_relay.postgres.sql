-- Remote ids sort by code point, as in SQLite.
ALTER TABLE relay_links ALTER COLUMN watermark TYPE TEXT COLLATE "C";
ALTER TABLE relay_inbox ALTER COLUMN order_key TYPE TEXT COLLATE "C";
ALTER TABLE relay_pairs ALTER COLUMN remote_id TYPE TEXT COLLATE "C";

GRANT SELECT, INSERT, UPDATE, DELETE ON relay_links, relay_inbox, relay_outbox TO airchat_agent_api;
GRANT SELECT, INSERT ON relay_pairs TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE ON relay_identities TO airchat_agent_api;
GRANT SELECT, UPDATE ON relay_cursor TO airchat_agent_api;
