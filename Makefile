# Rileva. `make` alone lists what can be done.

# The linter is run from the module proxy at one fixed version, so that it
# judges alike on every machine and leaves no trace in go.mod.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# For how long `make fuzz` runs each fuzz target.
T ?= 30s

.DEFAULT_GOAL := help
.PHONY: help build demo test check model soak crash failover fuzz bench simulate pictures release release-twice windows vuln clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/rileva and bin/rileva-server
	go build -trimpath -o bin/rileva ./cmd/tui
	go build -trimpath -o bin/rileva-server ./cmd/server

demo: build ## try it: a throw-away server with the real register, and the form
	@go run ./scripts/demo bin

# The race detector needs cgo and a C compiler. Where none is found and we may
# install one, we do; where we may not, the tests run without it and say so.
# -count=1 because a cached result proves nothing about the import rules.
# The same holds for PostgreSQL, HAProxy and PgBouncer, but where RILEVA_TEST_ENGINES asks for it, as
# .ci/run does, the tests fail without them, and for Poppler's pdftotext, which
# RILEVA_TEST_POPPLER asks for.
test: ## vet and test everything, with the race detector where possible
	@has_cc() { printf '#include <stdlib.h>\n' | $$(go env CC) -x c -fsyntax-only - >/dev/null 2>&1; }; \
	if [ "$${CGO_ENABLED:-1}" != 0 ] && ! has_cc && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "make test: no C compiler, installing gcc for the race detector"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev; } >/dev/null 2>&1 \
			|| echo "make test: gcc could not be installed"; \
	fi; \
	engines=bolt,postgres; part=; scripts/postgres.sh || { [ $$? = 2 ] && part=", on the latter NOT what stops or kills a PostgreSQL (its programs are missing)"; } || engines=bolt; \
	export RILEVA_TEST_ENGINES="$${RILEVA_TEST_ENGINES:-$$engines}"; \
	told="on the engines $$RILEVA_TEST_ENGINES$$part"; [ "$$RILEVA_TEST_ENGINES" != bolt ] || told="on bolt, NOT or not all on PostgreSQL (it, HAProxy or PgBouncer is missing)"; \
	if scripts/poppler.sh; then export RILEVA_TEST_POPPLER=1; else told="$$told, what is printed NOT read by another program (pdftotext is missing)"; fi; \
	race=-race; with="with the race detector"; \
	if [ "$$(go env CGO_ENABLED)" != 1 ] || ! has_cc; then \
		race=; with="WITHOUT the race detector (it needs cgo and a C compiler)"; \
	fi; \
	echo "make test: go vet"; \
	go vet ./... || { echo "make test: FAILED in go vet"; exit 1; }; \
	echo "make test: go test $$with, $$told"; \
	go test $$race -count=1 ./... || { echo "make test: FAILED in go test, $$with"; exit 1; }; \
	echo "make test: 10,000 more histories, and every failure of the store, WITHOUT the race detector (it makes them four times slower)"; \
	go test -count=1 -timeout 30m ./e2e/simulation -run '^Test(Histories|EveryStoreCallFails)$$' -histories 10000 -stride 1 || { echo "make test: FAILED in the histories"; exit 1; }; \
	echo "make test: passed, $$with, $$told"

check: ## all that is judged without running the program
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "make check: not formatted:"; echo "$$bad"; exit 1; fi
	go vet ./...
	go run $(GOLANGCI) run ./...
	go test -count=1 -run '^TestLayers' .
	go mod tidy -diff
	go mod verify
	@echo "make check: passed"

# Where its list cannot be reached govulncheck has looked at nothing, and this
# must not look like a pass. DB=file:///FOLDER takes a copy of the list that was
# brought from elsewhere. `go run` would hide which of the two went wrong.
DB ?= https://vuln.go.dev

