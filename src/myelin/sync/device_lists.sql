-- latest_device_changes --
-- What after a position may change whose devices somebody sees: keys, memberships, and what makes a room count.
SELECT position, user_id, NULL AS room_id, seen_by, false AS joined FROM device_list_changes WHERE position > $1
UNION ALL
SELECT memberships.from_position, memberships.user_id, memberships.room_id, NULL, membership = 'join'
  FROM events JOIN memberships ON memberships.user_id = events.state_key AND memberships.room_id = events.room_id
                              AND memberships.from_position = events.position
 WHERE events.position > $1 AND events.type = 'm.room.member' AND memberships.membership IN ('join', 'leave', 'ban')
   AND memberships.room_id NOT IN (
       SELECT room_id FROM (
              SELECT DISTINCT ON (room_id) room_id, shares FROM device_sharing ORDER BY room_id, position DESC) AS latest
        WHERE NOT shares)
UNION ALL
SELECT position, '', room_id, NULL, false FROM device_sharing WHERE position > $1
 ORDER BY position;

-- changed_devices --
-- Those of these people whose devices changed within (since, upto], as far as the viewer can see it.
SELECT DISTINCT user_id FROM device_list_changes
 WHERE user_id = ANY($2::text[]) AND position > $3 AND position <= $4 AND (seen_by IS NULL OR seen_by = $1);

-- sharing_of_people --
-- Those of these people who share a room with a person, at either of two positions.
WITH moments AS (SELECT * FROM unnest(ARRAY[$3::bigint, $4::bigint]) AS moment(at)),
unshared AS MATERIALIZED (
     SELECT at, room_id FROM moments CROSS JOIN LATERAL (
            SELECT DISTINCT ON (room_id) room_id, shares FROM device_sharing
             WHERE position <= at ORDER BY room_id, position DESC) AS latest
      WHERE NOT shares)
SELECT theirs.user_id, coalesce(bool_or(at = $3), false) AS at_since, coalesce(bool_or(at = $4), false) AS at_upto
  FROM moments
  JOIN memberships AS mine ON mine.user_id = $1 AND mine.membership = 'join'
                          AND mine.from_position <= at AND (mine.to_position IS NULL OR mine.to_position > at)
  JOIN memberships AS theirs ON theirs.user_id = ANY($2::text[]) AND theirs.room_id = mine.room_id
                            AND theirs.membership = 'join' AND theirs.from_position <= at
                            AND (theirs.to_position IS NULL OR theirs.to_position > at)
 WHERE (at, mine.room_id) NOT IN (SELECT at, room_id FROM unshared)
 GROUP BY theirs.user_id;

-- sharing --
-- Everybody who shares a room with a person, at either of two positions.
WITH moments AS (SELECT * FROM unnest(ARRAY[$2::bigint, $3::bigint]) AS moment(at)),
unshared AS MATERIALIZED (
     SELECT at, room_id FROM moments CROSS JOIN LATERAL (
            SELECT DISTINCT ON (room_id) room_id, shares FROM device_sharing
             WHERE position <= at ORDER BY room_id, position DESC) AS latest
      WHERE NOT shares)
SELECT theirs.user_id, coalesce(bool_or(at = $2), false) AS at_since, coalesce(bool_or(at = $3), false) AS at_upto
  FROM moments
  JOIN memberships AS mine ON mine.user_id = $1 AND mine.membership = 'join'
                          AND mine.from_position <= at AND (mine.to_position IS NULL OR mine.to_position > at)
  JOIN memberships AS theirs ON theirs.room_id = mine.room_id
                            AND theirs.membership = 'join' AND theirs.from_position <= at
                            AND (theirs.to_position IS NULL OR theirs.to_position > at)
 WHERE (at, mine.room_id) NOT IN (SELECT at, room_id FROM unshared)
 GROUP BY theirs.user_id;

-- members_at_either --
-- Everybody who was joined to one of these rooms, at either of two positions.
SELECT DISTINCT user_id FROM memberships
 WHERE room_id = ANY($1::text[]) AND membership = 'join'
   AND (from_position <= $2 AND (to_position IS NULL OR to_position > $2)
        OR from_position <= $3 AND (to_position IS NULL OR to_position > $3));

-- sharing_now --
-- Everybody who shares a room with one of these people.
WITH unshared AS MATERIALIZED (
     SELECT room_id FROM (
            SELECT DISTINCT ON (room_id) room_id, shares FROM device_sharing ORDER BY room_id, position DESC) AS latest
      WHERE NOT shares)
SELECT DISTINCT theirs.user_id
  FROM memberships AS mine JOIN memberships AS theirs USING (room_id)
 WHERE mine.user_id = ANY($1::text[]) AND mine.membership = 'join' AND mine.to_position IS NULL
   AND theirs.membership = 'join' AND theirs.to_position IS NULL
   AND room_id NOT IN (SELECT room_id FROM unshared);
