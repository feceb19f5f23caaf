-- key_counts --
-- How many one-time keys of each algorithm a device can still give out.
SELECT algorithm, count(*) AS count FROM one_time_keys WHERE device_number = $1 AND NOT claimed GROUP BY algorithm;

-- unused_fallback_types --
-- The algorithms for which a device has a fallback key that was never given out.
SELECT algorithm FROM fallback_keys WHERE device_number = $1 AND NOT used ORDER BY algorithm;

-- known_one_time_keys --
-- What a device has uploaded under these names already, given out or not.
SELECT algorithm, key_id, key FROM one_time_keys
 WHERE device_number = $1 AND (algorithm, key_id) IN (SELECT * FROM unnest($2::text[], $3::text[]));

-- known_fallback_keys --
-- A device's fallback keys.
SELECT algorithm, key_id, key FROM fallback_keys WHERE device_number = $1;

-- claim_one_time_keys --
-- Takes the oldest one-time key of each of these devices. Rows that another process is taking are passed over,
-- so each key goes to one of them and nobody waits.
WITH chosen AS MATERIALIZED (
     SELECT wanted.user_id, wanted.device_id, oldest.*
       FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(user_id, device_id, algorithm)
       JOIN devices ON devices.user_id = wanted.user_id AND devices.device_id = wanted.device_id
                   AND NOT devices.removed
      CROSS JOIN LATERAL (
            SELECT device_number, algorithm, key_id FROM one_time_keys
             WHERE device_number = devices.number AND one_time_keys.algorithm = wanted.algorithm AND NOT claimed
             ORDER BY uploaded_at, key_id LIMIT 1 FOR UPDATE SKIP LOCKED) AS oldest)
UPDATE one_time_keys AS key SET claimed = true FROM chosen
 WHERE (key.device_number, key.algorithm, key.key_id) = (chosen.device_number, chosen.algorithm, chosen.key_id)
RETURNING chosen.user_id, chosen.device_id, key.algorithm, key.key_id, key.key, true AS changed;

-- claim_fallback_keys --
-- The fallback keys of these devices; those that were never given out are marked, in one order for every process.
WITH wanted AS MATERIALIZED (
     SELECT wanted.user_id, wanted.device_id, key.*
       FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(user_id, device_id, algorithm)
       JOIN devices ON devices.user_id = wanted.user_id AND devices.device_id = wanted.device_id
                   AND NOT devices.removed
       JOIN fallback_keys AS key ON key.device_number = devices.number AND key.algorithm = wanted.algorithm),
unused AS MATERIALIZED (
     SELECT key.device_number, key.algorithm FROM fallback_keys AS key
      WHERE (key.device_number, key.algorithm) IN (SELECT device_number, algorithm FROM wanted) AND NOT key.used
      ORDER BY key.device_number, key.algorithm FOR UPDATE),
marked AS (
     UPDATE fallback_keys AS key SET used = true FROM unused
      WHERE (key.device_number, key.algorithm) = (unused.device_number, unused.algorithm))
SELECT user_id, device_id, algorithm, key_id, key, NOT used AS changed FROM wanted;
