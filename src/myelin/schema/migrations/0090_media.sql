-- Media ids that were given out before their content came, and what the sum of a person's files is read from.

CREATE TABLE projections.media_created (
    media_id   text PRIMARY KEY,
    user_id    text NOT NULL,
    at         bigint NOT NULL,
    expires_at bigint NOT NULL,
    position   bigint NOT NULL
);
CREATE INDEX media_created_user ON projections.media_created (user_id, at);

CREATE FUNCTION log.write_media_created(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO media_created SELECT * FROM jsonb_to_recordset(rows) AS row(media_id text, user_id text, at bigint,
        expires_at bigint, position bigint);
END $$;

CREATE INDEX media_user ON projections.media (user_id) INCLUDE (size_bytes);
