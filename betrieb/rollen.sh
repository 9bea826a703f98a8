#!/usr/bin/env bash
# Run once by the image on an empty volume: the owner changes tables, the app reads and writes rows,
# and the backup reads every row, also those that row-level security hides from the owner.
set -euo pipefail
secrets="${SECRETS_DIR:-/run/secrets}"

psql -v ON_ERROR_STOP=1 --no-psqlrc -q -U "${POSTGRES_USER:-postgres}" -d postgres \
  -v owner_password="$(cat "$secrets/db_owner_password")" \
  -v app_password="$(cat "$secrets/db_app_password")" \
  -v backup_password="$(cat "$secrets/db_backup_password")" <<'SQL'
CREATE ROLE portal_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE portal_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE ROLE portal_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS PASSWORD :'backup_password';
GRANT pg_read_all_data TO portal_backup;
ALTER ROLE portal_backup SET default_transaction_read_only = on;
-- The app becomes it for a transaction that may see every row; nobody signs in with it.
CREATE ROLE portal_app_all NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
GRANT portal_app_all TO portal_app WITH INHERIT FALSE, SET TRUE;
CREATE DATABASE portal OWNER portal_owner;
REVOKE ALL ON DATABASE portal FROM PUBLIC;
GRANT CONNECT ON DATABASE portal TO portal_app, portal_backup;
\connect portal
ALTER SCHEMA public OWNER TO portal_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal_app, portal_app_all;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app, portal_app_all;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO portal_app, portal_app_all;
SQL
