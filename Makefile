# The commands of this project. Most begin with scripts/setup: system packages, tools, the built package.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup servers demo docs test test-oldest test-cpp test-cpp-package test-cpp-package-asan test-asan test-tsan test-python test-python-all test-engines test-stores test-over test-pythons test-differential test-queries test-writing test-splits test-mutations fuzz lint lint-python lint-cpp format bench bench-quick bench-cloud bench-engines bench-micro bench-hardening docs-cpp wheel test-wheel test-portable release-check clean

VENV := .venv
PYTHON := $(VENV)/bin/python
JOBS := $(shell nproc)
CASES ?= 100000
MUTATIONS ?= 100000
SECONDS ?= 600
# The store of test-over, from which the tests of local files read: see tests/python/over/selection.py.
OVER ?= some
# The system of test-wheel.
SYSTEM ?= bookworm
# Apache Avro's Java tools, for differential tests. scripts/setup downloads them to this path.
export JETLINER_AVRO_TOOLS := $(HOME)/.m2/repository/org/apache/avro/avro-tools/1.12.1/avro-tools-1.12.1.jar

CXX_FILES = $(shell find $(wildcard include src python/src tests/cpp fuzz benchmarks examples) -name "*.h" -o -name "*.cc")
PYTHON_FILES := $(wildcard python examples scripts tests benchmarks fuzz)

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install missing dependencies, and build the package into .venv
	scripts/setup newest

servers: setup ## install the servers of object stores that tests run against, if they are missing
	scripts/setup_servers $(PYTHON)

demo: ## write a million nested records, stream and query them
	scripts/setup demo
	$(PYTHON) examples/demo.py

docs: ## the site of documentation, in build/site; warnings are errors
	scripts/docs

test: ## every check and test: lint, documentation, C++ under ASan and UBSan, the C++ package, Python, its other versions
	MAKE="$(MAKE)" scripts/stages setup servers lint docs test-asan test-cpp-package-asan test-python-all test-pythons

test-oldest: ## the Python tests with the oldest supported Polars
	scripts/setup oldest
	.venv-oldest/bin/python -m pytest -n 2 -m "not servers" $(PYTEST_ARGS)

test-cpp: setup ## the C++ tests, without sanitizers
	cmake --preset dev >/dev/null
	cmake --build --preset dev -j $(JOBS)
	ctest --preset dev -j $(JOBS)

test-cpp-package: setup ## the installed C++ library: by find_package, pkg-config, add_subdirectory and shared; runs its examples
	$(PYTHON) scripts/test_cpp_package.py

test-asan: setup ## the C++ tests under ASan and UBSan
	cmake --preset asan >/dev/null
	cmake --build --preset asan -j $(JOBS)
	ctest --preset asan -j $(JOBS)

test-cpp-package-asan: setup ## the installed C++ library of test-asan: headers, find_package, pkg-config; runs its examples
	cmake --preset asan >/dev/null
	cmake --build --preset asan -j $(JOBS) --target jetliner_core
	$(PYTHON) scripts/test_cpp_package.py --sanitized

test-tsan: setup ## the C++ tests under ThreadSanitizer
	cmake --preset tsan >/dev/null
	cmake --build --preset tsan -j $(JOBS)
	ctest --preset tsan -j $(JOBS)

test-python: setup ## the Python tests that need no servers; PYTEST_ARGS are passed on
	$(PYTHON) -m pytest -n 2 -m "not servers" $(PYTEST_ARGS)

test-python-all: servers ## the Python tests, those with servers of object stores included
	$(PYTHON) -m pytest -n 2 $(PYTEST_ARGS)

test-engines: ## the tests with Ray, Dask and Spark, which are installed if they are missing
	scripts/setup engines
	.venv-engines/bin/python -m pytest -m engines tests/python/engines $(PYTEST_ARGS)

test-stores: servers ## the tests with servers of object stores, then those of test-over
	$(PYTHON) -m pytest -n 2 -m servers $(PYTEST_ARGS)
	$(MAKE) test-over

test-over: servers ## the tests of local files, over stores; OVER: s3, azure, gcs, http, stream, objects, all (default some)
	$(PYTHON) -m pytest -n 2 --over=$(OVER) $(PYTEST_ARGS)

test-pythons: setup ## tests of the API with the other versions of CPython that are installed
	scripts/test_pythons

test-differential: setup ## random schemas and data; CASES of them (default 100000)
	cd tests/python && $(CURDIR)/$(PYTHON) -m differential --cases $(CASES) --jobs 2
	cd tests/python && $(CURDIR)/$(PYTHON) -m differential --resolve --cases $(CASES) --jobs 2

