-- entries_to_check --
-- The next rows of the log as they lie in the table, with what redaction took out of sight.
SELECT entries.*, withheld.body AS withheld_body, withheld.salt AS withheld_salt
  FROM entries LEFT JOIN withheld USING (position)
 WHERE position > $1 ORDER BY position LIMIT $2;

-- erasers --
-- The entries that other entries name as having erased them.
SELECT position, room_id, facts FROM entries WHERE position = ANY($1::bigint[]);

-- not_erased --
-- Entries that an erasure names and whose content is still there.
SELECT position FROM entries LEFT JOIN withheld USING (position)
 WHERE position = ANY($1::bigint[])
   AND (entries.salt IS NOT NULL OR withheld.salt IS NOT NULL OR entries.erased_by IS NULL);

-- not_redacted --
-- Events that a redaction names and that can still be read.
SELECT entries.position FROM events JOIN entries USING (position)
 WHERE events.event_id = ANY($1::text[]) AND entries.erased_by IS NULL;

-- make_shadow --
-- Makes empty copies of all projections in another schema.
SELECT log.make_shadow($1);

-- analyze_shadow --
-- Tells the planner what the shadow holds.
SELECT log.analyze_shadow($1);

-- differing_rows --
-- Where the projections differ from their shadow.
SELECT projection, is_due, position, total FROM log.differing_rows($1, $2);

-- claim_rebuild --
-- One rebuild at a time; false where another is under way.
SELECT pg_try_advisory_lock(7205759403792793602);

-- drop_leftovers --
-- Drops what an interrupted rebuild has left behind.
DROP SCHEMA IF EXISTS projections_shadow, projections_before CASCADE;

-- create_shadow_schema --
-- The place of the shadow.
CREATE SCHEMA projections_shadow;

-- database_moment --
-- The time of day of the database, which counts the transactions that began before it.
SELECT clock_timestamp();

-- is_still_read --
-- Whether anybody may still read what was committed before a moment. Who waits to append does not count: what
-- comes after the waiting is read anew.
SELECT EXISTS (
    SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
       AND backend_xmin IS NOT NULL AND xact_start < $1
       AND (wait_event_type, wait_event) IS DISTINCT FROM ('Lock', 'advisory')
);

-- put_away_projections --
-- The first half of the exchange.
ALTER SCHEMA projections RENAME TO projections_before;

-- put_in_shadow --
-- The second half.
ALTER SCHEMA projections_shadow RENAME TO projections;

-- wait_shortly --
-- Gives up where a lock is not to be had in time.
SELECT set_config('lock_timeout', $1, false);
