-- What relates to an event. `has_relations`: something that is bundled does, so rooms without relations are spared every
-- further question. `has_children`: anything does, so that /relations with `recurse` goes on from these only.
ALTER TABLE projections.events
    ADD COLUMN has_relations boolean NOT NULL DEFAULT false,
    ADD COLUMN has_children boolean NOT NULL DEFAULT false;
CREATE INDEX events_with_children ON projections.events (relates_to, position)
 WHERE relates_to IS NOT NULL AND has_children;
-- The latest message of a thread, and references in order, beside however many reactions.
CREATE INDEX events_bundled ON projections.events (relates_to, rel_type, position)
 WHERE rel_type IN ('m.thread', 'm.reference');

CREATE FUNCTION log.write_related_events(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Only within one room, and once for each event.
    UPDATE events SET has_relations = has_relations OR bundled, has_children = true
      FROM (SELECT room_id, event_id, bool_or(bundled) AS bundled
              FROM jsonb_to_recordset(rows) AS row(room_id text, event_id text, bundled boolean)
             GROUP BY room_id, event_id) AS related
     WHERE events.event_id = related.event_id AND events.room_id = related.room_id
       AND NOT (has_children AND (has_relations OR NOT bundled));
END $$;

-- The threads of a room, by their latest message; one that was redacted counts for the order, and is not counted.
CREATE TABLE projections.threads (
    room_id       text NOT NULL,
    root          text NOT NULL,
    position      bigint NOT NULL,
    message_count integer NOT NULL,
    PRIMARY KEY (room_id, root)
);
CREATE INDEX threads_latest ON projections.threads (room_id, position);

CREATE FUNCTION log.write_threads(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO threads AS known (room_id, root, position, message_count)
    SELECT row.room_id, row.root, max(row.position), count(*) FILTER (WHERE redacted_by IS NULL)
      FROM jsonb_to_recordset(rows) AS row(room_id text, root text, position bigint) JOIN events USING (position)
     GROUP BY row.room_id, row.root
    ON CONFLICT (room_id, root) DO UPDATE
       SET position = excluded.position, message_count = known.message_count + excluded.message_count;
END $$;
