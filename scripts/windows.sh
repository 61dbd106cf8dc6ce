#!/bin/sh
# Starts the Windows programs under wine and sends a whole return with them.
# `make windows` calls it. Where wine is missing and we may install it on
# Debian, we do; where it cannot be had, this ends with 1 and says so.
set -eu
no() { echo "make windows: the Windows programs were NOT started: $1"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

if ! has wine || ! has x86_64-w64-mingw32-ld; then
	if [ "$(id -u)" != 0 ] || ! has apt-get; then no "wine is not installed"; fi
	echo "make windows: installing wine"
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wine wine64 binutils-mingw-w64-x86-64; } >/dev/null 2>&1 ||
		no "wine could not be installed"
fi
WINEPREFIX=${WINEPREFIX:-$(mktemp -d)} WINEDEBUG=-all USER=$(id -un)
export WINEPREFIX WINEDEBUG USER
wine wineboot -i >/dev/null 2>&1 || no "wine could not make its folder"

# Go programs take random numbers from bcryptprimitives.dll, which Windows has
# since 2009 and wine before 9 has not: a library that leads to the older
# function of the same meaning.
system="$WINEPREFIX/drive_c/windows/system32"
if ! [ -e "$system/bcryptprimitives.dll" ]; then
	printf 'LIBRARY bcryptprimitives.dll\nEXPORTS\n  ProcessPrng = advapi32.SystemFunction036\n' >"$WINEPREFIX/prng.def"
	x86_64-w64-mingw32-ld -shared -e 0 -o "$system/bcryptprimitives.dll" "$WINEPREFIX/prng.def"
fi
go test ./e2e -count=1 -run '^TestWindows$' -wine
echo "make windows: passed under $(wine --version)"
