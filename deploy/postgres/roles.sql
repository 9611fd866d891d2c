-- Two roles: one that owns the schema and migrates it, and one that serves. The second cannot change the schema or the audit log.
--
--   OWNER_PASSWORD=… APP_PASSWORD=… psql -v ON_ERROR_STOP=1 -f deploy/postgres/roles.sql "$SUPERUSER_URL"
--
-- Run it as a superuser, in the database of the server, before or after the first migration; again changes the passwords.
-- -v owner=… and -v app=… name other roles than repower_owner and repower_app; names and database are the server's alone.
\set ON_ERROR_STOP on
\if :{?owner} \else
  \set owner repower_owner
\endif
\if :{?app} \else
  \set app repower_app
\endif
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD

-- The log of PostgreSQL gets no password.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;

BEGIN;
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'owner', :'app']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_password';

-- The database is of the owner, and nobody else connects.
SELECT format('ALTER DATABASE %I OWNER TO %I', current_database(), :'owner'),
    format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()),
    format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'app') \gexec
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

-- The server tells some errors by their text, which is English with this.
GRANT SET ON PARAMETER lc_messages TO :"owner", :"app";

-- What another role had created is of the owner.
SELECT format('ALTER TABLE %s OWNER TO %I', oid::regclass, :'owner') FROM pg_class AS class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = class.oid AND deptype = 'e') \gexec
SELECT format('ALTER ROUTINE %s OWNER TO %I', oid::regprocedure, :'owner') FROM pg_proc AS routine
WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = routine.oid AND deptype = 'e') \gexec

-- The app reads and writes rows: of the tables that exist, and of those that later migrations create. It neither truncates nor
-- references them, and adds no trigger.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"app";
-- Everybody may execute functions, unless the default is another one here.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO :"app";

-- The audit log only grows, and the list of migrations is the owner's. A migration does the same where it runs later.
SELECT format('REVOKE UPDATE, DELETE ON audit_events FROM %I', :'app') WHERE to_regclass('public.audit_events') IS NOT NULL \gexec
SELECT format('REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM %I', :'app')
WHERE to_regclass('public.__diesel_schema_migrations') IS NOT NULL \gexec
COMMIT;
