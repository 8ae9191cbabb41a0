"""The life of a picture or question, as `dcvlr explain` prints it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from dcvlr.cli.explain import main
from dcvlr.errors import ConfigError

pytestmark = pytest.mark.slow


def explain(capsys: pytest.CaptureFixture[str], run: Path, *words: str, code: int = 0) -> str:
    assert main([str(run), *words]) == code
    return capsys.readouterr().out


def a_question(run: Path) -> dict[str, str]:
    questions = map(json.loads, (run / "synthetic_qa_dataset.jsonl").read_text().splitlines())
    return next(iter(questions))


def test_a_rejected_picture_has_its_values_margins_and_what_would_have_kept_it(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life = explain(capsys, small, "train/tiny.png")
    assert "shorter side in pixels 75, at least 224: FAILED by 149" in life
    assert "left out by filtering: min_resolution" in life
    assert "would have passed filtering with: filtering.min_resolution=75" in life


def test_a_duplicate_names_the_kept_one_and_an_unreadable_file_has_no_remedy(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lives = [explain(capsys, small, name) for name in ("receipt_1.png", "receipt_1_again.jpg")]
    (lost,) = [life for life in lives if "left out by filtering" in life]
    assert "which is kept" in lost
    assert "(up to 0.5 is the same)" in lost
    assert "would have passed filtering with: filtering.phash_threshold=null" in lost
    assert "no setting of filtering would have kept it" in explain(capsys, small, "broken.jpg")


def test_a_kept_picture_has_its_bin_its_text_and_its_questions(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    life = explain(capsys, small, "receipt_2.png")
    assert "bin A" in life
    assert "num_text_boxes 9, threshold 2: met" in life
    assert "text: GREEN LEAF" in life
    blue = explain(capsys, small, "blue.png")
    assert "objects: region 2" in blue
    assert re.search(r"questions: ([1-9]) written, \1 in the dataset", blue)


def test_equal_bytes_are_one_picture_under_each_of_its_paths(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(capsys, small, "red_copy.png") == explain(capsys, small, "red.png")


def test_a_question_is_found_by_id_by_the_start_of_it_and_by_its_words(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    qa = a_question(small)
    life = explain(capsys, small, qa["id"])
    assert f"Q: {qa['question']}" in life
    assert re.search(
        r"picture: .*\n    filtering: kept\n      shorter side in pixels \d+, at least 224: passed, \d+ to spare", life
    )
    assert re.search(r"\n    bin [ABC]\n      num_text_boxes \d+, threshold 2: ", life)
    assert "evidence " in life
    assert "proof: " in life
    assert life.rstrip().endswith("in the dataset")
    assert explain(capsys, small, qa["id"][:12]) == life
    assert explain(capsys, small, *qa["question"].lower().split()) == life


def test_words_that_fit_several_questions_list_them(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = explain(capsys, small, "the", "picture", code=1)
    assert "records fit 'the picture'; choose one by its id:" in listed


def test_what_is_not_there_is_an_error_that_says_where_ids_are(small: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'nowhere\.png': no picture or question"):
        main([str(small), "nowhere.png"])
    with pytest.raises(ConfigError, match="is no run directory"):
        main([str(tmp_path), "x"])


def test_what_stages_left_out_is_explained_before_the_run_has_come_to_its_end(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a notebook leaves it that calls single stages, and a run that was killed."""
    shutil.copytree(small, tmp_path / "begun")
    (tmp_path / "begun" / "rejected.jsonl").unlink()
    assert "left out by filtering: min_resolution" in explain(capsys, tmp_path / "begun", "train/tiny.png")


def test_explaining_changes_no_file(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in small.parent.parent.rglob("*") if path.is_file()}
    explain(capsys, small, "receipt_2.png")
    assert {path: path.read_bytes() for path in small.parent.parent.rglob("*") if path.is_file()} == before
