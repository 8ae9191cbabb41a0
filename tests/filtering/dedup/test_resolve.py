from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dcvlr.filtering.dedup.pictures import Pair, Pictures, by_most_pixels
from dcvlr.filtering.dedup.resolve import duplicates
from dcvlr.memo import Memo
from dcvlr.protocols import Remembering
from dcvlr.records import Finding, ImageRecord, id_bytes

MEMO = Memo(Path("unused"))


def pictures(count: int) -> Pictures:
    """The lower its index, the rather a picture is kept."""
    images = [ImageRecord(id=f"{index:03}", path=f"{index}.png", dataset="d") for index in range(count)]
    hashes = np.zeros(count, np.uint64)
    return Pictures(images=images, phashes=hashes, content_phashes=hashes, ranks=np.arange(count))


@dataclass
class Known:
    """Finds the pairs that it is given, and writes down which it was asked about."""

    alike: set[Pair]
    proposed: dict[int, list[int]]
    asked: list[list[Pair]] = field(default_factory=list)

    def candidates(self, pictures: Pictures, memo: Remembering) -> Mapping[int, Sequence[int]]:
        return self.proposed

    def confirm(self, pictures: Pictures, pairs: Sequence[Pair], memo: Remembering) -> list[Finding | None]:
        self.asked.append(list(pairs))
        return [Finding(name="duplicate", passed=False) if pair in self.alike else None for pair in pairs]


def kept_instead(count: int, *finders: Known) -> dict[int, int]:
    return {index: kept for index, (kept, _) in duplicates(pictures(count), finders, MEMO).items()}


def test_a_duplicate_names_the_one_that_is_kept() -> None:
    assert kept_instead(3, Known({(1, 0)}, {1: [0], 2: [0, 1]})) == {1: 0}


def test_what_is_like_a_rejected_one_alone_is_kept() -> None:
    finder = Known({(1, 0), (2, 1)}, {1: [0], 2: [1]})
    assert kept_instead(3, finder) == {1: 0}
    assert (2, 0) in [pair for pairs in finder.asked for pair in pairs], "it is looked at beside the kept one"


def test_what_is_like_the_kept_one_too_is_rejected_for_that() -> None:
    assert kept_instead(3, Known({(1, 0), (2, 1), (2, 0)}, {1: [0], 2: [1]})) == {1: 0, 2: 0}


def test_a_picture_is_held_against_its_candidates_one_by_one_until_it_is_found() -> None:
    finder = Known({(3, 1)}, {3: [0, 1, 2]})
    assert kept_instead(4, finder) == {3: 1}
    assert finder.asked == [[(3, 0)], [(3, 1)]]


def test_of_several_kept_ones_the_best_is_named() -> None:
    assert kept_instead(3, Known({(2, 1), (2, 0)}, {2: [1, 0]})) == {2: 1}, "one finding is enough"
    assert kept_instead(4, Known({(3, 2), (2, 0), (3, 0), (3, 1)}, {2: [0], 3: [2]})) == {2: 0, 3: 0}


def test_a_long_row_of_copies_needs_few_rounds() -> None:
    count = 200
    alike = {(worse, better) for worse in range(count) for better in range(worse)}
    finder = Known(alike, {index: [index - 1] for index in range(1, count)})
    assert kept_instead(count, finder) == dict.fromkeys(range(1, count), 0)
    assert len(finder.asked) == 2


def test_finders_stand_together_and_a_pair_of_either_origin_is_shown_to_all() -> None:
    files, hashes = Known({(1, 0)}, {1: [0]}), Known({(2, 0)}, {2: [1]})
    assert kept_instead(3, files, hashes) == {1: 0, 2: 0}
    assert (2, 1) in files.asked[0]
    assert (1, 0) not in hashes.asked[0], "the first finding is enough"


def test_nothing_proposed_is_nothing_asked() -> None:
    finder = Known(set(), {})
    assert kept_instead(5, finder) == {}
    assert finder.asked == []


def test_ranks_go_by_pixels_then_by_the_smallest_id() -> None:
    a, b, c, d = ("0a" * 16, "0b" * 16, "0b" * 15 + "0c", "f0" * 16)
    assert by_most_pixels(np.array([10, 30, 20]), id_bytes([a, b, d])).tolist() == [2, 0, 1]
    assert by_most_pixels(np.array([10, 10, 10]), id_bytes([d, a, b])).tolist() == [2, 0, 1]
    assert by_most_pixels(np.array([10, 10, 30, 10]), id_bytes([c, b, d, a])).tolist() == [3, 2, 0, 1], "half alike"
    assert by_most_pixels(np.array([], np.int64), id_bytes([])).tolist() == []
