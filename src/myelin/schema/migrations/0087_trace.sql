-- The trace of a message: which devices had it and when, who read it, who could have been reached at all.

-- Every upload of identity keys, as history: `device_keys` knows only the latest of devices that are still there.
CREATE TABLE projections.device_key_uploads (
    user_id   text NOT NULL,
    device_id text NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (user_id, device_id, position)
);
INSERT INTO projections.device_key_uploads
SELECT sender, device_id, position FROM log.entries WHERE kind = 'device_keys';

CREATE FUNCTION log.write_device_key_uploads(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO device_key_uploads SELECT * FROM jsonb_to_recordset(rows)
        AS row(user_id text, device_id text, position bigint);
END $$;

-- A receipt is also the delivery, to its device, of the event it names: so history knows the device.
ALTER TABLE projections.reads ADD COLUMN device_number bigint;
CREATE INDEX reads_person ON projections.reads (room_number, user_number, position);

-- thread_number is -1 without a thread, 0 for "main", else the position of the thread's root. Devices are written
-- before receipts, those of later entries too: the device is the last of its name that was made before the receipt.
CREATE OR REPLACE FUNCTION log.write_receipts(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO receipts AS latest
    SELECT DISTINCT ON (room_id, user_id, thread, private)
           room_id, user_id, thread, private, event_id, read_position, at, position
      FROM ROWS FROM (jsonb_to_recordset(rows) AS (user_id text, room_id text, thread text, private boolean,
                      event_id text, read_position bigint, at bigint, position bigint)) WITH ORDINALITY AS row
     ORDER BY room_id, user_id, thread, private, read_position DESC, ordinality DESC
    ON CONFLICT (room_id, user_id, thread, private) DO UPDATE
       SET event_id = excluded.event_id, read_position = excluded.read_position, at = excluded.at,
           position = excluded.position
     WHERE latest.read_position <= excluded.read_position;
    INSERT INTO reads
    SELECT accounts.number, rooms.position,
           CASE row.thread WHEN '' THEN -1 WHEN 'main' THEN 0 ELSE coalesce(root.position, 0) END,
           row.read_position, row.position, row.private, row.at,
           (SELECT max(devices.number) FROM devices
             WHERE devices.user_id = row.user_id AND devices.device_id = row.device_id
               AND devices.number < row.position)
      FROM jsonb_to_recordset(rows) AS row(user_id text, device_id text, room_id text, thread text, private boolean,
                                           read_position bigint, at bigint, position bigint)
      JOIN accounts USING (user_id) JOIN rooms USING (room_id)
      LEFT JOIN events AS root ON root.event_id = row.thread;
END $$;

-- Each device has each event of a room once, when it was first recorded: its intervals never overlap, and the one
-- that holds an event is the first that does not end before it.
DROP INDEX projections.deliveries_room;
CREATE INDEX deliveries_device ON projections.deliveries (room_number, device_number, to_position);

CREATE TYPE log.delivered AS (
    device_number bigint,
    room_number   bigint,
    from_position bigint,
    to_position   bigint,
    at            bigint
);

-- Records what of an interval the device did not have yet: after it went back to an older token that may be parts.
CREATE FUNCTION log.deliver_anew(item log.delivered) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    known int8multirange;
BEGIN
    SELECT coalesce(range_agg(int8range(from_position + 1, to_position + 1)), '{}') INTO known FROM deliveries
     WHERE room_number = item.room_number AND device_number = item.device_number
       AND to_position > item.from_position AND from_position < item.to_position;
    INSERT INTO deliveries (device_number, room_number, from_position, to_position, at)
    SELECT item.device_number, item.room_number, lower(part) - 1, upper(part) - 1, item.at
      FROM unnest(int8multirange(int8range(item.from_position + 1, item.to_position + 1)) - known) AS part;
END $$;

CREATE OR REPLACE FUNCTION log.write_deliveries(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    items log.delivered[];
    item  log.delivered;
BEGIN
    SELECT array_agg((device_number, room_number, from_position, to_position, at)::log.delivered) INTO items
      FROM jsonb_to_recordset(rows)
        AS row(device_number bigint, room_number bigint, from_position bigint, to_position bigint, at bigint);
    -- Nearly always every device goes forwards, and all of the batch is new. One probe of the index for each is a
    -- seventh of what a join costs here.
    IF EXISTS (SELECT FROM unnest(items) AS new
                WHERE from_position < (SELECT to_position FROM deliveries
                                        WHERE room_number = new.room_number AND device_number = new.device_number
                                        ORDER BY to_position DESC LIMIT 1))
       OR EXISTS (SELECT FROM (SELECT from_position, lag(to_position) OVER (
                                          PARTITION BY device_number, room_number ORDER BY ordinality) AS before
                                 FROM unnest(items) WITH ORDINALITY) AS new WHERE before > from_position) THEN
        FOREACH item IN ARRAY items LOOP
            PERFORM log.deliver_anew(item);
        END LOOP;
    ELSE
        INSERT INTO deliveries SELECT * FROM unnest(items);
    END IF;
END $$;
