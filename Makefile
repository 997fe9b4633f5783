# The bench. Needs make and Python >= 3.11 with pip and venv; everything else is installed into .venv, once.
#
#   make demo     read a picture and a PDF into typed objects, with no key and no network
#   make test     all tests
#   make check    format, lint, types, contracts, tests: what must pass before a commit
#   make bench    benchmarks, beside raw SDKs and other libraries (ARGS=--quick, --tiny or percall for less)
#   make docs     build the site into site/
#   make lock     write requirements/*.txt anew (ARGS=--upgrade for newer versions)
#   make format   let ruff put files in order
#   make clean    remove what the above left, .venv included
#
# PYTHON names the interpreter .venv is made with; ARGS is handed to the command (make test ARGS="-k image -x").

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ARGS ?=

ifeq ($(OS),Windows_NT)
VENV := .venv/Scripts/python.exe
else
VENV := .venv/bin/python
endif

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs lock format clean env-demo env-dev env-docs

help:
	@sed -n 's/^#   make /  make /p' Makefile

# A stamp inside .venv makes these instant when nothing changed: scripts/environment.py.
env-demo env-dev env-docs: env-%:
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 with venv and pip found: make PYTHON=/path/to/python ..." >&2; exit 1; }
	@"$(PYTHON)" scripts/environment.py $*

demo: env-demo
	@$(VENV) examples/demo.py $(ARGS)

test: env-dev
	@$(VENV) -m pytest $(ARGS)

check: env-dev
	@$(VENV) scripts/check.py $(ARGS)

bench: env-dev
	@$(VENV) -m benchmarks $(ARGS)

docs: env-docs
	@$(VENV) -m zensical build --clean --strict $(ARGS)

lock: env-dev
	@$(VENV) scripts/lock.py $(ARGS)

format: env-dev
	@$(VENV) -m ruff format .
	@$(VENV) -m ruff check --fix .

clean:
	rm -rf .venv .venvs site dist .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
