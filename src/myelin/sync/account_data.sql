-- account_data_after --
-- A person's global account data that changed after a position.
SELECT account_data.type, entries.body FROM account_data JOIN entries USING (position)
 WHERE user_id = $1 AND account_data.room_id = '' AND account_data.position > $2 AND entries.body IS NOT NULL
 ORDER BY account_data.position;

-- room_account_data --
-- A person's account data of rooms: what changed after a position, and all of certain rooms.
SELECT account_data.room_id, account_data.type, entries.body FROM account_data JOIN entries USING (position)
 WHERE user_id = $1 AND account_data.room_id <> '' AND entries.body IS NOT NULL
   AND (account_data.position > $2 OR account_data.room_id = ANY($3::text[]))
 ORDER BY account_data.position;
