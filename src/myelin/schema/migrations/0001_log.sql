-- The log: one row an entry, and the one function that writes it.

CREATE SCHEMA log;
CREATE SCHEMA projections;
CREATE SCHEMA stores;

CREATE TABLE log.entries (
    position    bigint PRIMARY KEY,
    at          bigint NOT NULL,
    kind        text NOT NULL,
    version     smallint NOT NULL,
    room_id     text,
    sender      text,
    device_id   text,
    transaction text,
    event_id    text,
    facts       bytea NOT NULL,
    commitment  bytea NOT NULL,
    body        bytea,
    salt        bytea,
    leaf        bytea NOT NULL,
    erased_by   bigint
) PARTITION BY RANGE (position);

CREATE TABLE log.entries_0 PARTITION OF log.entries FOR VALUES FROM (0) TO (MAXVALUE);

-- What redaction took out of sight: reachable for evidence only, gone with erasure.
CREATE TABLE log.withheld (
    position bigint PRIMARY KEY,
    body     bytea NOT NULL,
    salt     bytea NOT NULL
);

-- One row of an append: an entry, and what the projection `events` knows beside it.
CREATE TYPE log.appended AS (
    position        bigint,
    at              bigint,
    kind            text,
    version         smallint,
    room_id         text,
    sender          text,
    device_id       text,
    transaction     text,
    event_id        text,
    facts           bytea,
    commitment      bytea,
    body            bytea,
    salt            bytea,
    leaf            bytea,
    type            text,
    state_key       text,
    notice          smallint,
    thread          text,
    rel_type        text,
    relates_to      text,
    transaction_key bytea
);

CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the log are never changed or deleted';
END $$;

CREATE FUNCTION log.allow_erasure_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.erased_by IS NULL
       OR (NEW.position, NEW.at, NEW.kind, NEW.version, NEW.facts, NEW.commitment, NEW.leaf)
          IS DISTINCT FROM (OLD.position, OLD.at, OLD.kind, OLD.version, OLD.facts, OLD.commitment, OLD.leaf)
       OR (NEW.room_id, NEW.sender, NEW.device_id, NEW.transaction, NEW.event_id)
          IS DISTINCT FROM (OLD.room_id, OLD.sender, OLD.device_id, OLD.transaction, OLD.event_id) THEN
        RAISE EXCEPTION 'only the body and the salt of an entry may change, and an entry must say why';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entries_change BEFORE UPDATE ON log.entries FOR EACH ROW EXECUTE FUNCTION log.allow_erasure_only();
CREATE TRIGGER entries_delete BEFORE DELETE ON log.entries FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER entries_truncate BEFORE TRUNCATE ON log.entries EXECUTE FUNCTION log.refuse_change();

-- Writes rows of projections and stores: `writes` maps the name of a table to its rows, and `write_<table>` applies them.
CREATE FUNCTION log.apply_writes(writes jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    write record;
BEGIN
    FOR write IN SELECT key, value FROM jsonb_each(writes) ORDER BY key LOOP
        EXECUTE format('SELECT log.%I($1)', 'write_' || write.key) USING write.value;
    END LOOP;
END $$;

-- Writes what the projection `events` knows of these entries, and the other rows they change.
CREATE FUNCTION log.project(rows log.appended[], writes jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (position, event_id, room_id, type, state_key, sender, notice, thread,
                        rel_type, relates_to, transaction_key)
    SELECT position, event_id, room_id, type, state_key, sender, notice, thread, rel_type, relates_to, transaction_key
      FROM unnest(rows) WHERE event_id IS NOT NULL;
    IF writes IS NOT NULL THEN
        PERFORM log.apply_writes(writes);
    END IF;
END $$;

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

-- Redaction: the readable body becomes the pruned event; the original goes out of sight.
CREATE FUNCTION log.write_redacted_bodies(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log.withheld (position, body, salt)
    SELECT entry.position, entry.body, entry.salt
      FROM jsonb_to_recordset(rows) AS redacted(event_id text, body text, position bigint)
      JOIN events USING (event_id) JOIN log.entries AS entry ON entry.position = events.position
     WHERE entry.salt IS NOT NULL
    ON CONFLICT DO NOTHING;
    UPDATE log.entries AS entry
       SET body = decode(redacted.body, 'hex'), salt = NULL, erased_by = redacted.position
      FROM (SELECT DISTINCT ON (event_id) event_id, body, position
              FROM jsonb_to_recordset(rows) AS row(event_id text, body text, position bigint)
             ORDER BY event_id, position) AS redacted
      JOIN events USING (event_id)
     WHERE entry.position = events.position AND entry.erased_by IS NULL;
END $$;

-- Which processes live: each shares the advisory lock of its number among its connections, while one of them stands.
CREATE SEQUENCE log.process_numbers AS integer CYCLE;

-- How many other processes serve this log.
CREATE FUNCTION log.other_processes(own integer) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(DISTINCT objid) FROM pg_locks
     WHERE locktype = 'advisory' AND classid = 1297698124 AND objid <> own::oid AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
$$;
