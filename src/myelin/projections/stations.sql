-- stations --
-- The stations that are not closed, with the bodies that hold their titles; those of one department where one is given.
SELECT accounts.user_id, stations.department_id, entries.body
  FROM stations JOIN accounts USING (user_id)
  LEFT JOIN profiles ON profiles.user_id = accounts.user_id AND field = 'displayname'
  LEFT JOIN entries ON entries.position = profiles.position
 WHERE active AND ($1::text IS NULL OR stations.department_id = $1)
 ORDER BY accounts.user_id;
