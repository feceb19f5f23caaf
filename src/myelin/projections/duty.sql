-- duty_parts --
-- Where each role is defined, and its rosters that end after an instant, but for those that a later one covers whole.
SELECT 'role' AS part, role, position FROM duty_roles
UNION ALL
SELECT 'roster', role, position FROM duty_rosters AS earlier
 WHERE ends > $1
   AND NOT EXISTS (SELECT FROM duty_rosters AS later
                    WHERE later.role = earlier.role AND later.position > earlier.position
                      AND later.begins <= earlier.begins AND later.ends >= earlier.ends);

-- duty_bodies --
-- The plans at these positions, as far as they are not erased.
SELECT position, body FROM entries WHERE position = ANY($1) AND body IS NOT NULL ORDER BY position;

-- gone --
-- Of these people those who cannot have a duty any more.
SELECT user_id FROM unnest($1::text[]) AS asked(user_id)
 WHERE NOT EXISTS (SELECT FROM people JOIN accounts USING (user_id)
                    WHERE people.user_id = asked.user_id AND NOT removed AND active);
