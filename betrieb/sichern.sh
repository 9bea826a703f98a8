#!/usr/bin/env bash
# sichern.sh jetzt | taeglich | pruefen: encrypted dumps of the whole database in $BACKUP_DIR.
# Connects by PGHOST, PGUSER, PGDATABASE; password and key come from files.
set -euo pipefail
: "${BACKUP_DIR:?}"
# shellcheck source=/dev/null
. "$(dirname "$0")/tresor.sh"

sees_all_rows() { # row-level security hides rows from everybody else, silently with one wrong flag
  [ "$(ask -c "SELECT rolbypassrls AND pg_has_role('pg_read_all_data', 'USAGE')
               FROM pg_roles WHERE rolname = current_user")" = t ] || {
    echo "Die Rolle ${PGUSER:-} sieht nicht jede Zeile. Gesichert wird als portal_backup." >&2
    return 1
  }
}

# The counts see what the dump sees: both read the same snapshot.
dump_and_count() { # FILE: prints the rows of every table
  SELF="$0" PART="$1" ask -F $'\t' <<'SQL' | LC_ALL=C sort
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! bash "$SELF" schreiben
\if :SHELL_ERROR
SELECT 1/0 AS "pg_dump failed";
\endif
SELECT format('SELECT %L, count(*) FROM public.%I', tablename, tablename)
FROM pg_tables WHERE schemaname = 'public' \gexec
COMMIT;
SQL
}

dump() { # under its name only when every row is in it and can be read again
  local target part counted
  target="$BACKUP_DIR/portal-$(date -u +%Y-%m-%dT%H%M%SZ).dump.gpg"
  part="${target%.dump.gpg}.part.dump.gpg"
  # Each step says so itself: inside an `if` the shell does not stop at an error.
  sees_all_rows || return 1
  counted="$(dump_and_count "$part")" || return 1
  [ -n "$counted" ] || { echo "Die Datenbank ist leer; gesichert wurde nichts." >&2; return 1; }
  printf 'sha256 %s\n%s\n' "$(checksum_of "$part")" "$counted" |
    crypt --symmetric --cipher-algo AES256 --output "$(manifest_of "$part")" || return 1
  is_whole "$part" || return 1
  mv "$(manifest_of "$part")" "$(manifest_of "$target")" && mv "$part" "$target" || return 1
  echo "$target"
}

rotate() { # keep the newest, by name
  local old
  find "$BACKUP_DIR" -name 'portal-*.part.*.gpg' -mmin +120 -delete
  find "$BACKUP_DIR" -name 'portal-*Z.dump.gpg' | sort -r | tail -n "+$((${BACKUP_KEEP:-14} + 1))" |
    while read -r old; do rm -f -- "$old" "$(manifest_of "$old")"; done
}

case "$#:${1:-}" in
  1:jetzt)
    dump
    rotate
    ;;
  1:taeglich)
    while true; do
      if dump; then rotate; pause=86400; else echo "Sicherung fehlgeschlagen, neuer Versuch in 10 Minuten" >&2; pause=600; fi
      sleep "$pause" &
      wait $!
    done
    ;;
  1:pruefen) # the newest is younger than 26 hours
    [ -n "$(find "$BACKUP_DIR" -name 'portal-*Z.dump.gpg' -mmin -1560 -print -quit)" ]
    ;;
  1:schreiben) # by dump_and_count alone
    pg_dump --format=custom --no-password --snapshot="${SNAPSHOT:?}" |
      crypt --symmetric --cipher-algo AES256 --output "${PART:?}"
    ;;
  *)
    echo "Aufruf: sichern.sh jetzt | taeglich | pruefen" >&2
    exit 2
    ;;
esac
