-- inbox --
-- Every distinct message that was received, whatever became of it.
CREATE TABLE IF NOT EXISTS inbox (
    inbox_id integer PRIMARY KEY AUTOINCREMENT,
    partner text NOT NULL,
    control_id text NOT NULL,
    sha256 blob NOT NULL,
    type text NOT NULL,
    raw blob NOT NULL,
    received_at integer NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    UNIQUE (partner, control_id, sha256)
);

-- inbox_received --
-- What waits to be sorted, found at once among millions that do not.
CREATE INDEX IF NOT EXISTS inbox_received ON inbox (inbox_id) WHERE state = 'received';

-- inbox_set_aside --
-- What is shown to nobody at a bedside, and must be looked at.
CREATE INDEX IF NOT EXISTS inbox_set_aside ON inbox (inbox_id) WHERE state IN ('dead', 'quarantined');

-- outbox --
-- Every card that must go out, or went.
CREATE TABLE IF NOT EXISTS outbox (
    outbox_id integer PRIMARY KEY AUTOINCREMENT,
    inbox_id integer NOT NULL REFERENCES inbox,
    transaction_id text NOT NULL UNIQUE,
    target text NOT NULL,
    feed text NOT NULL,
    lane text NOT NULL,
    kind text NOT NULL,
    case_id text NOT NULL,
    rev integer NOT NULL,
    ordering_key text NOT NULL,
    content blob NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    next_at integer NOT NULL,
    reason text NOT NULL DEFAULT '',
    user_id text,
    event_id text,
    sent_at integer
);

-- outbox_due --
-- A lane in the order in which its cards come due.
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (lane, next_at, outbox_id) WHERE state = 'waiting';

-- outbox_ordered --
-- What of one key waits.
CREATE INDEX IF NOT EXISTS outbox_ordered ON outbox (lane, ordering_key, outbox_id) WHERE state = 'waiting';

-- outbox_without_device --
-- Who waits for a device.
CREATE INDEX IF NOT EXISTS outbox_without_device ON outbox (user_id) WHERE state = 'no_device';

-- outbox_dead --
-- What was given up.
CREATE INDEX IF NOT EXISTS outbox_dead ON outbox (outbox_id) WHERE state = 'dead';

-- feed_rooms --
-- The rooms that people are told things in.
CREATE TABLE IF NOT EXISTS feed_rooms (
    user_id text NOT NULL,
    feed text NOT NULL,
    room_id text NOT NULL,
    PRIMARY KEY (user_id, feed)
);

-- master_keys --
-- The identity that each person was first seen with.
CREATE TABLE IF NOT EXISTS master_keys (
    user_id text PRIMARY KEY,
    master_key text NOT NULL,
    pinned_at integer NOT NULL
);
