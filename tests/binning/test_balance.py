from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from bins_abc import bins_abc
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.binning.balance import Balance, BalanceLimits, balance, balance_message
from dcvlr.binning.sorting import Measured
from dcvlr.records import BinCriteria
from dcvlr.sampling import quotas

ALL = BalanceLimits(size=None, strict=False)
STRICT = BalanceLimits(size=None, strict=True)


def at_most(size: int) -> BalanceLimits:
    return BalanceLimits(size=size, strict=False)


BINS = bins_abc()


def member(name: str, index: int, strength: float = 0) -> Measured:
    criteria = {
        "A": BinCriteria(num_text_boxes=3, text_area_ratio=strength),
        "B": BinCriteria(num_text_boxes=0, text_area_ratio=0, num_objects=int(strength)),
        "C": BinCriteria(num_text_boxes=0, text_area_ratio=0, clip_similarity=strength),
    }[name]
    return Measured(row=index, id=f"{name}{index:03d}", criteria=criteria, text="")


def group(a: int, b: int, c: int) -> dict[str, list[Measured]]:
    return {name: [member(name, i) for i in range(count)] for name, count in (("A", a), ("B", b), ("C", c))}


def ids(members: Mapping[str, Sequence[Measured]]) -> list[str]:
    return [one.id for name in "ABC" for one in members[name]]


def counts(outcome: Balance) -> dict[str, int]:
    return {name: len(kept) for name, kept in outcome.kept.items() if kept}


@pytest.mark.parametrize(
    ("total", "ratios", "expected"),
    [
        (100, [0.4, 0.4, 0.2], [40, 40, 20]),
        (10, [0.34, 0.33, 0.33], [4, 3, 3]),
        (7, [0.4, 0.4, 0.2], [3, 3, 1]),
        (1, [0.4, 0.4, 0.2], [1, 0, 0]),
        (0, [0.4, 0.4, 0.2], [0, 0, 0]),
        (5, [1, 0, 0], [5, 0, 0]),
    ],
)
def test_quotas_go_by_largest_remainder(total: int, ratios: list[float], expected: list[int]) -> None:
    assert quotas(total, ratios) == expected


shares = st.tuples(*(st.integers(0, 20),) * 3).filter(any).map(lambda parts: [part / sum(parts) for part in parts])
sizes = st.integers(0, 30)


@given(st.integers(0, 100_000), shares)
def test_quotas_sum_exactly_and_are_within_one_of_their_share(total: int, ratios: list[float]) -> None:
    parts = quotas(total, ratios)
    assert sum(parts) == total
    assert all(abs(part - total * ratio) < 1.001 for part, ratio in zip(parts, ratios, strict=True))


limits = st.builds(BalanceLimits, size=st.none() | st.integers(1, 60), strict=st.booleans())


@given(sizes, sizes, sizes, shares, limits)
def test_nothing_is_lost_padded_or_reordered(a: int, b: int, c: int, ratios: list[float], asked: BalanceLimits) -> None:
    images = group(a, b, c)
    outcome = balance(images, BINS, ratios, asked)
    assert sorted(ids(outcome.kept) + ids(outcome.dropped)) == ids(images)
    assert ids(outcome.kept) == [i for i in ids(images) if i in set(ids(outcome.kept))]
    assert all(len(outcome.kept[name]) <= outcome.quotas[name] for name in "ABC")
    assert asked.size is None or outcome.total <= asked.size


@given(sizes, sizes, sizes, shares)
def test_strict_keeps_the_exact_shares_of_the_largest_total(a: int, b: int, c: int, ratios: list[float]) -> None:
    images = group(a, b, c)
    outcome = balance(images, BINS, ratios, STRICT)
    assert [len(outcome.kept[name]) for name in "ABC"] == quotas(outcome.total, ratios)
    larger = (quotas(total, ratios) for total in range(outcome.total + 1, a + b + c + 1))
    assert not any(all(q <= n for q, n in zip(quota, (a, b, c), strict=True)) for quota in larger)


@pytest.mark.parametrize("ratios", [None, [0.4, 0.4, 0.2], [1.0, 0.0, 0.0]])
def test_shares_alone_leave_out_no_picture(ratios: list[float] | None) -> None:
    outcome = balance(group(5, 1, 2), BINS, ratios, ALL)
    assert (outcome.total, ids(outcome.dropped)) == (8, [])


def test_shares_and_what_exact_ones_would_cost_are_in_the_message() -> None:
    ratios = [0.4, 0.4, 0.2]
    assert balance_message(balance(group(70, 10, 20), BINS, ratios, ALL), ratios, ALL) == (
        "A 70 (70%, wanted 40%), B 10 (10%, wanted 40%), C 20 (20%, wanted 20%); "
        "binning.balance.strict=true would leave out 74 of 100 for exact shares"
    )
    assert balance_message(balance(group(4, 4, 2), BINS, ratios, ALL), ratios, ALL) == (
        "A 4 (40%, wanted 40%), B 4 (40%, wanted 40%), C 2 (20%, wanted 20%)"
    )
    assert balance_message(balance(group(2, 0, 1), BINS, None, ALL), None, ALL) == "A 2, B 0, C 1"


def test_a_size_cuts_by_the_shares_and_the_room_of_a_short_bin_goes_to_the_others() -> None:
    outcome = balance(group(70, 10, 20), BINS, [0.4, 0.4, 0.2], at_most(50))
    assert counts(outcome) == {"A": 27, "B": 10, "C": 13}  # 20, 10, 10 and 10 more


def test_a_bin_without_a_share_fills_no_room() -> None:
    outcome = balance(group(5, 10, 20), BINS, [1.0, 0.0, 0.0], at_most(8))
    assert counts(outcome) == {"A": 5}


def test_without_shares_a_size_keeps_the_bins_as_they_were_found() -> None:
    outcome = balance(group(60, 30, 10), BINS, None, at_most(10))
    assert counts(outcome) == {"A": 6, "B": 3, "C": 1}


def test_strict_cuts_the_others_too_and_no_further_than_the_size() -> None:
    images = group(70, 10, 20)
    assert counts(balance(images, BINS, [0.4, 0.4, 0.2], STRICT)) == {
        "A": 11,
        "B": 10,
        "C": 5,
    }
    both = balance(images, BINS, [0.4, 0.4, 0.2], BalanceLimits(size=10, strict=True))
    assert counts(both) == {"A": 4, "B": 4, "C": 2}


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_the_strongest_members_stay_and_ties_go_by_id(name: str) -> None:
    images = group(0, 0, 0) | {name: [member(name, 0, 1), member(name, 1, 7), member(name, 2, 3), member(name, 3, 3)]}
    ratios = [0.5 if name == other else 0.25 for other in "ABC"]
    assert ids(balance(images, BINS, ratios, at_most(2)).kept) == [f"{name}001", f"{name}002"]