test-queries: setup ## random lazy queries, compared with the same over frames; CASES of them (default 100000)
	cd tests/python && $(CURDIR)/$(PYTHON) -W ignore -m queries --cases $(CASES) --jobs $(JOBS)
	cd tests/python && $(CURDIR)/$(PYTHON) -W ignore -m queries --protocol --cases $(CASES) --jobs $(JOBS)

test-writing: setup ## random frames and schemas, written and read; CASES of each (default 100000)
	cd tests/python && $(CURDIR)/$(PYTHON) -m writing --cases $(CASES) --jobs $(JOBS)

test-splits: setup ## random files, cut at random places; CASES of them (default 100000)
	cd tests/python && $(CURDIR)/$(PYTHON) -m parts --cases $(CASES) --jobs $(JOBS)

test-mutations: setup ## damaged files; MUTATIONS of them (default 100000), and a tenth as many compared with fastavro
	cd tests/python && $(CURDIR)/$(PYTHON) -m mutations --mutations $(MUTATIONS) --jobs $(JOBS)
	cd tests/python && $(CURDIR)/$(PYTHON) -m mutations --mode differential --mutations $$(($(MUTATIONS) / 10)) --jobs $(JOBS)
	cd tests/python && JETLINER_RECOVERY_CASES=1000 $(CURDIR)/$(PYTHON) -m pytest -n 2 test_recovery.py

wheel: ## the sdist and the wheels of a release, into dist/
	scripts/wheel

test-wheel: ## the Python tests with the wheels of dist/ in a bare Debian, as root; SYSTEM: bookworm, trixie, bullseye, aarch64
	scripts/test_wheel $(SYSTEM) $(PYTEST_ARGS)

test-portable: ## compile for musl, Windows and macOS; run the tests that can run here
	scripts/test_portable

release-check: ## all that must hold before a version is tagged
	scripts/release_check

fuzz: setup ## all fuzz targets, SECONDS in total (default 600)
	cmake --preset fuzz >/dev/null
	cmake --build --preset fuzz -j $(JOBS)
	$(PYTHON) scripts/fuzz $(SECONDS)

lint: lint-python lint-cpp ## formatting, layers, clang-tidy, ruff, mypy

lint-python: setup
	$(PYTHON) -m ruff check $(PYTHON_FILES)
	$(PYTHON) -m ruff format --check $(PYTHON_FILES)
	$(PYTHON) scripts/check_python_layers.py
	$(PYTHON) -m mypy

lint-cpp: setup
	clang-format-19 --dry-run -Werror $(CXX_FILES)
	$(PYTHON) scripts/check_layers.py
	cmake --preset lint -DPython_EXECUTABLE=$(CURDIR)/$(PYTHON) >/dev/null
	scripts/lint-cpp build/lint

format: setup ## format all sources in place
	clang-format-19 -i $(CXX_FILES)
	$(PYTHON) -m ruff check --fix-only --quiet $(PYTHON_FILES)
	$(PYTHON) -m ruff format $(PYTHON_FILES)

bench: setup ## compare with other readers, and write docs/performance.md; BENCH_ARGS are passed on
	$(PYTHON) benchmarks/run.py --docs $(BENCH_ARGS)

bench-quick: setup ## the most important benchmarks, in a few minutes; does not write to docs/
	$(PYTHON) benchmarks/run.py --quick $(BENCH_ARGS)

bench-cloud: setup ## reading from S3 on this machine, beside obstore alone; writes docs/performance.md; BENCH_ARGS are passed on
	scripts/setup_servers $(PYTHON)
	$(PYTHON) benchmarks/cloud.py --docs $(BENCH_ARGS)

bench-engines: ## compare with what Ray, Dask and Spark do with Avro files themselves; BENCH_ARGS are passed on
	scripts/setup engines
	.venv-engines/bin/python benchmarks/engines.py $(BENCH_ARGS)

bench-micro: setup ## C++ micro-benchmarks by stage; MICRO_ARGS are passed on
	cmake --preset bench >/dev/null
	cmake --build --preset bench -j $(JOBS) --target jetliner_micro
	build/bench/benchmarks/jetliner_micro $(MICRO_ARGS)

bench-hardening: setup ## compare builds with and without hardening
	for preset in bench bench-plain; do \
		cmake --preset $$preset >/dev/null && cmake --build --preset $$preset -j $(JOBS) --target jetliner_micro || exit 1; \
	done
	$(PYTHON) benchmarks/hardening.py $(BENCH_ARGS)

docs-cpp: setup ## the reference of the C++ library, in build/docs-cpp/html; warnings are errors
	scripts/docs_cpp

clean: ## remove all build output and environments
	rm -rf build dist demo-output .venv .venv-docs .venv-engines .venv-oldest .venv-python3.* .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(PYTHON_FILES) -name __pycache__ -type d -prune -exec rm -rf {} +
