# Two commands: `make demo` (a dataset from sample pictures on a bare machine) and `make test`.
PYTHON ?= python3
VENV := .venv
TEST_VENV := .venv-test
INSTALL = $(1)/bin/uv pip install --quiet --compile-bytecode --python $(1)/bin/python -c constraints.txt -e

.PHONY: demo test check clean

demo: $(VENV)/.installed
	$(VENV)/bin/python -m dcvlr source=samples output_dir=outputs/demo

test: $(TEST_VENV)/.installed check

check:
	$(TEST_VENV)/bin/ruff check .
	$(TEST_VENV)/bin/ruff format --check .
	$(TEST_VENV)/bin/mypy
	$(TEST_VENV)/bin/pytest

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet uv
	$(call INSTALL,$(VENV)) ".[embedded]"
	touch $@

$(TEST_VENV)/.installed: pyproject.toml constraints.txt one-opencv.txt
	$(PYTHON) -m venv $(TEST_VENV)
	$(TEST_VENV)/bin/pip install --quiet uv
	$(call INSTALL,$(TEST_VENV)) ".[test]" --override one-opencv.txt
	touch $@

clean:
	rm -rf $(VENV) $(TEST_VENV) build dist .mypy_cache .ruff_cache .pytest_cache
