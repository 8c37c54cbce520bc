-- compat: 5
-- Bridges carry edits, deletions, reactions and the rest: what goes out is one row for each event and link.

ALTER TABLE relay_links ADD COLUMN remote_name TEXT;
ALTER TABLE relay_links ADD COLUMN source TEXT NOT NULL DEFAULT 'settings';
ALTER TABLE relay_links ADD COLUMN rules TEXT NOT NULL DEFAULT '{}';
ALTER TABLE relay_links ADD COLUMN reading TEXT;
ALTER TABLE relay_links ADD COLUMN topic TEXT;

ALTER TABLE relay_inbox ADD COLUMN waits_for TEXT;
CREATE INDEX relay_inbox_held ON relay_inbox (link_id, waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX relay_inbox_dead ON relay_inbox (processed_at) WHERE error IS NOT NULL;

ALTER TABLE relay_pairs ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE relay_pairs ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE relay_pairs ADD COLUMN gone BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE relay_pairs ADD COLUMN thread TEXT;
CREATE INDEX relay_pairs_recent ON relay_pairs (link_id, created_at);

CREATE TABLE relay_marks (
    link_id TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    emoji TEXT NOT NULL,
    remote_user TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    PRIMARY KEY (link_id, remote_id, emoji, remote_user)
);

CREATE TABLE relay_outgoing (
    link_id TEXT NOT NULL REFERENCES relay_links (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('message', 'change', 'reaction', 'topic', 'member')),
    subject_id TEXT NOT NULL,
    planned_at BIGINT NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'dead')),
    number INTEGER NOT NULL DEFAULT 0,
    content TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    attempted_at BIGINT,
    sent_after TEXT,
    error TEXT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (link_id, seq)
);
CREATE INDEX relay_outgoing_lane ON relay_outgoing (link_id, seq) WHERE state IN ('pending', 'sending');
CREATE INDEX relay_outgoing_sent ON relay_outgoing (changed_at) WHERE state = 'sent';
CREATE INDEX relay_outgoing_dead ON relay_outgoing (seq) WHERE state = 'dead';

-- What waited before goes on where it was: at the first piece of each message that was not sent.
INSERT INTO relay_outgoing (link_id, seq, kind, subject_id, planned_at, detail, state, number, content, attempts,
    attempted_at, sent_after, error, changed_at)
SELECT link_id, seq, 'message', message_id, changed_at, '{}', state, number, content, attempts,
    changed_at, sent_after, error, changed_at
FROM relay_outbox AS part
WHERE state IN ('pending', 'sending', 'dead') AND NOT EXISTS (
    SELECT 1 FROM relay_outbox AS earlier
    WHERE earlier.link_id = part.link_id AND earlier.seq = part.seq AND earlier.number < part.number
        AND earlier.state IN ('pending', 'sending', 'dead')
);
DROP TABLE relay_outbox;

-- Links that commands asked for.
CREATE TABLE relay_wanted (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    platform TEXT NOT NULL,
    remote TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('both', 'in', 'out')),
    rules TEXT NOT NULL
);

CREATE TABLE relay_states (
    platform TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    workspace TEXT,
    detail TEXT
);
