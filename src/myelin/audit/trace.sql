-- trace_recipients --
-- Who was in a room or invited at an event, the sender and the server's hand left out: whether no device of theirs
-- could be reached, and their first receipt at or after the event, in its thread or unthreaded, that the asker may see.
SELECT memberships.user_id, memberships.membership, first_read.at AS read_at,
       NOT EXISTS (SELECT FROM devices JOIN device_key_uploads AS uploads USING (user_id, device_id)
                    WHERE devices.user_id = memberships.user_id
                      AND devices.number < uploads.position AND uploads.position <= $3
                      AND (NOT devices.removed OR devices.position > $3)) AS no_device
  FROM memberships JOIN accounts USING (user_id)
  LEFT JOIN LATERAL (
        SELECT reads.at FROM reads
         WHERE reads.room_number = $2 AND reads.user_number = accounts.number AND reads.position > $3
           AND read_position >= $3
           -- Whoever names the event has read it, also as the root of the thread that it began.
           AND (read_position = $3 OR thread_number = -1 OR thread_number = (
                SELECT coalesce(root.position, 0) FROM events LEFT JOIN events AS root ON root.event_id = events.thread
                 WHERE events.position = $3))
           AND (NOT private OR memberships.user_id = $5)
         ORDER BY reads.position, reads.at LIMIT 1) AS first_read ON true
 WHERE memberships.room_id = $1 AND membership IN ('join', 'invite')
   AND from_position <= $3 AND (to_position IS NULL OR to_position > $3)
   AND memberships.user_id <> $4 AND accounts.account <> 'server'
 ORDER BY memberships.user_id;

-- trace_deliveries --
-- Which devices of these people had an event and since when: by what they came back with, or by a receipt that names it.
SELECT user_id, device_id, min(at) AS at FROM (
        SELECT user_id, device_id, had.at
          FROM devices CROSS JOIN LATERAL (
               SELECT from_position, deliveries.at FROM deliveries
                WHERE room_number = $2 AND device_number = devices.number AND to_position >= $3
                ORDER BY to_position LIMIT 1) AS had
         WHERE user_id = ANY($1::text[]) AND had.from_position < $3
        UNION ALL
        SELECT devices.user_id, devices.device_id, reads.at
          FROM reads JOIN accounts ON accounts.number = reads.user_number
          JOIN devices ON devices.user_id = accounts.user_id AND devices.number = reads.device_number
         WHERE reads.room_number = $2 AND read_position = $3 AND accounts.user_id = ANY($1::text[])
           AND (NOT private OR accounts.user_id = $4)) AS deliveries
 GROUP BY user_id, device_id ORDER BY at, device_id;
