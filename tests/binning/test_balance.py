from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.binning.balance import balance, quotas
from dcvlr.records import Bin, BinCriteria, BinnedImage, ImageRecord


def member(name: Bin, number: int, strength: float = 0) -> BinnedImage:
    criteria = {
        "A": BinCriteria(num_text_boxes=3, text_area_ratio=strength),
        "B": BinCriteria(num_text_boxes=0, text_area_ratio=0, num_objects=int(strength)),
        "C": BinCriteria(num_text_boxes=0, text_area_ratio=0, clip_similarity=strength),
    }[name]
    image = ImageRecord(id=f"{name}{number:03d}", path=f"{name}{number}.png", dataset="d")
    return BinnedImage(image=image, bin=name, criteria=criteria)


def group(a: int, b: int, c: int) -> list[BinnedImage]:
    counts: list[tuple[Bin, int]] = [("A", a), ("B", b), ("C", c)]
    return [member(name, i) for name, count in counts for i in range(count)]


def ids(images: list[BinnedImage]) -> list[str]:
    return [image.image.id for image in images]


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


@given(sizes, sizes, sizes, shares, st.booleans())
def test_nothing_is_lost_padded_or_reordered(a: int, b: int, c: int, ratios: list[float], strict: bool) -> None:
    images = group(a, b, c)
    outcome = balance(images, ratios, strict=strict)
    assert sorted(ids(outcome.kept) + ids(outcome.dropped)) == ids(images)
    assert ids(outcome.kept) == [i for i in ids(images) if i in set(ids(outcome.kept))]
    kept = Counter(image.bin for image in outcome.kept)
    assert all(kept[name] <= outcome.quotas[name] for name in "ABC")


@given(sizes, sizes, sizes, shares)
def test_strict_keeps_the_exact_shares_of_the_largest_total(a: int, b: int, c: int, ratios: list[float]) -> None:
    images = group(a, b, c)
    kept = Counter(image.bin for image in balance(images, ratios, strict=True).kept)
    assert [kept[name] for name in "ABC"] == quotas(kept.total(), ratios)
    larger = (quotas(total, ratios) for total in range(kept.total() + 1, len(images) + 1))
    assert not any(all(q <= n for q, n in zip(quota, (a, b, c), strict=True)) for quota in larger)


def test_without_ratios_everything_is_kept() -> None:
    outcome = balance(group(5, 1, 2), None, strict=False)
    assert len(outcome.kept) == 8
    assert outcome.shortfall == {"A": 0, "B": 0, "C": 0}


def test_a_full_bin_is_cut_and_a_short_one_is_reported_and_cuts_no_other() -> None:
    outcome = balance(group(70, 10, 20), [0.4, 0.4, 0.2], strict=False)
    assert Counter(image.bin for image in outcome.kept) == {"A": 40, "B": 10, "C": 20}
    assert outcome.shortfall == {"A": 0, "B": 30, "C": 0}


def test_strict_cuts_the_others_too() -> None:
    outcome = balance(group(70, 10, 20), [0.4, 0.4, 0.2], strict=True)
    assert Counter(image.bin for image in outcome.kept) == {"A": 11, "B": 10, "C": 5}  # quotas of 26


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_the_strongest_members_stay_and_ties_go_by_id(name: Bin) -> None:
    images = [member(name, 0, 1), member(name, 1, 7), member(name, 2, 3), member(name, 3, 3), *group(0, 0, 0)]
    ratios = [0.5 if name == other else 0.25 for other in "ABC"]
    assert ids(balance(images, ratios, strict=False).kept) == [f"{name}001", f"{name}002"]
