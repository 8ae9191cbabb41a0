"""Records of a file by their id."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.records import ImageRecord
from dcvlr.rundir.files import JsonLines, write_lines
from dcvlr.rundir.record_list import ById


def image(image_id: str, path: str) -> ImageRecord:
    return ImageRecord(id=image_id, path=path, dataset="d")


def test_records_of_a_file_are_found_by_id_and_of_equal_ids_the_last(tmp_path: Path) -> None:
    written = [image("a", "/1"), image("b", "/2"), image("a", "/3"), image("none", "/4")]
    write_lines(tmp_path / "f.jsonl", written)
    records = ById(JsonLines(tmp_path / "f.jsonl", ImageRecord), lambda one: None if one.id == "none" else one.id)
    assert dict(records) == {"a": image("a", "/3"), "b": image("b", "/2")}
    assert "none" not in records
    assert records.get("c") is None
    with pytest.raises(KeyError):
        records["none"]
