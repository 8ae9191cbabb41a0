# `make demo` (a dataset from sample pictures on a bare machine) and `make test`; `make help` names the rest.
PYTHON ?= python3
VENV := .venv
TEST_VENV := .venv-test
WORKERS ?= 2
INSTALL = $(1)/bin/uv pip install --quiet --compile-bytecode --python $(1)/bin/python -c constraints.txt -e
# Tests of a file share what is dear to make, so a file stays with one worker.
PYTEST = $(TEST_VENV)/bin/pytest -n $(WORKERS) --dist loadfile

.PHONY: help demo test quick check lint format docs clean

help:  ## what there is to make
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

demo: $(VENV)/.installed  ## a dataset from sample pictures, in outputs/demo
	$(VENV)/bin/python -m dcvlr source=samples output_dir=outputs/demo

test: $(TEST_VENV)/.installed check  ## lint, types and all tests, from nothing

quick: $(TEST_VENV)/.installed lint  ## lint, types and the fast tests: before every commit
	$(PYTEST) -m "not slow"

check: lint  ## what `test` does, in an environment that is there
	$(PYTEST)

lint:  ## ruff and mypy
	$(TEST_VENV)/bin/ruff check .
	$(TEST_VENV)/bin/ruff format --check .
	$(TEST_VENV)/bin/mypy

format: $(TEST_VENV)/.installed  ## put imports and layout right
	$(TEST_VENV)/bin/ruff check --fix-only .
	$(TEST_VENV)/bin/ruff format .

docs: $(TEST_VENV)/.installed  ## rewrite the option tables of README.md and docs/ from conf/
	$(TEST_VENV)/bin/python docs/tables.py

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet uv
	$(call INSTALL,$(VENV)) ".[embedded]"
	touch $@

$(TEST_VENV)/.installed: pyproject.toml constraints.txt one-opencv.txt opencv/pyproject.toml
	$(PYTHON) -m venv $(TEST_VENV)
	$(TEST_VENV)/bin/pip install --quiet uv
	$(call INSTALL,$(TEST_VENV)) ".[test]" --override one-opencv.txt
	touch $@

clean:  ## remove what make made
	rm -rf $(VENV) $(TEST_VENV) build dist .mypy_cache .ruff_cache .pytest_cache
