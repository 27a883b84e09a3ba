# Every command makes what it needs first: Python 3.11 or newer and a network are enough.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2

export PYTHONDONTWRITEBYTECODE := # where it is set, each of the many processes of the tests compiles all it imports
INSTALLED := $(VENV)/.installed
# a file system in memory with 2 GB left, where there is one: what tests write and lose waits for no disk
MEMORY = $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 && $$6 == "/dev/shm" { print $$6 }')

.DEFAULT_GOAL := help
.PHONY: help install demo test unit contract check audit format docs screenshots lock bench-report servers-up servers-down clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 14

$(INSTALLED): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		|| { echo "ltrr needs Python 3.11 to 3.13, $(PYTHON) is $$($(PYTHON) -V 2>&1); say make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps -e .
	@touch $@

install: $(INSTALLED) ## Make the virtual environment with everything in it

demo: $(INSTALLED) ## Watch retrieval being learned, then search yourself (Ctrl-C ends)
	$(BIN)/ltrr demo

test: $(INSTALLED) ## Run all tests, in JOBS processes (2)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder

# one process more than JOBS: some tests wait for clocks and other processes
unit: $(INSTALLED) ## Run the tests of single parts: no servers, no browser, no whole worlds
	$(if $(MEMORY),TMPDIR=$(MEMORY)) $(BIN)/python -m pytest -n $$(($(JOBS) + 1)) --dist loadgroup \
		-m "not servers and not browser and not whole" --ignore tests/integration --ignore tests/browser

contract: $(INSTALLED) ## Hold the HTTP interface to its openapi.json in 5,000 cases, and 5,000 with keys
	CONTRACT_EXAMPLES=400 $(BIN)/python -m pytest -s tests/serving/http/test_contract.py

check: $(INSTALLED) ## Format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(INSTALLED) ## Look for known vulnerabilities of all that is installed (needs a network)
	$(BIN)/python -m deploy.audit requirements.lock

format: $(INSTALLED) ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(INSTALLED) ## Write the generated part of docs/ again
	$(BIN)/python -m ltrr.streams.events.schemas
	$(BIN)/python -m ltrr.serving.settings.reference

screenshots: $(INSTALLED) ## Picture both web pages, light and dark, 1440 and 390 wide, in screenshots/ (needs Chromium)
	SCREENSHOTS=screenshots $(BIN)/python -m pytest tests/browser/test_pictures.py

lock: $(INSTALLED) ## Resolve the dependencies again into requirements.lock
	$(BIN)/uv pip compile --quiet pyproject.toml --group dev --universal --generate-hashes --no-header \
		--python-version 3.11 -o requirements.lock

bench-report: $(INSTALLED) ## Run the benches of speed into bench/README.md, half an hour; OPTIONS=--quick for less
	$(BIN)/python -m ltrr.bench.report $(OPTIONS)

servers-up: $(INSTALLED) ## Start a real Kafka and Elasticsearch on this machine (needs Java 21 and Maven), without Docker
	$(BIN)/python -m deploy.local up

servers-down: $(INSTALLED) ## Stop what servers-up started
	$(BIN)/python -m deploy.local down

clean: ## Remove what was made here, except data folders
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
