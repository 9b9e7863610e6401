#!/usr/bin/env bash
# dmg.sh base|full: signs, packs and notarises the application that packaging/build.py has made; runs on macOS (arm64).
# Without an identity it is signed for this computer only: others have to open it by a right click.
#   IDENTITY   "Developer ID Application: NAME (TEAM)"          a certificate in the keychain
#   PROFILE    name of credentials kept by `xcrun notarytool store-credentials`
set -euo pipefail
cd "$(dirname "$0")/../.."
size=${1:?base or full}
application="dist/$size/Compression Studio.app"
version=$(python -c 'import desktop_app; print(desktop_app.__version__)')
image="dist/compression-studio-$version-$size-macos-arm64.dmg"

cp -R "dist/$size/compression-studio/licences" "$application/Contents/Resources/licences"
sign=(codesign --force --options runtime --entitlements packaging/macos/entitlements.plist --sign "${IDENTITY:--}")
[ -z "${IDENTITY:-}" ] || sign+=(--timestamp)
# from the inside out: a signature covers what it contains
find "$application/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -111 \) -print0 | xargs -0 "${sign[@]}"
"${sign[@]}" "$application"
codesign --verify --deep --strict "$application"

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
cp -R "$application" "$staging/"
ln -s /Applications "$staging/Applications"
hdiutil create -volname "Compression Studio" -srcfolder "$staging" -ov -format UDZO "$image"

if [ -n "${PROFILE:-}" ]; then
  xcrun notarytool submit "$image" --keychain-profile "$PROFILE" --wait
  xcrun stapler staple "$image"
else
  echo "not notarised: name credentials in PROFILE" >&2
fi
echo "$image"
