GRANT DELETE ON markers TO airchat_agent_api;
