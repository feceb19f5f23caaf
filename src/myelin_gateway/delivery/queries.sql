-- keep --
-- A message as it came. None of its bytes may change later; a row that is there already stays as it is.
INSERT INTO inbox (partner, control_id, sha256, type, raw, received_at, state, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (partner, control_id, sha256) DO NOTHING
RETURNING inbox_id;

-- reused --
-- How often a control id came with other bytes: senders reset their counters, or two messages were given one name.
SELECT count(*) FROM inbox WHERE partner = $1 AND control_id = $2 AND sha256 <> $3 AND control_id <> '';

-- unsorted --
-- The messages that wait to be sorted, in order of arrival. By state and not by a position: rows are numbered before
-- they are committed, so a lower number may appear later, and must still be found.
SELECT inbox_id, partner, raw, received_at FROM inbox WHERE state = 'received' ORDER BY inbox_id LIMIT $1;

-- settle --
-- What a message became. Only once: whoever sorts it a second time, after a crash, finds it settled.
UPDATE inbox SET state = $2, reason = CASE WHEN $3 = '' THEN reason ELSE $3 END
 WHERE inbox_id = $1 AND state = 'received';

-- draft --
-- A card that must go out. The same one again is the same row.
INSERT INTO outbox (inbox_id, transaction_id, target, feed, lane, kind, case_id, rev, ordering_key, content, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (transaction_id) DO NOTHING;

-- due --
-- The cards of a lane whose time has come and before which nothing of their key waits.
SELECT outbox_id, inbox_id, transaction_id, target, feed, content, attempts FROM outbox AS card
 WHERE lane = $1 AND state = 'waiting' AND next_at <= $2
   AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
                    WHERE earlier.lane = card.lane AND earlier.ordering_key = card.ordering_key
                      AND earlier.state = 'waiting' AND earlier.outbox_id < card.outbox_id)
 ORDER BY next_at, outbox_id LIMIT $3;

-- sent --
-- A card has arrived at the homeserver, as this event.
UPDATE outbox SET state = 'sent', event_id = $2, user_id = $3, sent_at = $4, reason = '' WHERE outbox_id = $1;

-- postpone --
-- A card was refused, and is tried again later.
UPDATE outbox SET attempts = attempts + 1, next_at = $2, reason = $3 WHERE outbox_id = $1;

-- delay --
-- A card that nobody answered for: later, and it was no try of its own.
UPDATE outbox SET next_at = $2, reason = $3 WHERE outbox_id = $1;

-- give_up --
-- A card that cannot be sent; whoever looks after the gateway sends it again, or not.
UPDATE outbox SET state = 'dead', attempts = attempts + 1, reason = $2 WHERE outbox_id = $1;

-- without_device --
-- A card whose person has no signed device yet.
UPDATE outbox SET state = 'no_device', user_id = $2, reason = 'no_device' WHERE outbox_id = $1;

-- device_appeared --
-- What waited for somebody's first device, and is not too old.
UPDATE outbox SET state = 'waiting', next_at = $2
 WHERE user_id = $1 AND state = 'no_device'
   AND inbox_id IN (SELECT inbox_id FROM inbox WHERE received_at >= $3);

-- retry_without_device --
-- At the start: whose device has appeared meanwhile is not known.
UPDATE outbox SET state = 'waiting', next_at = $1
 WHERE state = 'no_device' AND inbox_id IN (SELECT inbox_id FROM inbox WHERE received_at >= $2);

-- dead_letters --
-- What was given up or set aside, the latest first.
SELECT 'inbox', inbox_id, partner, control_id, reason FROM inbox WHERE state IN ('dead', 'quarantined')
UNION ALL
SELECT 'outbox', outbox_id, partner, control_id, outbox.reason FROM outbox JOIN inbox USING (inbox_id)
 WHERE outbox.state = 'dead'
 ORDER BY 2 DESC LIMIT $1;

-- replay_message --
-- Sort a message once more. Its cards have the names that they had: what was sent is not sent twice.
UPDATE inbox SET state = 'received', reason = '' WHERE inbox_id = $1 AND state IN ('dead', 'quarantined', 'unsupported');

-- replay_card --
-- Send a card once more.
UPDATE outbox SET state = 'waiting', attempts = 0, next_at = $2, reason = '' WHERE outbox_id = $1 AND state = 'dead';

-- counts --
-- How much of what there is, for whoever looks after the gateway.
SELECT 'inbox ' || state, count(*) FROM inbox GROUP BY state
UNION ALL
SELECT 'outbox ' || lane || ' ' || state, count(*) FROM outbox GROUP BY lane, state;

-- feed_room --
-- The room of a person's feed.
SELECT room_id FROM feed_rooms WHERE user_id = $1 AND feed = $2;

-- keep_feed_room --
-- Remember the room of a person's feed.
INSERT INTO feed_rooms (user_id, feed, room_id) VALUES ($1, $2, $3)
ON CONFLICT (user_id, feed) DO UPDATE SET room_id = excluded.room_id;

-- pin --
-- The master key that somebody was first seen with; whoever comes later changes nothing.
INSERT INTO master_keys (user_id, master_key, pinned_at) VALUES ($1, $2, $3) ON CONFLICT (user_id) DO NOTHING;

-- pinned --
-- The master key that stands for somebody.
SELECT master_key FROM master_keys WHERE user_id = $1;

-- confirm_key --
-- An administrator says that a changed key is the same person's.
INSERT INTO master_keys (user_id, master_key, pinned_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET master_key = excluded.master_key, pinned_at = excluded.pinned_at;
