-- Dehydrated devices (MSC3814): devices without a session, whose private keys wait here, encrypted by their owner.

ALTER TABLE projections.devices ADD COLUMN dehydrated boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION log.write_devices(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, device_id text, position bigint,
                           removed boolean, added boolean, at bigint, dehydrated boolean) ORDER BY position LOOP
        IF change.added THEN
            INSERT INTO devices (user_id, device_id, number, named_at, at, position, dehydrated)
            VALUES (change.user_id, change.device_id, change.position, change.position, change.at, change.position,
                    change.dehydrated);
        ELSE
            UPDATE devices SET removed = change.removed, position = change.position,
                               named_at = CASE WHEN change.removed THEN named_at ELSE change.position END
             WHERE user_id = change.user_id AND device_id = change.device_id AND NOT removed;
            IF change.removed THEN
                -- The keys are written before the devices: those of a later device of the same name stay.
                DELETE FROM device_keys
                 WHERE user_id = change.user_id AND device_id = change.device_id AND position < change.position;
            END IF;
        END IF;
    END LOOP;
END $$;

CREATE TABLE stores.dehydrated_devices (
    device_number bigint PRIMARY KEY,
    device_data   text NOT NULL
);

CREATE FUNCTION log.write_dehydrated_devices(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stores.dehydrated_devices SELECT * FROM jsonb_to_recordset(rows)
        AS row(device_number bigint, device_data text);
END $$;

-- What a device leaves behind when it goes. Tables are written in the order of their names, and this comes after all
-- that it empties: what reaches a device in the batch that ends it goes too.
CREATE FUNCTION log.write_vanished_devices(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    gone bigint[] := ARRAY(SELECT device_number FROM jsonb_to_recordset(rows) AS row(device_number bigint));
BEGIN
    DELETE FROM stores.one_time_keys WHERE device_number = ANY(gone);
    DELETE FROM stores.fallback_keys WHERE device_number = ANY(gone);
    DELETE FROM stores.to_device_messages WHERE device_number = ANY(gone);
    DELETE FROM stores.dehydrated_devices WHERE device_number = ANY(gone);
END $$;
DROP FUNCTION log.write_gone_devices(jsonb);
