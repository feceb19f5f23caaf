-- uploaded_file --
-- What the log knows of a file; its name is the body of the entry, null where it was erased.
SELECT media.sha256, media.size_bytes, media.content_type, entries.body
  FROM media JOIN entries USING (position) WHERE media.media_id = $1;

-- announced_file --
-- Who announced a media id, and until when its content may come.
SELECT user_id, expires_at FROM media_created WHERE media_id = $1;
