#!/usr/bin/env bash
# Inside the bare root: what README promises, with times.
set -euo pipefail
cd "$(dirname "$0")/../.."
address="http://127.0.0.1:$PORT/"
seconds() { python3 -c 'import sys, time; print(f"{time.time() - float(sys.argv[1]):.0f} s")' "$1"; }
now() { python3 -c 'import time; print(time.time())'; }
page() { python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())' "$1" 2>/dev/null; }

first_page() { # TITLE LIMIT
  local began log="${1// /-}.log"
  began="$(now)"
  make demo PORT="$PORT" >"$log" 2>&1 &
  local demo=$!
  until page "$address" | grep -q '<h1'; do
    if ! kill -0 "$demo" 2>/dev/null || (($(date +%s) - ${began%.*} > $2)); then
      cat "$log"
      kill -TERM "$demo" 2>/dev/null || true
      echo "Keine erste Seite."
      return 1
    fi
    sleep 0.5
  done
  grep -h 'Pakete installiert' "$log" || true
  echo "$1, bis zur ersten Seite: $(seconds "$began")"
  page "${address}konto/anmelden/" | grep -q 'value="ansprechperson"'
  kill -TERM "$demo"
  wait "$demo" || true
}

first_page "make demo" 400
first_page "make demo noch einmal" 100
began="$(now)"
make venv-dev 2>&1 | grep -v '^Pakete installieren' || true
echo "make test, Einrichten: $(seconds "$began")"
began="$(now)"
.venv/bin/python -m pytest -q --no-header tests/members/test_deadlines.py tests/members/test_onboarding.py 2>&1 | tail -1
echo "make test, Dienste und ein Teil der Tests: $(seconds "$began")"
