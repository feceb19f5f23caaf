-- account_data --
-- One piece of account data with the position of its last change; room_id is empty for global data.
SELECT account_data.position, entries.body
  FROM account_data JOIN entries USING (position)
 WHERE user_id = $1 AND account_data.room_id = $2 AND type = $3 AND entries.body IS NOT NULL;

-- account_data_position --
-- When anything of a person's account data last changed; -1 where there is none.
SELECT coalesce(max(position), -1) FROM account_data WHERE user_id = $1;
