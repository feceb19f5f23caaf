-- read_points --
-- How far a person has read in several rooms, by thread.
SELECT room_id, thread, max(read_position) AS read_position FROM receipts
 WHERE user_id = $1 AND room_id = ANY($2::text[]) GROUP BY room_id, thread;

-- unread --
-- What notifies a person in several rooms, by thread: counts, and highlights among them; the loud ones count in a muted
-- room too. Each room has the position after which anything may be unread, and that up to which the main timeline is
-- read.
SELECT wanted.room_id, noticed.thread, sum(noticed.notify)::bigint AS notify, sum(noticed.highlight)::bigint AS highlight,
       sum(noticed.loud)::bigint AS loud, sum(noticed.loud_highlight)::bigint AS loud_highlight
  FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS wanted(room_id, start, main)
 CROSS JOIN LATERAL (
       SELECT thread, notify, highlight, highlight AS loud, highlight AS loud_highlight FROM (
       SELECT 'main' AS thread, count(*) AS notify, count(*) FILTER (WHERE notice = 2) AS highlight
         FROM events
        WHERE room_id = wanted.room_id AND position > wanted.main AND position <= $5
          AND notice > 0 AND thread IS NULL AND NOT sender = ANY($6::text[])
       UNION ALL
       SELECT thread, count(*), count(*) FILTER (WHERE notice = 2)
         FROM events
        WHERE room_id = wanted.room_id AND position > wanted.start AND position <= $5
          AND notice > 0 AND thread IS NOT NULL AND NOT sender = ANY($6::text[])
          AND NOT EXISTS (SELECT FROM receipts WHERE receipts.room_id = wanted.room_id AND receipts.user_id = $1
                             AND receipts.thread = events.thread AND read_position >= events.position)
        GROUP BY thread
       UNION ALL
       -- Named in clear: a highlight, and a notification where the event is none for everybody.
       SELECT coalesce(thread, 'main'), count(*) FILTER (WHERE notice = 0), count(*) FILTER (WHERE notice < 2)
         FROM highlights JOIN events USING (room_id, position)
        WHERE highlights.user_id = $1 AND room_id = wanted.room_id AND position > wanted.start AND position <= $5
          AND redacted_by IS NULL AND NOT sender = ANY($6::text[])
          AND NOT EXISTS (SELECT FROM receipts WHERE receipts.room_id = wanted.room_id AND receipts.user_id = $1
                             AND receipts.thread = coalesce(events.thread, 'main')
                             AND read_position >= events.position)
        GROUP BY coalesce(thread, 'main')) AS by_default
       UNION ALL
       -- By their own rules it is something else: the difference from what was counted above.
       SELECT coalesce(thread, 'main'),
              sum((outcome > 0)::int - (notice > 0 OR is_named)::int),
              sum((outcome IN (2, 4))::int - (notice = 2 OR is_named)::int),
              sum((outcome >= 3)::int - (notice = 2 OR is_named)::int),
              sum((outcome = 4)::int - (notice = 2 OR is_named)::int)
         FROM (SELECT events.*, outcome,
                      EXISTS (SELECT FROM highlights WHERE highlights.user_id = $1
                                 AND highlights.room_id = events.room_id
                                 AND highlights.position = events.position) AS is_named
                 FROM personal_notices AS own JOIN events USING (room_id, position)
                WHERE own.user_id = $1 AND room_id = wanted.room_id AND position > wanted.start AND position <= $5
                  AND redacted_by IS NULL AND NOT sender = ANY($6::text[])
                  AND NOT EXISTS (SELECT FROM receipts
                                   WHERE receipts.room_id = wanted.room_id AND receipts.user_id = $1
                                     AND receipts.thread = coalesce(events.thread, 'main')
                                     AND read_position >= events.position)) AS noticed
        GROUP BY coalesce(thread, 'main')) AS noticed
 GROUP BY wanted.room_id, noticed.thread HAVING sum(noticed.notify) > 0;
