#!/usr/bin/env bash
# make test-bare: README's commands in a minimal Debian root, as root and as an ordinary user.
# Mirror and package index are those this machine is configured for; nothing of them is kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(id -u)" != 0 ]; then
  echo "test-bare braucht root (debootstrap, chroot) und wurde übersprungen."
  exit 0
fi
if ! command -v debootstrap >/dev/null; then
  echo "debootstrap fehlt (apt install debootstrap); test-bare wurde übersprungen."
  exit 0
fi
# Mounts below live in a namespace of our own and vanish with it.
if [ -z "${BARE_INSIDE:-}" ]; then
  exec env BARE_INSIDE=1 unshare --mount --propagation private bash "$0"
fi

bare="$PWD/var/bare"
base="$bare/base"
# shellcheck source=/dev/null
codename="$(. /etc/os-release && echo "${VERSION_CODENAME:?}")"
seconds() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN { printf "%.0f s\n", to - from }'; }

make_base() {
  local mirror proxy="" began
  mirror="$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk -v name="$codename" '$1 == name { print $2; exit }')"
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  began="$(date +%s.%N)"
  rm -rf "$base.part"
  mkdir -p "$base.part"
  http_proxy="${proxy:-${http_proxy:-}}" debootstrap --variant=minbase \
    --include=python3,python3-venv,make "$codename" "$base.part" "${mirror:?}" >"$bare/debootstrap.log"
  mv "$base.part" "$base"
  echo "Minimales Debian ($codename): $(seconds "$began")"
}

package_index() { # ROOT HOME: how pip reaches packages from here
  local file path
  for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
    if [ -e "$file" ]; then install -D -m 644 "$file" "$1$file"; fi
  done
  for file in "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf"; do
    if [ -e "$file" ]; then install -D -m 644 "$file" "$1$2/.config/pip/pip.conf"; fi
  done
  { cat /etc/pip.conf "$HOME/.config/pip/pip.conf" 2>/dev/null || true; env | grep '^PIP_' || true; } |
    { grep -oE '(file://)?/[^ ,"]+' || true; } | sed -e 's,^file://,,' -e 's,/simple/*$,,' | sort -u |
    while read -r path; do
      if [ -d "$path" ]; then
        mkdir -p "$1$path"
        mount --bind -o ro "$path" "$1$path"
      fi
    done
}

try() { # USER HOME
  local user="$1" home="$2" root="$bare/$1"
  echo "── als $user"
  rm -rf "$root"
  cp -a "$base" "$root"
  [ "$user" = root ] || chroot "$root" useradd --create-home --shell /bin/bash "$user"
  mkdir -p "$root$home/ankommen"
  git archive HEAD | tar -x -C "$root$home/ankommen"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  package_index "$root" "$home"
  chroot "$root" chown -R "$user:" "$home"
  local settings=(HOME="$home" USER="$user" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 PORT="${PORT:-8470}")
  while read -r line; do settings+=("$line"); done < <(env | grep -E '^(PIP_|SSL_|REQUESTS_CA|[a-zA-Z]+_proxy=)' || true)
  env -i "${settings[@]}" "$(command -v chroot)" --userspec="$user:" "$root" bash "$home/ankommen/tests/bare/inside.sh"
}

mkdir -p "$bare"
[ -d "$base" ] || make_base
try root /root
try kim /home/kim
umount -R "$bare"/*/dev "$bare"/*/proc 2>/dev/null || true
echo "test-bare: bestanden"
