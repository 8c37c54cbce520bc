-- compat: 5
-- Files go with the message that shares them: neither name nor path stays, nor their bytes, once no other file has them.

ALTER TABLE files ADD COLUMN deleted_at BIGINT;
ALTER TABLE files ADD COLUMN collected BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX files_by_message ON files (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX files_to_collect ON files (sha256) WHERE deleted_at IS NOT NULL AND NOT collected;

UPDATE files SET name = 'deleted', path = id, deleted_at = (SELECT m.deleted_at FROM messages m WHERE m.id = message_id)
WHERE message_id IN (SELECT m.id FROM messages m WHERE m.deleted_at IS NOT NULL);
