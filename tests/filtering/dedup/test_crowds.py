from __future__ import annotations

import numpy as np
from filtering.dedup.pages import form, jpeg, photograph
from PIL import Image

from dcvlr.filtering.dedup.crowds import nearest
from dcvlr.filtering.dedup.look import Cells, CloserLook
from dcvlr.filtering.dedup.looks import POOLED_SIDE, Looks
from dcvlr.records import ImageRecord, Picture

CELLS = POOLED_SIDE * POOLED_SIDE


def picture(image: Image.Image) -> Picture:
    pixels = np.asarray(image.convert("L").resize((216, 280)))
    return Picture(id="x", path="x", format="PNG", width=216, height=280, pixels=pixels)


def looks_of(*images: Image.Image) -> Cells:
    looks = CloserLook(batch_size=4)([picture(image) for image in images])
    records = [ImageRecord(id=str(number), path="x", dataset="d") for number in range(len(images))]
    return Looks(records, {str(number): look for number, look in enumerate(looks)}).pooled(np.arange(len(images)))


def drawn_crowd(count: int, seed: int = 0) -> Cells:
    """Looks of one layout with other entries: half of the cells are common, the other half are each picture's own."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 32, CELLS)
    own = rng.normal(0, 24, (count, CELLS)) * (rng.random(CELLS) < 0.3)
    return np.clip(common + own, -127, 127).astype(np.int8)


def noisy(looks: Cells, seed: int = 1) -> Cells:
    return np.clip(looks + np.random.default_rng(seed).normal(0, 3, looks.shape), -127, 127).astype(np.int8)


def test_copies_among_filled_in_forms_are_found_and_nothing_else() -> None:
    crowd = drawn_crowd(2000)
    found = nearest(np.concatenate([crowd, noisy(crowd[:100])]))
    assert found[:2000] == [[]] * 2000
    assert found[2000:] == [[index] for index in range(100)]


def test_real_forms_are_told_apart_and_their_copies_found() -> None:
    forms = [form(seed) for seed in range(12)]
    found = nearest(looks_of(*forms, jpeg(forms[3], 40), forms[7].resize((425, 550))))
    assert found[:12] == [[]] * 12
    assert found[12:] == [[3], [7]]


def test_in_a_crowd_of_copies_of_one_picture_each_has_the_best_one_as_its_first_candidate() -> None:
    one = looks_of(photograph(0))
    found = nearest(noisy(np.repeat(one, 500, axis=0)))
    assert found[0] == []
    assert all(others and others[0] == 0 for others in found[1:])


def test_no_picture_has_more_than_a_few_candidates() -> None:
    found = nearest(noisy(np.repeat(drawn_crowd(3), 200, axis=0)))
    assert max(map(len, found)) <= 9


def test_equal_looks_and_two_pictures_are_a_crowd_too() -> None:
    one = looks_of(photograph(0))
    assert nearest(np.repeat(one, 2, axis=0)) == [[], [0]]
    assert nearest(np.zeros((5, CELLS), np.int8))[4][0] == 0
