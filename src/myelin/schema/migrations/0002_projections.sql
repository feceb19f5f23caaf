-- Projections: the fold's deltas, read by scope. Each can be made anew from the log.
-- Tables and functions are named without a schema inside functions, so that a rebuild can fill a shadow of them.

CREATE TABLE projections.events (
    position        bigint PRIMARY KEY,
    event_id        text NOT NULL,
    room_id         text NOT NULL,
    type            text NOT NULL,
    state_key       text,
    sender          text NOT NULL,
    notice          smallint NOT NULL,
    thread          text,
    rel_type        text,
    relates_to      text,
    transaction_key bytea,
    redacted_by     bigint
);
CREATE UNIQUE INDEX events_event_id ON projections.events (event_id);
CREATE INDEX events_room ON projections.events (room_id, position);
CREATE UNIQUE INDEX events_transaction ON projections.events (transaction_key) WHERE transaction_key IS NOT NULL;
CREATE INDEX events_notifying ON projections.events (room_id, position) INCLUDE (sender, thread, notice) WHERE notice > 0;
CREATE INDEX events_relations ON projections.events (relates_to, position) WHERE relates_to IS NOT NULL;

CREATE TABLE projections.rooms (
    room_id  text PRIMARY KEY,
    version  text NOT NULL,
    position bigint NOT NULL UNIQUE
);

