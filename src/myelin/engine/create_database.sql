-- create_database --
-- The one database of this server, made at its first start (and only then) by the account that serves it.
CREATE DATABASE myelin;
