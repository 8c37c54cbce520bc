-- name: schema.exists [sqlite]
SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'

-- name: schema.exists [postgres]
SELECT 1 AS found FROM pg_catalog.pg_tables WHERE schemaname = 'airchat' AND tablename = 'schema_migrations'

-- name: schema.create
CREATE TABLE schema_migrations (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL,
    compat BIGINT NOT NULL
)

-- name: schema.applied
SELECT number, checksum, compat FROM schema_migrations

-- name: schema.record
INSERT INTO schema_migrations (number, name, checksum, applied_at, compat) VALUES ($1, $2, $3, $4, $5)

-- name: schema.make [postgres]
CREATE SCHEMA IF NOT EXISTS airchat
