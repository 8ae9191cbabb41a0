"""What a run would do, as `dcvlr plan` prints it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dcvlr.cli.plan import main
from dcvlr.errors import ConfigError

pytestmark = pytest.mark.slow


def planned(capsys: pytest.CaptureFixture[str], *overrides: str) -> str:
    assert main(overrides) == 0
    return capsys.readouterr().out


def over(sweep: Path) -> list[str]:
    return [f"images_dir={sweep.parent / 'images'}", f"output_dir={sweep}", "bins_ratio=null"]


def test_what_is_stored_needs_no_model_and_its_outcome_is_known(
    sweep: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = planned(capsys, *over(sweep))
    assert "source: 10 files in " in text
    assert "  drawn/by: 10\n" in text
    assert "filtering: 9 in, 6 out\n" in text
    assert "  nudenet: 6 stored, 0 missing\n" in text
    assert re.search(r"validation: ([1-9]\d*) in, \1 out\n", text)
    assert re.search(r"validation: .*\n  rapidocr: .*\n  rapidocr_lines: [1-9]\d* stored, 0 missing\n", text)


def test_a_picture_that_another_threshold_lets_through_is_missing_to_later_models(
    sweep: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = planned(capsys, *over(sweep), "filtering.phash_threshold=null")
    assert "filtering: 9 in, 6 out, 1 wait for a model\n" in text
    assert "  nudenet: 6 stored, 1 missing\n" in text
    assert "  rapidocr: 6 stored, 0 to 1 missing\n" in text


def test_another_setting_of_a_model_is_another_model(sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = planned(capsys, *over(sweep), "binning.ocr.min_score=0.7")
    assert "  rapidocr: 0 stored, 6 missing\n" in text


def test_planning_writes_nothing(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in sweep.rglob("*")}
    planned(capsys, *over(sweep))
    assert {path: path.stat().st_mtime_ns for path in sweep.rglob("*")} == before
    text = planned(capsys, f"images_dir={sweep.parent / 'images'}", f"output_dir={tmp_path / 'out'}")
    assert "10 of them were never read" in text
    assert "  rapidocr: 0 stored, 0 to 10 missing\n" in text
    assert not list(tmp_path.iterdir())


def test_settings_and_counts_of_the_run_that_is_there_are_shown(
    small: Path, sweep: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"images_dir={sweep.parent / 'images'}", f"output_dir='{small}'", "bins_ratio=null"]
    text = planned(capsys, *words, "filtering.nsfw_threshold=0.4")
    assert "last run there: filtered_count 6, bins {'A': 2, 'B': 0, 'C': 4}, generated_qa " in text
    assert "settings that differ from it: 1\n  filtering.nsfw_threshold: 0.5 -> 0.4\n" in text


def test_a_wrong_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"filtering\.nsfw_threshold=7"):
        main([f"images_dir={tmp_path}", "filtering.nsfw_threshold=7"])
