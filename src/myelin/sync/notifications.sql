-- notified_events --
-- Events by their positions.
SELECT events.redacted_by, events.has_relations, entries.position, entries.at, entries.room_id, entries.event_id, entries.sender,
       entries.device_id, entries.transaction, entries.body, events.state_key, events.type
  FROM events JOIN entries USING (position) WHERE events.position = ANY($1::bigint[]);
