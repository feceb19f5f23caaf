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

-- everybody --
-- Whoever is or was in the directory, and the stations.
SELECT user_id FROM people UNION SELECT user_id FROM stations ORDER BY user_id;

-- moves --
-- Which of these people and stations are not in a room where the directory wants them and could read there, and which are where it
-- no longer does. Closed accounts leave by themselves.
WITH employed AS (
     SELECT user_id, departments FROM people JOIN accounts USING (user_id)
      WHERE user_id = ANY($1::text[]) AND NOT removed AND active),
wanted AS (
     SELECT user_id, room_id, false AS encrypted FROM employed CROSS JOIN designated_rooms
      WHERE designation = 'announcements' AND $2
     UNION
     SELECT user_id, room_id, true FROM employed CROSS JOIN unnest(departments) AS department_id
       JOIN designated_rooms ON designation = 'department ' || department_id
     UNION
     SELECT user_id, room_id, true FROM stations JOIN accounts USING (user_id)
       JOIN designated_rooms ON designation = 'department ' || department_id
      WHERE user_id = ANY($1) AND active),
present AS (
     SELECT user_id, room_id, membership
       FROM memberships JOIN designated_rooms USING (room_id) JOIN accounts USING (user_id)
      WHERE user_id = ANY($1) AND active AND to_position IS NULL AND membership IN ('join', 'invite', 'knock')
        AND (designation LIKE 'department %' OR designation = 'announcements' AND $2))
(SELECT user_id, room_id FROM wanted
  WHERE NOT encrypted OR EXISTS (SELECT FROM device_keys WHERE device_keys.user_id = wanted.user_id)
 EXCEPT SELECT user_id, room_id FROM present WHERE membership = 'join')
UNION ALL
(SELECT user_id, room_id FROM present EXCEPT SELECT user_id, room_id FROM wanted);

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
