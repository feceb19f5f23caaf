-- Stores: what is current and never proved. The log says that these changed; they hold the secrets or the bulk.

CREATE TABLE stores.credentials (
    user_id  text PRIMARY KEY,
    password text NOT NULL
);

CREATE FUNCTION log.write_credentials(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stores.credentials SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, password text)
    ON CONFLICT (user_id) DO UPDATE SET password = excluded.password;
END $$;

-- Tokens are kept as SHA-256. A device has one access token and, where asked for, one refresh token.
CREATE TABLE stores.access_tokens (
    token_hash bytea PRIMARY KEY,
    user_id    text NOT NULL,
    device_id  text NOT NULL,
    expires_at bigint
);
CREATE INDEX access_tokens_device ON stores.access_tokens (user_id, device_id);

CREATE FUNCTION log.write_access_tokens(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM stores.access_tokens AS token
     USING jsonb_to_recordset(rows) AS row(user_id text, device_id text)
     WHERE token.user_id = row.user_id AND token.device_id = row.device_id;
    INSERT INTO stores.access_tokens
    SELECT decode(token_hash, 'hex'), user_id, device_id, expires_at FROM jsonb_to_recordset(rows)
        AS row(token_hash text, user_id text, device_id text, expires_at bigint) WHERE token_hash IS NOT NULL;
END $$;

CREATE TABLE stores.server_keys (
    key_id     text PRIMARY KEY,
    seed       bytea NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE stores.secrets (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);
