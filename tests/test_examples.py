"""The notebooks of examples/ do what they show: each is run, and its texts are those that are stored in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="notebooks are run by nbclient")
nbclient = pytest.importorskip("nbclient", reason="notebooks are run by nbclient")
pytest.importorskip("ipykernel", reason="notebooks are run by a kernel of Jupyter")
pytestmark = pytest.mark.slow

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.ipynb"))


def texts(notebook: Any) -> list[list[str]]:
    """What each code cell puts out, as text."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [[output.get("text") or output["data"]["text/plain"] for output in cell.outputs] for cell in cells]


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_a_notebook_puts_out_what_is_stored_in_it(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    notebook = nbformat.read(path, as_version=4)
    stored = texts(notebook)
    client = nbclient.NotebookClient(notebook, timeout=280, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert [[text.replace(f"{tmp_path}/", "") for text in cell] for cell in texts(notebook)] == stored
    assert any("data:image/jpeg" in str(cell.get("outputs")) for cell in notebook.cells)
    nbformat.validate(notebook)


def test_there_are_two() -> None:
    assert [path.stem for path in EXAMPLES] == ["first_dataset", "thresholds"]
