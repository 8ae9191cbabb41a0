"""One sweep of two jobs over a few drawn pictures, that the commands that look at runs are tried on."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from forked import run_python
from pictures import make_pictures, shapes


@pytest.fixture(scope="session")
def sweep(text_read: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`output_dir` of the sweep: one job as it is by default, the other wants pictures of 420 pixels."""
    folder = tmp_path_factory.mktemp("runs")
    images = make_pictures(folder / "images")
    tall = shapes("orange", 2).rotate(90, expand=True).resize((450, 600))
    tall.save(images / "drawn__by" / "train" / "orange.png")
    out = copytree(text_read, folder / "out")
    words = [f"images_dir={images}", f"output_dir={out}", "bins_ratio=null", "report=none"]
    done = run_python("-m", "dcvlr", "-m", *words, "filtering.min_resolution=224,420")
    assert done.returncode == 0, done.stdout + done.stderr
    (out / "printed.txt").write_text(done.stdout)
    return out


@pytest.fixture(scope="session")
def small(sweep: Path) -> Path:
    """The job that takes pictures from 224 pixels on."""
    return next((sweep / "sweep").glob("*min_resolution=224*"))


@pytest.fixture(scope="session")
def large(sweep: Path) -> Path:
    """The job that takes pictures from 420 pixels on."""
    return next((sweep / "sweep").glob("*min_resolution=420*"))
