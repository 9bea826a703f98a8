#!/usr/bin/env bash
# sichern.sh jetzt | taeglich | pruefen: encrypted dumps of the whole database in $BACKUP_DIR.
# Connects by PGHOST, PGUSER, PGDATABASE; password and key come from files.
set -euo pipefail
umask 077
: "${BACKUP_DIR:?}" "${BACKUP_KEY_FILE:?}"
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD="$(cat "$PGPASSWORD_FILE")"
  export PGPASSWORD
fi
GNUPGHOME="$(mktemp -d)"
export GNUPGHOME
trap 'rm -rf "$GNUPGHOME"' EXIT

crypt() { gpg --batch --quiet --no-symkey-cache --pinentry-mode loopback --passphrase-file "$BACKUP_KEY_FILE" "$@"; }

dump() {
  local target part
  target="$BACKUP_DIR/portal-$(date -u +%Y-%m-%dT%H%M%SZ).dump.gpg"
  part="$target.part"
  # Under its name only when it can be decrypted and read to its end.
  pg_dump --format=custom --no-password | crypt --symmetric --cipher-algo AES256 --output "$part"
  crypt --decrypt "$part" | pg_restore --file=/dev/null
  mv "$part" "$target"
  echo "$target"
}

rotate() { # keep the newest, by name
  local old
  find "$BACKUP_DIR" -name 'portal-*.part' -mmin +120 -delete
  find "$BACKUP_DIR" -name 'portal-*.dump.gpg' | sort -r | tail -n "+$((${BACKUP_KEEP:-14} + 1))" |
    while read -r old; do rm -f -- "$old"; done
}

case "${1:-}" in
  jetzt)
    dump
    rotate
    ;;
  taeglich)
    while true; do
      if dump; then rotate; pause=86400; else echo "Sicherung fehlgeschlagen, neuer Versuch in 10 Minuten" >&2; pause=600; fi
      sleep "$pause" &
      wait $!
    done
    ;;
  pruefen) # the newest is younger than 26 hours
    [ -n "$(find "$BACKUP_DIR" -name 'portal-*.dump.gpg' -mmin -1560 -print -quit)" ]
    ;;
  *)
    echo "Aufruf: sichern.sh jetzt | taeglich | pruefen" >&2
    exit 2
    ;;
esac
