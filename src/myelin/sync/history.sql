-- page_backwards --
-- The latest events of a room within [first, last] of several ranges; filters are null where open.
SELECT page.redacted_by, page.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, page.state_key, page.type
  FROM (SELECT shown.* FROM unnest($2::bigint[], $3::bigint[]) AS range(first, last)
         CROSS JOIN LATERAL (
               SELECT position, type, state_key, redacted_by, has_relations FROM events
                WHERE events.room_id = $1 AND position BETWEEN range.first AND range.last
                  AND ($5::text[] IS NULL OR type LIKE ANY($5::text[])) AND NOT (type LIKE ANY($6::text[]))
                  AND ($7::text[] IS NULL OR sender = ANY($7::text[])) AND NOT (sender = ANY($8::text[]))
                ORDER BY position DESC LIMIT $4) AS shown
         ORDER BY shown.position DESC LIMIT $4) AS page
  JOIN entries ON entries.position = page.position
 ORDER BY entries.position DESC;

-- page_forwards --
-- The earliest events of a room within [first, last] of several ranges; filters are null where open.
SELECT page.redacted_by, page.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, page.state_key, page.type
  FROM (SELECT shown.* FROM unnest($2::bigint[], $3::bigint[]) AS range(first, last)
         CROSS JOIN LATERAL (
               SELECT position, type, state_key, redacted_by, has_relations FROM events
                WHERE events.room_id = $1 AND position BETWEEN range.first AND range.last
                  AND ($5::text[] IS NULL OR type LIKE ANY($5::text[])) AND NOT (type LIKE ANY($6::text[]))
                  AND ($7::text[] IS NULL OR sender = ANY($7::text[])) AND NOT (sender = ANY($8::text[]))
                ORDER BY position LIMIT $4) AS shown
         ORDER BY shown.position LIMIT $4) AS page
  JOIN entries ON entries.position = page.position
 ORDER BY entries.position;

-- event --
-- One event by its id, in its room.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, events.state_key, events.type
  FROM events JOIN entries USING (position) WHERE events.event_id = $1 AND events.room_id = $2;

-- members_of --
-- Every member event of a room as it held at a position.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, state.state_key, events.type
  FROM (SELECT DISTINCT ON (state_key) state_key, position FROM state_deltas
         WHERE room_id = $1 AND type = 'm.room.member' AND position <= $2
         ORDER BY state_key, position DESC) AS state
  JOIN events ON events.position = state.position
  JOIN entries ON entries.position = state.position
 ORDER BY entries.position;

-- state_event --
-- One state event as it held at a position.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, events.state_key, events.type
  FROM (SELECT position FROM state_deltas
         WHERE room_id = $1 AND type = $2 AND state_key = $3 AND position <= $4
         ORDER BY position DESC LIMIT 1) AS state
  JOIN events ON events.position = state.position
  JOIN entries ON entries.position = state.position;

-- position_before --
-- The last position before a moment in ms.
SELECT log.position_before($1);

-- children_backwards --
-- The newest of what relates to an event, within [first, last] of several ranges and [$7, $8]; filters are null where
-- open. Ranges are asked row by row, in the order of the index: EXISTS would become a join of all of them.
SELECT page.redacted_by, page.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, page.state_key, page.type
  FROM (SELECT position, type, state_key, redacted_by, has_relations FROM events
         WHERE relates_to = $2 AND room_id = $1 AND redacted_by IS NULL AND position BETWEEN $7 AND $8
           AND ($5::text IS NULL OR rel_type = $5) AND ($6::text IS NULL OR type = $6)
           AND (SELECT true FROM unnest($3::bigint[], $4::bigint[]) AS range(first, last)
                 WHERE position BETWEEN range.first AND range.last LIMIT 1)
         ORDER BY position DESC LIMIT $9) AS page
  JOIN entries ON entries.position = page.position
 ORDER BY entries.position DESC;

-- children_forwards --
-- The oldest of what relates to an event, within [first, last] of several ranges and [$7, $8]; filters are null where
-- open. Ranges are asked row by row, in the order of the index: EXISTS would become a join of all of them.
SELECT page.redacted_by, page.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, page.state_key, page.type
  FROM (SELECT position, type, state_key, redacted_by, has_relations FROM events
         WHERE relates_to = $2 AND room_id = $1 AND redacted_by IS NULL AND position BETWEEN $7 AND $8
           AND ($5::text IS NULL OR rel_type = $5) AND ($6::text IS NULL OR type = $6)
           AND (SELECT true FROM unnest($3::bigint[], $4::bigint[]) AS range(first, last)
                 WHERE position BETWEEN range.first AND range.last LIMIT 1)
         ORDER BY position LIMIT $9) AS page
  JOIN entries ON entries.position = page.position
 ORDER BY entries.position;

