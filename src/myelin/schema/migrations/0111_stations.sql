-- The department that each station stands in, as its first entry says.

CREATE TABLE projections.stations (
    user_id       text PRIMARY KEY,
    department_id text NOT NULL,
    position      bigint NOT NULL
);
CREATE INDEX stations_departments ON projections.stations (department_id);

CREATE FUNCTION log.write_stations(rows jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO stations
    SELECT user_id, department_id, position
      FROM jsonb_to_recordset(rows) AS row(user_id text, department_id text, position bigint)
    ON CONFLICT DO NOTHING;
$$;
