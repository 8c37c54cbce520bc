"""Push: what is addressed to an agent reaches its running session by itself, without costing anything meanwhile."""
