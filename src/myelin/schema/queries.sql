-- lock_schema --
-- One process at a time changes the schema.
SELECT pg_advisory_lock($1);

-- unlock_schema --
-- Lets the next process look.
SELECT pg_advisory_unlock($1);

-- make_migrations_table --
-- Which migrations this database has.
CREATE TABLE IF NOT EXISTS public.migrations (
    number     integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- applied_migrations --
-- The numbers that are applied.
SELECT number FROM public.migrations;

-- record_migration --
-- Remembers one as applied, in its own transaction.
INSERT INTO public.migrations (number) VALUES ($1);
