"""MCP server for agents, over the client library."""
