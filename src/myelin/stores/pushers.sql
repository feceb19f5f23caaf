-- pushers_of --
-- A person's pushers, in the order in which they were set.
SELECT * FROM stores.pushers WHERE user_id = $1 ORDER BY set_at, app_id, pushkey;

-- pushers --
-- Everybody's pushers.
SELECT * FROM stores.pushers;

-- is_shared --
-- Whether somebody else has a pusher of the same app and key.
SELECT EXISTS (SELECT FROM stores.pushers WHERE app_id = $2 AND pushkey = $3 AND user_id <> $1);

-- any_pusher --
-- Whether there is a pusher at all.
SELECT EXISTS (SELECT FROM stores.pushers);

-- push_position --
-- Up to where the log has been followed, null before the first time.
SELECT position FROM stores.push_position;

-- keep_push_position --
-- Up to where the log has been followed: never back, whoever followed it.
INSERT INTO stores.push_position (position) VALUES ($1)
ON CONFLICT (is_one) DO UPDATE SET position = greatest(push_position.position, excluded.position);

-- keep_cursors --
-- Where pushers stand: null where they are up to date.
UPDATE stores.pushers SET cursor = stand.cursor, failing_since = stand.failing_since
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
    AS stand(user_id, app_id, pushkey, cursor, failing_since)
 WHERE pushers.user_id = stand.user_id AND pushers.app_id = stand.app_id AND pushers.pushkey = stand.pushkey;

-- lead_pushes --
-- Makes this session the one that pushes, unless another is.
SELECT pg_try_advisory_lock(1297698127, 1);

-- end_when_idle --
-- A process that stands still gives up what it leads.
SET idle_session_timeout = '15s';

-- still_there --
-- Says that this session is used.
SELECT 1;
