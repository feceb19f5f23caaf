-- lock_of_token --
-- Whose lock a token belongs to, by its hash.
SELECT user_id, device_id FROM stores.device_locks WHERE token_hash = $1;

-- count_try --
-- Counts a try before it is looked at, so that no crash and no race gives one away; nothing where none is left.
UPDATE stores.device_locks SET tries = tries + 1 WHERE token_hash = $1 AND half IS NOT NULL AND tries < $2
RETURNING user_id, device_id, proof_hash, half, tries;

-- forget_tries --
-- The PIN was right.
UPDATE stores.device_locks SET tries = 0 WHERE token_hash = $1 AND proof_hash = $2;

-- destroy_half --
-- The tries are used up: what the PIN would open is gone for good, whatever comes after.
UPDATE stores.device_locks SET half = NULL, proof_hash = NULL WHERE token_hash = $1 AND tries >= $2;
