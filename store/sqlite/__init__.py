"""SQLite: one file, one writing thread, readers that never wait for it."""
