# `make demo` shows what sipfast does, `make test` proves it, `make help` lists the rest.

PYTHON ?= python3
VENV ?= .venv
T ?= 600
# What `make bench-track` takes for a regression, in terms of pytest-benchmark: the best round of any row.
SLOWER ?= min:25%

PY = $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo proxy test build bench bench-track house gate baseline fuzz sanitize docs pictures site lint types clean engine

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/with-cli engine ## Build, look into bench_data/ with the command, edit and forward a message
	$(VENV)/bin/sipfast stats bench_data/*.sip bench_data/calls.pcap
	$(VENV)/bin/sipfast show bench_data/invite.sip
	$(VENV)/bin/sipfast code 486 --lang zh
	$(PY) examples/forward.py

proxy: $(VENV)/with-proxy engine ## Start the example proxy at 127.0.0.1:5060, with two users
	$(PY) -m examples.proxy.demo

test: $(VENV)/with-test engine ## Run the tests, on both engines
	$(PY) -m pytest

build: $(VENV)/with-cli engine ## Build the native engine in place; only what has changed

bench: $(VENV)/with-bench engine ## Measure against other parsers: a table, a chart, benchmarks/RESULTS.md
	$(PY) -m benchmarks.compare

bench-track: $(VENV)/with-bench engine ## Messages a second, compared with the last run on this machine (SLOWER=min:25%)
	$(PY) -m pytest benchmarks -q -W default --benchmark-autosave --benchmark-sort=fullname \
		--benchmark-columns=ops,median,min $(if $(wildcard .benchmarks/*/*.json), \
		--benchmark-compare --benchmark-compare-fail=$(SLOWER))

house: $(VENV)/with-bench ## Measure the build, the wheel and the import, into benchmarks/RESULTS.md
	$(PY) -m benchmarks.house

gate: $(VENV)/with-test ## Count instructions (valgrind) and compare with the baseline
	$(PY) -m benchmarks.gate

baseline: $(VENV)/with-test ## Make what the gate counts now its baseline
	$(PY) -m benchmarks.gate --update

fuzz: $(VENV)/with-test ## Fuzz for T seconds (T=600), build apart: no crash, and native equals pure
	$(PY) -m fuzz --seconds $(T)

sanitize: $(VENV)/with-test ## Run the attacks, and the tests about memory, on an engine with sanitizers
	$(PY) -m fuzz.attacks
	$(PY) -m fuzz.tests -q --memory

docs: $(VENV)/with-test engine ## Write the pages of docs/ that are made from tables
	PYTHONPATH=tests:. $(PY) -m pages

pictures: $(VENV)/with-bench $(VENV)/with-test engine ## Make the pictures of docs/, some with Chromium
	PYTHONPATH=tests:. $(PY) -m pages.pictures

site: $(VENV)/with-docs ## Build the site of all documents and the reference, in build/site
	SIPFAST_PURE=1 PYTHONPATH=docs:tests:. $(PY) -m website

lint: $(VENV)/with-dev ## Check style and format
	$(PY) -m ruff check
	$(PY) -m ruff format --check

types: $(VENV)/with-dev ## Check types
	$(PY) -m mypy

clean: ## Remove everything that was made here
	rm -rf $(VENV) build dist fuzz/.build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find sipfast/_native -name "*.so" -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

engine:
	@$(PY) setup.py -q build_ext --inplace

# The environment. What is installed there is this folder, without the engine: that is built in
# place, where its warnings can be seen (pip would swallow them).
$(VENV)/with-%: pyproject.toml | $(VENV)/made
	SIPFAST_PURE=1 $(PY) -m pip install -q -e '.[native,$*]'
	@touch $@

$(VENV)/made:
	$(if $(LACKING),$(error sipfast needs $(LACKING)))
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# What Python lacks here and how to get it, in one line; empty if all is there.
LACKING = $(shell \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null \
	|| { echo 'Python 3.10 or later: apt-get install python3 python3-venv'; exit; }; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	|| echo 'python3-venv: apt-get install python3-venv')
