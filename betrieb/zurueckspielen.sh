#!/usr/bin/env bash
# zurueckspielen.sh DATEI: replaces the whole database by an encrypted dump, in one transaction.
# Stop web, worker, mail and beat first. Whatever fails leaves the database as it was.
set -euo pipefail
umask 077
file="${1:?Aufruf: zurueckspielen.sh DATEI}"
: "${BACKUP_KEY_FILE:?}"
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD="$(cat "$PGPASSWORD_FILE")"
  export PGPASSWORD
fi
GNUPGHOME="$(mktemp -d)"
export GNUPGHOME
trap 'rm -rf "$GNUPGHOME"' EXIT

plain() { gpg --batch --quiet --no-symkey-cache --pinentry-mode loopback --passphrase-file "$BACKUP_KEY_FILE" --decrypt "$file"; }

# First to its end: a cut or foreign file must not cost anything.
plain | pg_restore --file=/dev/null || {
  echo "Diese Datei lässt sich nicht lesen: falscher Schlüssel oder beschädigt. Es wurde nichts geändert." >&2
  exit 1
}
# What was valid then need not be valid now: nobody is signed in, no code and no invitation opens
# a door, and no mail goes out a second time by itself.
closing='
  DELETE FROM public.members_session;
  UPDATE public.members_onetimecode SET expires_at = now() WHERE used_at IS NULL AND expires_at > now();
  UPDATE public.members_invitation SET revoked_at = now() WHERE accepted_at IS NULL AND revoked_at IS NULL;
  UPDATE public.common_outgoingmail
    SET state = $$uncertain$$, lease_until = NULL, reason = $$war beim Sichern noch nicht verschickt$$
    WHERE channel = $$mail$$ AND state IN ($$queued$$, $$sending$$);
'
{
  # Without COMMIT at the end everything is undone.
  echo 'BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public;' &&
    plain | pg_restore --no-owner --file=- &&
    echo "$closing COMMIT;"
} | psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password -q >/dev/null
echo "Zurückgespielt: $file"
