#!/bin/sh
# Sees to a PostgreSQL for the tests, whose programs start servers of their own,
# to the HAProxy that stands before several servers and to the PgBouncer behind
# them. `make test` and `make failover` call it. What is missing is installed
# where that is Debian's and may be; Debian is to start no PostgreSQL and no
# PgBouncer, its HAProxy listens to nothing as it comes. It ends with 0 where all is there, with 2 where there is no more than a
# server in RILEVA_TEST_POSTGRES, which no test may stop or kill, and with 1
# otherwise.
set -eu
postgres() { command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
haproxy() { [ -x /usr/sbin/haproxy ]; }
pgbouncer() { [ -x /usr/sbin/pgbouncer ]; }
without() { if ! postgres && [ -n "${RILEVA_TEST_POSTGRES:-}" ]; then exit 2; else exit 1; fi; }

postgres && haproxy && pgbouncer && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || without
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
pgbouncer || {
	echo "postgres.sh: no PgBouncer, installing Debian's"
	# It would listen on its port: Debian starts it when it is installed.
	{ install pgbouncer && if [ -d /run/systemd/system ]; then systemctl disable --now pgbouncer; fi; } >/dev/null 2>&1 || true
}
postgres && haproxy && pgbouncer || without