-- descendants_backwards --
-- The newest of what relates to an event over at most three steps, within [first, last] of several ranges and [$7, $8].
-- The kind of the last step and the type decide what is shown. Steps go on from those only that something relates to,
-- and of each no more than a page is read.
WITH RECURSIVE parents(event_id, step) AS (
    SELECT $2::text, 1
    UNION
    SELECT events.event_id, step + 1 FROM parents JOIN events ON events.relates_to = parents.event_id
     WHERE step < 3 AND room_id = $1 AND redacted_by IS NULL AND has_children
), related AS (
    SELECT child.* FROM (SELECT DISTINCT event_id FROM parents) AS parent
     CROSS JOIN LATERAL (
           SELECT position, type, state_key, redacted_by, has_relations FROM events
            WHERE relates_to = parent.event_id AND room_id = $1 AND redacted_by IS NULL AND position BETWEEN $7 AND $8
              AND ($5::text IS NULL OR rel_type = $5) AND ($6::text IS NULL OR type = $6)
              AND (SELECT true FROM unnest($3::bigint[], $4::bigint[]) AS range(first, last)
                    WHERE position BETWEEN range.first AND range.last LIMIT 1)
            ORDER BY position DESC LIMIT $9) AS child
     ORDER BY position DESC LIMIT $9
)
SELECT page.redacted_by, page.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, page.state_key, page.type
  FROM related AS page
  JOIN entries ON entries.position = page.position
 ORDER BY entries.position DESC;

-- descendants_forwards --
-- The oldest of what relates to an event over at most three steps, within [first, last] of several ranges and [$7, $8].
-- The kind of the last step and the type decide what is shown. Steps go on from those only that something relates to,
-- and of each no more than a page is read.
WITH RECURSIVE parents(event_id, step) AS (
    SELECT $2::text, 1
    UNION
    SELECT events.event_id, step + 1 FROM parents JOIN events ON events.relates_to = parents.event_id
     WHERE step < 3 AND room_id = $1 AND redacted_by IS NULL AND has_children
), related AS (
    SELECT child.* FROM (SELECT DISTINCT event_id FROM parents) AS parent
     CROSS JOIN LATERAL (
           SELECT position, type, state_key, redacted_by, has_relations FROM events
            WHERE relates_to = parent.event_id AND room_id = $1 AND redacted_by IS NULL AND position BETWEEN $7 AND $8
              AND ($5::text IS NULL OR rel_type = $5) AND ($6::text IS NULL OR type = $6)
              AND (SELECT true FROM unnest($3::bigint[], $4::bigint[]) AS range(first, last)
                    WHERE position BETWEEN range.first AND range.last LIMIT 1)
            ORDER BY position LIMIT $9) AS child
     ORDER BY position LIMIT $9
)
SELECT page.redacted_by, page.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, page.state_key, page.type
  FROM related AS page
  JOIN entries ON entries.position = page.position
 ORDER BY entries.position;

-- room_of_alias --
-- Where an alias leads.
SELECT room_id FROM aliases WHERE alias = $1 AND room_id <> '';

-- aliases_of_room --
-- The aliases that lead to a room.
SELECT alias FROM aliases WHERE room_id = $1 ORDER BY alias;

-- is_listed --
-- Whether a room is in the list of public rooms; null where there is no such room.
SELECT coalesce(public_rooms.listed, false) FROM rooms LEFT JOIN public_rooms USING (room_id) WHERE room_id = $1;

-- listed_rooms --
-- The rooms in the list of public rooms, the largest first.
SELECT room_id FROM public_rooms WHERE listed
 ORDER BY (SELECT count(*) FROM memberships WHERE memberships.room_id = public_rooms.room_id
              AND membership = 'join' AND to_position IS NULL) DESC, room_id;

-- described_rooms --
-- What several rooms say of themselves: the present content of the state that describes a room.
SELECT state.room_id, state.type, entries.body
  FROM unnest($1::text[]) AS wanted(room_id)
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (type) room_id, type, position FROM state_deltas
        WHERE state_deltas.room_id = wanted.room_id AND state_key = '' AND type = ANY($2::text[])
        ORDER BY type, position DESC) AS state
  JOIN entries USING (position);

-- joined_counts --
-- How many people are in each of these rooms.
SELECT room_id, count(*) AS joined FROM memberships
 WHERE room_id = ANY($1::text[]) AND membership = 'join' AND to_position IS NULL GROUP BY room_id;
