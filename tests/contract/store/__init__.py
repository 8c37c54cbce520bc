"""The promises of `store.ports`, kept by every store: in memory, SQLite and Postgres."""
