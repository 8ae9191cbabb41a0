"""What is installed is what the checkout holds, once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import dcvlr

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


def test_a_wheel_holds_the_conf_once_and_runs_from_any_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "wheel")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    shipped = sorted(name.removeprefix("dcvlr/conf/") for name in names if name.startswith("dcvlr/conf/"))
    assert shipped == sorted(str(path.relative_to(ROOT / "conf")) for path in (ROOT / "conf").rglob("*.yaml"))
    assert not [name for name in names if name.startswith(("conf/", "tests/"))]
    assert {"dcvlr/py.typed", "dcvlr/text/languages/en.yaml"} <= set(names)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    where = [sys.executable, "-c", "import dcvlr.config; print(dcvlr.config.conf_dir())"]
    done = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / "site" / "dcvlr" / "conf")
    run = [sys.executable, "-m", "dcvlr", "source=samples", "dry_run=true"]
    subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, check=True)


def test_there_is_one_opencv_and_it_needs_no_library_of_the_system() -> None:
    """The second name is a distribution without code: see opencv/pyproject.toml."""
    found = {str(dist.metadata["Name"]): dist for dist in metadata.distributions() if "opencv" in dist.metadata["Name"]}
    assert sorted(found) == ["opencv-contrib-python", "opencv-contrib-python-headless"]
    assert not [file for file in found["opencv-contrib-python"].files or () if "dist-info" not in str(file)]


def test_every_constraint_is_a_version_and_no_address() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        name, _, version = line.partition("==")
        assert name
        assert version
        assert "://" not in line


def test_the_version_is_written_once() -> None:
    version = re.fullmatch(r"\d+\.\d+\.\d+(\w+)?", dcvlr.__version__)
    assert version
    assert metadata.version("dcvlr") == dcvlr.__version__
    assert f"\nversion: {dcvlr.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {dcvlr.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_version_flag_prints_dcvlrs_version_and_no_other(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dcvlr", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"dcvlr {dcvlr.__version__}\n"
    assert not list(tmp_path.iterdir())
