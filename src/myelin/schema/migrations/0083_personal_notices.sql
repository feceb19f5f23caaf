-- What an event is to those whose own push rules treat it otherwise than the default ones: a sparse row each.

CREATE TABLE projections.personal_notices (
    user_id  text NOT NULL,
    room_id  text NOT NULL,
    position bigint NOT NULL,
    outcome  smallint NOT NULL,
    PRIMARY KEY (user_id, room_id, position)
);
CREATE INDEX personal_notices_event ON projections.personal_notices (room_id, position);

CREATE FUNCTION log.write_personal_notices(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO personal_notices SELECT * FROM jsonb_to_recordset(rows)
        AS row(user_id text, room_id text, position bigint, outcome smallint) ON CONFLICT DO NOTHING;
END $$;
