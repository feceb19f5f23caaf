-- named_devices --
-- A person's devices with the bodies that hold their names.
SELECT devices.device_id, entries.body
  FROM devices JOIN entries ON entries.position = devices.named_at
 WHERE devices.user_id = $1 AND NOT devices.removed ORDER BY devices.number;

-- cross_signing_bodies --
-- The signed objects of a person's current cross-signing keys.
SELECT DISTINCT entries.body FROM cross_signing_keys JOIN entries USING (position)
 WHERE cross_signing_keys.user_id = $1 AND entries.body IS NOT NULL;

-- memberships_of_closed --
-- Where accounts that are closed are not gone yet.
SELECT user_id, room_id FROM accounts JOIN memberships USING (user_id)
 WHERE NOT active AND to_position IS NULL AND membership IN ('join', 'invite', 'knock')
 ORDER BY user_id, room_id;
