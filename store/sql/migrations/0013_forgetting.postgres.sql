-- A credential that is live is deleted by nobody, not even by the role that makes them.
CREATE FUNCTION forget_credentials(before BIGINT) RETURNS VOID
    LANGUAGE sql SECURITY DEFINER SET search_path = airchat, pg_temp
    AS $$
        DELETE FROM credentials WHERE revoked_at < before
            OR expires_at < LEAST(before, CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT))
    $$;
REVOKE ALL ON FUNCTION forget_credentials FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_credentials TO airchat_registrar;

GRANT DELETE ON invites TO airchat_registrar;
GRANT DELETE ON usage_sessions TO airchat_agent_api;
