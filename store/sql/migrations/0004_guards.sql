-- compat: 1
-- What keeps agents in bounds: approvals, budgets and what is counted against them, reservations of files.

CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    short_id TEXT NOT NULL,
    channel_id TEXT NOT NULL REFERENCES channels (id),
    parent_id TEXT REFERENCES messages (id),
    message_id TEXT REFERENCES messages (id),
    requested_by TEXT NOT NULL REFERENCES principals (id),
    tool TEXT NOT NULL CHECK (length(tool) BETWEEN 1 AND 100),
    request TEXT NOT NULL CHECK (length(request) BETWEEN 1 AND 8000),
    approvers TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'cancelled', 'expired')),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    answered_by TEXT REFERENCES principals (id),
    answered_at BIGINT,
    reason TEXT CHECK (length(reason) <= 500)
);
CREATE INDEX approvals_by_short_id ON approvals (short_id);
CREATE INDEX approvals_by_time ON approvals (created_at, id);
CREATE INDEX approvals_pending ON approvals (expires_at) WHERE state = 'pending';
CREATE INDEX approvals_by_requester ON approvals (requested_by) WHERE state = 'pending';

-- Why an item is not handed out for now: the name of the guard that held it back.
ALTER TABLE inbox_items ADD COLUMN held TEXT;
CREATE INDEX inbox_held ON inbox_items (created_at, id) WHERE held IS NOT NULL;

-- Agents that were woken by agents, or were to be. `subject_id` is the message or task, `number` that of the message.
CREATE TABLE wakes (
    subject_id TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES principals (id),
    sender_id TEXT NOT NULL REFERENCES principals (id),
    channel_id TEXT NOT NULL REFERENCES channels (id),
    number BIGINT,
    woken BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (subject_id, agent_id)
);
CREATE INDEX wakes_by_agent ON wakes (agent_id, at);
CREATE INDEX wakes_by_sender ON wakes (sender_id, at);
CREATE INDEX wakes_by_channel ON wakes (channel_id, at);
CREATE INDEX wakes_by_time ON wakes (at);

-- When a person last said that the agents of a channel may go on.
CREATE TABLE guard_marks (
    channel_id TEXT PRIMARY KEY REFERENCES channels (id),
    at BIGINT NOT NULL
);

-- Which notice stands in a channel: one per cause and window.
CREATE TABLE guard_notices (
    channel_id TEXT NOT NULL REFERENCES channels (id),
    cause TEXT NOT NULL,
    window_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, cause)
);

-- What turns of agents used. Money is in millionths of a US dollar.
CREATE TABLE usage (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES principals (id),
    at BIGINT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('turn', 'report', 'served')),
    model TEXT NOT NULL,
    channel_id TEXT REFERENCES channels (id),
    sender_id TEXT REFERENCES principals (id),
    turns BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cache_creation_tokens BIGINT NOT NULL,
    cost_micros BIGINT,
    report_key TEXT
);
CREATE INDEX usage_by_agent ON usage (agent_id, at);
CREATE INDEX usage_by_time ON usage (at);
CREATE INDEX usage_by_channel ON usage (channel_id, at) WHERE channel_id IS NOT NULL;
CREATE INDEX usage_by_sender ON usage (sender_id, at) WHERE sender_id IS NOT NULL;
CREATE UNIQUE INDEX usage_once ON usage (agent_id, report_key) WHERE report_key IS NOT NULL;

-- The newest cumulative counts that a session reported.
CREATE TABLE usage_sessions (
    agent_id TEXT NOT NULL REFERENCES principals (id),
    session_id TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cache_creation_tokens BIGINT NOT NULL,
    PRIMARY KEY (agent_id, session_id, model)
);

CREATE TABLE reservations (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL CHECK (length(project) BETWEEN 1 AND 100),
    pattern TEXT NOT NULL CHECK (length(pattern) BETWEEN 1 AND 300),
    agent_id TEXT NOT NULL REFERENCES principals (id),
    purpose TEXT,
    lease_seconds BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX reservations_by_project ON reservations (project, created_at);
CREATE INDEX reservations_by_expiry ON reservations (expires_at);
CREATE INDEX reservations_by_agent ON reservations (agent_id);