vuln: ## look for known holes in what the programs call (make vuln DB=file:///FOLDER)
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	GOBIN="$$dir" go install golang.org/x/vuln/cmd/govulncheck@v1.9.0 || { echo "make vuln: NOTHING WAS LOOKED AT: govulncheck could not be built"; exit 1; }; \
	"$$dir/govulncheck" -db '$(DB)' ./cmd/...; case $$? in \
	0) echo "make vuln: no known hole in what the programs call";; \
	3) echo "make vuln: NOT CLEAN: known holes are called (see above)"; exit 1;; \
	*) echo "make vuln: NOTHING WAS LOOKED AT: the list at $(DB) could not be read (see above)"; exit 1;; esac

model: ## visit every state of the protocol, and find every rule left out
	go test -count=1 -timeout 2h ./internal/protocol -full -v

# How many power cuts `make soak` makes, and a tenth of its histories; `make
# crash` has a number of its own.
N ?= 100000

soak: ## make 10 N histories and N power cuts, take 10 N steps at random in the form
	go test -count=1 -timeout 0 ./e2e/simulation -histories $$((10 * $(N))) -stride 1
	go test -count=1 -timeout 0 ./e2e/simulation -run '^TestOnPostgres$$' -postgres-histories $$(($(N) / 100)) -postgres-stride 1
	go test -count=1 -timeout 0 ./e2e/disk -images $(N) -v
	go test -count=1 -timeout 0 ./internal/tui -run '^TestRobot$$' -steps $$((10 * $(N))) -v

crash: N = 100
crash: ## kill server, form and sending N times (make crash N=1000)
	go test -count=1 -timeout 0 ./e2e -run '^TestKilled' -kills $(N) -v

failover: N = 50
failover: ## cut off and kill primary, standby and servers N times over (make failover N=50)
	@scripts/postgres.sh || { echo "make failover: NOTHING WAS TESTED: PostgreSQL, HAProxy or PgBouncer is missing"; exit 1; }
	RILEVA_TEST_ENGINES=postgres go test -count=1 -timeout 0 ./e2e -run '^TestFailover$$' -failovers $(N) -v

# Go fuzzes one target of one package at a time. T is a time (30s) or a number
# of executions (100000x) for each; FUZZ picks the targets by name.
fuzz: ## run every fuzz target for T each (make fuzz T=30s, or T=100000x)
	@scripts/fuzz.sh '$(T)' '$(FUZZ)'

# How many submissions the large store of `make bench` has, and how many rounds
# each line is measured in. STORED=1000000 takes a quarter of an hour to fill.
STORED ?= 20000
ROUNDS ?= 5

bench: ## run the benchmarks (make bench STORED=1000000 ROUNDS=15)
	go test -run '^$$' -bench . -benchmem $$(go list ./... | grep -v /e2e)
	go test -run '^$$' -bench . -timeout 0 ./e2e/throughput -stored $(STORED) -rounds $(ROUNDS)

simulate: ## play the end of a survey of each size through (docs/scale.md)
	@go run ./scripts/scale

pictures: ## draw the pictures of the README and of the guides anew
	go test ./internal/tui -count=1 -run '^TestPictures$$' -pictures $(CURDIR)/docs/img

# ONLY=windows/amd64 makes the packages of that platform only.
ONLY ?=

release: ## make what people install, in dist: programs, archives, Debian packages, sums
	go run ./scripts/release -only '$(ONLY)'

# The second time everything is made anew: from a clone in another folder and
# without what the compiler remembers.
release-twice: release ## make it again elsewhere, and compare every byte
	@[ -z "$$(git status --porcelain)" ] || { echo "make release-twice: commit first, the clone has only what is committed"; exit 1; }
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	git clone -q . "$$dir/elsewhere" && (cd "$$dir/elsewhere" && GOCACHE="$$dir/cache" go run ./scripts/release -only '$(ONLY)') && \
	diff dist/SHA256SUMS "$$dir/elsewhere/dist/SHA256SUMS" && echo "make release-twice: the same bytes twice"

windows: ## start the Windows programs under wine, and send a whole return with them
	@scripts/windows.sh

clean: ## remove what was built
	rm -rf bin dist
