-- space_children --
-- The bodies of the events with which a space names its children.
SELECT position, body FROM entries WHERE position = ANY($1::bigint[]);
