# `make demo` (a dataset from sample pictures on a bare machine) and `make test`; `make help` names the rest.
PYTHON ?= python3
VENV := .venv
TEST_VENV := .venv-test
WORKERS ?= 2
INSTALL = $(1)/bin/uv pip install --quiet --compile-bytecode --python $(1)/bin/python -c constraints.txt -e
unexport PYTHONDONTWRITEBYTECODE  # tests start hundreds of processes: what one compiled, the next need not
# Tests of a file share what is dear to make, so a file stays with one worker; tests/conftest.py puts long files first.
PYTEST = $(TEST_VENV)/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help demo test quick check lint format docs faults sbom licences clean

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

faults: $(TEST_VENV)/.installed  ## kills, damage and bad servers, ten times what `test` does; SIZE=large: a hundred times
	DCVLR_FAULTS=$(or $(SIZE),medium) DCVLR_FAULTS_SEED=$$(date +%s) $(TEST_VENV)/bin/pytest tests/faults

sbom: $(TEST_VENV)/.installed  ## dist/sbom.json (CycloneDX) of all extras; known weaknesses where the index is reachable
	mkdir -p dist
	$(TEST_VENV)/bin/uvx --from cyclonedx-bom==7.5.0 cyclonedx-py environment $(TEST_VENV)/bin/python --of JSON -o dist/sbom.json
	$(TEST_VENV)/bin/uvx pip-audit==2.10.1 --strict --disable-pip --no-deps -r constraints.txt || echo "pip-audit: weak, or not all could be looked up (an index that is a mirror knows no weaknesses)"

licences: $(TEST_VENV)/.installed  ## licences of all installed packages; AGPL ones are named at the end
	$(TEST_VENV)/bin/uvx pip-licenses==5.5.5 --python $(TEST_VENV)/bin/python --format markdown --order license
	@echo "AGPL, in extras that are never part of the core:"
	@$(TEST_VENV)/bin/uvx pip-licenses==5.5.5 --python $(TEST_VENV)/bin/python --format csv | grep -i "agpl\|affero" || echo none

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
