-- activation_code --
-- A person's code, by its hash; null where they have none.
SELECT code_hash, activation_codes.position, expires_at
  FROM accounts LEFT JOIN activation_codes USING (user_id) WHERE user_id = $1 AND active;

-- without_password --
-- Those of these people who have never set a password.
SELECT user_id FROM accounts
 WHERE user_id = ANY($1::text[]) AND active AND NOT EXISTS (SELECT FROM credentials WHERE user_id = accounts.user_id)
 ORDER BY user_id;

-- in_need_of_code --
-- Those of these people who have neither a password nor a code that counts at $2.
SELECT user_id FROM accounts
 WHERE user_id = ANY($1::text[]) AND active AND NOT EXISTS (SELECT FROM credentials WHERE user_id = accounts.user_id)
   AND NOT EXISTS (SELECT FROM activation_codes WHERE user_id = accounts.user_id AND expires_at >= $2)
 ORDER BY user_id;
