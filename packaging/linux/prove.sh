#!/usr/bin/env bash
# prove.sh PACKAGE.deb [PICTURES]: installs the package into a scratch root without network or root's rights, tests what was installed there offscreen and
# on a virtual screen, takes it away again, and looks that nothing of it is left but what belongs to the user.
set -euo pipefail
package=$(realpath "$1")
pictures=$(realpath -m "${2:-$(mktemp -d)}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root home=$scratch/home temporary=$scratch/tmp
mkdir -p "$root"/var/lib/dpkg/{info,updates} "$home" "$temporary" "$pictures"
touch "$root"/var/lib/dpkg/status
TIMEFORMAT='%R s, %U + %S of it computing'

installing() { fakeroot dpkg --root="$root" --force-depends --force-not-root --log="$scratch/dpkg.log" "$@" >"$scratch/said" 2>&1 || { cat "$scratch/said"; exit 1; }; }
files() { (cd "$root" && find . -path ./var -prune -o ! -type d -print | sort); }
# nothing of this computer's Python or of the user's settings leaks in
clean() { env -i PATH=/usr/bin:/bin HOME="$home" TMPDIR="$temporary" LANG=C.UTF-8 "$@"; }
without_network() { if unshare -rn true 2>/dev/null; then unshare -rn "$@"; else "$@"; fi; }
nothing() { [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; exit 1; }; }

name=$(dpkg-deb -f "$package" Package)
installing -i "$package"
files >"$scratch/installed"
echo "$name: $(stat -c %s "$package" | numfmt --to=si)B package, $(du -s --apparent-size --block-size=1000000 "$root/usr" | cut -f1) MB installed"
program=$root/usr/bin/compression-studio

cd "$home"
time clean "$program" --version
echo "+ self-test, offscreen"
time without_network env -i PATH=/usr/bin:/bin HOME="$home" TMPDIR="$temporary" LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen "$program" --self-test "$pictures/offscreen"
if command -v xvfb-run >/dev/null; then
  echo "+ self-test, on a virtual screen"
  time xvfb-run -a -s "-screen 0 1440x900x24" env -u WAYLAND_DISPLAY -u PYTHONPATH HOME="$home" TMPDIR="$temporary" QT_QPA_PLATFORM=xcb \
    "$root/usr/bin/compression-studio-window" --self-test "$pictures/screen"
fi
nothing "written where the program is installed" "$(files | comm -3 "$scratch/installed" -)"
nothing "temporary files are left" "$(find "$temporary" -mindepth 1 -maxdepth 1 -name 'compression-studio*')"

installing --purge "$name"
nothing "left behind" "$(files)"
nothing "outside the user's data" "$(cd "$home" && find . -type f ! -path './.config/*' ! -path './.cache/*' ! -path './.local/*')"
echo "nothing is left but user data: $(cd "$home" && find . -maxdepth 3 -mindepth 2 -name 'compression-studio*' | tr '\n' ' ')"
