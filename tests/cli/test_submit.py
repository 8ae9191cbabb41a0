"""What `dcvlr submit` refuses before it talks to SLURM."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.cli.submit import main
from dcvlr.errors import ConfigError


@pytest.mark.parametrize("name", [".hydra/overrides.yaml", ".slurm/overrides.json"])
def test_joining_a_run_whose_words_are_damaged_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir()
    for text in ('["images_dir', '{"a": 1}', "[1]"):
        (tmp_path / name).write_text(text)
        with pytest.raises(ConfigError, match=rf"{name} is damaged: "):
            main(["--join", str(tmp_path)])


def test_joining_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no run was started or submitted there"):
        main(["--join", str(tmp_path)])


def test_joining_a_run_from_another_folder_than_it_was_started_in_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out" / ".hydra").mkdir(parents=True)
    (tmp_path / "out" / ".hydra" / "overrides.yaml").write_text("[output_dir=out]")
    monkeypatch.chdir(tmp_path / "out")
    with pytest.raises(
        ConfigError, match=r"its output_dir='out' is no folder of a run: type the command in the folder"
    ):
        main(["--join", str(tmp_path / "out")])
