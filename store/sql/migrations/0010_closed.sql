-- compat: 5
-- What a platform does not take until a moment, because it said so: a hub that starts again knows it.

CREATE TABLE relay_closed (
    platform TEXT NOT NULL,
    scope TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (platform, scope)
);
