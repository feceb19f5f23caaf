-- Rooms: the list of public rooms, and moments in the log.

CREATE TABLE projections.public_rooms (
    room_id  text PRIMARY KEY,
    listed   boolean NOT NULL,
    position bigint NOT NULL
);

CREATE FUNCTION log.write_public_rooms(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public_rooms
    SELECT DISTINCT ON (room_id) room_id, listed, position
      FROM jsonb_to_recordset(rows) AS row(room_id text, listed boolean, position bigint)
     ORDER BY room_id, position DESC
    ON CONFLICT (room_id) DO UPDATE SET listed = excluded.listed, position = excluded.position;
END $$;

-- The last position before a moment in ms, -1 where there is none. Positions are contiguous and their times never
-- go back, so halving finds it in some thirty steps.
CREATE FUNCTION log.position_before(moment bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    low    bigint := -1;
    high   bigint := (SELECT max(position) + 1 FROM entries);
    middle bigint;
BEGIN
    WHILE high - low > 1 LOOP
        middle := (low + high) / 2;
        IF (SELECT at FROM entries WHERE position = middle) < moment THEN
            low := middle;
        ELSE
            high := middle;
        END IF;
    END LOOP;
    RETURN low;
END $$;
