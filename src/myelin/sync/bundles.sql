-- edits --
-- The latest valid edit of each of these events that lies in one of the ranges and is not an ignored person's, among
-- the newest $6. An edit says what is new; of an encrypted one only its readers can tell.
SELECT original.event_id AS original, edit.*
  FROM events AS original
 CROSS JOIN LATERAL (
       SELECT newest.redacted_by, newest.has_relations, entries.position, entries.at, entries.room_id, entries.event_id,
              entries.sender, entries.device_id, entries.transaction, entries.body, newest.state_key, newest.type
         FROM (SELECT * FROM events AS edit
                WHERE edit.relates_to = original.event_id AND edit.rel_type = 'm.replace'
                  AND edit.room_id = original.room_id AND edit.sender = original.sender AND edit.type = original.type
                  AND edit.redacted_by IS NULL AND edit.state_key IS NULL AND NOT edit.sender = ANY($2::text[])
                  AND (SELECT true FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS range(room_id, first, last)
                        WHERE range.room_id = edit.room_id AND edit.position BETWEEN range.first AND range.last LIMIT 1)
                ORDER BY position DESC LIMIT $6) AS newest
         JOIN entries ON entries.position = newest.position
        -- In canonical JSON these bytes can only be a key, at whatever depth: nothing has to be parsed.
        WHERE newest.type = 'm.room.encrypted' OR position('"m.new_content":'::bytea IN entries.body) > 0
        ORDER BY entries.at DESC, entries.event_id COLLATE "C" DESC LIMIT 1) AS edit
 WHERE original.event_id = ANY($1::text[]) AND original.redacted_by IS NULL
   AND original.state_key IS NULL AND original.rel_type IS DISTINCT FROM 'm.replace';

-- threads --
-- Of each of these events that a thread begins with: how many are in it, whether $6 takes part, and the latest. Who sees
-- all of it gets the count that is kept, without what those they ignore have in it; of others at most $7 are counted.
SELECT root.event_id AS root, counted.count, took_part.it OR root.sender = $6 AS took_part,
       latest.redacted_by, latest.has_relations, entries.position, entries.at, entries.room_id, entries.event_id,
       entries.sender, entries.device_id, entries.transaction, entries.body, latest.state_key, latest.type
  FROM events AS root
  JOIN threads ON threads.room_id = root.room_id AND threads.root = root.event_id
 CROSS JOIN LATERAL (
       SELECT position, redacted_by, has_relations, state_key, type FROM events AS reply
        WHERE reply.relates_to = root.event_id AND reply.rel_type = 'm.thread' AND reply.room_id = root.room_id
          AND reply.redacted_by IS NULL AND NOT reply.sender = ANY($2::text[])
          AND (SELECT true FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS range(room_id, first, last)
                WHERE range.room_id = reply.room_id AND reply.position BETWEEN range.first AND range.last LIMIT 1)
        ORDER BY position DESC LIMIT 1) AS latest
  JOIN entries ON entries.position = latest.position
 CROSS JOIN LATERAL (
       SELECT CASE WHEN EXISTS (SELECT FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS range(room_id, first, last)
                                 WHERE range.room_id = root.room_id
                                   AND range.first <= root.position AND range.last >= threads.position)
       THEN threads.message_count - (
            SELECT count(*) FROM events AS reply
             WHERE reply.relates_to = root.event_id AND reply.rel_type = 'm.thread' AND reply.room_id = root.room_id
               AND reply.redacted_by IS NULL AND reply.sender = ANY($2::text[]))
       ELSE (SELECT count(*) FROM (
            SELECT FROM events AS reply
             WHERE reply.relates_to = root.event_id AND reply.rel_type = 'm.thread' AND reply.room_id = root.room_id
               AND reply.redacted_by IS NULL AND NOT reply.sender = ANY($2::text[])
               AND (SELECT true FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS range(room_id, first, last)
                     WHERE range.room_id = reply.room_id AND reply.position BETWEEN range.first AND range.last LIMIT 1)
             ORDER BY position DESC LIMIT $7) AS reply)
       END AS count) AS counted
 CROSS JOIN LATERAL (
       SELECT EXISTS (SELECT FROM events AS reply
                       WHERE reply.relates_to = root.event_id AND reply.rel_type = 'm.thread' AND reply.sender = $6
                         AND reply.room_id = root.room_id AND reply.redacted_by IS NULL
                         AND NOT reply.sender = ANY($2::text[])
                         AND (SELECT true FROM unnest($3::text[], $4::bigint[], $5::bigint[])
                                                 AS range(room_id, first, last)
                                      WHERE range.room_id = reply.room_id
                                        AND reply.position BETWEEN range.first AND range.last LIMIT 1)) AS it) AS took_part
 WHERE root.event_id = ANY($1::text[]);

-- references --
-- What refers to each of these events, oldest first, at most $6 of each.
SELECT referred.event_id AS referred, reference.event_id
  FROM events AS referred
 CROSS JOIN LATERAL (
       SELECT event_id, position FROM events AS reference
        WHERE reference.relates_to = referred.event_id AND reference.rel_type = 'm.reference'
          AND reference.room_id = referred.room_id AND reference.redacted_by IS NULL
          AND NOT reference.sender = ANY($2::text[])
          AND (SELECT true FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS range(room_id, first, last)
                       WHERE range.room_id = reference.room_id
                         AND reference.position BETWEEN range.first AND range.last LIMIT 1)
        ORDER BY position LIMIT $6) AS reference
 WHERE referred.event_id = ANY($1::text[]) ORDER BY reference.position;

-- thread_roots --
-- The roots of a room's threads before a position of their latest message, the latest first, nulls where the room has no
-- such event; $4 asks for those only in which $3 takes part. Whether a root or a reply may be seen is decided afterwards.
-- The page is cut before anything is joined to it, and each thread asked for itself: a room may have thousands.
SELECT page.position AS latest, root.redacted_by, root.has_relations, entries.position, entries.at, entries.room_id,
       entries.event_id, entries.sender, entries.device_id, entries.transaction, entries.body, root.state_key, root.type
  FROM (SELECT room_id, root, position FROM threads
         WHERE room_id = $1 AND position <= $2
           AND (NOT $4
                OR (SELECT sender = $3 FROM events WHERE event_id = threads.root)
                OR (SELECT true FROM events AS reply
                     WHERE reply.relates_to = threads.root AND reply.rel_type = 'm.thread'
                       AND reply.sender = $3 AND reply.redacted_by IS NULL LIMIT 1))
         ORDER BY position DESC LIMIT $5) AS page
  LEFT JOIN events AS root ON root.event_id = page.root AND root.room_id = page.room_id
  LEFT JOIN entries ON entries.position = root.position
 ORDER BY page.position DESC;
