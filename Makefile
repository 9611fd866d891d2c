.DEFAULT_GOAL := help
.PHONY: help run test test-browser test-fuzz lint fmt openapi schema public-api build demo db-psql clean-db

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: ## build, bring up a database (unless DATABASE_URL names one), load the demo data and serve
	@scripts/run serve

test: ## all tests, against a throw-away PostgreSQL
	@scripts/test

test-browser: ## the page at /docs in a headless Chromium
	@scripts/test-browser

test-fuzz: ## requests made from openapi.json; FUZZ_CASES=100 for more of them
	@scripts/test-fuzz

lint: ## formatting, clippy, documentation, layers, licences, packages
	@scripts/lint

fmt: ## format the code
	@cargo fmt --all

openapi: ## write openapi.json and its examples from the code and a server
	@scripts/with-postgres --throw-away scripts/renew-openapi

schema: ## write crates/postgres/src/schema.rs from the migrations
	@scripts/with-postgres --throw-away scripts/check-schema --write

public-api: ## write crates/domain/public-api.txt from the domain
	@scripts/check-public-api --write

build: ## the release build
	@cargo build --release --locked --bin repower

demo: ## load the demo data, without serving
	@scripts/run demo

db-psql: ## psql into the project's own database
	@scripts/with-postgres --foreground sh -c 'exec psql "$$DATABASE_URL"'

clean-db: ## remove the project's own database
	@scripts/clean-db
