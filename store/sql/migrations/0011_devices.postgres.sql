GRANT DELETE ON cursors TO airchat_agent_api;
