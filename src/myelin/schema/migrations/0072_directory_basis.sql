-- Called in the transaction that appends a plan. Two that were made of the same directory would make a department twice:
-- the second is not appended.
CREATE FUNCTION log.write_directory_basis(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM jsonb_to_recordset(rows) AS row(plan bigint, basis bigint)
                 JOIN directory_plans ON directory_plans.position > row.basis AND directory_plans.position <> row.plan) THEN
        RAISE EXCEPTION 'the directory is no longer as it was' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;
