"""Two runs beside each other, as `dcvlr diff` prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dcvlr.cli.diff import main

pytestmark = pytest.mark.slow


def test_settings_and_lost_records_with_the_rule_behind_each(
    small: Path, large: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(small), str(large), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["settings"] == [{"key": "filtering.min_resolution", "old": 224, "new": 420}]
    pictures = {Path(one["title"]).name: one for one in found["records"] if one["kind"] == "picture"}
    assert set(pictures) == {"red.png", "blue.png", "green.png"}
    assert pictures["red.png"]["change"] == "lost"
    assert pictures["red.png"]["cause"] == "filtering: min_resolution"
    assert pictures["red.png"]["reason"] == "shorter side in pixels 300 is below 420"
    questions = [one for one in found["records"] if one["kind"] == "question"]
    assert {(one["change"], one["cause"]) for one in questions} == {("lost", "filtering: min_resolution")}


def test_the_other_way_round_they_are_gained(small: Path, large: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(large), str(small)]) == 0
    printed = capsys.readouterr().out
    assert "filtering.min_resolution: 420 -> 224" in printed
    assert "pictures gained: 3 (filtering: min_resolution)" in printed


def test_a_run_and_itself_have_no_difference(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(small), str(small)]) == 0
    assert capsys.readouterr().out == ("settings that differ: 0\nrecords: the same pictures and questions in both\n")
