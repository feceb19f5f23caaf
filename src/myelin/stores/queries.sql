-- server_keys --
-- The keys that the server signs with, newest first.
SELECT key_id, seed FROM stores.server_keys ORDER BY created_at DESC;

-- add_server_key --
-- Keeps the first key; two processes that start at once agree on one.
INSERT INTO stores.server_keys (key_id, seed, created_at)
SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM stores.server_keys);

-- secret --
-- A secret of the server.
SELECT value FROM stores.secrets WHERE name = $1;

-- add_secret --
-- Keeps the first value.
INSERT INTO stores.secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING;
