# One environment for everything: .venv, made from requirements.lock and brought up to date when that file changes.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The first that runs and is new enough; only looked for when the environment is made.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/made-from.lock
LOGS ?=
CORPUS ?=
MINUTES ?= 10
QUICK ?=
PEERS ?=
# Tests that run at once; a third of the time they wait for a screen or a file.
JOBS ?= 3

.PHONY: help run test check lint mutants bench soak screenshots train lock wheel clean

help: ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

run: $(STAMP) ## open the app on a simulated OpenStack, or on a log: make run LOGS=path
	@if [ -n "$(LOGS)" ]; then exec $(BIN)/tailsight watch $(LOGS); else exec $(BIN)/tailsight demo; fi

test: $(STAMP) ## all tests
	@$(BIN)/pytest -n $(JOBS)

check: lint ## lint, and the fast tests: in less than a minute
	@$(BIN)/pytest -n $(JOBS) -m "not slow" --hypothesis-profile quick

lint: $(STAMP) ## format, lint, types and layers
	@$(BIN)/ruff format --check --quiet . || { echo "make lint: run $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>&1 || exit 1

mutants: $(STAMP) ## change the code of features and decision in small ways, and count what its tests find (20 minutes)
	@$(BIN)/python -m tests.mutants

bench: $(STAMP) ## measure, beside other tools: make bench QUICK=1 PEERS=1 (PEERS installs some, apart from the rest)
	@$(BIN)/python -m tests.bench $(if $(QUICK),--quick) $(if $(PEERS),--peers)

soak: $(STAMP) ## write, rotate and truncate under a reader that is killed meanwhile: make soak MINUTES=60
	@$(BIN)/python -m tests.soak --seconds $$((60 * $(MINUTES)))

screenshots: $(STAMP) ## draw docs/*.svg with the app itself
	@$(BIN)/python -m tests.screenshots

train: $(STAMP) ## train artifacts/ again, on simulated logs and on labelled ones: make train CORPUS=dir
	@$(BIN)/tailsight train --output artifacts $(if $(CORPUS),--corpus $(CORPUS))

wheel: $(STAMP) ## build dist/*.whl, the model and the samples inside
	@$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

lock: ## resolve pyproject.toml again, into requirements.lock
	@./.ci/lock "$(PYTHON)"

clean: ## remove what make made
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis mutants

$(STAMP): requirements.lock pyproject.toml
	@[ -x $(BIN)/python ] || [ -n "$(PYTHON)" ] \
		|| { echo "make: Python 3.11 or newer is needed; name one with PYTHON=/path/to/python3" >&2; exit 1; }
	@[ -x $(BIN)/python ] || { echo "make: creating $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@echo "make: installing the packages of requirements.lock into $(VENV) (PyTorch is large; README.md says how to leave CUDA out)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@cp requirements.lock $@
	@echo "make: $(VENV) is ready"
