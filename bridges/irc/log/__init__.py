"""What the hub's log tells clients: now, and of the past."""
