# Countersign. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
DATA_DIR ?= $(CURDIR)/.data
PY := .venv/bin/python
WITHOUT_DATABASE := tests/proof tests/interop tests/lab tests/incidents/correlation tests/agents/diagnosis \
  tests/connectors/mapping tests/connectors/sources
export UV_NO_PROGRESS := 1

.PHONY: help run test bench lint types layers drift unit unit-services scenarios browser setup lock screens

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: .venv/.run  ## start the console and the lab; Ctrl-C stops everything (PORT=, DATA_DIR=)
	@exec $(PY) manage.py up --port $(PORT) --data-dir $(DATA_DIR)

test: setup lint types layers drift unit unit-services scenarios browser  ## everything CI runs
	@echo "all of make test passed"

bench: .venv/.dev  ## the benchmarks, with a table at the end
	$(PY) benchmarks/run.py

setup: .venv/.dev  ## the virtual environment, and the system packages that the tests need
	@$(PY) tests/setup_machine.py

.venv/bin/uv:
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check uv

.venv/.run: requirements.txt | .venv/bin/uv
	.venv/bin/uv pip install --quiet --python $(PY) -r requirements.txt
	@touch $@

.venv/.dev: requirements.txt requirements-dev.txt | .venv/bin/uv
	.venv/bin/uv pip install --quiet --python $(PY) -r requirements-dev.txt
	@touch $@ .venv/.run

lock: .venv/bin/uv  ## write requirements*.txt from requirements*.in
	.venv/bin/uv pip compile -q requirements.in -o requirements.txt --python-version 3.11 --no-header
	.venv/bin/uv pip compile -q requirements-dev.in -o requirements-dev.txt --python-version 3.11 --no-header

lint: .venv/.dev  ## style and spelling
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/codespell $$(git ls-files '*.py' '*.md' '*.html' '*.js' '*.css' '*.yaml' ':!static/vendor')

types: .venv/.dev  ## mypy, strict
	.venv/bin/mypy core proof audit people incidents approvals connectors agents console lab

layers: .venv/.dev  ## imports point one way
	.venv/bin/lint-imports

drift: .venv/.dev  ## models and migrations agree
	$(PY) manage.py makemigrations --check --dry-run

unit: .venv/.dev  ## unit and service tests on SQLite
	.venv/bin/pytest -q -n 2 -m "not scenario and not browser"

unit-services: .venv/.dev  ## the same on PostgreSQL and Redis, but for tests that never ask a database
	$(PY) tests/with_services.py .venv/bin/pytest -q -n 2 -m "not scenario and not browser" $(addprefix --ignore=,$(WITHOUT_DATABASE))

scenarios: .venv/.dev  ## promises end to end, with real processes; each file has an installation of its own
	$(PY) tests/with_services.py .venv/bin/pytest -q -n 3 --dist loadfile -m "scenario and not browser"

browser: .venv/.dev  ## the pages in Chromium
	.venv/bin/pytest -q -n 2 --dist loadfile -m browser

screens: .venv/.dev  ## take the pictures in docs/screens
	$(PY) docs/screens/take.py
