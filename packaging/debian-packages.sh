#!/usr/bin/env bash
# debian-packages.sh tests|window: makes sure that the Debian packages which Qt needs for the tests (its offscreen platform), or for
# a window (on X), are installed; installs what is missing when it may, else says what to do.
set -euo pipefail
list="$(dirname "$0")/debian-packages-${1:?tests or window}.txt"
command -v dpkg-query >/dev/null || exit 0 # not a Debian: the libraries come with the system

missing=()
while read -r package; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
done <"$list"
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "Missing Debian packages. Run: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
