"""What the binning stage shows and what it refuses."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from binning.marked import binning, marked, pictures, run
from bins_abc import bins_abc

from dcvlr.errors import ConfigError
from dcvlr.identity import speed
from dcvlr.records import (
    Decode,
    OcrResult,
    Picture,
)


@pytest.mark.parametrize("names", [["A", "B"], ["C", "A"], ["C"], []])
def test_bins_of_which_the_last_does_not_take_the_rest_are_refused(names: list[str]) -> None:
    chosen = {name: bins_abc()[name] for name in names}
    if names == ["C"]:
        assert binning(bins=chosen).bin_names == ["C"]
    else:
        with pytest.raises(ConfigError, match="the last one takes the rest"):
            binning(bins=chosen)


@dataclass(frozen=True, kw_only=True)
class Illiterate:
    """Finds five lines in every picture and can read none."""

    name: ClassVar[str] = "illiterate"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = OcrResult
    batch_size: int = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=None)

    def check_ready(self) -> None:
        """Always ready."""

    def __call__(self, items: Sequence[Picture], /) -> list[OcrResult]:
        return [OcrResult(width=picture.width, height=picture.height, lines=(), unread=5) for picture in items]


def test_a_page_in_an_unknown_script_is_rejected_with_that_reason(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(blue=1))
    outcome = run(tmp_path, binning(ocr=Illiterate(batch_size=4)), records)
    assert outcome.bins == {}
    (entry,) = outcome.ledger
    assert (entry["reasons"], entry["findings"][0]["value"]) == (["unknown_script"], 5)


def test_no_pictures_make_empty_files(tmp_path: Path) -> None:
    outcome = run(tmp_path, binning(bins_ratio=[0.4, 0.4, 0.2]), [])
    assert outcome.bins == {}
    assert outcome.summary["total_binned"] == 0
    assert outcome.rows("bin_A.jsonl") == []


def test_details_are_shown_for_each_picture_with_all_criteria(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    records = pictures(tmp_path, marked(red=3, blue=6), marked())
    with caplog.at_level(logging.INFO, logger="dcvlr.binning"):
        run(tmp_path, binning(display_details=True), records)
    shown = [record.getMessage() for record in caplog.records if "Assigned bin" in record.getMessage()]
    assert len(shown) == 2
    assert "Text boxes: 3 (threshold: >2) ✓ PASS" in shown[0]
    assert "Objects: 6 (threshold: >5) ✓ PASS" in shown[0]
    assert "Caption: 0 red, 0 blue" in shown[1]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text_area_threshold", 1.5),
        ("spatial_dispersion_threshold", -0.1),
        ("clip_similarity_threshold", 2),
        ("text_boxes_threshold", -1),
        ("object_count_threshold", 1.5),
        ("unique_objects_threshold", True),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"{key}="):
        binning(**{key: value})


@pytest.mark.parametrize("ratio", [[0.5, 0.5], [0.5, 0.4, 0.2], [1.2, -0.1, -0.1]])
def test_shares_that_are_none_are_refused(ratio: list[float]) -> None:
    with pytest.raises(ConfigError, match="bins_ratio="):
        binning(bins_ratio=ratio)
