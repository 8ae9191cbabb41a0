"""What the stages of a finished run are asked again about."""

from __future__ import annotations

from pathlib import Path

from dcvlr.binning.outcome import BinnedLine
from dcvlr.metadata.gold import gold_questions
from dcvlr.records import ImageRecord
from dcvlr.rundir.files import write_json, write_lines
from dcvlr.rundir.reader import RunDirectory
from dcvlr.runs.replay import Replay


def line(image: ImageRecord) -> BinnedLine:
    return BinnedLine(
        id=image.id,
        path=image.path,
        dataset=image.dataset,
        bin="A",
        num_text_boxes=0,
        text_area_ratio=0.0,
        num_objects=None,
        unique_classes=None,
        spatial_dispersion=None,
        clip_similarity=None,
        caption=None,
        ocr_text="",
        detected_objects=None,
    )


def test_a_picture_is_asked_about_with_its_copies_and_the_rows_of_its_source(tmp_path: Path) -> None:
    rows, copy = tmp_path / "rows" / "a.jsonl", "/pictures/b.png"
    write_lines(rows, [{"file_name": copy, "question": "How many cups?", "answer": "3"}])
    image = ImageRecord(id="1" * 32, path="/pictures/a.png", dataset="made", copies=(copy,), rows=str(rows))
    other = ImageRecord(id="2" * 32, path="/pictures/c.png", dataset="made")
    write_json(tmp_path / "manifest.json", {"status": "complete", "source": "made"})
    write_lines(tmp_path / "intermediate/stage1_filtering/filtered_images.jsonl", [other, image])
    found = Replay(RunDirectory(tmp_path)).image(line(image))
    assert (found.copies, found.rows) == ((copy,), str(rows))
    assert [gold.question for gold in gold_questions([found])[found.id]] == ["How many cups?"]


def test_without_filtering_a_picture_is_what_binning_wrote(tmp_path: Path) -> None:
    write_json(tmp_path / "manifest.json", {"status": "complete", "source": "made"})
    image = ImageRecord(id="1" * 32, path="/pictures/a.png", dataset="made")
    assert Replay(RunDirectory(tmp_path)).image(line(image)) == image