CREATE FUNCTION log.write_rooms(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rooms SELECT * FROM jsonb_to_recordset(rows) AS row(room_id text, version text, position bigint);
END
$$;

CREATE TABLE projections.state_deltas (
    room_id   text NOT NULL,
    type      text NOT NULL,
    state_key text NOT NULL,
    position  bigint NOT NULL,
    event_id  text,
    PRIMARY KEY (room_id, type, state_key, position)
);
CREATE INDEX state_deltas_position ON projections.state_deltas (room_id, position);

CREATE FUNCTION log.write_state_deltas(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO state_deltas SELECT * FROM jsonb_to_recordset(rows)
        AS row(room_id text, type text, state_key text, position bigint, event_id text);
END $$;

CREATE TABLE projections.memberships (
    user_id       text NOT NULL,
    room_id       text NOT NULL,
    membership    text NOT NULL,
    from_position bigint NOT NULL,
    to_position   bigint,
    position      bigint NOT NULL,
    event_id      text NOT NULL,
    PRIMARY KEY (user_id, room_id, from_position)
);
CREATE INDEX memberships_room ON projections.memberships (room_id, from_position);
CREATE INDEX memberships_open ON projections.memberships (room_id, membership) WHERE to_position IS NULL;
CREATE INDEX memberships_user ON projections.memberships (user_id, position);

CREATE FUNCTION log.write_memberships(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    -- One by one and in order: a batch may hold several changes of one membership.
    FOR change IN SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, room_id text, membership text,
                           from_position bigint, position bigint, event_id text) ORDER BY position LOOP
        UPDATE memberships SET to_position = change.from_position
         WHERE user_id = change.user_id AND room_id = change.room_id
           AND to_position IS NULL AND from_position < change.from_position;
        INSERT INTO memberships (user_id, room_id, membership, from_position, position, event_id)
        VALUES (change.user_id, change.room_id, change.membership, change.from_position, change.position, change.event_id)
        ON CONFLICT (user_id, room_id, from_position)
        DO UPDATE SET position = excluded.position, event_id = excluded.event_id;
    END LOOP;
END $$;

CREATE TABLE projections.highlights (
    user_id  text NOT NULL,
    room_id  text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (user_id, room_id, position)
);
CREATE INDEX highlights_event ON projections.highlights (room_id, position);

CREATE FUNCTION log.write_highlights(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO highlights SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, room_id text, position bigint)
    ON CONFLICT DO NOTHING;
END $$;

-- Called after `write_personal_notices`: tables are written in the order of their names.
CREATE FUNCTION log.write_redactions(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Of several redactions of one event the first counts.
    WITH gone AS (
        UPDATE events SET redacted_by = first.position, notice = 0
          FROM (SELECT event_id, min(position) AS position
                  FROM jsonb_to_recordset(rows) AS row(event_id text, position bigint) GROUP BY event_id) AS first
         WHERE events.event_id = first.event_id AND events.redacted_by IS NULL
        RETURNING events.room_id, events.position, events.rel_type, events.relates_to
    )
    -- What was sent in this batch comes after the thread's latest message as yet, and will not be counted at all.
    UPDATE threads SET message_count = message_count - counted.count
      FROM (SELECT threads.room_id, threads.root, count(*) AS count
              FROM gone JOIN threads ON threads.room_id = gone.room_id AND threads.root = gone.relates_to
             WHERE gone.rel_type = 'm.thread' AND gone.position <= threads.position
             GROUP BY threads.room_id, threads.root) AS counted
     WHERE threads.room_id = counted.room_id AND threads.root = counted.root;
    DELETE FROM highlights
     USING jsonb_to_recordset(rows) AS row(event_id text, position bigint) JOIN events USING (event_id)
     WHERE highlights.room_id = events.room_id AND highlights.position = events.position;
    DELETE FROM personal_notices
     USING jsonb_to_recordset(rows) AS row(event_id text, position bigint) JOIN events USING (event_id)
     WHERE personal_notices.room_id = events.room_id AND personal_notices.position = events.position;
END $$;

CREATE TABLE projections.accounts (
    user_id     text PRIMARY KEY,
    account     text NOT NULL,
    active      boolean NOT NULL,
    number      bigint NOT NULL UNIQUE,
    position    bigint NOT NULL,
    created_at  bigint NOT NULL
);

CREATE FUNCTION log.write_accounts(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM jsonb_to_recordset(rows) AS row(user_id text, account text, active boolean,
                           position bigint, at bigint) ORDER BY position LOOP
        INSERT INTO accounts (user_id, account, active, number, position, created_at)
        VALUES (change.user_id, change.account, change.active, change.position, change.position, change.at)
        ON CONFLICT (user_id) DO UPDATE SET active = excluded.active, position = excluded.position;
    END LOOP;
END $$;

CREATE TABLE projections.devices (
    user_id    text NOT NULL,
    device_id  text NOT NULL,
    number     bigint NOT NULL,
    named_at   bigint NOT NULL,
    at         bigint NOT NULL,
    position   bigint NOT NULL,
    removed    boolean NOT NULL DEFAULT false,
    dehydrated boolean NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, device_id, number)
);
CREATE UNIQUE INDEX devices_present ON projections.devices (user_id, device_id) WHERE NOT removed;

-- `number` is the position of the entry that made the device, `named_at` that of the entry whose body is its name.
CREATE FUNCTION log.write_devices(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE TABLE projections.account_data (
    user_id  text NOT NULL,
    room_id  text NOT NULL,
    type     text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (user_id, room_id, type)
);
CREATE INDEX account_data_position ON projections.account_data (user_id, position);

CREATE TABLE projections.profiles (
    user_id  text NOT NULL,
    field    text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (user_id, field)
);

CREATE FUNCTION log.write_profiles(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO profiles
    SELECT user_id, field, max(position) FROM jsonb_to_recordset(rows)
        AS row(user_id text, field text, position bigint) GROUP BY user_id, field
    ON CONFLICT (user_id, field) DO UPDATE SET position = excluded.position;
END $$;

CREATE TABLE projections.forgotten (
    user_id  text NOT NULL,
    room_id  text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (user_id, room_id)
);

CREATE FUNCTION log.write_forgotten(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO forgotten
    SELECT user_id, room_id, max(position) FROM jsonb_to_recordset(rows)
        AS row(user_id text, room_id text, position bigint) GROUP BY user_id, room_id
    ON CONFLICT (user_id, room_id) DO UPDATE SET position = excluded.position;
END $$;

-- The latest receipt of each person, room, thread and kind.
CREATE TABLE projections.receipts (
    room_id       text NOT NULL,
    user_id       text NOT NULL,
    thread        text NOT NULL,
    private       boolean NOT NULL,
    event_id      text NOT NULL,
    read_position bigint NOT NULL,
    at            bigint NOT NULL,
    position      bigint NOT NULL,
    PRIMARY KEY (room_id, user_id, thread, private)
);
CREATE INDEX receipts_position ON projections.receipts (room_id, position);

-- Every receipt, as history. Numbers are the positions of the entries that made the person and the room.
-- A receipt is also the delivery, to its device, of the event it names: so history knows the device.
CREATE TABLE projections.reads (
    user_number   bigint NOT NULL,
    room_number   bigint NOT NULL,
    thread_number bigint NOT NULL,
    read_position bigint NOT NULL,
    position      bigint NOT NULL,
    private       boolean NOT NULL,
    at            bigint NOT NULL,
    device_number bigint
);
CREATE INDEX reads_room ON projections.reads (room_number, read_position);

-- thread_number is -1 without a thread, 0 for "main", else the position of the thread's root. Devices are written
-- before receipts, those of later entries too: the device is the last of its name that was made before the receipt.
CREATE FUNCTION log.write_receipts(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
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
CREATE TABLE projections.deliveries (
    device_number bigint NOT NULL,
    room_number   bigint NOT NULL,
    from_position bigint NOT NULL,
    to_position   bigint NOT NULL,
    at            bigint NOT NULL
);
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

CREATE FUNCTION log.write_deliveries(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE TABLE projections.transactions (
    transaction_key bytea PRIMARY KEY,
    position        bigint NOT NULL
);

CREATE FUNCTION log.write_transactions(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO transactions SELECT decode(transaction_key, 'hex'), position
      FROM jsonb_to_recordset(rows) AS row(transaction_key text, position bigint);
END $$;

-- `seen_by` is the only person who can see the change, null where everybody can.
CREATE TABLE projections.device_list_changes (
    user_id  text NOT NULL,
    position bigint NOT NULL,
    seen_by  text,
    PRIMARY KEY (user_id, position)
);
CREATE INDEX device_list_changes_position ON projections.device_list_changes (position);

CREATE FUNCTION log.write_device_list_changes(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO device_list_changes SELECT * FROM jsonb_to_recordset(rows)
        AS row(user_id text, position bigint, seen_by text) ON CONFLICT DO NOTHING;
END $$;

CREATE TABLE projections.device_keys (
    user_id   text NOT NULL,
    device_id text NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (user_id, device_id)
);

CREATE FUNCTION log.write_device_keys(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO device_keys
    SELECT user_id, device_id, max(position) FROM jsonb_to_recordset(rows)
        AS row(user_id text, device_id text, position bigint) GROUP BY user_id, device_id
    ON CONFLICT (user_id, device_id) DO UPDATE SET position = excluded.position;
END $$;

CREATE TABLE projections.cross_signing_keys (
    user_id  text NOT NULL,
    usage    text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (user_id, usage)
);

CREATE FUNCTION log.write_cross_signing_keys(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cross_signing_keys
    SELECT user_id, usage, max(position) FROM jsonb_to_recordset(rows)
        AS row(user_id text, usage text, position bigint) GROUP BY user_id, usage
    ON CONFLICT (user_id, usage) DO UPDATE SET position = excluded.position;
END $$;

CREATE TABLE projections.key_signatures (
    user_id  text NOT NULL,
    signer   text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (user_id, signer, position)
);

CREATE FUNCTION log.write_key_signatures(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO key_signatures SELECT * FROM jsonb_to_recordset(rows)
        AS row(user_id text, signer text, position bigint) ON CONFLICT DO NOTHING;
END $$;

CREATE TABLE projections.media (
    media_id     text PRIMARY KEY,
    user_id      text NOT NULL,
    sha256       text NOT NULL,
    size_bytes   bigint NOT NULL,
    content_type text NOT NULL,
    position     bigint NOT NULL
);
CREATE INDEX media_sha256 ON projections.media (sha256);

CREATE FUNCTION log.write_media(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO media SELECT * FROM jsonb_to_recordset(rows) AS row(media_id text, user_id text, sha256 text,
        size_bytes bigint, content_type text, position bigint);
END $$;

CREATE TABLE projections.aliases (
    alias    text PRIMARY KEY,
    room_id  text NOT NULL,
    creator  text NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX aliases_room ON projections.aliases (room_id);

CREATE FUNCTION log.write_aliases(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO aliases
    SELECT DISTINCT ON (alias) alias, room_id, creator, position FROM jsonb_to_recordset(rows)
        AS row(alias text, room_id text, creator text, position bigint) ORDER BY alias, position DESC
    ON CONFLICT (alias) DO UPDATE
       SET room_id = excluded.room_id, creator = excluded.creator, position = excluded.position;
END $$;
