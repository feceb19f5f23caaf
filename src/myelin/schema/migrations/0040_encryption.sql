-- End-to-end encryption: keys that are given out, messages to devices, key backups; and when a room counts as shared.

-- From `position` on, the members of the room see each other's device lists or do not. Without a row they do.
CREATE TABLE projections.device_sharing (
    room_id  text NOT NULL,
    position bigint NOT NULL,
    shares   boolean NOT NULL,
    PRIMARY KEY (room_id, position)
);

CREATE FUNCTION log.write_device_sharing(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO device_sharing SELECT * FROM jsonb_to_recordset(rows)
        AS row(room_id text, position bigint, shares boolean);
END $$;

-- One-time keys, by the number of their device: a new device of the same name never gets an old one's.
-- Those claimed stay until the device brings others, so that a repeated upload gives none of them out again.
CREATE TABLE stores.one_time_keys (
    device_number bigint NOT NULL,
    algorithm     text NOT NULL,
    key_id        text NOT NULL,
    key           text NOT NULL,
    uploaded_at   bigint NOT NULL,
    claimed       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (device_number, algorithm, key_id)
);
CREATE INDEX one_time_keys_unclaimed ON stores.one_time_keys (device_number, algorithm, uploaded_at, key_id)
 WHERE NOT claimed;

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
CREATE FUNCTION log.write_one_time_keys(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
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

-- One fallback key for each algorithm of a device: given out again and again, `used` once it was.
CREATE TABLE stores.fallback_keys (
    device_number bigint NOT NULL,
    algorithm     text NOT NULL,
    key_id        text NOT NULL,
    key           text NOT NULL,
    used          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (device_number, algorithm)
);

CREATE FUNCTION log.write_fallback_keys(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stores.fallback_keys AS old (device_number, algorithm, key_id, key)
    SELECT DISTINCT ON (device_number, algorithm) device_number, algorithm, key_id, key
      FROM jsonb_to_recordset(rows)
        AS row(device_number bigint, algorithm text, key_id text, key text, uploaded_at bigint)
     ORDER BY device_number, algorithm, uploaded_at DESC
    ON CONFLICT (device_number, algorithm)
    DO UPDATE SET key_id = excluded.key_id, key = excluded.key, used = false WHERE old.key <> excluded.key;
END $$;

-- Messages that wait for a device, in the order of the entries that sent them.
CREATE TABLE stores.to_device_messages (
    device_number bigint NOT NULL,
    position      bigint NOT NULL,
    sender        text NOT NULL,
    type          text NOT NULL,
    content       text NOT NULL,
    PRIMARY KEY (device_number, position)
);

CREATE FUNCTION log.write_to_device_messages(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stores.to_device_messages SELECT * FROM jsonb_to_recordset(rows)
        AS row(device_number bigint, position bigint, sender text, type text, content text);
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

-- Key backups: the version is the position of the entry that made it; the newest that is not deleted is current.
CREATE TABLE stores.key_backups (
    user_id   text NOT NULL,
    version   bigint NOT NULL,
    algorithm text NOT NULL,
    auth_data text NOT NULL,
    etag      bigint NOT NULL DEFAULT 0,
    deleted   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, version)
);

CREATE TABLE stores.backup_keys (
    user_id             text NOT NULL,
    version             bigint NOT NULL,
    room_id             text NOT NULL,
    session_id          text NOT NULL,
    first_message_index bigint NOT NULL,
    forwarded_count     bigint NOT NULL,
    is_verified         boolean NOT NULL,
    session_data        text NOT NULL,
    PRIMARY KEY (user_id, version, room_id, session_id)
);

-- A version that is made, signed anew or deleted with all its keys. A deleted one stays deleted.
CREATE FUNCTION log.write_key_backups(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stores.key_backups AS old (user_id, version, algorithm, auth_data, deleted)
    SELECT DISTINCT ON (user_id, version) user_id, version, algorithm, auth_data,
           bool_or(deleted) OVER (PARTITION BY user_id, version)
      FROM jsonb_to_recordset(rows) AS row(user_id text, version bigint, algorithm text, auth_data text,
                                           deleted boolean, position bigint)
     ORDER BY user_id, version, position DESC
    ON CONFLICT (user_id, version)
    DO UPDATE SET auth_data = excluded.auth_data, deleted = excluded.deleted WHERE NOT old.deleted;
    DELETE FROM stores.backup_keys AS key
     USING jsonb_to_recordset(rows) AS row(user_id text, version bigint, deleted boolean)
     WHERE row.deleted AND key.user_id = row.user_id AND key.version = row.version;
END $$;

-- Everything of a person who is gone.
CREATE FUNCTION log.write_gone_backups(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    gone text[] := ARRAY(SELECT user_id FROM jsonb_to_recordset(rows) AS row(user_id text));
BEGIN
    DELETE FROM stores.backup_keys WHERE user_id = ANY(gone);
    DELETE FROM stores.key_backups WHERE user_id = ANY(gone);
END $$;
