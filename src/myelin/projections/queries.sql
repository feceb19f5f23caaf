-- head --
-- The position up to which this snapshot counts the log.
SELECT max(position) FROM entries;

-- create_entry --
-- The entry that made a room.
SELECT entries.* FROM rooms JOIN entries USING (position) WHERE rooms.room_id = $1;

-- latest_event --
-- The last event of a room.
SELECT entries.* FROM events JOIN entries USING (position)
 WHERE events.room_id = $1 ORDER BY events.position DESC LIMIT 1;

-- current_state --
-- The ids of a room's current state events.
SELECT DISTINCT ON (type, state_key) type, state_key, event_id, position
  FROM state_deltas WHERE room_id = $1 ORDER BY type, state_key, position DESC;

-- parsed_state --
-- The entries of the current state events whose contents the state in memory knows.
SELECT entries.* FROM (
    SELECT DISTINCT ON (type) type, position FROM state_deltas
     WHERE room_id = $1 AND type = ANY($2::text[]) AND state_key = '' ORDER BY type, position DESC
) AS latest JOIN entries USING (position) ORDER BY position;

-- current_members --
-- Everybody who has or had a membership, as it is now.
SELECT user_id, membership, event_id, position, from_position
  FROM memberships WHERE room_id = $1 AND to_position IS NULL;

-- read_points --
-- The latest receipts of a room.
SELECT user_id, thread, read_position FROM receipts WHERE room_id = $1;

-- account --
-- One account, and for a station its department.
SELECT number, account, active, department_id
  FROM accounts LEFT JOIN stations USING (user_id) WHERE user_id = $1;

-- rooms_of_user --
-- Every room that a person has a membership in, as it is now.
SELECT room_id, membership, from_position, memberships.position,
       coalesce(forgotten.position > memberships.position, false) AS forgotten
  FROM memberships LEFT JOIN forgotten USING (user_id, room_id) WHERE user_id = $1 AND to_position IS NULL;

-- devices_of_user --
-- The devices that are there, with the positions of their identity keys and of the last message to them.
SELECT devices.device_id, devices.number, devices.dehydrated, coalesce(device_keys.position, -1) AS keys_position,
       (SELECT max(position) FROM entries) AS to_device_position
  FROM devices LEFT JOIN device_keys USING (user_id, device_id)
 WHERE devices.user_id = $1 AND NOT devices.removed;

-- person_of_user --
-- The entry that says where in the hospital a person works.
SELECT entries.* FROM people JOIN entries USING (position) WHERE user_id = $1 AND NOT removed;

-- profile_of_user --
-- The profile fields that are set.
SELECT profiles.field, entries.body FROM profiles JOIN entries USING (position)
 WHERE user_id = $1 AND entries.body IS NOT NULL;

-- parsed_account_data --
-- The account data that the server itself must know.
SELECT account_data.type, account_data.position, entries.body FROM account_data JOIN entries USING (position)
 WHERE user_id = $1 AND account_data.room_id = '' AND type = ANY($2::text[]) AND entries.body IS NOT NULL;

-- pending_media --
-- The media ids that still waited for their content when a person last asked for one.
SELECT created.media_id, created.expires_at FROM media_created AS created
 WHERE created.user_id = $1
   AND created.expires_at > (SELECT max(at) FROM media_created WHERE user_id = $1)
   AND NOT EXISTS (SELECT FROM media WHERE media.media_id = created.media_id);

-- media_bytes --
-- How much a person has uploaded.
SELECT coalesce(sum(size_bytes), 0)::bigint FROM media WHERE user_id = $1;

-- positions_of_user --
-- When a person's cross-signing keys and account data last changed, and a code for a first password was issued.
SELECT coalesce((SELECT max(position) FROM cross_signing_keys WHERE user_id = $1), -1) AS cross_signing_position,
       coalesce((SELECT max(position) FROM account_data WHERE user_id = $1), -1) AS account_data_position,
       (SELECT position FROM activations WHERE user_id = $1) AS activation_position;

-- entries_of_events --
-- The entries of these events.
SELECT entries.* FROM events JOIN entries USING (position) WHERE events.event_id = ANY($1::text[]);

-- children --
-- What each of these people has sent that relates to an event in one way, and is not redacted.
SELECT events.relates_to, events.rel_type, entries.*
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(relates_to, rel_type, sender)
  JOIN events USING (relates_to, rel_type, sender)
  JOIN entries USING (position)
 WHERE events.redacted_by IS NULL
 ORDER BY position;

-- aliases --
-- Where these aliases lead, as far as they lead anywhere.
SELECT alias, room_id, creator FROM aliases WHERE alias = ANY($1::text[]) AND room_id <> '';

-- designated_rooms --
-- The rooms that serve these purposes.
SELECT designation, room_id FROM designated_rooms WHERE designation = ANY($1::text[]);

-- answers --
-- What requests with these idempotency keys were answered.
SELECT transaction_key, event_id FROM events WHERE transaction_key = ANY($1::bytea[])
UNION ALL
SELECT transaction_key, '' FROM transactions WHERE transaction_key = ANY($1::bytea[]);
