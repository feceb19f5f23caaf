-- Pushers: where a person's devices are rung. Secret (who has a pushkey can ring the device), current, not proved.
-- `since` is the head when it was set. `cursor` is up to where it has been rung, null while it is up to date: then
-- `push_position` says. `failing_since` is when ringing it began to fail, in ms. `data` is JSON.

CREATE TABLE stores.pushers (
    user_id             text NOT NULL,
    app_id              text NOT NULL,
    pushkey             text NOT NULL,
    device_id           text NOT NULL,
    app_display_name    text NOT NULL,
    device_display_name text NOT NULL,
    profile_tag         text NOT NULL,
    lang                text NOT NULL,
    data                text NOT NULL,
    set_at              bigint NOT NULL,
    since               bigint NOT NULL,
    cursor              bigint,
    failing_since       bigint,
    PRIMARY KEY (user_id, app_id, pushkey)
);
CREATE INDEX pushers_pushkey ON stores.pushers (app_id, pushkey);
CREATE INDEX pushers_device ON stores.pushers (user_id, device_id);

-- Up to where the log has been followed for everybody who has no cursor of their own. One row.
CREATE TABLE stores.push_position (
    is_one   boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    position bigint NOT NULL
);

CREATE FUNCTION log.write_pushers(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN SELECT * FROM ROWS FROM (jsonb_to_recordset(rows) AS (change text, user_id text, device_id text,
                      app_id text, pushkey text, app_display_name text, device_display_name text, profile_tag text,
                      lang text, data text, set_at bigint, since bigint, exclusive boolean)) WITH ORDINALITY AS row
                   ORDER BY ordinality LOOP
        IF change.change = 'set' THEN
            -- A device that changed hands rings for its new owner only.
            DELETE FROM stores.pushers WHERE change.exclusive AND app_id = change.app_id AND pushkey = change.pushkey
                                         AND user_id <> change.user_id;
            INSERT INTO stores.pushers
            VALUES (change.user_id, change.app_id, change.pushkey, change.device_id, change.app_display_name,
                    change.device_display_name, change.profile_tag, change.lang, change.data, change.set_at, change.since)
            ON CONFLICT (user_id, app_id, pushkey) DO UPDATE
               SET device_id = excluded.device_id, app_display_name = excluded.app_display_name,
                   device_display_name = excluded.device_display_name, profile_tag = excluded.profile_tag,
                   lang = excluded.lang, data = excluded.data, set_at = excluded.set_at, failing_since = NULL;
        ELSE
            DELETE FROM stores.pushers
             WHERE user_id = change.user_id AND (change.device_id IS NULL OR device_id = change.device_id)
               AND (change.app_id IS NULL OR (app_id = change.app_id AND pushkey = change.pushkey));
        END IF;
    END LOOP;
END $$;
