-- Who is on duty. Shifts, fallbacks and standing people are the bodies of the entries at `position`; which roster counts
-- at an instant is decided in memory, where they are laid over each other in the order of the log.

CREATE TABLE projections.duty_roles (
    role     text PRIMARY KEY,
    position bigint NOT NULL
);

CREATE FUNCTION log.write_duty_roles(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO duty_roles
    SELECT role, max(position) FROM jsonb_to_recordset(rows) AS row(role text, position bigint) GROUP BY role
    ON CONFLICT (role) DO UPDATE SET position = excluded.position;
END $$;

-- In ms since the epoch; `ends` is no part of it.
CREATE TABLE projections.duty_rosters (
    role     text NOT NULL,
    position bigint NOT NULL,
    begins   bigint NOT NULL,
    ends     bigint NOT NULL,
    PRIMARY KEY (role, position)
);
CREATE INDEX duty_rosters_ends ON projections.duty_rosters (ends);

CREATE FUNCTION log.write_duty_rosters(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO duty_rosters (role, position, begins, ends)
    SELECT role, position, begins, ends
      FROM jsonb_to_recordset(rows) AS row(role text, position bigint, begins bigint, ends bigint);
END $$;
