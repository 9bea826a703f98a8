#!/usr/bin/env bash
# zurueckspielen.sh DATEI: replaces the whole database by an encrypted dump, in one transaction.
# Whatever fails leaves the database as it was. The portal stays shut until `replay_erasures` ran.
set -euo pipefail
file="${1:?Aufruf: zurueckspielen.sh DATEI}"
# shellcheck source=/dev/null
. "$(dirname "$0")/tresor.sh"

refuse() {
  echo "$1 Es wurde nichts geändert." >&2
  exit 1
}

is_whole "$file" || refuse "So lässt sich nichts zurückspielen."
users="$(ask -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'portal_app' AND datname = current_database()")"
[ "$users" = 0 ] || refuse "Das Portal läuft noch ($users Verbindungen): erst web, worker, mail und beat anhalten."

as_counted() { # every table has the rows it had when the dump was made
  crypt --decrypt "$(manifest_of "$file")" | tail -n +2 | awk -F '\t' '
    BEGIN { print "DO $do$ BEGIN" }
    { printf "ASSERT (SELECT count(*) FROM public.\"%s\") = %s, $m$rows of %s$m$;\n", $1, $2, $1 }
    END {
      printf "ASSERT (SELECT count(*) FROM pg_tables WHERE schemaname = $m$public$m$) = %s;\n", NR
      print "END $do$;"
    }'
}

# What was valid then need not be valid now: nobody is signed in, no code and no invitation opens
# a door, no mail goes out a second time by itself, nothing is deleted before two people have said
# yes again (a hold may have been set since), and nobody works here before the mark is gone.
name="$(basename "$file" | LC_ALL=C tr -cd 'A-Za-z0-9.:_-')"
closing="
  DELETE FROM public.members_session;
  DELETE FROM public.common_retentionapproval;
  UPDATE public.members_onetimecode SET expires_at = now() WHERE used_at IS NULL AND expires_at > now();
  UPDATE public.members_invitation SET revoked_at = now() WHERE accepted_at IS NULL AND revoked_at IS NULL;
  UPDATE public.common_outgoingmail
    SET state = 'uncertain', lease_until = NULL, reason = 'war beim Sichern noch nicht verschickt'
    WHERE channel = 'mail' AND state IN ('queued', 'sending');
  INSERT INTO public.common_restoremark (id, dump, restored_at, erased)
    VALUES (gen_random_uuid(), '${name:0:120}', now(), 0);
"
{
  # Before keys, triggers and row-level security come back, so that none of them hides a row from
  # the owner. Without COMMIT at the end everything is undone.
  echo 'BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public;' &&
    sql_of "$file" --section=pre-data && sql_of "$file" --section=data && as_counted && echo "$closing" &&
    sql_of "$file" --section=post-data && echo 'COMMIT;'
} | psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password -q >/dev/null ||
  refuse "Das Zurückspielen ist gescheitert."
echo "Zurückgespielt: $file"
echo "Das Portal startet erst, wenn die Löschungen nachgespielt sind: docker compose run --rm nachspielen"
