-- What belongs to a person: stored filters, and an index for unread counts in threads.

-- A filter's id is made from its definition, so the same filter always has the same id.
CREATE TABLE stores.filters (
    user_id    text NOT NULL,
    filter_id  text NOT NULL,
    definition bytea NOT NULL,
    PRIMARY KEY (user_id, filter_id)
);

CREATE INDEX events_notifying_threads ON projections.events (room_id, position) INCLUDE (sender, thread, notice)
 WHERE notice > 0 AND thread IS NOT NULL;
