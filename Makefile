# Tertial. `make help` lists what there is. Everything lands in .venv, installed from requirements.lock.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
JOBS ?= 2
STAMP := $(VENV)/.installed
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DAGSTER_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
# where a container says not to keep compiled modules, every start compiles them anew: 13 s of a run
unexport PYTHONDONTWRITEBYTECODE
# a municipality's proxy signs with a certificate that only the system's store knows (pip looks there by itself)
export UV_SYSTEM_CERTS ?= true

.PHONY: help setup run test egenskaper check lint types sql layers bench docs dev lock golden clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## install everything into .venv (needs Python 3.11 and a package index, once)

$(STAMP): requirements.lock pyproject.toml deploy/uv.sh
	@uv=$$(PYTHON=$(PYTHON) deploy/uv.sh) && \
	{ [ -x $(BIN)/python ] || $$uv venv --quiet --no-python-downloads --python 3.11 $(VENV); } && \
	VIRTUAL_ENV=$(VENV) $$uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock && \
	VIRTUAL_ENV=$(VENV) $$uv pip install --quiet --no-deps --editable . && \
	touch $(STAMP)

run: setup ## the main job on data/raw -> data/marts (makes the demo municipality and a demo key the first time)
	@$(BIN)/tertial run --demo

dev: setup ## Dagster's own page on the same assets: http://127.0.0.1:3000
	@DAGSTER_HOME=$${DAGSTER_HOME:-$(CURDIR)/.dagster} && mkdir -p -m 0700 "$$DAGSTER_HOME" && cp -n deploy/dagster.yaml "$$DAGSTER_HOME/" ; \
	DAGSTER_HOME="$$DAGSTER_HOME" $(BIN)/dagster dev -h 127.0.0.1 -m pipelines.definitions

test: setup ## every test
	@$(BIN)/pytest -n $(JOBS)

egenskaper: setup ## every property on new examples, 20 times as many as in check (an hour)
	@EGENSKAPER=$${EGENSKAPER:-20} $(BIN)/pytest -n $(JOBS) $$(grep -rl "@given" tests --include=*.py)

check: setup ## exactly what CI runs
	@$(MAKE) --no-print-directory -j $(JOBS) -O lint types sql layers
	@$(MAKE) --no-print-directory test

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

sql: setup
	@$(BIN)/sqlfluff lint -p $(JOBS) dbt_project/models dbt_project/tests

layers: setup
	@$(BIN)/lint-imports

bench: setup ## benchmarks: medians of 5, peak memory, ratios
	@$(BIN)/python -m tests.bench

docs: setup ## everything in docs/ that is made from data
	@$(BIN)/tertial dokument

golden: setup ## accept the golden marts as they come out now (read the diff)
	@$(BIN)/pytest tests/golden --golden-update

lock: ## resolve the lock file anew
	@$$(deploy/uv.sh) pip compile pyproject.toml --group dev --group webb --generate-hashes --no-emit-index-url --python-version 3.11 --quiet -o requirements.lock

clean: ## remove what was built (never deliveries, the lake, publications or keys)
	@rm -rf $(VENV) .uv dbt_project/target dbt_project/logs .mypy_cache .ruff_cache .pytest_cache .hypothesis
