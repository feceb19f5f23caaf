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

-- Called after `write_personal_notices`: tables are written in the order of their names.
CREATE OR REPLACE FUNCTION log.write_redactions(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Of several redactions of one event the first counts.
    WITH gone AS (
        UPDATE events SET redacted_by = first.position, notice = 0
          FROM (SELECT event_id, min(position) AS position
                  FROM jsonb_to_recordset(rows) AS row(event_id text, position bigint) GROUP BY event_id) AS first
         WHERE events.event_id = first.event_id AND events.redacted_by IS NULL
        RETURNING events.room_id, events.position, events.rel_type, events.relates_to
    )
    -- What was sent in this batch comes after the thread's latest message as yet, and will not be counted at all.
    UPDATE threads SET message_count = message_count - counted.count
      FROM (SELECT threads.room_id, threads.root, count(*) AS count
              FROM gone JOIN threads ON threads.room_id = gone.room_id AND threads.root = gone.relates_to
             WHERE gone.rel_type = 'm.thread' AND gone.position <= threads.position
             GROUP BY threads.room_id, threads.root) AS counted
     WHERE threads.room_id = counted.room_id AND threads.root = counted.root;
    DELETE FROM highlights
     USING jsonb_to_recordset(rows) AS row(event_id text, position bigint) JOIN events USING (event_id)
     WHERE highlights.room_id = events.room_id AND highlights.position = events.position;
    DELETE FROM personal_notices
     USING jsonb_to_recordset(rows) AS row(event_id text, position bigint) JOIN events USING (event_id)
     WHERE personal_notices.room_id = events.room_id AND personal_notices.position = events.position;
END $$;
