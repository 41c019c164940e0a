# Every target installs what it needs; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run-$(shell cksum < requirements.lock | cut -d' ' -f1)
DEV_READY := $(VENV)/.dev-$(shell cksum < requirements-dev.lock | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help setup run test prove bench check fix migrate lock browser

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: $(RUN_READY) ## install what running needs, from the hashed lock file

run: $(RUN_READY) ## start everything on this machine and print the links; Ctrl-C stops it
	@exec $(BIN)/python -m shared.local.run

test: check browser ## lint, types, import law and all tests, on servers of their own
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not prove" tests

prove: $(DEV_READY) ## the promises of RELIABILITY at full size, with their figures
	$(BIN)/python -m pytest -s -m prove tests/prove

bench: $(DEV_READY) ## ratios of speed and memory, each against its reference in the same run
	$(BIN)/python -m tests.bench

check: $(DEV_READY) ## lint, format, types and the import law
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fix: $(DEV_READY) ## let the linter and the formatter mend what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migrate: $(RUN_READY) ## bring the configured database to the newest schema
	$(BIN)/allotment migrate

lock: $(DEV_READY) ## write both lock files anew from pyproject.toml
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 --extra dev \
		-c requirements.lock pyproject.toml -o requirements-dev.lock

browser: ## have a chromium for the browser tests
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& apt-get update -q && apt-get install -y -q --no-install-recommends chromium; } \
		|| { echo "The browser tests need Debian's package chromium: install it, or run make as root."; exit 1; }

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	$(PYTHON) -m venv $(VENV)

$(RUN_READY): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_READY): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(RUN_READY)
