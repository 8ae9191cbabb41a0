from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.filtering.dedup.near_hashes import FEW, near_hashes
from dcvlr.filtering.dedup.pictures import Pictures
from dcvlr.records import ImageRecord

LAST = 2**64 - 1


def pictures(whole: list[int], content: list[int] | None = None, ranks: list[int] | None = None) -> Pictures:
    images = [ImageRecord(id=f"{index:04}", path="p", dataset="d") for index in range(len(whole))]
    return Pictures(
        images=images,
        phashes=np.array(whole, np.uint64),
        content_phashes=np.array(whole if content is None else content, np.uint64),
        ranks=np.array(range(len(whole)) if ranks is None else ranks, np.int64),
    )


def test_pairs_below_the_threshold_are_proposed_with_the_better_one() -> None:
    found = near_hashes(pictures([0, 0b1111, 0b111, LAST]), 4)
    assert found.few == {2: [0, 1]}
    assert found.crowds == []


def test_the_rank_says_which_one_is_better() -> None:
    assert near_hashes(pictures([0, 1], ranks=[1, 0]), 2).few == {0: [1]}


def test_whole_and_content_of_two_pictures_are_compared_each_with_each() -> None:
    framed = pictures([LAST, 0b1], content=[0, 0b1])
    assert near_hashes(framed, 2).few == {1: [0]}
    assert near_hashes(pictures([LAST, 0b1], content=[LAST >> 20, 0b1]), 2).few == {}


@pytest.mark.parametrize("count", [FEW + 2, 70, 5000])
def test_many_that_hash_alike_are_a_crowd_in_the_order_of_ranks(count: int) -> None:
    ranks = list(range(count))[::-1]
    found = near_hashes(pictures([7] * count + [LAST], ranks=[*ranks, count]), 8)
    assert found.few.keys() <= set(range(count))
    assert [crowd.tolist() for crowd in found.crowds] == [list(range(count))[::-1]]


@given(st.lists(st.integers(0, 5), max_size=90), st.integers(1, 4), st.randoms(use_true_random=False))
def test_few_and_crowds_together_hold_every_near_pair(steps: list[int], threshold: int, random: object) -> None:
    """Hashes along a line, so that each is near to some and linked to all."""
    values = [sum(1 << bit for bit in range(sum(steps[: index + 1]) % 64)) for index in range(len(steps))]
    ranks = list(range(len(values)))
    random.shuffle(ranks)  # type: ignore[attr-defined]
    found = near_hashes(pictures(values, ranks=ranks), threshold)
    crowds = [set(crowd.tolist()) for crowd in found.crowds]
    for one in range(len(values)):
        for other in range(len(values)):
            if ranks[other] < ranks[one] and (values[one] ^ values[other]).bit_count() < threshold:
                assert other in found.few.get(one, []) or any({one, other} <= crowd for crowd in crowds)
