-- timelines --
-- The latest events of several rooms, each within (since, upto], newest first; filters are null where open. Of
-- ignored senders only state events.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, events.state_key, events.type
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS wanted(room_id, since, upto)
 CROSS JOIN LATERAL (
       SELECT * FROM events
        WHERE events.room_id = wanted.room_id AND position > wanted.since AND position <= wanted.upto
          AND ($5::text[] IS NULL OR type LIKE ANY($5::text[])) AND NOT (type LIKE ANY($6::text[]))
          AND ($7::text[] IS NULL OR sender = ANY($7::text[])) AND NOT (sender = ANY($8::text[]))
          AND ($9::boolean IS NULL OR $9::boolean = (
               SELECT (convert_from(body, 'UTF8')::json -> 'content' -> 'url') IS NOT NULL
                 FROM entries AS sent WHERE sent.position = events.position))
          AND (state_key IS NOT NULL OR NOT (sender = ANY($10::text[])))
        ORDER BY position DESC LIMIT $4) AS events
  JOIN entries ON entries.position = events.position
 ORDER BY entries.position DESC;

-- state_at --
-- The state of several rooms, each at a position; members only where asked for.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, state.state_key, state.type
  FROM unnest($1::text[], $2::bigint[]) AS wanted(room_id, at)
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (type, state_key) type, state_key, position FROM state_deltas
        WHERE state_deltas.room_id = wanted.room_id AND position <= wanted.at
          AND ($3 OR type <> 'm.room.member')
        ORDER BY type, state_key, position DESC) AS state
  JOIN events ON events.position = state.position
  JOIN entries ON entries.position = state.position;

-- state_changes --
-- The state of several rooms that changed within (since, upto], as it is at upto.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, state.state_key, state.type
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS wanted(room_id, since, upto)
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (type, state_key) type, state_key, position FROM state_deltas
        WHERE state_deltas.room_id = wanted.room_id AND position > wanted.since AND position <= wanted.upto
        ORDER BY type, state_key, position DESC) AS state
  JOIN events ON events.position = state.position
  JOIN entries ON entries.position = state.position;

-- members_at --
-- The member events of certain people, each at a position.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, events.state_key, events.type
  FROM unnest($1::text[], $2::text[], $3::bigint[]) AS wanted(room_id, user_id, at)
 CROSS JOIN LATERAL (
       SELECT position FROM state_deltas
        WHERE state_deltas.room_id = wanted.room_id AND type = 'm.room.member' AND state_key = wanted.user_id
          AND position <= wanted.at ORDER BY position DESC LIMIT 1) AS state
  JOIN events ON events.position = state.position
  JOIN entries ON entries.position = state.position;

-- events_by_position --
-- Events at these positions.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, events.state_key, events.type
  FROM events JOIN entries USING (position) WHERE position = ANY($1::bigint[]);

-- replaced_states --
-- For state events, the state event that each replaced.
SELECT wanted.position AS by_position, entries.event_id, entries.sender, entries.body
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS wanted(room_id, type, state_key, position)
 CROSS JOIN LATERAL (
       SELECT position FROM state_deltas
        WHERE state_deltas.room_id = wanted.room_id AND state_deltas.type = wanted.type
          AND state_deltas.state_key = wanted.state_key AND position < wanted.position
        ORDER BY position DESC LIMIT 1) AS replaced
  JOIN entries ON entries.position = replaced.position;

-- changed_rooms --
-- Those of these rooms that have events, or receipts that a person may see, within (since, upto].
SELECT wanted.room_id FROM unnest($1::text[]) AS wanted(room_id)
 WHERE EXISTS (SELECT FROM events WHERE events.room_id = wanted.room_id AND position > $2 AND position <= $3)
    OR EXISTS (SELECT FROM receipts WHERE receipts.room_id = wanted.room_id AND position > $2 AND position <= $3
                  AND (NOT private OR user_id = $4));

-- membership_intervals --
-- A person's memberships in several rooms, oldest first.
SELECT room_id, membership, from_position, to_position FROM memberships
 WHERE user_id = $1 AND room_id = ANY($2::text[]) ORDER BY from_position;

-- history_visibilities --
-- The history visibility of several rooms through time, oldest first.
SELECT state_deltas.room_id, state_deltas.position, entries.body
  FROM state_deltas JOIN entries USING (position)
 WHERE state_deltas.room_id = ANY($1::text[]) AND type = 'm.room.history_visibility' AND state_key = ''
 ORDER BY state_deltas.position;

-- receipts_after --
-- The latest receipts of several rooms that a person may see, as far as they are newer than a position.
SELECT receipts.room_id, user_id, thread, private, event_id, read_position, at
  FROM unnest($1::text[], $2::bigint[]) AS wanted(room_id, since)
  JOIN receipts ON receipts.room_id = wanted.room_id AND receipts.position > wanted.since
 WHERE NOT private OR user_id = $3;

-- received --
-- For several rooms, the span of the last events in (from, position], where some of them are others'.
SELECT rooms.position AS number, shown.first, shown.last
  FROM unnest($1::text[]) AS wanted(room_id) JOIN rooms USING (room_id)
 CROSS JOIN LATERAL (
       SELECT min(position) AS first, max(position) AS last, bool_or(sender <> $5) AS others FROM (
              SELECT position, sender FROM events
               WHERE events.room_id = wanted.room_id AND position > $2 AND position <= $3
               ORDER BY position DESC LIMIT $4) AS latest) AS shown
 WHERE shown.others;
