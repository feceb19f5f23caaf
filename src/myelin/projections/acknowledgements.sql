-- acknowledgement_entries --
-- The entries that ask for, give and remind of the acknowledgement of these events, in the order of the log.
SELECT entries.* FROM events JOIN entries USING (position)
 WHERE events.relates_to = ANY($1::text[])
   AND events.type IN ('org.myelin.ack.ack', 'org.myelin.ack.reminder', 'org.myelin.ack.request')
 ORDER BY position;
