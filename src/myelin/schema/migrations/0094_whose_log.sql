-- Appending looks at the entry behind which it appends, not only at how many there are.

DROP FUNCTION log.append(bigint, log.appended[], jsonb, boolean);

-- Appends a batch behind the head it was built on, with all it changes, or writes nothing.
-- Returns the head before the call: where it is not `expected`, the log has moved on and the caller proposes again;
-- -2 where another entry stands there, as after a fail-over to a standby that had lost entries and went on.
-- Each statement after the lock sees a fresh snapshot, so the head read here is the head.
CREATE FUNCTION log.append(expected bigint, expected_leaf bytea, rows log.appended[], writes jsonb, signal boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    head bigint;
    head_leaf bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(7205759403792793600);
    SELECT position, leaf INTO head, head_leaf FROM log.entries ORDER BY position DESC LIMIT 1;
    head := coalesce(head, -1);
    IF head <> expected THEN
        RETURN head;
    END IF;
    IF head_leaf IS DISTINCT FROM expected_leaf THEN
        RETURN -2;
    END IF;
    INSERT INTO log.entries (position, at, kind, version, room_id, sender, device_id, transaction, event_id,
                             facts, commitment, body, salt, leaf)
    SELECT position, at, kind, version, room_id, sender, device_id, transaction, event_id,
           facts, commitment, body, salt, leaf FROM unnest(rows);
    PERFORM log.project(rows, writes);
    IF signal THEN
        PERFORM pg_notify('myelin_log', (head + cardinality(rows))::text);
    END IF;
    RETURN head;
END $$;

-- What a device can still decrypt: clients forget the private halves of keys that they uploaded long ago.
CREATE FUNCTION log.drop_old_one_time_keys(device_numbers bigint[], kept integer) RETURNS void LANGUAGE sql AS $$
    DELETE FROM stores.one_time_keys AS key
     USING (SELECT device_number, algorithm, key_id,
                   row_number() OVER (PARTITION BY device_number, algorithm ORDER BY uploaded_at DESC, key_id DESC) AS age
              FROM stores.one_time_keys WHERE device_number = ANY(device_numbers) AND NOT claimed) AS aged
     WHERE aged.age > kept AND (key.device_number, key.algorithm, key.key_id)
                             = (aged.device_number, aged.algorithm, aged.key_id);
$$;

-- `uploaded_at` is the position of the upload's entry: keys are given out in the order of their uploads.
CREATE OR REPLACE FUNCTION log.write_one_time_keys(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM stores.one_time_keys AS old
     USING (SELECT DISTINCT device_number, uploaded_at FROM jsonb_to_recordset(rows)
                AS row(device_number bigint, uploaded_at bigint)) AS upload
     WHERE old.device_number = upload.device_number AND old.claimed AND old.uploaded_at < upload.uploaded_at
       AND NOT EXISTS (SELECT FROM jsonb_to_recordset(rows)
                           AS again(device_number bigint, algorithm text, key_id text)
                        WHERE (again.device_number, again.algorithm, again.key_id)
                            = (old.device_number, old.algorithm, old.key_id));
    INSERT INTO stores.one_time_keys (device_number, algorithm, key_id, key, uploaded_at)
    SELECT device_number, algorithm, key_id, key, uploaded_at FROM jsonb_to_recordset(rows)
        AS row(device_number bigint, algorithm text, key_id text, key text, uploaded_at bigint)
    ON CONFLICT DO NOTHING;
    PERFORM log.drop_old_one_time_keys(
        ARRAY(SELECT DISTINCT device_number FROM jsonb_to_recordset(rows) AS row(device_number bigint)), 200);
END $$;
