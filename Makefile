# Every target makes .venv first, from the lock file, if it is not there.
.DEFAULT_GOAL := help
.PHONY: help sizing test acceptance up down verify lint format docs peers lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=
WORKERS ?= 2

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo; echo '  ARGS passes options on: make sizing ARGS="--json out.json"'

# sizing's exit code 1 is a finding about the guide, not a failure of the run; CI calls $(BIN)/timeoutlab itself.
sizing: $(READY) ## check the sizing guide against real runs on this machine (under three minutes)
	@$(BIN)/timeoutlab sizing $(ARGS) || { code=$$?; test $$code -eq 1 || exit $$code; }

# One process more than a small machine has cores, because many tests wait. What is compiled is kept: compiling the tests
# anew takes each process 7 s of CPU time.
test: $(READY) ## run the tests (in WORKERS=2 processes)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

acceptance: $(READY) ## run the tests that need a Docker engine: builds the images, about five minutes
	@$(BIN)/python -m pytest tests/acceptance $(ARGS)

up: $(READY) ## start the stack to play with; prints its URLs and an API key
	@$(BIN)/timeoutlab up $(ARGS)

down: $(READY) ## stop it
	@$(BIN)/timeoutlab down $(ARGS)

verify: $(READY) ## check which timeout is in force on it
	@$(BIN)/timeoutlab verify $(ARGS)

lint: $(READY) ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .

format: $(READY) ## mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(READY) ## put the recorded results into README.md, docs/sizing.md and docs/speed.md
	@$(BIN)/python -m loadtest.report.readme README.md docs/sizing.md
	@$(BIN)/python -m benchmarks.docs README.md docs/speed.md

peers: $(READY) ## install what `timeoutlab bench run` measures the import beside (pgloader is a package of Debian)
	@$(PYTHON) -m pip --python $(BIN)/python install --require-hashes --disable-pip-version-check --quiet \
	  -r requirements-peers.lock

# The second file is what the app alone runs on, in the first one's versions: production installs no harness. The third
# adds what `make peers` installs.
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
  --custom-compile-command "make lock"

lock: $(READY) ## resolve the lock files again from pyproject.toml (ARGS=--upgrade: newest versions)
	@$(COMPILE) --extra loadtest --extra dev -o requirements.lock $(ARGS)
	@$(COMPILE) --constraints requirements.lock -o requirements-app.lock $(ARGS)
	@$(COMPILE) --constraints requirements.lock --extra peers -o requirements-peers.lock $(ARGS)

clean: ## remove .venv and everything made on demand
	@if [ -f .timeoutlab/up.json ]; then echo 'the stack is up; make down first' >&2; exit 1; fi
	rm -rf $(VENV) .timeoutlab

# Without ensurepip, which some distributions split off: the machine's own pip installs into .venv.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@echo 'first use: making $(VENV) from requirements.lock, about a minute'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv --without-pip $(VENV)
	@$(PYTHON) -m pip --python $(BIN)/python install --require-hashes --disable-pip-version-check -r requirements.lock
	@$(PYTHON) -m pip --python $(BIN)/python install --no-deps --no-build-isolation --no-index --quiet \
	  --disable-pip-version-check --editable .
	@touch $(READY)
