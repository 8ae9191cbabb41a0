"""One finished run for all tests of a worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.commands import dcvlr, results
from pictures import make_pictures


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pictures(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="session")
def first_run(images: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A run directory that an uninterrupted run of one process has filled, and the results in it."""
    out = tmp_path_factory.mktemp("finished") / "out"
    dcvlr(f"images_dir={images}", f"output_dir={out}", "bins_ratio=null", "export=[jsonl,csv,parquet]")
    return out, results(out)


@pytest.fixture
def finished(first_run: tuple[Path, dict[str, bytes]]) -> Path:
    return first_run[0]


@pytest.fixture
def expected(first_run: tuple[Path, dict[str, bytes]]) -> dict[str, bytes]:
    """The results of an uninterrupted run of one process."""
    return first_run[1]
