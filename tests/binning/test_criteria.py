from __future__ import annotations

from collections.abc import Sequence

import pytest
from bins_abc import bins_abc
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.binning.bins import assign_bin
from dcvlr.binning.criteria import criteria_of_texts, spatial_dispersion, with_objects
from dcvlr.binning.text_area import text_area_ratios
from dcvlr.records import BinCriteria, Detection, Detections, OcrLine, OcrResult, Quad


def quad(x0: float, y0: float, x1: float, y1: float) -> Quad:
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def at(*centres: tuple[float, float]) -> list[Detection]:
    return [Detection(label=None, score=0.9, box=(x - 5, y - 5, x + 5, y + 5)) for x, y in centres]


def text_area_ratio(quads: Sequence[Quad], width: int, height: int) -> float:
    """Alone, and the same among pictures with other boxes and with none."""
    text, other, bare = (
        OcrResult(width=w, height=h, lines=tuple(OcrLine(text="a", score=1.0, quad=quad) for quad in own))
        for own, w, h in ((quads, width, height), ([quad(0, 0, 30, 70), quad(20, 30, 90, 40)], 300, 200), ([], 9, 9))
    )
    (alone,) = text_area_ratios([text])
    assert text_area_ratios([other, text, bare, text]) == [0.045, alone, 0.0, alone]
    return alone


def test_overlapping_text_counts_once() -> None:
    assert text_area_ratio([quad(0, 0, 50, 20), quad(25, 0, 75, 20)], 100, 100) == 0.15


def test_the_same_boxes_in_whole_and_in_other_numbers_cover_the_same() -> None:
    whole = [quad(0, 0, 50, 20), quad(0, 40, 75, 60)]
    other = [quad(0.0, 0.0, 50.0, 20.0), quad(0.0, 40.0, 75.0, 60.0)]
    assert text_area_ratio(whole, 100, 100) == text_area_ratio(other, 100, 100) == 0.25
    assert text_area_ratio(other * 9, 100, 100) == text_area_ratio([*other, *whole], 100, 100) == 0.25


def test_text_outside_the_picture_does_not_count() -> None:
    assert text_area_ratio([quad(90, 90, 120, 120)], 100, 100) == 0.01


def test_slanted_text_covers_its_quad_not_its_box() -> None:
    assert text_area_ratio([((50, 0), (100, 50), (50, 100), (0, 50))], 100, 100) == 0.5


def test_crossed_or_flat_quads_do_no_harm() -> None:
    crossed = ((0.0, 0.0), (50.0, 20.0), (50.0, 0.0), (0.0, 20.0))
    assert text_area_ratio([crossed], 100, 100) == 0.1
    assert text_area_ratio([quad(5, 5, 5, 40)], 100, 100) == 0.0
    assert text_area_ratio([], 100, 100) == 0.0


spans = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted)
boxes = st.builds(lambda xs, ys: quad(xs[0], ys[0], xs[1], ys[1]), spans, spans)


@given(st.lists(boxes, max_size=8), boxes)
def test_the_ratio_is_a_share_and_grows_with_text(quads: list[Quad], another: Quad) -> None:
    ratio = text_area_ratio(quads, 100, 100)
    assert 0 <= ratio <= text_area_ratio([*quads, another], 100, 100) <= 1


def test_dispersion_is_the_area_between_the_centres() -> None:
    assert spatial_dispersion(at((20, 20), (80, 60), (50, 90)), 100, 100) == 0.42
    assert spatial_dispersion(at((20, 20), (80, 20)), 100, 100) == 0.0


@pytest.mark.parametrize("centres", [[], [(50, 50)]])
def test_fewer_than_two_objects_are_not_dispersed(centres: list[tuple[float, float]]) -> None:
    assert spatial_dispersion(at(*centres), 100, 100) == 0.0


def test_criteria_are_taken_from_the_signals() -> None:
    lines = tuple(OcrLine(text="a", score=0.9, quad=quad(0, 10 * i, 50, 10 * i + 10)) for i in range(2))
    detections = tuple(Detection(label=name, score=0.9, box=(0, 0, 10, 10)) for name in ("cat", "cat", "dog"))
    found = Detections(width=100, height=200, objects=(*detections, *at((5, 5), (95, 195))), labelled=True)
    criteria = with_objects(*criteria_of_texts([OcrResult(width=100, height=50, lines=lines)]), found)
    assert criteria == BinCriteria(
        num_text_boxes=2, text_area_ratio=0.2, num_objects=5, unique_classes=3, spatial_dispersion=0.855
    )


def test_a_detector_without_classes_has_no_number_of_classes() -> None:
    found = Detections(width=100, height=100, objects=(*at((10, 10), (90, 90)),), labelled=False)
    criteria = with_objects(BinCriteria(num_text_boxes=0, text_area_ratio=0), found)
    assert (criteria.num_objects, criteria.unique_classes) == (2, None)


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (BinCriteria(num_text_boxes=3, text_area_ratio=0), "A"),
        (BinCriteria(num_text_boxes=2, text_area_ratio=0.2), "C"),
        (BinCriteria(num_text_boxes=1, text_area_ratio=0.21), "A"),
        (BinCriteria(num_text_boxes=3, text_area_ratio=0, num_objects=9), "A"),
        (BinCriteria(num_text_boxes=2, text_area_ratio=0, num_objects=6), "B"),
        (BinCriteria(num_text_boxes=0, text_area_ratio=0, num_objects=5), "C"),
        (BinCriteria(num_text_boxes=0, text_area_ratio=0, num_objects=4, unique_classes=4), "B"),
        (BinCriteria(num_text_boxes=0, text_area_ratio=0, num_objects=4, unique_classes=3), "C"),
        (BinCriteria(num_text_boxes=0, text_area_ratio=0, num_objects=2, spatial_dispersion=0.31), "B"),
        (BinCriteria(num_text_boxes=0, text_area_ratio=0, num_objects=2, spatial_dispersion=0.3), "C"),
        (BinCriteria(num_text_boxes=0, text_area_ratio=0, clip_similarity=0.01), "C"),
    ],
)
def test_all_comparisons_are_strict(criteria: BinCriteria, expected: str) -> None:
    assert assign_bin(criteria, bins_abc()) == expected


@pytest.mark.parametrize(("value", "passes"), [(0.25, True), (0.249, False), (None, True)])
def test_a_caption_passes_at_the_threshold_and_where_nothing_checks_it(value: float | None, passes: bool) -> None:
    criteria = BinCriteria(num_text_boxes=0, text_area_ratio=0, clip_similarity=value)
    assert (bins_abc()["C"].lacking(criteria) == []) is passes
