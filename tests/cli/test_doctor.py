"""All that a run lacks, at once."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dcvlr.cli.doctor import main
from dcvlr.errors import ConfigError, MissingPackageError, require_package
from dcvlr.rundir.filesystem import probe
from dcvlr.rundir.versions import clashes, installed
from dcvlr.settings.parts import check_ready, lacking, pip_line


@dataclass(frozen=True)
class Needs:
    """A part that needs a package that nobody has."""

    package: str
    extra: str

    def check_ready(self) -> None:
        require_package(self.package, extra=self.extra, owner=f"part={self.package}")


@dataclass(frozen=True)
class Locked:
    def check_ready(self) -> None:
        raise ConfigError("part=locked needs a key: set the environment variable SOME_KEY")


def test_all_that_is_missing_is_named_at_once_with_one_pip_line() -> None:
    parts = [Needs("no_such_reader", "yolo"), Needs("no_such_writer", "llm,schema"), Needs("no_such_reader", "yolo")]
    with pytest.raises(MissingPackageError) as raised:
        check_ready(parts)
    assert str(raised.value) == (
        "2 things are missing:\n"
        '  part=no_such_reader needs no_such_reader: pip install "dcvlr[yolo]"\n'
        '  part=no_such_writer needs no_such_writer: pip install "dcvlr[llm,schema]"\n'
        '  all packages at once: pip install "dcvlr[llm,schema,yolo]"'
    )


def test_what_is_no_package_is_named_with_the_rest() -> None:
    lacks = list(lacking([Needs("no_such_reader", "yolo"), Locked()]))
    assert [type(error) for error in lacks] == [MissingPackageError, ConfigError]
    assert pip_line(lacks) == 'pip install "dcvlr[yolo]"'
    with pytest.raises(ConfigError, match="SOME_KEY"):
        check_ready(Locked())
    check_ready([])


@pytest.mark.slow
def test_the_default_lacks_nothing_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rapidocr", reason="preset=embedded needs the extra embedded")
    pytest.importorskip("nudenet", reason="preset=embedded needs the extra embedded")
    assert main([f"output_dir={tmp_path / 'out'}", f"images_dir={tmp_path}"]) == 0
    printed = capsys.readouterr().out
    assert "nothing is missing" in printed
    assert f"free in {tmp_path}\n" in printed
    assert not list(tmp_path.iterdir())
    assert main([f"output_dir={tmp_path / 'out'}", f"images_dir={tmp_path / 'data'}"]) == 1
    assert f"missing: 1\n  images_dir='{tmp_path}/data' does not exist; give images_dir=" in capsys.readouterr().out


@pytest.mark.slow
def test_a_disk_that_cannot_be_written_to_is_missing_too(capsys: pytest.CaptureFixture[str]) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("needs /proc, where nobody can make a folder")
    assert main(["output_dir=/proc/out"]) == 1
    assert "  output_dir='/proc/out': nothing can be written there: choose another\n" in capsys.readouterr().out


@pytest.mark.slow
def test_a_key_that_is_not_set_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOONDREAM_API_KEY", raising=False)
    assert main(["binning/captioner=moondream", "source=samples"]) == 1
    printed = capsys.readouterr().out
    assert "key MOONDREAM_API_KEY: not set" in printed
    assert "  binning/captioner=moondream needs a key: set the environment variable MOONDREAM_API_KEY" in printed


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["standard", "light"])
def test_a_machine_without_the_client_of_the_hub_is_told_what_it_lacks(
    preset: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("huggingface_hub", "open_clip", "transformers"):
        monkeypatch.setitem(sys.modules, package, None)
    assert main([f"preset={preset}", "source=samples"]) == 1
    printed = capsys.readouterr().out
    assert "not known without huggingface_hub" in printed
    assert re.search(r"needs \w+: pip install", printed)


def test_a_disk_is_probed_without_leaving_a_file(tmp_path: Path) -> None:
    found = probe(tmp_path / "not" / "there")
    assert (found.folder, found.writable, found.exclusive_files) == (tmp_path, True, True)
    assert found.free_gb > 0
    assert not list(tmp_path.iterdir())
    assert not probe(Path("/proc/dcvlr")).writable


def test_installed_versions_fit_what_dcvlr_asks_for() -> None:
    assert "msgspec" in installed()
    assert [clash for clash in clashes() if clash.startswith("dcvlr wants")] == []
