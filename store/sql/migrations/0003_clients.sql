-- compat: 1
-- What clients keep on the hub: up to where they have read, and values of their own.

CREATE TABLE cursors (
    principal_id TEXT NOT NULL REFERENCES principals (id),
    device TEXT NOT NULL,
    seq BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (principal_id, device)
);

-- `target` is the channel that was read, `at` the moment up to which it was.
CREATE TABLE markers (
    principal_id TEXT NOT NULL REFERENCES principals (id),
    target TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (principal_id, target)
);

-- `subject_id` is a principal or a channel.
CREATE TABLE metadata (
    subject_id TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (subject_id, key)
);
