# `make` alone lists what there is. Everything runs from .venv, which the first target that needs it sets up.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Images of containers like to set it; a run of the tests starts hundreds of programs, which all would compile anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
JOBS ?= 4
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CLIENTS := tests/bridges/irc/clients/node_modules
PROJECTS := pyproject.toml sdk/pyproject.toml
SOURCES := $(wildcard sdk/airchat hub store bridges mcp_server hooks runner)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-emit-package airchat-sdk --custom-compile-command "make lock"

.PHONY: help
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## "; print "Targets:" } /^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: .venv/.stamp-run ## Start a hub on this machine, set up for trying it out
	$(BIN)/airchat-hub serve --quickstart

.PHONY: demo
demo: .venv/.stamp-run ## Watch agents and people talk across all platforms, all of it on this machine
	$(BIN)/python -m tests.demo

.PHONY: test
test: .venv/.stamp-dev $(CLIENTS)/.stamp ## Run the whole test suite
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --durations 10

.PHONY: quick
quick: .venv/.stamp-dev $(CLIENTS)/.stamp ## Run the tests of the development loop (no Postgres, nothing slow)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not slow and not postgres"

.PHONY: check style types imports dependencies
check: style types imports dependencies ## Check everything but the tests: style, types, imports, dependencies

style: .venv/.stamp-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/.stamp-dev
	$(BIN)/mypy $(SOURCES) tests

imports: .venv/.stamp-dev
	$(BIN)/lint-imports --no-logo

dependencies: .venv/.stamp-dev
	$(PIP) check

# What is collected once is compiled, and no worker of the tests has to do that again.
.PHONY: collect
collect: .venv/.stamp-dev $(CLIENTS)/.stamp
	$(BIN)/python -m pytest --collect-only -qq | awk '!/^tests\/.*: [0-9]+$$/'

.PHONY: bench
bench: .venv/.stamp-dev ## Measure speed and print the numbers; ARGS="--only p1,p2" measures some
	$(BIN)/python -m tests.bench $(ARGS)

.PHONY: irctest
irctest: .venv/.stamp-run ## Run the public irctest suite (SUITE=checkout of progval/irctest; ARGS="--file join.py")
	$(BIN)/python -m tests.irctest $(or $(SUITE),$(error say where the suite is: make irctest SUITE=path)) $(ARGS)

.PHONY: format
format: .venv/.stamp-dev ## Format the code and fix what can be fixed by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: lock
lock: .venv/pyvenv.cfg ## Remake the lock files (make lock UPGRADE=1 moves to the newest versions)
	$(PIP) install --quiet "uv>=0.9"
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group build --group dev --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) $(if $(UPGRADE),--upgrade) --constraint requirements-dev.lock \
		--no-annotate --group build --output-file requirements.lock pyproject.toml

.PHONY: clean
clean: ## Remove the environment and everything the tools left behind
	rm -rf .venv $(CLIENTS) build dist sdk/build sdk/dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "AirChat Hub needs Python 3.11 or newer; name it with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv

# The development lock holds the whole runtime lock, so an environment with it can run the hub as well.
.venv/.stamp-run: .venv/pyvenv.cfg requirements.lock $(PROJECTS)
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e sdk -e .
	@touch $@

.venv/.stamp-dev: .venv/pyvenv.cfg requirements-dev.lock $(PROJECTS)
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e sdk -e .
	@touch $@ .venv/.stamp-run

# IRC clients from npm; tests that need them skip where there is no npm, and fail in CI.
$(CLIENTS)/.stamp: tests/bridges/irc/clients/package-lock.json
	@mkdir -p $(@D)
	@command -v npm >/dev/null || exit 0; npm ci --prefix tests/bridges/irc/clients --ignore-scripts --no-audit --no-fund --loglevel error && touch $@
