-- Whether anything that is bundled relates to an event: rooms without relations are spared every further question.
ALTER TABLE projections.events ADD COLUMN has_relations boolean NOT NULL DEFAULT false;

CREATE FUNCTION log.write_related_events(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Only within one room, and once for each event.
    UPDATE events SET has_relations = true
      FROM (SELECT DISTINCT room_id, event_id
              FROM jsonb_to_recordset(rows) AS row(room_id text, event_id text)) AS related
     WHERE events.event_id = related.event_id AND events.room_id = related.room_id AND NOT has_relations;
END $$;

-- The threads of a room, by their latest message; one that was redacted counts for the order.
CREATE TABLE projections.threads (
    room_id  text NOT NULL,
    root     text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (room_id, root)
);
CREATE INDEX threads_latest ON projections.threads (room_id, position);

CREATE FUNCTION log.write_threads(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO threads
    SELECT room_id, root, max(position) FROM jsonb_to_recordset(rows) AS row(room_id text, root text, position bigint)
     GROUP BY room_id, root
    ON CONFLICT (room_id, root) DO UPDATE SET position = excluded.position;
END $$;
