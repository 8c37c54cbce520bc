-- compat: 5
-- What a bot of a bridged platform says is no person's word.

ALTER TABLE principals ADD COLUMN bot BOOLEAN NOT NULL DEFAULT FALSE;
