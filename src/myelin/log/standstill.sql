-- hold_appends --
-- Takes the lock of `log.append` for this session, until it is given back.
SELECT pg_advisory_lock(7205759403792793600);

-- let_appends_go --
-- Gives it back.
SELECT pg_advisory_unlock(7205759403792793600);
