# Everything sets itself up: Python 3.11 or newer, make and a package index are all that a fresh machine needs.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
.DEFAULT_GOAL := help
.PHONY: help demo test check lint types contracts unit packages system bench lock format clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

$(STAMP): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Roampost needs Python 3.11 to 3.14; none was found. Install python3 and python3-venv, or run: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null || { echo "$(PYTHON) is not a Python 3.11 to 3.14; run: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual environment. On Debian: apt install python3-venv"; exit 1; }
	@echo "==> Making $(VENV) with $$($(PYTHON) --version) and the locked packages of requirements/dev.txt (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## A day at a charging station in about a minute: simulator, hub and agent as real processes (KEEP=1 leaves them running, HUBS=oicp,oioi plays it with both hubs)
	@$(BIN)/roampost-sim demo --hubs '$(or $(HUBS),oicp)' $(if $(KEEP),--keep)

check: lint types contracts unit ## The everyday round: lint, types, import contracts, unit tests

test: packages check system ## Everything that CI runs

lint: $(STAMP) ## ruff: style and mistakes
	@echo "==> lint"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP) ## mypy --strict over agent, drivers, simulator and tests
	@echo "==> types"
	@$(BIN)/mypy
	@$(BIN)/mypy tests

contracts: $(STAMP) ## Who may import whom
	@echo "==> import contracts"
	@$(BIN)/lint-imports

# More at a time than the cores of a small machine: what has real sockets or real processes waits a good part of its time.
unit: $(STAMP) ## Everything but the system tests and what takes long
	@echo "==> unit tests"
	@$(BIN)/python -m pytest -q -n 3 -m "not system and not slow"

packages: ## Debian packages that some tests want: installed when root, else the command is printed
	@tests/system/packages

system: $(STAMP) packages ## Tests with real processes, and long ones
	@echo "==> system tests and long ones"
	@$(BIN)/python -m pytest -q -n 4 -m "system or slow"

bench: $(STAMP) ## Latency and memory, measured
	@$(BIN)/python -m tests.bench

format: $(STAMP) ## Let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(STAMP) ## Compile requirements/*.in to hashed requirements/*.txt
	@for f in run dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements/$$f.in -o requirements/$$f.txt; done

clean: ## Remove what the other targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
