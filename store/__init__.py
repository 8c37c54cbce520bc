"""Storage: the ports the hub speaks to and their SQLite, Postgres and in-memory adapters."""
