# The targets people use are demo, test, check and bench; `make help` lists all. Every target does the set-up it needs,
# once: stamps in .make/ remember it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

bin := .venv/bin
rust := Cargo.toml Cargo.lock $(shell find crates -name Cargo.toml -o -name '*.rs' -not -path '*/fuzz/*') $(wildcard proto/*.proto)
keeper := $(bin)/quorate-keeper
deny_version := 0.20.2

.PHONY: help demo test check lint bench fuzz soak proto fmt setup locks wheels clean

help:
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

## ---- what people run

demo: setup ## set up everything, then a one-minute story on one machine
	@$(bin)/quorate demo

test: setup ## set up everything, then every test
	@tools/test.sh

check: lint test ## format, lint, types, import rules, licences, then the tests

bench: setup ## the tables of docs/performance.md, also as JSON in bench/out/
	@$(bin)/python -m bench

fuzz: setup .make/fuzz ## a bounded run of the fuzzers
	@tools/fuzz.sh

soak: setup ## kill -9 at every point during transfers, then a bounded run of mixed faults
	@$(bin)/pytest -q tests/crash tests/soak

## ---- what people run while they change something

lint: setup .make/cargo-deny ## format, lint, types, import rules, licences
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/lint-imports --no-cache
	cargo fmt --all --check
	cargo clippy --quiet --release --locked --workspace --all-targets -- -D warnings
	.make/cargo-deny/bin/cargo-deny --log-level error check bans licenses sources

fmt: setup ## format all code
	$(bin)/ruff check --quiet --fix .
	$(bin)/ruff format .
	cargo fmt --all

proto: setup ## generate src/quorate/core/proto from proto/
	tools/proto.sh

locks: .make/venv ## write the hashed locks of requirements/ anew
	tools/lock.sh

wheels: setup ## build both distributions into dist/
	$(bin)/python -m hatchling build -t wheel -d dist
	$(bin)/maturin build --quiet --release --manifest-path crates/quorate-keeper/Cargo.toml --out dist
	@ls dist

clean: ## remove everything that was built
	rm -rf .make .venv node_modules target dist

## ---- set-up

setup: .make/system .make/venv .make/node $(keeper)

.make/system: tools/system.sh
	@mkdir -p .make
	@tools/system.sh
	@touch $@

.make/venv: requirements/dev.txt requirements/uv.txt pyproject.toml tools/venv.sh | .make/system
	@echo "setting up .venv from requirements/dev.txt"
	@tools/venv.sh
	@touch $@

.make/node: package-lock.json .npmrc | .make/system
	@echo "setting up node_modules from package-lock.json"
	@npm ci --silent
	@touch $@

$(keeper): $(rust) | .make/venv
	@echo "building the keeper"
	@cargo build --quiet --release --locked -p quorate-keeper
	@install -m 755 target/release/quorate-keeper $@

.make/fuzz: requirements/fuzz.txt | .make/venv
	@echo "installing the fuzzing engine from requirements/fuzz.txt"
	@$(bin)/uv pip install --quiet --python $(bin)/python --require-hashes --target $@ -r $<
	@touch $@

.make/cargo-deny: | .make/system
	@echo "installing cargo-deny $(deny_version)"
	@cargo install --quiet --locked --root $@ cargo-deny --version $(deny_version)
