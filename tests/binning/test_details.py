from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bins_abc import bins_abc

from dcvlr.binning.details import display_image_results, format_image_results, image_details
from dcvlr.records import BinCriteria

CRITERIA = BinCriteria(
    num_text_boxes=4,
    text_area_ratio=0.125,
    num_objects=6,
    unique_classes=None,
    spatial_dispersion=0.25,
    clip_similarity=None,
)


def details() -> dict[str, Any]:
    return image_details("pictures/train/menu.png", CRITERIA, "A menu.", bins_abc())


def test_details_hold_every_criterion_of_every_bin() -> None:
    assert details() == {
        "image_path": "pictures/train/menu.png",
        "filename": "menu.png",
        "assigned_bin": "A",
        "bin_titles": {"A": "text-rich", "B": "object-rich", "C": "everything else"},
        "bin_a_criteria": {
            "num_text_boxes": 4,
            "text_boxes_threshold": 2,
            "text_boxes_passes": True,
            "text_area_ratio": 0.125,
            "text_area_threshold": 0.2,
            "text_area_passes": False,
            "overall_passes": True,
        },
        "bin_b_criteria": {
            "num_objects": 6,
            "object_count_threshold": 5,
            "object_count_passes": True,
            "unique_classes": None,
            "unique_objects_threshold": 3,
            "unique_classes_passes": None,
            "spatial_dispersion": 0.25,
            "spatial_dispersion_threshold": 0.3,
            "spatial_dispersion_passes": False,
            "overall_passes": True,
        },
        "bin_c_criteria": {
            "caption": "A menu.",
            "clip_similarity": None,
            "clip_threshold": 0.25,
            "similarity_passes": None,
            "overall_passes": False,
        },
    }


@pytest.mark.parametrize(("similarity", "passes"), [(0.3, True), (0.25, True), (0.2, False)])
def test_bin_c_holds_what_is_in_no_other_bin_and_has_a_fitting_caption(similarity: float, passes: bool) -> None:
    plain = BinCriteria(num_text_boxes=0, text_area_ratio=0, num_objects=1, clip_similarity=similarity)
    shown = image_details("a.png", plain, "A cat.", bins_abc())
    assert shown["assigned_bin"] == "C"
    assert shown["bin_c_criteria"]["similarity_passes"] is passes
    assert shown["bin_c_criteria"]["overall_passes"] is passes


def test_the_text_has_one_block_per_bin() -> None:
    assert format_image_results(details()) == (
        "Image: menu.png\n"
        "Path: pictures/train/menu.png\n"
        "Assigned bin: A\n"
        "\n"
        "Bin A (text-rich)\n"
        "  Text boxes: 4 (threshold: >2) ✓ PASS\n"
        "  Text area ratio: 0.125 (threshold: >0.2) ✗ FAIL\n"
        "  Bin A overall: ✓ PASS\n"
        "\n"
        "Bin B (object-rich)\n"
        "  Objects: 6 (threshold: >5) ✓ PASS\n"
        "  Unique classes: none (threshold: >3) – not evaluated\n"
        "  Spatial dispersion: 0.250 (threshold: >0.3) ✗ FAIL\n"
        "  Bin B overall: ✓ PASS\n"
        "\n"
        "Bin C (everything else)\n"
        "  Caption: A menu.\n"
        "  CLIP similarity: none (threshold: ≥0.25) – not evaluated\n"
        "  Bin C overall: ✗ FAIL"
    )


def test_user_criteria_show_verdicts_messages_values_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    display_image_results(
        details(),
        {
            "wordy": lambda d: d["bin_a_criteria"]["num_text_boxes"] > 3,
            "numpy": lambda d: np.float64(0.1) > 0.5,
            "reasoned": lambda d: {"passes": np.bool_(True), "message": "four lines"},
            "mute": lambda d: {"passes": False},
            "counted": lambda d: 42,
            "broken": lambda d: d["bin_x_criteria"],
            "last": lambda d: True,
        },
    )
    assert capsys.readouterr().out.splitlines()[-8:] == [
        "User criteria",
        "  wordy: ✓ PASS",
        "  numpy: ✗ FAIL",
        "  reasoned: ✓ PASS four lines",
        "  mute: ✗ FAIL",
        "  counted: 42",
        "  broken: error: 'bin_x_criteria'",
        "  last: ✓ PASS",
    ]
