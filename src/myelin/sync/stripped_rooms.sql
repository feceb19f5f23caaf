-- stripped_state --
-- What somebody outside is told of rooms: a few kinds of state at a position, and the member events of two people.
SELECT state.room_id, state.type, state.state_key, entries.sender, entries.body
  FROM unnest($1::text[], $2::bigint[]) AS wanted(room_id, position)
  JOIN entries AS invitation ON invitation.position = wanted.position
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (type, state_key) room_id, type, state_key, state_deltas.position FROM state_deltas
        WHERE state_deltas.room_id = wanted.room_id AND state_deltas.position <= wanted.position
          AND ((type = ANY($3::text[]) AND state_key = '')
               OR (type = 'm.room.member' AND state_key IN (invitation.sender, $4)))
        ORDER BY type, state_key, state_deltas.position DESC) AS state
  JOIN entries ON entries.position = state.position;
