-- services --
-- The services of the hospital that are not closed, with the bodies that hold their titles.
SELECT accounts.user_id, entries.body
  FROM accounts
  LEFT JOIN profiles ON profiles.user_id = accounts.user_id AND field = 'displayname'
  LEFT JOIN entries ON entries.position = profiles.position
 WHERE account = 'service' AND active
 ORDER BY accounts.user_id;
