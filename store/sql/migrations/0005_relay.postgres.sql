GRANT UPDATE (hash, version, gone) ON relay_pairs TO airchat_agent_api;
GRANT SELECT, INSERT, DELETE ON relay_marks TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON relay_outgoing, relay_wanted, relay_states TO airchat_agent_api;
