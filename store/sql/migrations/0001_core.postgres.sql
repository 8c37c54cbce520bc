ALTER TABLE messages ALTER COLUMN seq TYPE BIGINT;
ALTER TABLE events ALTER COLUMN seq TYPE BIGINT;

-- Names sort by code point, as in SQLite.
ALTER TABLE principals ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE machines ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE channels ALTER COLUMN name TYPE TEXT COLLATE "C";

-- Rows that change with every message leave room for their next version on the same page.
ALTER TABLE log_head SET (fillfactor = 10);
ALTER TABLE channels SET (fillfactor = 50);
ALTER TABLE memberships SET (fillfactor = 70);

-- SQLite's json_each for arrays, so that one statement serves both: `value ->> n` is column n of a row.
CREATE FUNCTION json_each(rows TEXT) RETURNS TABLE (value JSONB)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
    AS 'SELECT jsonb_array_elements(CAST(rows AS JSONB))';

-- The same stemmer as SQLite's, and no stop words: a query made of them finds what it says.
CREATE TEXT SEARCH DICTIONARY airchat_stem (TEMPLATE = snowball, LANGUAGE = porter);
CREATE TEXT SEARCH CONFIGURATION airchat (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION airchat ALTER MAPPING FOR
    asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart
    WITH airchat_stem;

CREATE TABLE message_words (
    seq BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX message_words_by_word ON message_words USING gin (words);

-- Finds a live key or token without giving its reader the hashes.
CREATE FUNCTION credential_by_hash(presented TEXT, moment BIGINT) RETURNS TEXT
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = airchat, pg_temp
    AS $$
        SELECT id FROM credentials
        WHERE secret_hash = presented AND kind IN ('agent_key', 'token') AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > moment)
        ORDER BY created_at DESC LIMIT 1
    $$;

-- Two roles that own nothing. They belong to the whole server, so another database may have made them already.
DO $$
DECLARE
    wanted TEXT;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['airchat_agent_api', 'airchat_registrar'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA airchat FROM PUBLIC;
GRANT USAGE ON SCHEMA airchat TO airchat_agent_api, airchat_registrar;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA airchat TO airchat_agent_api, airchat_registrar;
GRANT SELECT ON schema_migrations TO airchat_agent_api, airchat_registrar;

GRANT SELECT, INSERT, UPDATE ON principals, agents, people TO airchat_agent_api, airchat_registrar;
GRANT SELECT, INSERT, DELETE ON agent_capabilities TO airchat_agent_api, airchat_registrar;
GRANT SELECT, INSERT, UPDATE, DELETE ON nonces, rate_hits TO airchat_agent_api, airchat_registrar;
GRANT SELECT, UPDATE ON log_head TO airchat_agent_api, airchat_registrar;
GRANT SELECT, INSERT ON audit TO airchat_agent_api, airchat_registrar;
GRANT INSERT ON events TO airchat_agent_api, airchat_registrar;

-- Day-to-day work: everything but keys and the hashes of secrets.
GRANT SELECT, UPDATE (data) ON events TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE ON channels, messages, mentions, tasks, files, inbox_items, revisions TO airchat_agent_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships, reactions, message_words TO airchat_agent_api;
GRANT DELETE ON revisions, mentions, inbox_items TO airchat_agent_api;
GRANT SELECT, INSERT ON task_tags, task_dependencies TO airchat_agent_api;
GRANT SELECT (id, name, created_at, active) ON machines TO airchat_agent_api;
GRANT SELECT (id, principal_id, kind, slot, scope, created_at, expires_at, last_used_at, revoked_at),
    UPDATE (last_used_at, revoked_at) ON credentials TO airchat_agent_api;

-- Enrolment and credentials: no messages, no channels.
GRANT SELECT, INSERT, UPDATE ON machines, invites, credentials TO airchat_registrar;
