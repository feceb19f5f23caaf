# Everything here needs only Python 3.11 or newer and make; Node.js besides for the client tests (`make test`).

# The first that is new enough, or what PYTHON= names; looked for only when .venv is made.
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$each && break; done)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
# What tests need from npm, each with its lock.
JS := tests/clients/js tests/gateway/peer

# One stamp for what runs Myelin, one for the demo's colleagues, one for what tests it; each is newer than its lock.
RUN := $(VENV)/.run-installed
DEMO := $(VENV)/.demo-installed
TEST := $(VENV)/.test-installed
NODE := $(JS:%=%/node_modules/.installed)

WEB_READY := $(shell command -v npm)

PYTEST := $(BIN)/python -m pytest
RECORDS := build/contract

.DEFAULT_GOAL := help
.PHONY: help venv demo demo-reset test test-fast check bench bench-daily conformance lock

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

venv: $(TEST) ## make .venv with everything that tests and benchmarks need

demo: $(DEMO) $(CLIENT) ## run a hospital that one can walk into on this machine, and print three links
	@$(BIN)/python -m myelin demo

demo-reset: $(RUN) ## forget what the demo hospital has stored
	@$(BIN)/python -m myelin demo --reset

test: $(TEST) $(NODE) $(CLIENT) ## every test, the real clients and the crashes too (at most 25 minutes on two cores)
	@rm -rf $(RECORDS)
	$(PYTEST) -n $(WORKERS) -m "not crash and not clients and not browser"
	$(BIN)/python -m tests.contract.conformance check $(RECORDS)
	$(PYTEST) -m "crash or clients or browser"

test-fast: $(TEST) ## the tests that need no database and no server (seconds)
	$(PYTEST) -q tests/unit -m "not database and not slow"

check: $(TEST) $(CLIENT) ## style, types and import rules, of the web client too where Node.js is
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(WEB_READY),cd web && npm run --silent check && npm run --silent test)

bench: $(TEST) ## measure beside Synapse and ejabberd, and write bench/RESULTS.md
	$(BIN)/python -m bench
	$(BIN)/python -m bench.daily
	$(BIN)/python -m bench.gateway

bench-daily: $(TEST) ## measure only what daily use needs, which has no peers, into bench/RESULTS.md
	$(BIN)/python -m bench.daily

conformance: $(TEST) ## run the contract tests and write docs/conformance.md from them
	@rm -rf $(RECORDS)
	$(PYTEST) -n $(WORKERS) tests/contract
	$(BIN)/python -m tests.contract.conformance write $(RECORDS)

lock: $(TEST) ## resolve the dependencies anew into requirements/*.txt
	$(COMPILE) --build-deps-for=editable --only-build-deps -o requirements/build.txt pyproject.toml
	$(COMPILE) --build-deps-for=editable -o requirements/run.txt pyproject.toml
	$(COMPILE) --build-deps-for=editable --extra=test -o requirements/test.txt pyproject.toml
	$(COMPILE) --build-deps-for=editable --extra=demo -c requirements/test.txt -o requirements/demo.txt pyproject.toml
	$(COMPILE) --build-deps-for=editable --extra=gateway -c requirements/test.txt -o requirements/gateway.txt pyproject.toml

# No header, index or annotation: the locks name no address and no path, and hold the hashes of every platform's files.
COMPILE = env -u PIP_FIND_LINKS $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Myelin needs Python 3.11 or newer, with venv (Debian: python3-venv)." >&2; exit 1; }
	@echo "正在建立 .venv …  Making .venv …"
	@$(PYTHON) -m venv $(VENV)

# The web client, so that one sees it being built; the package's own build finds it done.
CLIENT := $(VENV)/.client-built
CLIENT_SOURCES := build_web.py $(wildcard web/*.json web/*.ts web/*.html) $(shell find web/src web/locales web/public -type f 2>/dev/null)

$(CLIENT): $(CLIENT_SOURCES) | $(BIN)/python
	@$(BIN)/python build_web.py
	@touch $@

$(RUN): requirements/build.txt requirements/run.txt pyproject.toml | $(BIN)/python $(CLIENT)
	@echo "正在安装服务器所需（首次需一两分钟）…  Installing what the server needs (a minute or two the first time) …"
	@$(INSTALL) --require-hashes -r requirements/build.txt
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --no-deps -e .
	@touch $@

$(DEMO): requirements/demo.txt $(RUN)
	@echo "正在安装示范医院的同事…  Installing the demo's colleagues …"
	@$(INSTALL) --require-hashes -r requirements/demo.txt
	@touch $@

$(TEST): requirements/test.txt $(RUN)
	@echo "Installing what tests and benchmarks need …"
	@$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@

$(NODE): %/node_modules/.installed: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@
