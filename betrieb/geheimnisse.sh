#!/usr/bin/env bash
# Makes the secrets of docker-compose.yml in ./geheimnisse and the folders of what must outlive the
# database; what exists is never changed.
set -euo pipefail
umask 077
cd "$(dirname "$0")/.."
mkdir -p geheimnisse sicherungen loeschliste
cd geheimnisse

secret() { # NAME: 48 random letters and digits
  [ -s "$1" ] || head -c 512 /dev/urandom | LC_ALL=C tr -dc 'a-zA-Z0-9' | head -c 48 >"$1"
}

for name in secret_key health_token backup_key db_superuser_password db_owner_password db_app_password db_backup_password; do
  secret "$name"
done
for name in secret_key_fallbacks bounce_imap_url; do
  [ -e "$name" ] || : >"$name"
done
[ -s database_url ] || printf 'postgres://portal_app:%s@postgres:5432/portal' "$(cat db_app_password)" >database_url
[ -s database_owner_url ] || printf 'postgres://portal_owner:%s@postgres:5432/portal' "$(cat db_owner_password)" >database_owner_url
if [ ! -s email_url ]; then
  : >email_url
  echo "Bitte noch den Mailserver eintragen: geheimnisse/email_url"
  echo "  zum Beispiel: smtp+tls://name:passwort@relay.example.org:587"
fi
# Containers read them under their own numbers; the folder itself is closed to everybody else.
chmod 444 ./*
cd ..
if [ "$(id -u)" = 0 ]; then
  chown 999 sicherungen # postgres in the image
  chown 10001 loeschliste # the portal in its image
else
  echo "Bitte als root: chown 999 sicherungen; chown 10001 loeschliste"
fi
echo "Fertig. geheimnisse/backup_key gehört zusätzlich an einen Ort außerhalb dieses Servers."
