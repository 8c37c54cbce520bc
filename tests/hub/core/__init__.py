"""Use-cases of the hub, on the in-memory store."""
