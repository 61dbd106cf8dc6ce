#!/bin/sh
# Sees to a PostgreSQL for the tests, and to the HAProxy that stands before
# several servers, and ends with 1 where one of them is missing. `make test` and
# `make failover` call it. A server in RILEVA_TEST_POSTGRES will do for the
# first, or the programs, which start servers of their own; what is missing and
# may be installed on Debian is. Debian is to start no PostgreSQL; its HAProxy
# listens to nothing as it comes.
set -eu
postgres() { [ -n "${RILEVA_TEST_POSTGRES:-}" ] || command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
haproxy() { [ -x /usr/sbin/haproxy ]; }

postgres && haproxy && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 1
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -qq --no-install-recommends "$@"; }
apt-get update -qq >/dev/null 2>&1 || true
postgres || {
	echo "postgres.sh: no PostgreSQL, installing Debian's"
	# The first package comes with the setting; the second reads it and makes no
	# cluster: installed together, it would be read too late.
	{ install postgresql-common &&
		sed -i 's/^#* *create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf &&
		install postgresql; } >/dev/null 2>&1 || true
}
haproxy || {
	echo "postgres.sh: no HAProxy, installing Debian's"
	install haproxy >/dev/null 2>&1 || true
}
postgres && haproxy
