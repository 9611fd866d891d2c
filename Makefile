.DEFAULT_GOAL := help
.PHONY: help run test test-browser test-clients lint fmt generate build demo db-psql clean-db sbom test-fuzz test-faults bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: ## build, bring up a database (unless DATABASE_URL names one), load the demo data and serve
	@scripts/run serve

test: ## all tests, against a throw-away PostgreSQL
	@scripts/test

test-browser: ## the page at /docs in a headless Chromium
	@scripts/test-node browser

test-clients: ## the TypeScript client, and a Python client generated from openapi.json, each against a server of its own
	@scripts/test-node client
	@scripts/test-python

test-fuzz: ## requests made from openapi.json; FUZZ_CASES=100 for more of them
	@scripts/test-fuzz

test-faults: ## faults, failover, floods, restarts, backup and PgBouncer, on the release build and databases of their own
	@scripts/test-faults

bench: ## the release build against PostgreSQL and a bare route, some 20 minutes; see bench/README.md
	@scripts/bench

lint: ## formatting, clippy, documentation, layers, licences, packages
	@scripts/lint

fmt: ## format the code
	@cargo fmt --all
	@for folder in examples/embed tools; do cargo fmt --manifest-path $$folder/Cargo.toml; done

generate: ## renew every generated file: openapi.json, its examples, the client's types, schema.rs, public-api.txt
	@scripts/generate

sbom: ## write sbom.cdx.json, what the program is built from
	@scripts/sbom

build: ## the release build
	@cargo build --release --locked --bin repower

demo: ## load the demo data, without serving
	@scripts/run demo

db-psql: ## psql into the project's own database
	@scripts/with-postgres --foreground sh -c 'exec psql "$$DATABASE_URL"'

clean-db: ## remove the project's own database
	@scripts/with-postgres --remove
