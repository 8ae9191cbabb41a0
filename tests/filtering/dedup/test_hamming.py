from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dcvlr.filtering.dedup.forest import Forest
from dcvlr.filtering.dedup.hamming import cluster, link_near

LAST = 2**64 - 1


def hashes_of(*values: int) -> NDArray[np.uint64]:
    return np.array(values, dtype=np.uint64)


csgraph = pytest.importorskip("scipy.sparse.csgraph", reason="scipy comes with the regions extra")


def clusters(values: Sequence[int], threshold: int) -> list[int]:
    """For each hash the first one of its cluster."""
    found = cluster(hashes_of(*values), threshold).tolist()
    return [found.index(value) for value in found]


def clusters_by_brute_force(values: Sequence[int], threshold: int) -> list[int]:
    found = list(range(len(values)))
    for one in range(len(values)):
        for other in range(one):
            if (values[one] ^ values[other]).bit_count() < threshold:
                low, high = sorted((found[one], found[other]))
                found = [low if value == high else value for value in found]
    return found


def near(value: int, bits: Sequence[int]) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


@st.composite
def crowds(draw: st.DrawFn) -> list[int]:
    """Hashes around a few centres, some equal, some a few bits apart, some unrelated."""
    centres = draw(st.lists(st.integers(0, LAST), min_size=1, max_size=4))
    flips = st.lists(st.integers(0, 63), max_size=14)
    return draw(st.lists(st.builds(near, st.sampled_from(centres), flips), max_size=60))


@settings(max_examples=2 * settings().max_examples)
@given(crowds(), st.integers(1, 12))
def test_clusters_are_those_of_brute_force(values: list[int], threshold: int) -> None:
    assert clusters(values, threshold) == clusters_by_brute_force(values, threshold)


@pytest.mark.parametrize("threshold", range(1, 13))
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_every_linked_pair_among_thousands_is_found(threshold: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 2**64, 1200, dtype=np.uint64)
    copies = centres[:300].copy()
    for _ in range(threshold + 2):  # some bits are flipped back, so distances up to threshold + 2
        copies ^= np.uint64(1) << rng.integers(0, 64, 300, dtype=np.uint64)
    hashes = np.concatenate([centres, copies])
    found = cluster(hashes, threshold)
    linked = np.bitwise_count(hashes[:, None] ^ hashes[None, :]) < threshold
    _, expected = csgraph.connected_components(linked, directed=False)
    assert np.array_equal(found[:, None] == found[None, :], expected[:, None] == expected[None, :])


@pytest.mark.parametrize("threshold", range(5, 13))
def test_blocks_that_differ_in_one_bit_find_what_brute_force_finds(threshold: int) -> None:
    rng = np.random.default_rng(threshold)
    hashes = rng.integers(0, 2**64, 300, dtype=np.uint64)
    hashes[100:150] = hashes[0]  # a crowd
    for _ in range(threshold + 1):
        hashes[50:] ^= np.uint64(1) << rng.integers(0, 64, 250, dtype=np.uint64)
    hashes[200:] = hashes[:100]
    for _ in range(threshold):
        hashes[200:] ^= np.uint64(1) << rng.integers(0, 64, 100, dtype=np.uint64)
    hashes = np.unique(hashes)
    forest = Forest(len(hashes))
    link_near(hashes, threshold - 1, forest)
    assert forest.roots().tolist() == clusters_by_brute_force(hashes.tolist(), threshold)


@pytest.mark.parametrize(("threshold", "flipped"), [(6, [3, 22, 23, 45, 46]), (8, [3, 17, 18, 33, 34, 50, 51])])
def test_what_differs_in_one_bit_from_a_member_of_a_crowd_in_the_block_it_shares_is_found(
    threshold: int, flipped: list[int]
) -> None:
    hashes = np.random.default_rng(0).integers(0, 2**64, 400, dtype=np.uint64)
    hashes[:300] &= np.uint64(LAST ^ (1 << 22) - 1)  # they agree in the lowest block and in no other
    hashes[300:] = hashes[:100] ^ np.uint64(sum(1 << bit for bit in flipped))  # two in each other block
    hashes = np.unique(hashes)
    forest = Forest(400)
    link_near(hashes, threshold - 1, forest)
    assert forest.roots().tolist() == clusters_by_brute_force(hashes.tolist(), threshold)


@pytest.mark.parametrize("threshold", range(1, 13))
def test_the_threshold_is_strict(threshold: int) -> None:
    just_linked, just_apart = (1 << (threshold - 1)) - 1, (1 << threshold) - 1
    assert clusters([0, just_linked], threshold) == [0, 0]
    assert clusters([0, just_apart], threshold) == [0, 1]


def test_a_threshold_of_one_links_equal_hashes_alone() -> None:
    assert clusters([5, 4, 5, LAST, LAST], 1) == [0, 1, 0, 3, 3]


def test_a_chain_of_near_pictures_is_one_cluster() -> None:
    assert clusters([0b0, 0b1, 0b11, 0b111, LAST], 2) == [0, 0, 0, 0, 4]


def test_hashes_that_are_joined_beforehand_share_a_cluster() -> None:
    found = cluster(hashes_of(0, LAST, 0b1), 2, np.array([[0], [1]])).tolist()
    assert found[0] == found[1] == found[2]


def test_no_hashes_and_one_hash_have_no_neighbours() -> None:
    assert clusters([], 8) == []
    assert clusters([7], 8) == [0]


def test_what_processes_find_among_many_hashes_is_joined() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**64, 70_000, dtype=np.uint64)
    hashes[[10, 20, 30]] = hashes[40] ^ np.array([0x7F << 57, 0b1010101010101, 1], np.uint64)  # 7 bits apart, and 1
    hashes[69_000:] = hashes[50] ^ (np.uint64(1) << np.arange(1000, dtype=np.uint64) % np.uint64(60))
    found = cluster(hashes, 8)
    assert found[10] == found[20] == found[30] == found[40]
    assert len(set(found.tolist())) == 70_000 - 3 - 1000
    assert set(found[69_000:].tolist()) == {found[50]}


@pytest.mark.slow
def test_a_crowd_of_near_identical_pictures_is_one_cluster_and_quick() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, 60_000, dtype=np.uint64)
    hashes[:20_000] = hashes[0]
    for _ in range(3):
        hashes[1:20_000] ^= np.uint64(1) << rng.integers(0, 64, 19_999, dtype=np.uint64)
    sizes = np.bincount(cluster(hashes, 8))
    assert sizes.max() == 20_000
    assert np.count_nonzero(sizes) == 40_001


def test_hashes_that_share_many_bits_but_are_far_apart_are_kept_apart() -> None:
    words = [sum(1 << bit for bit in range(64) if (row >> (bit % 4)) & 1) for row in range(16)]  # 16 or more bits apart
    assert clusters(words * 2, 12) == list(range(16)) * 2


def test_many_pairs_at_once_make_the_sets_that_they_connect() -> None:
    forest = Forest(8)
    forest.join(np.array([7, 5, 3, 2]), np.array([5, 3, 7, 6]))
    forest.join(np.array([1, 1, 1]), np.array([2, 4, 0]))
    assert forest.roots().tolist() == [0, 0, 0, 3, 0, 3, 0, 3]
