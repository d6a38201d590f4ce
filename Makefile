# Everything a person or a machine does with this repository.
#   make demo    a simulated card, judged through a real PC/SC daemon, and a counter
#   make test    everything that CI runs
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PACE_RUNS ?= 10000
GOFLAGS ?= -trimpath
export GOFLAGS
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: help deps deps-test build demo demo-headless package test unit cross fuzz check bench pace mutants fault-pairs tamper crashes soak large generate clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

deps: ## install what building and the demo need (Debian, Ubuntu)
	@scripts/install-deps.sh $(if $(HEADLESS),--browser)

deps-test:
	@scripts/install-deps.sh --test

build: deps ## bin/cnie, bin/cnie-sim and bin/cnie-ca
	go build -ldflags "-X main.version=$(VERSION)" -o bin/ ./cmd/...

demo: build ## read and judge a simulated card, then open the counter (HEADLESS=1: pictures in out/)
	@scripts/demo.sh $(if $(HEADLESS),--headless)

demo-headless:
	@$(MAKE) --no-print-directory demo HEADLESS=1

package: ## .deb and Windows archive in out/
	@scripts/install-deps.sh --package
	@scripts/package.sh

test: deps-test cross unit demo-headless fuzz ## everything that CI runs

unit: ## vet and the test suite
	go test -vet=all ./...
	go test -vet=off ./cardreader/emrtd -run TestPACERuns -count 1 -v | grep -E 'PACE runs|FAIL|^ok'
	go test -vet=off ./pki/cms -run TestMutants -count 1 -v | grep -E 'mutants of|FAIL|^ok'
	go test -vet=off ./cmd/cnie -run TestFaultPairs -count 1 -v | grep -E 'judged|FAIL|^ok'
	CGO_ENABLED=0 go test -vet=off -tags dlopen ./cardreader/esign/pkcs11/...
	GOARCH=386 CGO_ENABLED=0 go test -vet=off ./apdu/... ./lds/... # where an int has 32 bits
	go test -vet=off ./internal/ledger -run 'TestTampering|TestCrashes' -count 1 -v | grep -E 'found with|crashes:|FAIL|^ok'

cross: ## counters run Windows, without the signing service; other machines are ARM
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -tags noserve -o out/cnie.exe ./cmd/cnie
	@scripts/vet-windows.sh
	CGO_ENABLED=0 go build -tags noserve -o out/cnie-nocgo ./cmd/cnie
	@scripts/build-arm64.sh

fuzz: ## every fuzz target for 3 or 10 s, or for FUZZTIME
	@scripts/fuzz.sh $(FUZZTIME)

check: ## formatting, vet, staticcheck, race detector, known vulnerabilities
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go test -race ./apdu/... ./cardreader/... ./lds/... ./pki/... ./simulator/... ./internal/counter ./internal/counter/api ./internal/counter/web/... ./internal/ledger/... ./internal/site
	go run $(GOVULNCHECK) ./... || echo "govulncheck did not pass: either it found something (above) or its database is out of reach"

bench: deps ## ratios to raw primitives, measured in the same run
	go test -run '^$$' -bench . -benchtime 1s ./apdu/securemsg ./pki ./pki/trust ./pki/cms ./pki/adsig ./pki/adsig/pades ./pki/adsig/asic ./pki/adsig/jades ./cardreader/emrtd ./cardreader/pcsc ./simulator/... ./internal/ec ./internal/dh ./internal/mac ./cmd/cnie
	go test -run '^$$' -bench . -benchtime 1000x ./internal/ledger
	go test -run '^$$' -bench 'Verdict|Asked' -benchtime 20x ./internal/counter/bench
	go test -run '^$$' -bench HundredVisits -benchtime 1x ./internal/counter/bench

pace: ## PACE_RUNS (10,000) PACE runs in a row
	go test ./cardreader/emrtd -run TestPACERuns -count 1 -v -args -pace-runs $(PACE_RUNS)

mutants: ## 50,000 mutants of a session with a card; 2,000 of signed messages, judged by us and by openssl
	go test ./cardreader/emrtd -run TestMutants -count 1 -timeout 30m -v -args -mutants 50000
	go test ./pki/cms -run TestMutants -count 1 -v -args -mutants 2000

fault-pairs: ## every pair of two faults, judged by cnie verify (two minutes)
	go test ./cmd/cnie -run TestFaultPairs -count 1 -timeout 30m -v -args -all-pairs | grep -E 'judged|Messages|FAIL|^ok'

tamper: ## eight ways of tampering with a ledger, 60 times each
	go test ./internal/ledger -run TestTampering -count 1 -v -args -tamper-trials 60

crashes: ## every system call on the ledger's way to the disk fails once, or kills
	go test ./internal/ledger -run TestCrashes -count 1 -timeout 60m -v -args -crash-faults 0

soak: ## 500 desks on one ledger host for ten minutes
	go test ./internal/ledger/host -run TestSoak -timeout 40m -count 1 -v -args -desks 500 -minutes 10

large: ## sign and validate a PDF of 300 MB
	go test ./pki/adsig/pades -run TestLarge -count 1 -v -args -pades-megabytes 300

generate: ## docs/checks.md and other generated files
	go generate ./...

clean: ## remove what was built
	rm -rf bin out
