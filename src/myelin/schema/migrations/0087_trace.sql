-- The trace of a message: which devices had it and when, who read it, who could have been reached at all.

-- Every upload of identity keys, as history: `device_keys` knows only the latest of devices that are still there.
CREATE TABLE projections.device_key_uploads (
    user_id   text NOT NULL,
    device_id text NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (user_id, device_id, position)
);
INSERT INTO projections.device_key_uploads
SELECT sender, device_id, position FROM log.entries WHERE kind = 'device_keys';

CREATE FUNCTION log.write_device_key_uploads(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO device_key_uploads SELECT * FROM jsonb_to_recordset(rows)
        AS row(user_id text, device_id text, position bigint);
END $$;

CREATE INDEX reads_person ON projections.reads (room_number, user_number, position);
