-- Locks of devices. `token_hash` is that of the token with which a locked device asks; `half` is the server's half of
-- the key that a PIN opens, and `proof_hash` that of what proves the PIN (both null: only the password opens it).
-- Not in the log, which nothing leaves: a half that was destroyed must be gone.

CREATE TABLE stores.device_locks (
    user_id    text NOT NULL,
    device_id  text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    proof_hash bytea,
    half       bytea,
    tries      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, device_id)
);

-- A row without a token takes the lock away.
CREATE FUNCTION log.write_device_locks(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, device_id text, token_hash text,
                           proof_hash text, half text) LOOP
        DELETE FROM device_locks WHERE user_id = change.user_id AND device_id = change.device_id;
        IF change.token_hash IS NOT NULL THEN
            INSERT INTO device_locks (user_id, device_id, token_hash, proof_hash, half)
            VALUES (change.user_id, change.device_id, decode(change.token_hash, 'hex'),
                    decode(change.proof_hash, 'hex'), decode(change.half, 'hex'));
        END IF;
    END LOOP;
END $$;
