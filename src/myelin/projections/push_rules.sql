-- push_rules --
-- Everybody's push rules, as far as they ever changed them.
SELECT account_data.user_id, entries.body FROM account_data JOIN entries USING (position)
 WHERE account_data.room_id = '' AND account_data.type = 'm.push_rules' AND entries.body IS NOT NULL;
