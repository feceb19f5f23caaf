-- hold_appends --
-- Takes the lock of `log.append` for this session, until it is given back or the session has been silent for too long.
SELECT pg_advisory_lock(7205759403792793600);
SET idle_session_timeout = '30s';

-- let_appends_go --
-- Gives it back.
SELECT pg_advisory_unlock(7205759403792793600);
RESET idle_session_timeout;
