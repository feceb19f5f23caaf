-- waiting_messages --
-- The next messages to a device, in order, after and up to a position.
SELECT position, sender, type, content FROM to_device_messages
 WHERE device_number = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4;

-- drop_received_messages --
-- A device has received everything up to a position.
DELETE FROM to_device_messages WHERE device_number = $1 AND position <= $2;

-- drop_oldest_messages --
-- Of the next devices after number $3: where more waits than one may have ($1 for a session, $2 for a dehydrated device),
-- the oldest goes. How many went, of how many devices, and where to go on; null at the end.
WITH looked_at AS MATERIALIZED (
     SELECT number, CASE WHEN dehydrated THEN $2::bigint ELSE $1::bigint END AS allowed
       FROM devices WHERE NOT removed AND number > $3 ORDER BY number LIMIT 500),
overfull AS MATERIALIZED (
     SELECT looked_at.number, beyond.position
       FROM looked_at CROSS JOIN LATERAL (
            SELECT position FROM to_device_messages WHERE device_number = looked_at.number
             ORDER BY position DESC LIMIT 1 OFFSET looked_at.allowed) AS beyond),
dropped AS (
     DELETE FROM to_device_messages AS message USING overfull
      WHERE message.device_number = overfull.number AND message.position <= overfull.position
  RETURNING message.device_number)
SELECT (SELECT count(*) FROM dropped) AS messages, (SELECT count(*) FROM overfull) AS devices,
       (SELECT max(number) FROM looked_at) AS after;
