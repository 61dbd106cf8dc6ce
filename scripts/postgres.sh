#!/bin/sh
# Sees to a PostgreSQL for the tests, and ends with 1 where there is none.
# `make test` calls it. A server in RILEVA_TEST_POSTGRES will do, or the
# programs, which start servers of their own; where these are missing and we
# may install them on Debian, we do, but have Debian start no server.
set -eu
has() { [ -n "${RILEVA_TEST_POSTGRES:-}" ] || command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

has && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 1
echo "make test: no PostgreSQL, installing Debian's"
# The first package comes with the setting; the second reads it and makes no
# cluster: installed together, it would be read too late.
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-common &&
	sed -i 's/^#* *create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf &&
	apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1 || true
has
