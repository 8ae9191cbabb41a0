"""The notebooks of examples/ run, and put out what is stored in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="notebooks are run by nbclient")
nbclient = pytest.importorskip("nbclient", reason="notebooks are run by nbclient")
pytest.importorskip("ipykernel", reason="notebooks are run by a kernel of Jupyter")
pytestmark = pytest.mark.slow

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.ipynb"))


def outputs(notebook: Any) -> list[list[str]]:
    """What kinds of outputs each code cell has, such as text/html; which questions are asked may change."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [[", ".join(sorted(output.get("data", {"stream": ""}))) for output in cell.outputs] for cell in cells]


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_a_notebook_runs_and_has_outputs_as_they_are_stored_in_it(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    stored = outputs(notebook)
    client = nbclient.NotebookClient(notebook, timeout=280, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert outputs(notebook) == stored
    assert all(stored)
    assert any("data:image/jpeg" in str(cell.get("outputs")) for cell in notebook.cells)


def test_there_are_two() -> None:
    assert [path.stem for path in EXAMPLES] == ["first_dataset", "thresholds"]
