-- compat: 1
-- What bridges must not forget. Pairs outlive links and messages: they are the memory of what is whose counterpart.

CREATE TABLE relay_links (
    id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels (id),
    platform TEXT NOT NULL,
    workspace TEXT NOT NULL,
    remote_channel TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('both', 'in', 'out')),
    paused BOOLEAN NOT NULL DEFAULT FALSE,
    watermark TEXT,
    UNIQUE (platform, workspace, remote_channel)
);

CREATE TABLE relay_inbox (
    link_id TEXT NOT NULL,
    event_key TEXT NOT NULL,
    order_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    processed_at BIGINT,
    error TEXT,
    PRIMARY KEY (link_id, event_key)
);
CREATE INDEX relay_inbox_waiting ON relay_inbox (link_id, order_key, event_key) WHERE processed_at IS NULL;
CREATE INDEX relay_inbox_processed ON relay_inbox (processed_at) WHERE processed_at IS NOT NULL;

CREATE TABLE relay_outbox (
    link_id TEXT NOT NULL REFERENCES relay_links (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    number INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_after TEXT,
    remote_id TEXT,
    error TEXT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (link_id, seq, number)
);
CREATE INDEX relay_outbox_lane ON relay_outbox (link_id, seq, number) WHERE state IN ('pending', 'sending');
CREATE INDEX relay_outbox_sent ON relay_outbox (changed_at) WHERE state = 'sent';
CREATE INDEX relay_outbox_dead ON relay_outbox (seq, number) WHERE state = 'dead';

CREATE TABLE relay_pairs (
    link_id TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    inbound BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (link_id, remote_id)
);
CREATE INDEX relay_pairs_by_message ON relay_pairs (link_id, message_id, number);

CREATE TABLE relay_identities (
    platform TEXT NOT NULL,
    workspace TEXT NOT NULL,
    remote_user TEXT NOT NULL,
    principal_id TEXT NOT NULL REFERENCES principals (id),
    display_name TEXT NOT NULL,
    avatar_url TEXT,
    PRIMARY KEY (platform, workspace, remote_user)
);

-- One row: up to where the log has been planned.
CREATE TABLE relay_cursor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL
);
INSERT INTO relay_cursor (id, seq) VALUES (1, 0);
