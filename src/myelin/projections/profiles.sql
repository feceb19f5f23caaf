-- profile --
-- The fields of a living account's profile that are set; one row without a field where none is.
SELECT profile.field, profile.body
  FROM accounts LEFT JOIN LATERAL (
       SELECT profiles.field, entries.body FROM profiles JOIN entries USING (position)
        WHERE profiles.user_id = accounts.user_id AND entries.body IS NOT NULL AND entries.body <> 'null'
       ) AS profile ON true
 WHERE accounts.user_id = $1 AND accounts.active;

-- rooms_behind_profile --
-- Joined rooms (of these people, or of all where $1 is null) whose member event is older than the person's name or picture.
SELECT memberships.user_id, memberships.room_id, memberships.event_id
  FROM (SELECT user_id, max(position) AS position FROM profiles
         WHERE field IN ('displayname', 'avatar_url') AND ($1::text[] IS NULL OR user_id = ANY($1))
         GROUP BY user_id) AS changed
  JOIN memberships USING (user_id)
 WHERE memberships.to_position IS NULL AND memberships.membership = 'join'
   AND memberships.position < changed.position
 ORDER BY memberships.user_id, memberships.from_position;
