-- departments_without_room --
-- Departments with people and without a room. The name of one is in the body of its entry.
SELECT departments.department_id, entries.body
  FROM departments JOIN entries USING (position)
 WHERE NOT departments.removed AND entries.body IS NOT NULL
   AND EXISTS (SELECT FROM people WHERE people.departments @> ARRAY[department_id] AND NOT people.removed)
   AND NOT EXISTS (SELECT FROM designated_rooms WHERE designation = 'department ' || department_id)
 ORDER BY department_id;

-- misnamed_rooms --
-- Rooms of departments that are called otherwise. Names are compared as JSON: one with a NUL is no text here.
SELECT designated_rooms.room_id, entries.body
  FROM departments
  JOIN entries USING (position)
  JOIN designated_rooms ON designation = 'department ' || department_id
  LEFT JOIN LATERAL (
       SELECT state_deltas.position FROM state_deltas
        WHERE state_deltas.room_id = designated_rooms.room_id AND type = 'm.room.name' AND state_key = ''
        ORDER BY state_deltas.position DESC LIMIT 1) AS latest ON true
  LEFT JOIN entries AS named ON named.position = latest.position
 WHERE NOT departments.removed AND entries.body IS NOT NULL
   AND (convert_from(named.body, 'UTF8')::json -> 'content' -> 'name')::text
       IS DISTINCT FROM (convert_from(entries.body, 'UTF8')::json -> 'name')::text;

-- has_people --
-- Whether the directory knows anybody.
SELECT EXISTS (SELECT FROM people WHERE NOT removed);

-- moves --
-- Who is not in a room where the directory wants them and could read there, and who is where it no longer does: of
-- these people, or (null) of all. Closed accounts leave by themselves.
WITH followed AS (
     SELECT room_id, CASE WHEN designation <> 'announcements' THEN substr(designation, 12) END AS department_id
       FROM designated_rooms
      WHERE designation LIKE 'department %' OR designation = 'announcements' AND $2),
employed AS (
     SELECT user_id, departments FROM people JOIN accounts USING (user_id)
      WHERE NOT removed AND active AND ($1::text[] IS NULL OR user_id = ANY($1))),
wanted AS (
     SELECT user_id, room_id, false AS encrypted FROM employed CROSS JOIN followed WHERE department_id IS NULL
     UNION
     SELECT user_id, room_id, true FROM employed CROSS JOIN unnest(departments) AS department_id
       JOIN followed USING (department_id)),
present AS (
     SELECT user_id, room_id, membership FROM memberships JOIN followed USING (room_id) JOIN accounts USING (user_id)
      WHERE to_position IS NULL AND membership IN ('join', 'invite', 'knock') AND account = 'person' AND active
        AND ($1::text[] IS NULL OR user_id = ANY($1)))
SELECT user_id, room_id FROM wanted
 WHERE NOT EXISTS (SELECT FROM present WHERE present.user_id = wanted.user_id AND present.room_id = wanted.room_id
                      AND membership = 'join')
   AND (NOT encrypted OR EXISTS (SELECT FROM device_keys WHERE device_keys.user_id = wanted.user_id))
UNION ALL
SELECT user_id, room_id FROM present
 WHERE NOT EXISTS (SELECT FROM wanted WHERE wanted.user_id = present.user_id AND wanted.room_id = present.room_id);

-- not_yet_reachable --
-- Who is to be in the room of a department and is not yet, having published no keys.
SELECT people.user_id
  FROM designated_rooms
  JOIN people ON departments @> ARRAY[substr(designation, 12)]
  JOIN accounts USING (user_id)
 WHERE room_id = $1 AND designation LIKE 'department %' AND NOT removed AND active
   AND NOT EXISTS (SELECT FROM memberships WHERE memberships.user_id = people.user_id AND memberships.room_id = $1
                      AND to_position IS NULL AND membership = 'join')
 ORDER BY people.user_id;
