GRANT SELECT, INSERT, UPDATE, DELETE ON relay_closed TO airchat_agent_api;
