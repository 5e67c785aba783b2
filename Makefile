# Every target makes .venv by itself when it is missing or out of date. Nothing is needed but make and Python 3.11 or newer with venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SANDBOX ?=
TESTS ?=
# Two cores and one more, for many tests wait: for a process, for a server, for a moment to pass.
WORKERS ?= 4

.DEFAULT_GOAL := help
.PHONY: help sandbox test test-browser check fmt docs pictures bench faults faults-short year lock

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

sandbox: $(READY) ## run the whole product on this machine and print the address to open (SANDBOX="--fresh" starts anew)
	$(BIN)/python -m bot.sandbox up $(SANDBOX)

test: $(READY) ## run every test that needs no browser (TESTS="tests/test_cli.py -k help" narrows it)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not browser and not long" $(TESTS)

test-browser: $(READY) ## run the browser tests with an installed Chromium
	$(BIN)/python -m pytest -q -m "browser and not long" $(TESTS)

check: $(READY) ## lint, types, import contracts, lock, spelling, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python .ci/lock.py check
	$(BIN)/codespell
	$(BIN)/python docs/generate.py check
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_foundations_house.py tests/test_docs.py tests/test_manifest.py

fmt: $(READY) ## format the code and repair what ruff can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY) ## write into the documents what comes out of the code
	$(BIN)/python docs/generate.py write

pictures: $(READY) ## take the documents' pictures in the sandbox, with an installed Chromium
	$(BIN)/python docs/pictures.py

bench: $(READY) ## measure against limits and peers, side by side
	$(BIN)/python -m bench

faults: $(READY) ## kill, cut and race for real, the long form
	$(BIN)/python -m pytest -q -s -m faults --timeout 3600 $(TESTS)

year: $(READY) ## simulate a year of an alliance and recount every figure by hand
	$(BIN)/python -m pytest -q -s -n 2 -m long $(TESTS) tests/year

faults-short: $(READY) ## the short form of the same, which make test also runs
	$(BIN)/python -m pytest -q -m "faults and not long" $(TESTS)

lock: $(READY) ## pin every dependency anew, with hashes
	$(BIN)/python .ci/lock.py write

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Goodfaith needs Python 3.11 or newer; say PYTHON=python3.12, for instance")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
