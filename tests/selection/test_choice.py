"""Which questions are chosen: counts are exact, caps hold, order does not matter."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.errors import ConfigError
from dcvlr.selection.bands import Band, band_of, bands, wanted
from dcvlr.selection.choice import Candidate, Caps, choose

BANDS = [Band(low=0, high=0, share=0.2), Band(low=1, high=3, share=0.5), Band(low=4, high=8, share=0.3)]
NO_CAPS = Caps(per_image=None, per_dataset=None)


def candidates(*cells: tuple[str, int], images: int = 1000, datasets: int = 1) -> list[Candidate]:
    """One of each cell in order; pictures and datasets in turn, a picture always in one dataset."""
    return [
        Candidate(n, (f"i{n % images}",), f"d{n % images % datasets}", cell, tie_break=(n * 7919) % 10007)  # type: ignore[arg-type]
        for n, cell in enumerate(cells)
    ]


cells = st.tuples(st.sampled_from("ABC"), st.integers(0, 2))
caps = st.one_of(st.none(), st.integers(1, 4))


@given(
    pool=st.lists(cells, max_size=60),
    size=st.integers(1, 70),
    ratios=st.sampled_from([None, [0.4, 0.4, 0.2], [1.0, 0.0, 0.0]]),
    images=st.integers(1, 30),
    datasets=st.integers(1, 4),
    per_image=caps,
    per_dataset=st.one_of(st.none(), st.integers(1, 15)),
)
def test_a_filled_choice_has_its_size_or_all_that_the_caps_allow(
    pool: list[tuple[str, int]],
    size: int,
    ratios: list[float] | None,
    images: int,
    datasets: int,
    per_image: int | None,
    per_dataset: int | None,
) -> None:
    offered = candidates(*pool, images=images, datasets=datasets)
    goal = wanted("ABC", size, ratios, BANDS, Counter(one.cell for one in offered))
    chosen = choose(offered, goal, Caps(per_image=per_image, per_dataset=per_dataset), fill=True)
    taken = [one for one in offered if one.position in chosen.positions]
    assert len(taken) == len(chosen.positions) == sum(chosen.cells.values())
    assert all(count <= (per_image or 99) for count in Counter(one.images[0] for one in taken).values())
    assert all(count <= (per_dataset or 99) for count in Counter(one.dataset for one in taken).values())
    allowed: Counter[str] = Counter()  # of a dataset, by the caps alone
    dataset_of = {one.images[0]: one.dataset for one in offered}
    for image, count in Counter(one.images[0] for one in offered).items():
        allowed[dataset_of[image]] += min(count, per_image or 99)
    assert len(taken) == min(size, sum(min(count, per_dataset or 99) for count in allowed.values()))


@given(pool=st.lists(cells, max_size=60), size=st.integers(1, 70))
def test_without_filling_each_cell_gives_what_it_has_and_no_more_than_is_wanted(
    pool: list[tuple[str, int]], size: int
) -> None:
    offered = candidates(*pool)
    available = Counter(one.cell for one in offered)
    goal = wanted("ABC", size, [0.4, 0.4, 0.2], BANDS, available)
    chosen = choose(offered, goal, NO_CAPS, fill=False)
    assert sum(goal.values()) == size
    assert {cell: chosen.cells[cell] for cell in goal} == {
        cell: min(count, available[cell]) for cell, count in goal.items()
    }


@given(pool=st.lists(cells, min_size=1, max_size=30), size=st.integers(1, 30), data=st.data())
def test_the_order_of_the_questions_does_not_matter(
    pool: list[tuple[str, int]], size: int, data: st.DataObject
) -> None:
    offered = candidates(*pool, images=7)
    shuffled = data.draw(st.permutations(offered))
    goal = wanted("ABC", size, None, BANDS, Counter(one.cell for one in offered))
    limits = Caps(per_image=2, per_dataset=None)
    assert choose(offered, goal, limits, fill=True).positions == choose(shuffled, goal, limits, fill=True).positions


def test_a_missing_band_is_filled_by_its_neighbours_the_harder_first() -> None:
    offered = candidates(*[("A", 0)] * 3, *[("A", 2)] * 9, *[("B", 1)] * 9)
    goal = {("A", 0): 0, ("A", 1): 5, ("A", 2): 0, ("B", 0): 0, ("B", 1): 2, ("B", 2): 0}
    assert choose(offered, goal, NO_CAPS, fill=True).cells == {("A", 0): 3, ("A", 2): 2, ("B", 1): 2}  # type: ignore[arg-type]
    assert choose(offered, goal, NO_CAPS, fill=False).cells == {("B", 1): 2}  # type: ignore[arg-type]


def test_every_picture_comes_once_before_one_comes_twice() -> None:
    offered = candidates(*[("A", 1)] * 12, images=4)
    chosen = choose(offered, {("A", 1): 6}, NO_CAPS, fill=False)
    assert sorted(chosen.images.values()) == [1, 1, 2, 2]


def test_the_scarcest_cell_is_served_first_where_caps_bind() -> None:
    """Picture i0 has the only hard question; an easy one of it must not take its place."""
    offered = [
        Candidate(0, ("i0",), "d", ("A", 2), tie_break=1),
        Candidate(1, ("i0",), "d", ("A", 0), tie_break=9),
        Candidate(2, ("i1",), "d", ("A", 2), tie_break=5),
    ]
    chosen = choose(offered, {("A", 0): 1, ("A", 2): 1}, Caps(per_image=1, per_dataset=None), fill=False)
    assert chosen.positions == {1, 2}


def test_bins_are_shared_out_before_bands() -> None:
    assert wanted("ABC", 10, [0.4, 0.4, 0.2], BANDS, {}) == {
        ("A", 0): 1,
        ("A", 1): 2,
        ("A", 2): 1,
        ("B", 0): 1,
        ("B", 1): 2,
        ("B", 2): 1,
        ("C", 0): 0,
        ("C", 1): 1,
        ("C", 2): 1,
    }


def test_without_a_size_all_of_every_wanted_band_is_wanted() -> None:
    found = [Band(low=0, high=0, share=0), Band(low=1, high=2, share=1)]
    goal = wanted("ABC", None, [1, 0, 0], found, {("A", 0): 4, ("A", 1): 3, ("C", 1): 2})
    assert {cell: count for cell, count in goal.items() if count} == {("A", 1): 3, ("C", 1): 2}


def test_a_count_between_bands_is_in_none() -> None:
    found = bands([{"from": 0, "to": 1, "share": 0.5}, {"from": 3, "to": 4, "share": 0.5}], 4)
    assert [band_of(found, passes) for passes in range(5)] == [0, 0, None, 1, 1]
    assert [band.name for band in found] == ["0-1", "3-4"]
    assert bands(None, 8) == [Band(low=0, high=8, share=1)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "shares must sum to 1, they sum to 0"),
        ([{"from": 0, "to": 9, "share": 1}], r"0 <= from <= to <= student\.samples \(8\)"),
        ([{"from": 2, "to": 1, "share": 1}], "0 <= from <= to"),
        ([{"from": 0, "to": float("inf"), "share": 1}], "whole numbers"),
        ([{"from": 0.5, "to": 1, "share": 1}], "whole numbers"),
        ([{"from": 0, "share": 1}], "each band needs from, to, share and nothing else"),
        ([{"from": 0, "to": 3, "share": 0.5}, {"from": 3, "to": 4, "share": 0.5}], "may not overlap"),
        ([{"from": 0, "to": 3, "share": 0.5}], "they sum to 0.5"),
        ([{"from": 0, "to": 3, "share": 1.5}, {"from": 4, "to": 4, "share": -0.5}], "a share from 0 is needed"),
    ],
)
def test_rows_that_are_no_bands_are_refused(rows: list[dict[str, float]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        bands(rows, 8)


def test_no_kind_has_more_than_its_cap_and_gold_has_none() -> None:
    offered = [
        Candidate(n, (f"i{n}",), "d", ("A", 0), tie_break=n, kind=None if n >= 20 else f"kind {n % 2}")
        for n in range(25)
    ]
    limits = Caps(per_image=None, per_dataset=None, per_kind=3)
    chosen = choose(offered, {("A", 0): 25}, limits, fill=True)
    assert Counter(offered[position].kind for position in chosen.positions) == {"kind 0": 3, "kind 1": 3, None: 5}
    assert chosen.full(offered[19]) == ("max_per_kind", 3)


def test_a_question_about_two_pictures_counts_for_each_of_them() -> None:
    offered = [
        Candidate(0, ("i0", "i1"), "d", ("A", 0), tie_break=1),
        Candidate(1, ("i1",), "d", ("A", 0), tie_break=2),
        Candidate(2, ("i2", "i0"), "d", ("A", 0), tie_break=3),
        Candidate(3, ("i2",), "d", ("A", 0), tie_break=4),
    ]
    chosen = choose(offered, {("A", 0): 4}, Caps(per_image=1, per_dataset=None), fill=False)
    assert chosen.positions == {0, 3}


def test_a_missing_band_is_filled_by_a_near_one_before_a_far_one() -> None:
    offered = candidates(*[("A", 0)] * 9, *[("A", 2)] * 9)
    goal = {("A", 0): 0, ("A", 1): 0, ("A", 2): 0, ("A", 3): 5}
    assert choose(offered, goal, NO_CAPS, fill=True).cells == {("A", 2): 5}  # type: ignore[arg-type]


def test_a_question_about_two_pictures_waits_until_the_one_that_was_shown_more_has_its_turn() -> None:
    offered = [
        Candidate(0, ("i1",), "d", ("A", 0), tie_break=1),
        Candidate(1, ("i0", "i1"), "d", ("A", 0), tie_break=2),
        Candidate(2, ("i2",), "d", ("A", 0), tie_break=3),
    ]
    assert choose(offered, {("A", 0): 2}, NO_CAPS, fill=False).positions == {0, 2}
