-- compat: 1
-- What both databases share: ids are TEXT, times BIGINT microseconds since the epoch, JSON is TEXT. An `INTEGER PRIMARY
-- KEY` is SQLite's row number itself, which saves an index; Postgres turns it into a BIGINT.
-- The log has no foreign keys: it outlives what it tells of.

CREATE TABLE principals (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('agent', 'person', 'ghost', 'system')),
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'guest')),
    created_at BIGINT NOT NULL,
    display_name TEXT,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    last_seen_at BIGINT,
    status TEXT
);

CREATE TABLE machines (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    public_key TEXT NOT NULL CHECK (length(public_key) = 64),
    created_at BIGINT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE
);

CREATE TABLE invites (
    id TEXT PRIMARY KEY,
    code_hash TEXT NOT NULL UNIQUE,
    created_by TEXT REFERENCES principals (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    machine_name TEXT,
    used_at BIGINT
);

CREATE TABLE agents (
    principal_id TEXT PRIMARY KEY REFERENCES principals (id),
    machine_id TEXT REFERENCES machines (id),
    description TEXT,
    card TEXT
);
CREATE INDEX agents_by_machine ON agents (machine_id);

CREATE TABLE agent_capabilities (
    principal_id TEXT NOT NULL REFERENCES agents (principal_id),
    capability TEXT NOT NULL CHECK (length(capability) BETWEEN 1 AND 50),
    PRIMARY KEY (principal_id, capability)
);
CREATE INDEX agents_by_capability ON agent_capabilities (capability, principal_id);

CREATE TABLE people (
    principal_id TEXT PRIMARY KEY REFERENCES principals (id),
    email TEXT
);

CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    principal_id TEXT NOT NULL REFERENCES principals (id),
    kind TEXT NOT NULL CHECK (kind IN ('agent_key', 'token', 'password', 'login_link', 'scram', 'certificate')),
    slot TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX credentials_by_hash ON credentials (secret_hash);
CREATE INDEX credentials_by_principal ON credentials (principal_id, created_at);
CREATE UNIQUE INDEX credentials_live_slot ON credentials (principal_id, kind, slot)
    WHERE revoked_at IS NULL AND kind IN ('agent_key', 'password', 'scram');

CREATE TABLE channels (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    type TEXT NOT NULL CHECK (type IN ('project', 'technology', 'environment', 'global', 'direct')),
    created_at BIGINT NOT NULL,
    created_by TEXT REFERENCES principals (id),
    description TEXT,
    topic TEXT CHECK (length(topic) <= 1000),
    topic_by TEXT,
    topic_at BIGINT,
    modes TEXT NOT NULL DEFAULT '{}',
    private BOOLEAN NOT NULL DEFAULT FALSE,
    metadata TEXT NOT NULL DEFAULT '{}',
    archived BOOLEAN NOT NULL DEFAULT FALSE,
    last_number BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX channels_by_creator ON channels (created_by);

CREATE TABLE memberships (
    channel_id TEXT NOT NULL REFERENCES channels (id),
    principal_id TEXT NOT NULL REFERENCES principals (id),
    joined_at BIGINT NOT NULL,
    role TEXT NOT NULL,
    read_number BIGINT NOT NULL DEFAULT 0,
    read_at BIGINT,
    PRIMARY KEY (channel_id, principal_id)
);
CREATE INDEX memberships_by_principal ON memberships (principal_id, joined_at);

-- `seq` is the number of the event that announced the message; the full-text index knows a message by it.
-- A direct message may be as long as any other, beside the `@name ` before it.
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    channel_id TEXT NOT NULL REFERENCES channels (id),
    number BIGINT NOT NULL CHECK (number > 0),
    author_id TEXT NOT NULL REFERENCES principals (id),
    author_name TEXT NOT NULL,
    author_display TEXT,
    content TEXT NOT NULL CHECK (length(content) <= 32102),
    metadata TEXT NOT NULL,
    parent_id TEXT REFERENCES messages (id),
    idempotency_key TEXT,
    platform TEXT NOT NULL,
    verified BOOLEAN NOT NULL,
    hops BIGINT NOT NULL CHECK (hops >= 0),
    pinned BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    UNIQUE (channel_id, number)
);
CREATE INDEX messages_by_time ON messages (channel_id, created_at, number);
CREATE INDEX messages_by_parent ON messages (parent_id, number) WHERE parent_id IS NOT NULL;
CREATE INDEX messages_deleted ON messages (channel_id, number) WHERE deleted_at IS NOT NULL;
CREATE INDEX messages_pinned ON messages (channel_id, number) WHERE pinned;
CREATE UNIQUE INDEX messages_by_key ON messages (author_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE revisions (
    message_id TEXT NOT NULL REFERENCES messages (id),
    revision BIGINT NOT NULL CHECK (revision > 0),
    content TEXT NOT NULL,
    edited_by TEXT NOT NULL REFERENCES principals (id),
    edited_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, revision)
);

CREATE TABLE reactions (
    message_id TEXT NOT NULL REFERENCES messages (id),
    principal_id TEXT NOT NULL REFERENCES principals (id),
    principal_name TEXT NOT NULL,
    emoji TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, principal_id, emoji)
);

