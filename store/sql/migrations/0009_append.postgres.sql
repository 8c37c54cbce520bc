-- A query and a row lock for each message and key, of what the appending statement has looked up already. Nobody may
-- delete principals or channels.
ALTER TABLE messages DROP CONSTRAINT messages_channel_id_fkey, DROP CONSTRAINT messages_author_id_fkey;
