-- device_keys --
-- The identity keys of these people's devices, with the names of the devices.
SELECT keys.user_id, keys.device_id, keys.position, uploaded.body, named.body AS display_name
  FROM device_keys AS keys
  JOIN devices ON devices.user_id = keys.user_id AND devices.device_id = keys.device_id AND NOT devices.removed
  JOIN entries AS uploaded ON uploaded.position = keys.position
  JOIN entries AS named ON named.position = devices.named_at
 WHERE keys.user_id = ANY($1::text[]) AND uploaded.body IS NOT NULL;

-- cross_signing_keys --
-- The cross-signing keys of these people; a closed account has none.
SELECT keys.user_id, keys.usage, entries.body
  FROM cross_signing_keys AS keys
  JOIN entries USING (position)
  JOIN accounts ON accounts.user_id = keys.user_id AND accounts.active
 WHERE keys.user_id = ANY($1::text[]) AND entries.body IS NOT NULL;

-- key_signatures --
-- Signatures on keys of these people, by themselves or by one other, oldest first.
SELECT signatures.user_id, signatures.signer, signatures.position, entries.body
  FROM key_signatures AS signatures JOIN entries USING (position)
 WHERE signatures.user_id = ANY($1::text[]) AND signatures.signer IN (signatures.user_id, $2)
   AND entries.body IS NOT NULL
 ORDER BY signatures.position;
