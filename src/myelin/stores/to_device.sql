-- waiting_messages --
-- The next messages to a device, in order, after and up to a position.
SELECT position, sender, type, content FROM to_device_messages
 WHERE device_number = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4;

-- drop_received_messages --
-- A device has received everything up to a position.
DELETE FROM to_device_messages WHERE device_number = $1 AND position <= $2;
