-- room_summaries --
-- For several rooms: how many are joined and invited, and (of a room without a name) after whom it may be called.
SELECT wanted.room_id, counts.joined, counts.invited, kind.kind,
       CASE WHEN named.named THEN NULL WHEN counts.joined + counts.invited > 1 THEN present.ids ELSE past.ids END AS heroes
  FROM unnest($1::text[]) AS wanted(room_id)
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE membership = 'join') AS joined,
              count(*) FILTER (WHERE membership = 'invite') AS invited
         FROM memberships
        WHERE room_id = wanted.room_id AND to_position IS NULL AND membership IN ('join', 'invite')) AS counts
 CROSS JOIN LATERAL (
       -- Text compared as JSON: a name with a NUL in it cannot be a text of PostgreSQL.
       SELECT coalesce(bool_or(coalesce((convert_from(entries.body, 'UTF8')::json -> 'content' -> state.field)::text,
                                        'null') NOT IN ('""', 'null')), false) AS named
         FROM (VALUES ('m.room.name', 'name'), ('m.room.canonical_alias', 'alias')) AS state(type, field)
        CROSS JOIN LATERAL (SELECT position FROM state_deltas
                             WHERE state_deltas.room_id = wanted.room_id AND state_deltas.type = state.type
                               AND state_key = '' ORDER BY position DESC LIMIT 1) AS latest
         JOIN entries ON entries.position = latest.position) AS named
 CROSS JOIN LATERAL (
       SELECT array(SELECT user_id FROM memberships
                     WHERE room_id = wanted.room_id AND to_position IS NULL AND membership IN ('join', 'invite')
                       AND user_id <> $2 AND NOT named.named ORDER BY from_position LIMIT 5) AS ids) AS present
 CROSS JOIN LATERAL (
       SELECT array(SELECT user_id FROM memberships
                     WHERE room_id = wanted.room_id AND to_position IS NULL AND membership IN ('leave', 'ban')
                       AND user_id <> $2 AND counts.joined + counts.invited <= 1 AND NOT named.named
                     ORDER BY from_position LIMIT 5) AS ids) AS past
  LEFT JOIN LATERAL (
       SELECT convert_from(entries.body, 'UTF8')::json -> 'content' ->> 'kind' AS kind
         FROM state_deltas JOIN entries USING (position)
        WHERE state_deltas.room_id = wanted.room_id AND type = 'org.myelin.room' AND state_key = ''
        ORDER BY position DESC LIMIT 1) AS kind ON true;
