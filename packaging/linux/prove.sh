#!/usr/bin/env bash
# prove.sh PACKAGE.deb [PICTURES]: installs the package into a scratch root without network or root's rights, tests what was installed there offscreen and
# on a virtual screen, takes it away again, and looks that nothing of it is left.
set -euo pipefail
package=$(realpath "$1")
pictures=${2:-$(mktemp -d)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root home=$scratch/home
mkdir -p "$root"/var/lib/dpkg/{info,updates} "$home" "$pictures"
touch "$root"/var/lib/dpkg/status

installing() { fakeroot dpkg --root="$root" --force-depends --force-not-root --log="$scratch/dpkg.log" "$@" >"$scratch/said" 2>&1 || { cat "$scratch/said"; exit 1; }; }
files() { (cd "$root" && find . -path ./var -prune -o ! -type d -print | sort); }
# nothing of this computer's Python or of the user's settings leaks in
clean() { env -i PATH=/usr/bin:/bin HOME="$home" LANG=C.UTF-8 "$@"; }
without_network() { if unshare -rn true 2>/dev/null; then unshare -rn "$@"; else "$@"; fi; }

name=$(dpkg-deb -f "$package" Package)
installing -i "$package"
echo "$name: $(stat -c %s "$package" | numfmt --to=si)B package, $(du -s --apparent-size --block-size=1000000 "$root/usr" | cut -f1) MB installed"
program=$root/usr/bin/compression-studio

clean "$program" --version
echo "+ self-test, offscreen"
without_network env -i PATH=/usr/bin:/bin HOME="$home" LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen "$program" --self-test "$pictures/offscreen"
if command -v xvfb-run >/dev/null; then
  echo "+ self-test, on a virtual screen"
  xvfb-run -a -s "-screen 0 1440x900x24" env -u WAYLAND_DISPLAY -u PYTHONPATH HOME="$home" QT_QPA_PLATFORM=xcb "$root/usr/bin/compression-studio-window" --self-test "$pictures/screen"
fi

installing --purge "$name"
left=$(files)
[ -z "$left" ] || { echo "left behind:"; echo "$left"; exit 1; }
echo "nothing is left but user data: $(cd "$home" && find . -maxdepth 3 -mindepth 3 | tr '\n' ' ')"
