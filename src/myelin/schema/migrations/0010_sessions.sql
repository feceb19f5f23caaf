-- Passwords and sessions: hashes only. The log says that they changed; what they are is here.

CREATE TABLE stores.credentials (
    user_id  text PRIMARY KEY,
    password text NOT NULL
);

-- A row with `before` renews the hash of an unchanged password, and yields to a password that was changed meanwhile;
-- one without a password takes it away.
CREATE FUNCTION log.write_credentials(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, password text, before text) LOOP
        IF change.before IS NOT NULL THEN
            UPDATE credentials SET password = change.password
             WHERE user_id = change.user_id AND password = change.before;
        ELSIF change.password IS NULL THEN
            DELETE FROM credentials WHERE user_id = change.user_id;
        ELSE
            INSERT INTO credentials (user_id, password) VALUES (change.user_id, change.password)
            ON CONFLICT (user_id) DO UPDATE SET password = excluded.password;
        END IF;
    END LOOP;
END $$;

-- Tokens are kept as SHA-256. A row is a pair: an access token and, where asked for, the token that refreshes it.
-- `parent` is the access token of the pair that was refreshed, until this pair has been used.
CREATE TABLE stores.access_tokens (
    token_hash   bytea PRIMARY KEY,
    user_id      text NOT NULL,
    device_id    text NOT NULL,
    expires_at   bigint,
    refresh_hash bytea UNIQUE,
    parent       bytea
);
CREATE INDEX access_tokens_device ON stores.access_tokens (user_id, device_id);

CREATE TABLE stores.last_seen (
    user_id   text NOT NULL,
    device_id text NOT NULL,
    address   text NOT NULL,
    at        bigint NOT NULL,
    PRIMARY KEY (user_id, device_id)
);

CREATE FUNCTION log.end_session(of_user text, of_device text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM access_tokens WHERE user_id = of_user AND device_id = of_device;
$$;

-- The pair has been used: what it was made from, and whatever else was made meanwhile, is of no use any more.
CREATE FUNCTION log.confirm_tokens(used bytea) RETURNS void LANGUAGE sql AS $$
    DELETE FROM access_tokens AS other USING access_tokens AS pair
     WHERE pair.token_hash = used AND pair.parent = other.token_hash;
    UPDATE access_tokens SET parent = NULL WHERE token_hash = used AND parent IS NOT NULL;
$$;

CREATE FUNCTION log.refresh_tokens(old bytea, new bytea, new_refresh bytea, new_expires_at bigint)
RETURNS void LANGUAGE sql AS $$
    DELETE FROM access_tokens AS other USING access_tokens AS pair
     WHERE pair.token_hash = old AND (other.user_id, other.device_id) = (pair.user_id, pair.device_id)
       AND other.token_hash <> old AND other.parent IS DISTINCT FROM old;
    UPDATE access_tokens SET parent = NULL WHERE token_hash = old AND parent IS NOT NULL;
    INSERT INTO access_tokens (token_hash, user_id, device_id, expires_at, refresh_hash, parent)
    SELECT new, user_id, device_id, new_expires_at, new_refresh, old FROM access_tokens WHERE token_hash = old
    ON CONFLICT DO NOTHING;
$$;

-- One by one and in order: a batch may sign a device out and in again.
CREATE FUNCTION log.write_sessions(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pair record;
BEGIN
    FOR pair IN SELECT change, user_id, device_id, expires_at, decode(token_hash, 'hex') AS token,
                      decode(refresh_hash, 'hex') AS refresh, decode(parent, 'hex') AS parent
                 FROM jsonb_to_recordset(rows) AS row(change text, user_id text, device_id text, token_hash text,
                                                      refresh_hash text, expires_at bigint, parent text) LOOP
        CASE pair.change
        WHEN 'opened' THEN
            PERFORM end_session(pair.user_id, pair.device_id);
            INSERT INTO access_tokens (token_hash, user_id, device_id, expires_at, refresh_hash)
            VALUES (pair.token, pair.user_id, pair.device_id, pair.expires_at, pair.refresh);
        WHEN 'refreshed' THEN
            PERFORM refresh_tokens(pair.parent, pair.token, pair.refresh, pair.expires_at);
        WHEN 'confirmed' THEN
            PERFORM confirm_tokens(pair.token);
        WHEN 'ended' THEN
            PERFORM end_session(pair.user_id, pair.device_id);
            DELETE FROM last_seen WHERE user_id = pair.user_id AND device_id = pair.device_id;
        END CASE;
    END LOOP;
END $$;
