-- Who may set a first password with a code, and since which entry; the hash of the code is a secret, and in stores.
CREATE TABLE projections.activations (
    user_id  text PRIMARY KEY,
    position bigint NOT NULL
);

CREATE FUNCTION log.write_activations(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, position bigint, is_open boolean)
                   ORDER BY position LOOP
        IF change.is_open THEN
            INSERT INTO activations VALUES (change.user_id, change.position)
            ON CONFLICT (user_id) DO UPDATE SET position = excluded.position;
        ELSE
            DELETE FROM activations WHERE user_id = change.user_id;
        END IF;
    END LOOP;
END $$;

CREATE TABLE stores.activation_codes (
    user_id    text PRIMARY KEY,
    code_hash  bytea NOT NULL,
    position   bigint NOT NULL,
    expires_at bigint NOT NULL
);

-- A row without a hash takes the code away.
CREATE FUNCTION log.write_activation_codes(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, code_hash text, position bigint,
                           expires_at bigint) LOOP
        DELETE FROM activation_codes WHERE user_id = change.user_id;
        IF change.code_hash IS NOT NULL THEN
            INSERT INTO activation_codes
            VALUES (change.user_id, decode(change.code_hash, 'hex'), change.position, change.expires_at);
        END IF;
    END LOOP;
END $$;
