from __future__ import annotations

import pytest

from dcvlr.binning.detector.boxes import detections
from dcvlr.records import Detection


def test_boxes_are_clipped_and_rounded_and_the_strongest_comes_first() -> None:
    found = detections(
        100, 50, [(-3, 10.04, 20.06, 60), (10, 10, 30, 30)], [0.300049, 0.9], ["dog", "cat"], min_score=0.3
    )
    assert found.objects == (
        Detection(label="cat", score=0.9, box=(10.0, 10.0, 30.0, 30.0)),
        Detection(label="dog", score=0.3, box=(0.0, 10.0, 20.1, 50.0)),
    )
    assert (found.width, found.height, found.labelled) == (100, 50, True)


def test_what_is_weak_or_outside_or_without_area_is_dropped() -> None:
    boxes = [(10, 10, 20, 20), (120, 10, 140, 20), (10, 10, 10.04, 20), (5, 5, 6, 6)]
    found = detections(100, 50, boxes, [0.29, 0.9, 0.9, 0.3], None, min_score=0.3)
    assert found.objects == (Detection(label=None, score=0.3, box=(5.0, 5.0, 6.0, 6.0)),)
    assert not found.labelled


def test_equal_scores_are_ordered_by_box_and_label() -> None:
    boxes = [(5, 5, 9, 9), (1, 1, 9, 9), (1, 1, 9, 9)]
    first = detections(10, 10, boxes, [0.5, 0.5, 0.5], ["a", "c", "b"], min_score=0)
    second = detections(10, 10, boxes[::-1], [0.5, 0.5, 0.5], ["b", "c", "a"], min_score=0)
    assert first == second
    assert [detection.label for detection in first.objects] == ["b", "c", "a"]


def test_nothing_found_is_no_objects() -> None:
    assert detections(10, 10, [], [], [], min_score=0).objects == ()
    assert detections(10, 10, [], [], None, min_score=0).objects == ()


@pytest.mark.parametrize(("box", "score"), [((0, 0, float("nan"), 9), 0.9), ((0, 0, 9, 9), float("nan"))])
def test_what_is_not_a_number_is_a_fault_of_the_model_and_no_empty_picture(
    box: tuple[float, float, float, float], score: float
) -> None:
    with pytest.raises(ValueError, match="not a number"):
        detections(20, 20, [(1, 1, 5, 5), box], [0.9, score], ["dog", "cat"], 0.5)
