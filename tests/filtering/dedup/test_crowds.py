from __future__ import annotations

import numpy as np
import pytest
from filtering.dedup.pages import form, jpeg, photograph
from numpy.typing import NDArray
from PIL import Image

from dcvlr.filtering.dedup.crowds import nearest
from dcvlr.filtering.dedup.look import CloserLook
from dcvlr.filtering.dedup.looks import Bits
from dcvlr.filtering.dedup.pictures import Indices
from dcvlr.records import Picture


def picture(image: Image.Image) -> Picture:
    pixels = np.asarray(image.convert("L").resize((216, 280)))
    return Picture(id="x", path="x", format="PNG", width=216, height=280, pixels=pixels)


def bits_of(*images: Image.Image) -> Bits:
    looks = CloserLook(batch_size=4)([picture(image) for image in images])
    return np.stack([np.frombuffer(look.bits, np.uint64) for look in looks])


def any_pair(worse: Indices, better: Indices) -> NDArray[np.bool_]:
    return np.ones(len(worse), bool)


def within_16(bits: Bits) -> list[list[int]]:
    """`nearest` with the limit that looks of one light have."""
    found = np.bitwise_count(bits[:, None] ^ bits[None]).sum(axis=2) <= 16
    return nearest(bits, lambda worse, better: found[worse, better])


def drawn_crowd(count: int, seed: int = 0) -> NDArray[np.bool_]:
    """Bits of one layout with other entries: half are common, of the others each picture has its own."""
    rng = np.random.default_rng(seed)
    return (rng.random(256) < 0.5) ^ (rng.random((count, 256)) < rng.choice((0, 0.3), 256))


def packed(crowd: NDArray[np.bool_]) -> Bits:
    return np.packbits(crowd, axis=1).view(np.uint64)


def noisy(crowd: NDArray[np.bool_], flips: int = 6, seed: int = 1) -> NDArray[np.bool_]:
    flipped = np.random.default_rng(seed).permuted(np.arange(256) < flips + 0 * crowd, axis=1)
    return crowd ^ flipped


@pytest.mark.parametrize("count", [600, 2000])
def test_copies_among_filled_in_forms_are_found_and_nothing_else(count: int) -> None:
    crowd = drawn_crowd(count)
    bits = packed(np.concatenate([crowd, noisy(crowd[:100])]))
    found = within_16(bits)
    assert found[:count] == [[]] * count
    assert found[count:] == [[index] for index in range(100)]


def test_real_forms_are_told_apart_and_their_copies_found() -> None:
    forms = [form(seed) for seed in range(12)]
    found = within_16(bits_of(*forms, jpeg(forms[3], 40), forms[7].resize((425, 550))))
    assert found[:12] == [[]] * 12
    assert found[12:] == [[3], [7]]


@pytest.mark.slow
@pytest.mark.parametrize("count", [500, 1500])
def test_in_a_crowd_of_copies_of_one_picture_each_has_the_best_one_as_its_first_candidate(count: int) -> None:
    one = np.unpackbits(bits_of(photograph(0)).view(np.uint8), axis=1).astype(bool)
    found = nearest(packed(noisy(np.repeat(one, count, axis=0), flips=3)), any_pair)
    assert found[0] == []
    assert all(others and others[0] == 0 for others in found[1:])


def test_the_nearest_of_many_come_first_and_no_picture_has_more_than_a_few() -> None:
    three = drawn_crowd(3)
    crowd = np.concatenate([np.repeat(three, 200, axis=0), noisy(three[1:2], flips=2)])
    bits = packed(np.concatenate([noisy(crowd[:-1], flips=5), crowd[-1:]]))
    found = within_16(bits)
    assert max(map(len, found)) <= 10
    apart = np.bitwise_count(bits[-1] ^ bits).sum(axis=1)
    assert [apart[other] for other in found[-1][1:]] == sorted(apart[found[-1][1:]])


def test_equal_looks_and_two_pictures_are_a_crowd_too() -> None:
    one = bits_of(photograph(0))
    assert nearest(np.repeat(one, 2, axis=0), any_pair) == [[], [0]]
    assert nearest(np.zeros((5, 4), np.uint64), any_pair)[4][0] == 0
    assert nearest(np.zeros((1500, 4), np.uint64), any_pair)[1499][0] == 0
