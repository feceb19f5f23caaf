-- departments --
-- The departments that are there, with the bodies that hold their names.
SELECT department_id, parent_id, entries.body FROM departments JOIN entries USING (position) WHERE NOT removed;

-- people --
-- Whoever is in the directory, with the entries that say as what; of all where $1 is null.
SELECT people.user_id, entries.facts, entries.body, accounts.active
  FROM people JOIN entries USING (position) JOIN accounts USING (user_id)
 WHERE NOT people.removed AND ($1::text[] IS NULL OR people.user_id = ANY($1)) ORDER BY people.user_id;

-- former_people --
-- Who was in the directory once: their numbers are never given to anybody else.
SELECT user_id FROM people WHERE removed;

-- waiting_plans --
-- Plans that are not carried out yet, the oldest first.
SELECT entries.* FROM directory_plans JOIN entries USING (position) WHERE carried_out IS NULL ORDER BY position;

-- done_people --
-- Whom a plan, or one after it, has set already.
SELECT user_id FROM people WHERE position > $1;

-- claim_carrying --
-- Whether this connection may carry out plans: one at a time, as long as it lives.
SELECT pg_try_advisory_lock(hashtext('myelin directory'));

-- release_carrying --
-- Let another one carry out plans.
SELECT pg_advisory_unlock(hashtext('myelin directory'));
