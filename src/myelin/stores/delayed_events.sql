-- schedule --
-- Keeps a delayed event; a repeated request changes nothing.
INSERT INTO stores.delayed_events
       (delay_id, user_id, device_id, room_id, type, state_key, content, delay_ms, running_since, since_position,
        transaction_key)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
 WHERE (SELECT count(*) FROM stores.delayed_events WHERE user_id = $2 AND finalised_at IS NULL) < $12
ON CONFLICT (transaction_key) DO NOTHING RETURNING delay_id;

-- lock_person --
-- Has the requests of one person wait for each other until the transaction ends, so that each counts those before it.
SELECT pg_advisory_xact_lock(1297698126, hashtext($1));

-- scheduled_by --
-- The delayed event that an earlier request with this key asked for.
SELECT delay_id FROM stores.delayed_events WHERE transaction_key = $1;

-- delayed_event --
-- One delayed event.
SELECT * FROM stores.delayed_events WHERE delay_id = $1;

-- delayed_events_of --
-- A person's delayed events: those that wait, the next first, or those that do not any more, the latest first.
SELECT * FROM stores.delayed_events
 WHERE user_id = $1 AND (finalised_at IS NOT NULL) = $2
   AND ($3::text[] IS NULL OR delay_id = ANY($3::text[]))
 ORDER BY CASE WHEN $2 THEN -finalised_at ELSE running_since + delay_ms END, delay_id OFFSET $4 LIMIT $5;

-- due_delayed_events --
-- Those whose time has come, in the order of their times.
SELECT * FROM stores.delayed_events
 WHERE finalised_at IS NULL AND running_since + delay_ms <= $1 ORDER BY running_since + delay_ms, delay_id LIMIT $2;

-- next_due --
-- When the next one is due, in ms since the epoch.
SELECT min(running_since + delay_ms) FROM stores.delayed_events WHERE finalised_at IS NULL;

-- restart --
-- Lets the time of a delayed event begin again.
UPDATE stores.delayed_events SET running_since = $2 WHERE delay_id = $1 AND finalised_at IS NULL RETURNING delay_id;

-- finalise --
-- Gives up an event that is as it was read: cancelled, or refused with an error (then its owner may want the content).
UPDATE stores.delayed_events
   SET finalised_at = $3, outcome = 'cancel', reason = $4, error = $5,
       content = CASE WHEN $4 = 'error' THEN content END
 WHERE delay_id = $1 AND running_since = coalesce($2, running_since) AND finalised_at IS NULL RETURNING delay_id;

-- forget_finalised --
-- Forgets outcomes that are older.
DELETE FROM stores.delayed_events WHERE finalised_at < $1;
