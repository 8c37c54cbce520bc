"""The nouns of the store written once, over named queries, for SQLite and Postgres alike."""
