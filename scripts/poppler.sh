#!/bin/sh
# Sees to Poppler's pdftotext, with which the tests read what was printed as
# another program does, and ends with 1 where it is missing. `make test` calls
# it; what is missing and may be installed on Debian is.
set -eu
poppler() { command -v pdftotext >/dev/null 2>&1; }

poppler && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 1
echo "poppler.sh: no pdftotext, installing Debian's poppler-utils"
apt-get update -qq >/dev/null 2>&1 || true
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends poppler-utils >/dev/null 2>&1 || true
poppler
