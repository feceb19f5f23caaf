-- append --
-- Appends a batch behind the expected head in one round trip; returns the head that was found.
SELECT log.append($1, $2, $3, $4, $5);

-- project --
-- Writes the projections of entries that are in the log already (rebuild).
SELECT log.project($1, $2);

-- head --
-- The last position, null in an empty log.
SELECT max(position) FROM entries;

-- entries_after --
-- The next entries for a reader that has seen everything up to a position.
SELECT position, at, version, room_id, sender, device_id, transaction, event_id, facts, commitment,
       body, salt, leaf, erased_by
  FROM entries WHERE position > $1 ORDER BY position LIMIT $2;

-- entries_at --
-- The entries at these positions.
SELECT position, at, version, room_id, sender, device_id, transaction, event_id, facts, commitment,
       body, salt, leaf, erased_by
  FROM entries WHERE position = ANY($1::bigint[]) ORDER BY position;

-- leaf_at --
-- The leaf at a position, null where the log has not come so far.
SELECT leaf FROM entries WHERE position = $1;

-- database_clock --
-- The database's clock, in milliseconds.
SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint;

-- next_process_number --
-- A number for this process among those that serve the log.
SELECT nextval('log.process_numbers')::integer;

-- claim_process_number --
-- Held as long as the connection stands, so a process that dies is not counted any more.
SELECT pg_try_advisory_lock_shared(1297698124, $1);

-- other_processes --
-- How many other processes live.
SELECT log.other_processes($1);

-- say_hello --
-- Tells the others that they are no longer alone.
SELECT pg_notify('myelin_log', 'hello');

-- signal --
-- Sends something short-lived (typing) to the other processes.
SELECT pg_notify('myelin_signal', $1);
