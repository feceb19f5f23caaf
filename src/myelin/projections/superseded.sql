-- superseded_bodies --
-- The entries whose bodies were replaced first, with the time at which that happened.
SELECT entries.*, later.at AS superseded_at
  FROM (SELECT position, superseded_by FROM superseded_bodies ORDER BY superseded_by, position LIMIT $1) AS superseded
  JOIN entries USING (position) JOIN entries AS later ON later.position = superseded.superseded_by
 ORDER BY superseded.superseded_by, superseded.position;
