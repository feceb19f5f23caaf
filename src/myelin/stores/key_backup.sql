-- current_backup --
-- A person's newest backup.
SELECT version, algorithm, auth_data, etag FROM key_backups
 WHERE user_id = $1 AND NOT deleted ORDER BY version DESC LIMIT 1;

-- backup --
-- One of a person's backups, deleted or not.
SELECT version, algorithm, auth_data, etag, deleted FROM key_backups WHERE user_id = $1 AND version = $2;

-- key_count --
-- How many keys a backup holds.
SELECT count(*) FROM backup_keys WHERE user_id = $1 AND version = $2;

-- backup_keys --
-- The keys of a backup: of all rooms, of one, or of one session.
SELECT room_id, session_id, first_message_index, forwarded_count, is_verified, session_data FROM backup_keys
 WHERE user_id = $1 AND version = $2 AND ($3::text IS NULL OR room_id = $3) AND ($4::text IS NULL OR session_id = $4);

-- lock_current_backup --
-- A person's newest backup, held against its deletion and other uploads until the transaction ends.
SELECT version FROM key_backups WHERE user_id = $1 AND NOT deleted ORDER BY version DESC LIMIT 1 FOR UPDATE;

-- lock_backup --
-- One backup that is not deleted, held until the transaction ends.
SELECT version FROM key_backups WHERE user_id = $1 AND version = $2 AND NOT deleted FOR UPDATE;

-- put_backup_keys --
-- Keeps of each session the better key: a verified one, else that which reaches back further, else that which was
-- forwarded less often. Returns a row for each that is new.
INSERT INTO backup_keys AS kept
SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::boolean[], $8::text[])
ON CONFLICT (user_id, version, room_id, session_id) DO UPDATE
   SET first_message_index = excluded.first_message_index, forwarded_count = excluded.forwarded_count,
       is_verified = excluded.is_verified, session_data = excluded.session_data
 WHERE (NOT excluded.is_verified, excluded.first_message_index, excluded.forwarded_count)
     < (NOT kept.is_verified, kept.first_message_index, kept.forwarded_count)
RETURNING true;

-- delete_backup_keys --
-- Deletes the keys of all rooms, of one, or of one session; returns a row for each.
DELETE FROM backup_keys
 WHERE user_id = $1 AND version = $2 AND ($3::text IS NULL OR room_id = $3) AND ($4::text IS NULL OR session_id = $4)
RETURNING true;

-- count_change --
-- The keys of a backup have changed.
UPDATE key_backups SET etag = etag + 1 WHERE user_id = $1 AND version = $2;
