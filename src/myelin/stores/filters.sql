-- add_filter --
-- Keeps a filter; the same one again changes nothing.
INSERT INTO stores.filters (user_id, filter_id, definition) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- filter --
-- A person's stored filter.
SELECT definition FROM stores.filters WHERE user_id = $1 AND filter_id = $2;

-- filter_count --
-- How many filters a person has stored.
SELECT count(*) FROM stores.filters WHERE user_id = $1;
