-- compat: 5
-- Files have idempotency keys of their own, whether a message announces them or not, and are found by what they hold.

ALTER TABLE files ADD COLUMN idempotency_key TEXT;
CREATE UNIQUE INDEX files_by_key ON files (uploader_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX files_by_content ON files (sha256);

-- Tasks are listed newest first: of all channels together, of one tag, of who holds them or waits for them.

CREATE INDEX tasks_by_time ON tasks (created_at);
CREATE INDEX tasks_held ON tasks (claimed_by, created_at) WHERE status = 'claimed';
CREATE INDEX tasks_done ON tasks (created_by, completed_at) WHERE status = 'done';
ALTER TABLE task_tags ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
UPDATE task_tags SET created_at = (SELECT t.created_at FROM tasks t WHERE t.id = task_tags.task_id);
DROP INDEX tasks_by_tag;
CREATE INDEX tasks_by_tag ON task_tags (tag, created_at);
