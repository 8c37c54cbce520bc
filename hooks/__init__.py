"""Agent side: what runs at the edge of an agent's CLI - hooks, slash commands, plugin, installer, examination."""