CREATE TABLE mentions (
    id TEXT PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES messages (id),
    channel_id TEXT NOT NULL REFERENCES channels (id),
    mentioned_id TEXT NOT NULL REFERENCES principals (id),
    author_id TEXT NOT NULL REFERENCES principals (id),
    created_at BIGINT NOT NULL,
    read_at BIGINT,
    UNIQUE (message_id, mentioned_id)
);
CREATE INDEX mentions_by_mentioned ON mentions (mentioned_id, created_at);
CREATE INDEX mentions_unread ON mentions (mentioned_id, created_at) WHERE read_at IS NULL;

-- `tags` and `depends_on` are JSON lists, as the task was made; the two tables below are their indexes.
CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels (id),
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    body TEXT CHECK (length(body) <= 8000),
    tags TEXT NOT NULL,
    depends_on TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'claimed', 'done', 'cancelled')),
    priority BIGINT NOT NULL,
    fence BIGINT NOT NULL CHECK (fence >= 0),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    max_attempts BIGINT NOT NULL,
    lease_seconds BIGINT NOT NULL,
    lease_expires_at BIGINT,
    created_by TEXT NOT NULL REFERENCES principals (id),
    created_at BIGINT NOT NULL,
    claimed_by TEXT REFERENCES principals (id),
    claimed_at BIGINT,
    completed_at BIGINT,
    result TEXT CHECK (length(result) <= 32000),
    result_message_id TEXT REFERENCES messages (id)
);
CREATE INDEX tasks_by_status ON tasks (status, created_at);
CREATE INDEX tasks_by_channel ON tasks (channel_id, created_at);
CREATE INDEX tasks_offered ON tasks (priority, created_at) WHERE status = 'open';
CREATE INDEX tasks_leased ON tasks (lease_expires_at) WHERE status = 'claimed';
CREATE INDEX tasks_by_creator ON tasks (created_by, created_at);
CREATE INDEX tasks_by_holder ON tasks (claimed_by, created_at) WHERE claimed_by IS NOT NULL;

CREATE TABLE task_tags (
    task_id TEXT NOT NULL REFERENCES tasks (id),
    tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 50),
    PRIMARY KEY (task_id, tag)
);
CREATE INDEX tasks_by_tag ON task_tags (tag, task_id);

CREATE TABLE task_dependencies (
    task_id TEXT NOT NULL REFERENCES tasks (id),
    depends_on_id TEXT NOT NULL REFERENCES tasks (id),
    PRIMARY KEY (task_id, depends_on_id)
);
CREATE INDEX tasks_by_dependency ON task_dependencies (depends_on_id, task_id);

CREATE TABLE files (
    id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels (id),
    uploader_id TEXT NOT NULL REFERENCES principals (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    path TEXT NOT NULL UNIQUE,
    size BIGINT NOT NULL CHECK (size >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    content_type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    message_id TEXT REFERENCES messages (id)
);
CREATE INDEX files_by_channel ON files (channel_id, created_at);

CREATE TABLE inbox_items (
    id TEXT PRIMARY KEY,
    principal_id TEXT NOT NULL REFERENCES principals (id),
    kind TEXT NOT NULL CHECK (kind IN ('mention', 'direct', 'task', 'approval')),
    created_at BIGINT NOT NULL,
    message_id TEXT REFERENCES messages (id),
    task_id TEXT REFERENCES tasks (id),
    channel_id TEXT REFERENCES channels (id),
    state TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'acked')),
    attempts BIGINT NOT NULL DEFAULT 0,
    delivered_at BIGINT,
    acked_at BIGINT
);
CREATE UNIQUE INDEX inbox_once_per_message ON inbox_items (message_id, principal_id, kind) WHERE message_id IS NOT NULL;
CREATE UNIQUE INDEX inbox_once_per_task ON inbox_items (task_id, principal_id, kind) WHERE task_id IS NOT NULL;
CREATE INDEX inbox_waiting ON inbox_items (principal_id, created_at, id) WHERE state <> 'acked';

CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    actor_id TEXT,
    channel_id TEXT,
    recipient_id TEXT,
    subject_id TEXT,
    data TEXT NOT NULL
);
-- The event that announced a message is found by the message's `seq`.
CREATE INDEX events_by_subject ON events (subject_id) WHERE kind <> 'message.created' AND subject_id IS NOT NULL;
-- What happened in a channel beside its messages, for whoever sees the channel.
CREATE INDEX events_by_channel ON events (channel_id, seq, kind)
    WHERE kind <> 'message.created' AND recipient_id IS NULL AND channel_id IS NOT NULL;
CREATE INDEX events_by_time ON events (channel_id, created_at, seq, kind)
    WHERE kind <> 'message.created' AND recipient_id IS NULL AND channel_id IS NOT NULL;

CREATE TABLE log_head (
    only_row BOOLEAN PRIMARY KEY CHECK (only_row),
    seq BIGINT NOT NULL
);
INSERT INTO log_head (only_row, seq) VALUES (TRUE, 0);

CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_id TEXT,
    action TEXT NOT NULL,
    subject TEXT,
    detail TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE
);

CREATE TABLE nonces (
    nonce TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX nonces_by_expiry ON nonces (expires_at);

CREATE TABLE rate_hits (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX rate_hits_by_key ON rate_hits (bucket, key, at);
CREATE INDEX rate_hits_by_expiry ON rate_hits (expires_at);
