#!/bin/sh
# Runs every fuzz target of the module, one after the other, and says at the end
# how many inputs were tried in total. `make fuzz` calls it.
#
#   scripts/fuzz.sh TIME [NAME]
#
# TIME is for each target, as go test -fuzztime takes it: 30s or 100000x. NAME
# is a pattern of the targets' names. FUZZFLAGS goes to go test, for example
# -parallel=1. Go fuzzes one target of one package in a run.
set -eu
time=${1:-30s} name=${2:-.}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
found=0 total=0 failed= untried=

for dir in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' ./...); do
	for target in $(cat "$dir"/*_test.go | sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' | grep -- "$name"); do
		found=$((found + 1))
		echo "make fuzz: $target in ${dir#"$PWD"/} for $time"
		(cd "$dir" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x -timeout 0 ${FUZZFLAGS:-} .) >"$log" 2>&1 ||
			{ failed="$failed $target"; cat "$log"; }
		execs=$(sed -n 's/.* execs: \([0-9]*\) .*/\1/p' "$log" | tail -1)
		echo "make fuzz: $target tried ${execs:-0} inputs"
		total=$((total + ${execs:-0}))
		# The time may have gone by over the corpus alone: no pass.
		[ "${execs:-0}" -gt 0 ] || untried="$untried $target"
	done
done

echo "make fuzz: $total inputs tried by $found targets"
[ -z "$failed" ] || { echo "make fuzz: FOUND SOMETHING:$failed"; exit 1; }
[ -z "$untried" ] || { echo "make fuzz: NOT TRIED, give them longer:$untried"; exit 1; }
echo "make fuzz: nothing found"
