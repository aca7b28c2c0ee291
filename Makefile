# Needs git, make and Python 3.11 or newer; everything else goes into .venv.

# The first of these that is new enough; `make PYTHON=/some/python install` takes another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test oracle bench soak check clean

help:
	@echo "make demo     start three example subgraphs and the gateway (Ctrl-C stops all)"
	@echo "make test     run the tests"
	@echo "make oracle   compare many random queries over random graphs with graphql-core"
	@echo "make bench    measure the gateway under load; PEERS=1 lets npm install others beside it"
	@echo "make soak     half a million requests to one worker: does its memory grow?"
	@echo "make check    lint, check the formatting, check the types"
	@echo "make install  only create $(VENV) with everything in it"
	@echo "make clean    remove $(VENV) and the tools' caches"

# The stamp makes every later call instant: pip runs again only when what it installs changes.
$(INSTALLED): pyproject.toml setup.py $(wildcard router/executor/spliced/*.[ch])
	@test -n "$(PYTHON)" || { echo "Supergate needs Python 3.11 or newer, and found none in PATH." >&2; exit 1; }
	@test -x $(BIN)/pip || { \
		echo "Creating $(VENV) with $$($(PYTHON) --version) ..."; \
		$(PYTHON) -m venv --clear $(VENV); } || { \
		echo "No virtual environment could be created. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing Supergate and its tools into $(VENV) (about a minute, once) ..."
	@# Dependency groups need pip 25.1; the pip that comes with Python 3.11 is older.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@$(BIN)/python -c "import router.executor.spliced._splicer" 2>/dev/null || \
		echo "The C extension was not built: that takes a C compiler and the headers of Python. Supergate does without it."
	@touch $@

install: $(INSTALLED)
	@echo "$(VENV) is ready."

demo: $(INSTALLED)
	@$(BIN)/supergate demo

test: $(INSTALLED)
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadgroup $(PYTEST_ARGS)

# Compares this many answers with graphql-core, on graphs that are made up anew.
ORACLE_BUDGET ?= 20000
ORACLE_SEED ?= $(shell date +%s)

oracle: $(INSTALLED)
	@seed=$(ORACLE_SEED); echo "To run the same again: make oracle ORACLE_BUDGET=$(ORACLE_BUDGET) ORACLE_SEED=$$seed"; \
		$(BIN)/python -m pytest tests/oracle --oracle-budget=$(ORACLE_BUDGET) --oracle-seed=$$seed $(PYTEST_ARGS)

# PEERS=1 installs other gateways by npm, below .venv. See benchmarks/README.md for BENCH_ARGS and SOAK_ARGS.
bench: $(INSTALLED)
	@$(BIN)/python -m benchmarks.compare $(if $(PEERS),--peers) $(BENCH_ARGS)

SOAK_REQUESTS ?= 500000

soak: $(INSTALLED)
	@$(BIN)/python -m benchmarks.soak --requests $(SOAK_REQUESTS) $(SOAK_ARGS)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
