-- Stores: what is current and never proved. The log says that these changed; they hold the secrets or the bulk.

CREATE TABLE stores.server_keys (
    key_id     text PRIMARY KEY,
    seed       bytea NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE stores.secrets (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);
