-- The one room of each department, that of everybody, and those of the feeds, by purpose. The latest one counts.

CREATE TABLE projections.designated_rooms (
    designation text PRIMARY KEY,
    room_id     text NOT NULL,
    position    bigint NOT NULL
);
CREATE INDEX designated_rooms_room ON projections.designated_rooms (room_id);

CREATE FUNCTION log.write_designated_rooms(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO designated_rooms
    SELECT DISTINCT ON (designation) designation, room_id, position
      FROM jsonb_to_recordset(rows) AS row(designation text, room_id text, position bigint)
     ORDER BY designation, position DESC
    ON CONFLICT (designation) DO UPDATE SET room_id = excluded.room_id, position = excluded.position;
END $$;
