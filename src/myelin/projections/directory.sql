-- departments --
-- The departments that are there, with the bodies that hold their names.
SELECT department_id, parent_id, entries.body FROM departments JOIN entries USING (position) WHERE NOT removed;

-- people --
-- Whoever is in the directory, with the entries that say as what; of all where $1 is null.
SELECT people.user_id, entries.facts, entries.body, accounts.active
  FROM people JOIN entries USING (position) JOIN accounts USING (user_id)
 WHERE NOT people.removed AND ($1::text[] IS NULL OR people.user_id = ANY($1)) ORDER BY people.user_id;

-- former_people --
-- Ids that are nobody's any more: who left the directory, and closed accounts that were never in it.
SELECT user_id FROM people WHERE removed
UNION ALL
SELECT user_id FROM accounts WHERE NOT active AND NOT EXISTS (SELECT FROM people WHERE people.user_id = accounts.user_id);

-- strangers --
-- Those of these people who have an account, and are not in the directory.
SELECT user_id FROM accounts
 WHERE user_id = ANY($1::text[]) AND active
   AND NOT EXISTS (SELECT FROM people WHERE people.user_id = accounts.user_id) ORDER BY user_id;

-- latest_plan --
-- Where the last plan is.
SELECT coalesce(max(position), -1) FROM directory_plans;

-- waiting_plans --
-- Plans that are not carried out yet, the oldest first.
SELECT position FROM directory_plans WHERE carried_out IS NULL ORDER BY position;

-- plan --
-- What a plan says.
SELECT body FROM entries WHERE position = $1;

-- done --
-- Whom and what a plan, or one after it, has set already.
SELECT user_id AS id FROM people WHERE position > $1
UNION ALL
SELECT department_id FROM departments WHERE position > $1;

-- claim_carrying --
-- Whether this connection may carry out plans: one at a time, as long as it lives.
SELECT pg_try_advisory_lock(hashtext('myelin directory'));

-- release_carrying --
-- Let another one carry out plans.
SELECT pg_advisory_unlock(hashtext('myelin directory'));

-- hold_claim --
-- Nothing; it fails where the connection, and the claim with it, is gone.
SELECT 1;
