#!/usr/bin/env bash
# Read by sichern.sh and zurueckspielen.sh: the key, the password, and what makes a dump a whole one.
# Beside portal-….dump.gpg lies portal-….manifest.gpg: its checksum and the rows of every table.
set -euo pipefail
umask 077
: "${BACKUP_KEY_FILE:?}"
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD="$(cat "$PGPASSWORD_FILE")"
  export PGPASSWORD
fi
GNUPGHOME="$(mktemp -d)"
export GNUPGHOME
trap 'rm -rf "$GNUPGHOME"' EXIT

crypt() { gpg --batch --quiet --no-symkey-cache --pinentry-mode loopback --passphrase-file "$BACKUP_KEY_FILE" "$@"; }

ask() { psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password -qAt "$@"; }

manifest_of() { echo "${1%.dump.gpg}.manifest.gpg"; }

checksum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

sql_of() { # DUMP OPTION…: to its last byte, which pg_restore may not need but gpg must judge
  local dump="$1"
  shift
  crypt --decrypt "$dump" | { pg_restore --no-owner --file=- "$@" && cat >/dev/null; }
}

rows_in() { # DUMP: rows per table as it really holds them; no database is asked
  sql_of "$1" --data-only | awk '
    !inside && /^COPY public\./ { table = $2; gsub(/^public\.|"/, "", table); rows = 0; inside = 1; next }
    inside && /^\\\.$/ { print table "\t" rows; inside = 0; next }
    inside { rows++ }' | LC_ALL=C sort
}

is_whole() { # DUMP: says in one sentence what is wrong with it
  local manifest listed found
  manifest="$(manifest_of "$1")"
  [ -s "$1" ] || { echo "Diese Sicherung gibt es nicht, oder sie ist leer: $1" >&2; return 1; }
  [ -s "$manifest" ] || { echo "Zu dieser Sicherung fehlt ihr Verzeichnis: $manifest" >&2; return 1; }
  listed="$(crypt --decrypt "$manifest")" || {
    echo "Das Verzeichnis der Sicherung lässt sich nicht lesen: falscher Schlüssel oder beschädigt." >&2
    return 1
  }
  [ "$(head -n 1 <<<"$listed")" = "sha256 $(checksum_of "$1")" ] || {
    echo "Diese Sicherung ist abgeschnitten, verändert oder eine andere: Die Prüfsumme stimmt nicht." >&2
    return 1
  }
  found="$(rows_in "$1")" || {
    echo "Diese Sicherung lässt sich nicht lesen: falscher Schlüssel oder beschädigt." >&2
    return 1
  }
  [ "$found" = "$(tail -n +2 <<<"$listed")" ] || {
    echo "In dieser Sicherung fehlen Zeilen: Beim Sichern wurden andere Anzahlen gezählt." >&2
    return 1
  }
}
