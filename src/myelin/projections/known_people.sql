-- known_user_ids --
-- Living accounts of people and services.
SELECT user_id FROM accounts WHERE active AND account <> 'server';

-- known_people --
-- Of these accounts the living ones of people and services, with the bodies that hold what they are called.
SELECT accounts.user_id, accounts.account, accounts.active, person.facts, person.body,
       displayname.body AS displayname, avatar_url.body AS avatar_url
  FROM accounts
  LEFT JOIN people ON people.user_id = accounts.user_id AND NOT people.removed
  LEFT JOIN entries AS person ON person.position = people.position
  LEFT JOIN profiles AS names ON names.user_id = accounts.user_id AND names.field = 'displayname'
  LEFT JOIN entries AS displayname ON displayname.position = names.position
  LEFT JOIN profiles AS pictures ON pictures.user_id = accounts.user_id AND pictures.field = 'avatar_url'
  LEFT JOIN entries AS avatar_url ON avatar_url.position = pictures.position
 WHERE accounts.user_id = ANY($1) AND accounts.active AND accounts.account <> 'server';

-- sharing_a_room --
-- Of these people ($2) those who are joined to a room to which the viewer ($1) is joined.
SELECT user_id FROM unnest($2::text[]) AS asked(user_id)
 WHERE EXISTS (
       SELECT FROM memberships AS theirs
         JOIN memberships AS mine ON mine.room_id = theirs.room_id AND mine.user_id = $1
        WHERE theirs.user_id = asked.user_id
          AND theirs.to_position IS NULL AND theirs.membership = 'join'
          AND mine.to_position IS NULL AND mine.membership = 'join');

-- people_by_department --
-- How many people work in each department, as their own or a further one.
SELECT department_id, count(*) AS people
  FROM people JOIN accounts USING (user_id), unnest(people.departments) AS department_id
 WHERE NOT people.removed AND accounts.active GROUP BY department_id;
