-- activation_code --
-- A person's code, by its hash.
SELECT code_hash, position, expires_at FROM activation_codes WHERE user_id = $1;

-- without_password --
-- Those of these people who have never set a password.
SELECT user_id FROM accounts
 WHERE user_id = ANY($1::text[]) AND active AND NOT EXISTS (SELECT FROM credentials WHERE user_id = accounts.user_id)
 ORDER BY user_id;
