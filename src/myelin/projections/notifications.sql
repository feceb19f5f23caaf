-- noticed --
-- The latest events that may notify a person in several rooms, each room after its own position; newest first. In a
-- muted room only what stands above that. `outcome` is what each is to the person, see `rules.outcomes`.
SELECT events.position, events.room_id, coalesce(events.thread, 'main') AS thread,
       coalesce((SELECT outcome FROM personal_notices AS own
                  WHERE own.user_id = $1 AND own.room_id = events.room_id AND own.position = events.position),
                CASE WHEN notice = 2 OR EXISTS (SELECT FROM highlights
                           WHERE highlights.user_id = $1 AND highlights.room_id = events.room_id
                             AND highlights.position = events.position) THEN 4 ELSE notice END) AS outcome,
       events.sender = ANY($6::text[]) OR redacted_by IS NOT NULL AS is_left_out
  FROM (SELECT DISTINCT found.position FROM unnest($2::text[], $3::bigint[], $4::boolean[]) AS wanted(room_id, since, muted)
         CROSS JOIN LATERAL (
               (SELECT position FROM events
                 WHERE room_id = wanted.room_id AND position > wanted.since AND position <= $5
                   AND notice > 0 AND (notice = 2 OR NOT wanted.muted) AND NOT sender = ANY($6::text[])
                 ORDER BY position DESC LIMIT $7)
               UNION ALL
               (SELECT position FROM highlights
                 WHERE user_id = $1 AND room_id = wanted.room_id AND position > wanted.since AND position <= $5
                 ORDER BY position DESC LIMIT $7)
               UNION ALL
               (SELECT position FROM personal_notices
                 WHERE user_id = $1 AND room_id = wanted.room_id AND position > wanted.since AND position <= $5
                   AND outcome > 0
                 ORDER BY position DESC LIMIT $7)) AS found
         ORDER BY found.position DESC LIMIT $7) AS candidate
  JOIN events ON events.position = candidate.position
 ORDER BY events.position DESC;

-- entries_at --
-- The entries at these positions, in order.
SELECT * FROM entries WHERE position = ANY($1::bigint[]) ORDER BY position;
