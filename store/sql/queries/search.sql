-- The full-text index. A message is known in it by its `seq`.

-- name: search.add [sqlite]
INSERT INTO message_words (rowid, scope, body)
SELECT CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2 FROM json_each($1)

-- name: search.add [postgres]
INSERT INTO message_words (seq, words)
SELECT
    CAST(value ->> 0 AS BIGINT),
    to_tsvector('airchat.airchat', value ->> 2) || array_to_tsvector(string_to_array(value ->> 1, ' '))
FROM json_each(CAST($1 AS TEXT))

-- name: search.remove [sqlite]
INSERT INTO message_words (message_words, rowid, scope, body)
SELECT 'delete', CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2 FROM json_each($1)

-- name: search.remove [postgres]
DELETE FROM message_words WHERE seq IN (SELECT CAST(value ->> 0 AS BIGINT) FROM json_each(CAST($1 AS TEXT)))

-- name: search.ranked [sqlite]
SELECT * FROM (
    SELECT m.*, c.name AS channel_name, -bm25(message_words, 0.0, 1.0) AS rank
    FROM message_words CROSS JOIN messages m ON m.seq = message_words.rowid JOIN channels c ON c.id = m.channel_id
    WHERE message_words MATCH $1 AND m.deleted_at IS NULL
        AND (NOT c.private OR EXISTS (
            SELECT 1 FROM memberships s WHERE s.channel_id = c.id AND s.principal_id = $2
        ))
        AND ($3 IS NULL OR m.created_at > $3) AND ($4 IS NULL OR m.created_at < $4)
    ORDER BY message_words.rowid DESC LIMIT 1000
)
ORDER BY rank DESC, seq DESC LIMIT $5 OFFSET $6

-- name: search.newest [sqlite]
-- Newest first, nothing is ranked: bm25 would have to look at every message that has the word.
SELECT m.*, c.name AS channel_name, 0.0 AS rank
FROM message_words CROSS JOIN messages m ON m.seq = message_words.rowid JOIN channels c ON c.id = m.channel_id
WHERE message_words MATCH $1 AND m.deleted_at IS NULL
    AND (NOT c.private OR EXISTS (
        SELECT 1 FROM memberships s WHERE s.channel_id = c.id AND s.principal_id = $2
    ))
    AND ($3 IS NULL OR m.created_at > $3) AND ($4 IS NULL OR m.created_at < $4)
ORDER BY message_words.rowid DESC LIMIT $5 OFFSET $6

-- name: search.ranked [postgres]
SELECT * FROM (
    SELECT m.*, c.name AS channel_name, CAST(ts_rank(w.words, to_tsquery('airchat.airchat', $1)) AS DOUBLE PRECISION) AS rank
    FROM message_words w JOIN messages m ON m.seq = w.seq JOIN channels c ON c.id = m.channel_id
    WHERE w.words @@ to_tsquery('airchat.airchat', $1) AND m.deleted_at IS NULL
        AND (NOT c.private OR EXISTS (
            SELECT 1 FROM memberships s WHERE s.channel_id = c.id AND s.principal_id = $2
        ))
        AND (CAST($3 AS BIGINT) IS NULL OR m.created_at > $3) AND (CAST($4 AS BIGINT) IS NULL OR m.created_at < $4)
    ORDER BY w.seq DESC LIMIT 1000
) AS hits
ORDER BY rank DESC, seq DESC LIMIT $5 OFFSET $6

-- name: search.newest [postgres]
SELECT m.*, c.name AS channel_name, CAST(0 AS DOUBLE PRECISION) AS rank
FROM message_words w JOIN messages m ON m.seq = w.seq JOIN channels c ON c.id = m.channel_id
WHERE w.words @@ to_tsquery('airchat.airchat', $1) AND m.deleted_at IS NULL
    AND (NOT c.private OR EXISTS (
        SELECT 1 FROM memberships s WHERE s.channel_id = c.id AND s.principal_id = $2
    ))
    AND (CAST($3 AS BIGINT) IS NULL OR m.created_at > $3) AND (CAST($4 AS BIGINT) IS NULL OR m.created_at < $4)
ORDER BY w.seq DESC LIMIT $5 OFFSET $6
