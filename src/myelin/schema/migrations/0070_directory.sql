-- The hospital's directory. Names, titles and telephones are the bodies of the entries at `position`.

CREATE TABLE projections.departments (
    department_id text PRIMARY KEY,
    parent_id     text,
    removed       boolean NOT NULL,
    position      bigint NOT NULL
);

CREATE FUNCTION log.write_departments(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO departments
    SELECT DISTINCT ON (department_id) department_id, parent_id, removed, position
      FROM jsonb_to_recordset(rows) AS row(department_id text, parent_id text, removed boolean, position bigint)
     ORDER BY department_id, position DESC
    ON CONFLICT (department_id) DO UPDATE
       SET parent_id = excluded.parent_id, removed = excluded.removed, position = excluded.position;
END $$;

-- `departments` are those that the person works for, their own first; a person who was removed keeps a row.
CREATE TABLE projections.people (
    user_id      text PRIMARY KEY,
    directory_id text UNIQUE,
    departments  text[] NOT NULL,
    removed      boolean NOT NULL,
    position     bigint NOT NULL
);
CREATE INDEX people_departments ON projections.people USING gin (departments);

CREATE FUNCTION log.write_people(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO people
    SELECT DISTINCT ON (user_id) user_id, directory_id, ARRAY(SELECT jsonb_array_elements_text(departments)), removed, position
      FROM jsonb_to_recordset(rows)
        AS row(user_id text, directory_id text, departments jsonb, removed boolean, position bigint)
     ORDER BY user_id, position DESC
    ON CONFLICT (user_id) DO UPDATE
       SET directory_id = coalesce(excluded.directory_id, people.directory_id), departments = excluded.departments,
           removed = excluded.removed, position = excluded.position;
END $$;

CREATE TABLE projections.directory_plans (
    position    bigint PRIMARY KEY,
    carried_out bigint
);

CREATE FUNCTION log.write_directory_plans(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO directory_plans
    SELECT position, max(carried_out) FROM jsonb_to_recordset(rows) AS row(position bigint, carried_out bigint)
     GROUP BY position
    ON CONFLICT (position) DO UPDATE SET carried_out = excluded.carried_out;
END $$;
