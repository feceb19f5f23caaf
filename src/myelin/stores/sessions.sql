-- access_token --
-- Whose token this is, by its hash; `unconfirmed` where it came from a refresh and has not been used yet.
SELECT token_hash, user_id, device_id, expires_at, parent IS NOT NULL AS unconfirmed, account = 'service' AS is_service
  FROM access_tokens JOIN accounts USING (user_id) WHERE token_hash = $1;

-- refresh_token --
-- The session that a refresh token belongs to, by its hash.
SELECT token_hash, user_id, device_id, expires_at, parent IS NOT NULL AS unconfirmed, account = 'service' AS is_service
  FROM access_tokens JOIN accounts USING (user_id) WHERE refresh_hash = $1;

-- password --
-- The hash of a person's password.
SELECT password FROM credentials WHERE user_id = $1;

-- last_seen --
-- Where and when a person's devices were last seen, as of the latest flush.
SELECT device_id, address, at FROM last_seen WHERE user_id = $1;

-- latest_seen --
-- When any device of these accounts was last seen, as of the latest flush.
SELECT user_id, max(at) AS at FROM last_seen WHERE user_id = ANY($1::text[]) GROUP BY user_id;

-- flush_last_seen --
-- Keeps the later sighting; a device that is gone stays gone.
INSERT INTO last_seen (user_id, device_id, address, at)
SELECT seen.user_id, seen.device_id, seen.address, seen.at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS seen(user_id, device_id, address, at)
  JOIN devices ON devices.user_id = seen.user_id AND devices.device_id = seen.device_id AND NOT devices.removed
ON CONFLICT (user_id, device_id) DO UPDATE SET address = excluded.address, at = excluded.at
 WHERE last_seen.at < excluded.at;
