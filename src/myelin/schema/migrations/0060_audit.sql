-- Checking, rebuilding and erasing: a shadow of the projections, what differs from it, and bodies whose time is over.

-- Makes an empty copy of every projection in another schema (`pg_temp` for a passing one), with indexes and
-- constraints of the same names, so that the copy can take the place of the original.
CREATE FUNCTION log.make_shadow(shadow text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('CREATE TABLE %I.%I (LIKE projections.%2$I INCLUDING DEFAULTS)', shadow, relname)
          FROM pg_class WHERE relnamespace = 'projections'::regnamespace AND relkind = 'r'
    LOOP
        EXECUTE statement;
    END LOOP;
    FOR statement IN
        SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', shadow, relname, conname, pg_get_constraintdef(c.oid))
          FROM pg_constraint AS c JOIN pg_class ON pg_class.oid = conrelid
         WHERE connamespace = 'projections'::regnamespace AND contype IN ('p', 'u', 'c')
    LOOP
        EXECUTE statement;
    END LOOP;
    FOR statement IN
        SELECT replace(pg_get_indexdef(indexrelid), ' ON projections.', format(' ON %I.', shadow))
          FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
         WHERE relnamespace = 'projections'::regnamespace
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;

-- Brings the planner up to date with what the shadow holds by now; nobody else does while it fills.
CREATE FUNCTION log.analyze_shadow(shadow text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'projections'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ANALYZE %I.%I', shadow, name);
    END LOOP;
END $$;

-- The rows in which a projection differs from its shadow: those that only the log accounts for (`is_due`), and those
-- that only the projection has. Of a row the position is named and never the content; `total` counts beyond the limit.
CREATE FUNCTION log.differing_rows(shadow text, at_most integer)
RETURNS TABLE (projection text, is_due boolean, "position" bigint, total bigint) LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT relname FROM pg_class WHERE relnamespace = 'projections'::regnamespace AND relkind = 'r' ORDER BY relname
    LOOP
        RETURN QUERY EXECUTE format(
            $query$
            (SELECT %3$L::text, true, coalesce(to_jsonb(differing)->>'position', to_jsonb(differing)->>'to_position')::bigint,
                    count(*) OVER ()
               FROM (TABLE %1$I.%3$I EXCEPT ALL TABLE %2$I.%3$I) AS differing LIMIT $1)
            UNION ALL
            (SELECT %3$L::text, false, coalesce(to_jsonb(differing)->>'position', to_jsonb(differing)->>'to_position')::bigint,
                    count(*) OVER ()
               FROM (TABLE %2$I.%3$I EXCEPT ALL TABLE %1$I.%3$I) AS differing LIMIT $1)
            $query$, shadow, 'projections', name) USING at_most;
    END LOOP;
END $$;

-- A closed account has no devices and no keys. Sorted behind what it ends, so that a batch may hold both.
CREATE FUNCTION log.write_ended_accounts(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ended record;
BEGIN
    FOR ended IN SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, position bigint) LOOP
        UPDATE devices SET removed = true, position = ended.position
         WHERE user_id = ended.user_id AND NOT removed AND position < ended.position;
        DELETE FROM device_keys WHERE user_id = ended.user_id AND position < ended.position;
        DELETE FROM cross_signing_keys WHERE user_id = ended.user_id AND position < ended.position;
    END LOOP;
END $$;

-- Private bodies (account data, read markers, drafts) that a later entry has replaced, until they are erased.
CREATE TABLE projections.superseded_bodies (
    superseded_by bigint NOT NULL,
    position      bigint NOT NULL,
    PRIMARY KEY (superseded_by, position)
);
CREATE UNIQUE INDEX superseded_bodies_position ON projections.superseded_bodies (position);

-- The content of account data is the body of the entry at `position`; what it replaces waits to be erased.
CREATE FUNCTION log.write_account_data(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO superseded_bodies (superseded_by, position)
    SELECT superseded_by, position FROM (
        SELECT position, lead(position) OVER (PARTITION BY user_id, room_id, type ORDER BY position) AS superseded_by
          FROM (SELECT user_id, room_id, type, position FROM jsonb_to_recordset(rows)
                    AS row(user_id text, room_id text, type text, position bigint)
                UNION ALL
                SELECT user_id, room_id, type, account_data.position FROM account_data
                 WHERE (user_id, room_id, type) IN (SELECT user_id, room_id, type FROM jsonb_to_recordset(rows)
                    AS row(user_id text, room_id text, type text))) AS versions
    ) AS followed WHERE superseded_by IS NOT NULL;
    INSERT INTO account_data
    SELECT user_id, room_id, type, max(position) FROM jsonb_to_recordset(rows)
        AS row(user_id text, room_id text, type text, position bigint) GROUP BY user_id, room_id, type
    ON CONFLICT (user_id, room_id, type) DO UPDATE SET position = excluded.position;
END $$;

-- Entries whose bodies an entry has destroyed: nothing more to erase there.
CREATE FUNCTION log.write_erasures(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM superseded_bodies USING jsonb_to_recordset(rows) AS erased(target bigint)
     WHERE superseded_bodies.position = erased.target;
END $$;

-- Erasure: bodies and salts are destroyed, withheld originals with them. A room event keeps `body`, its pruned form.
-- What is still shown is never erased: the fold would come to another result than it came to.
CREATE FUNCTION log.write_erased_bodies(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM jsonb_to_recordset(rows) AS erased(target bigint) JOIN log.entries AS entry ON entry.position = target
     WHERE EXISTS (SELECT FROM account_data WHERE user_id = entry.sender AND account_data.position = target)
        OR EXISTS (SELECT FROM profiles WHERE user_id = entry.sender AND profiles.position = target)
        OR EXISTS (SELECT FROM devices WHERE user_id = entry.sender AND named_at = target AND NOT removed);
    IF FOUND THEN
        RAISE EXCEPTION 'a body that is still shown is not erased';
    END IF;
    DELETE FROM log.withheld
     USING jsonb_to_recordset(rows) AS erased(target bigint) WHERE withheld.position = erased.target;
    UPDATE log.entries AS entry
       SET body = decode(erased.body, 'hex'), salt = NULL, erased_by = erased.position
      FROM jsonb_to_recordset(rows) AS erased(target bigint, position bigint, body text)
     WHERE entry.position = erased.target;
END $$;
