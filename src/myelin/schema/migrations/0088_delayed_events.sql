-- Delayed events (MSC4140) are kept until they are sent, refused or cancelled, and their outcome for some days.
-- `content` is JSON, gone once the event is in the log or cancelled. `since_position` is the head when it was asked for.

CREATE TABLE stores.delayed_events (
    delay_id        text PRIMARY KEY,
    user_id         text NOT NULL,
    device_id       text NOT NULL,
    room_id         text NOT NULL,
    type            text NOT NULL,
    state_key       text,
    content         bytea,
    delay_ms        bigint NOT NULL,
    running_since   bigint NOT NULL,
    since_position  bigint NOT NULL,
    transaction_key bytea UNIQUE,
    finalised_at    bigint,
    outcome         text,
    reason          text,
    error           bytea,
    event_id        text
);
CREATE INDEX delayed_events_due ON stores.delayed_events ((running_since + delay_ms)) WHERE finalised_at IS NULL;
CREATE INDEX delayed_events_user ON stores.delayed_events (user_id, finalised_at);
CREATE INDEX delayed_events_finalised ON stores.delayed_events (finalised_at) WHERE finalised_at IS NOT NULL;

-- Called in the transaction that appends the event: a crash leaves both or neither. Where somebody else has sent,
-- cancelled or restarted it meanwhile, nothing is appended.
CREATE FUNCTION log.write_sent_delayed_events(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    UPDATE stores.delayed_events AS delayed
       SET finalised_at = sent.at, outcome = 'send', reason = sent.reason, event_id = sent.event_id, content = NULL
      FROM jsonb_to_recordset(rows)
        AS sent(delay_id text, running_since bigint, at bigint, reason text, event_id text)
     WHERE delayed.delay_id = sent.delay_id AND delayed.running_since = sent.running_since
       AND delayed.finalised_at IS NULL;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> jsonb_array_length(rows) THEN
        RAISE EXCEPTION 'a delayed event is no longer as it was' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;
