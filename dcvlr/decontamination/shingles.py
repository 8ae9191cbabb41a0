"""Questions as sets of word n-grams, and the questions of benchmarks that share most of them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcvlr.decontamination.pack import Pack
from dcvlr.identity import digest

_STORED = np.dtype("<u4")
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")
_NUMBER = re.compile(r".*\d")
_LISTED = re.compile(r"\b(?:choices|options)\s?:", re.IGNORECASE)
_FIRST, _SECOND = (
    re.compile(rf"(?<!\S)(?:\({letter}\)|{letter}[.):])\s") for letter in "AB"
)  # (A) red (B) blue, A. red
_PERMUTATIONS = 128
_FEWEST = 4  # n-grams of a question that is sought inside others
_SLACK = 0.25  # candidates are sought this far below the threshold, so that hardly one at it is missed
_HALF = 0.5  # of an item's n-grams: what is shared of less is never held to be the item
_LONGEST = 20_000  # characters of a question


def words_of(question: str) -> list[str]:
    """Words without case; each Chinese, Japanese or Korean character is one."""
    return _WORD.findall(unicodedata.normalize("NFKC", question[:_LONGEST]).casefold())


def stem_of(question: str) -> str:
    """A question without the choices behind it, since their order changes; all of it where no question is left."""
    text = unicodedata.normalize("NFKC", question[:_LONGEST])
    second = _SECOND.search(text)
    first = [found.start() for found in _FIRST.finditer(text, 0, second.start())] if second else []
    listed = _LISTED.search(text)
    stem = text[: min([*first[-1:], *([listed.start()] if listed else [])], default=len(text))]
    return stem if len(_WORD.findall(stem)) >= _FEWEST else question


def shingles(words: Sequence[str], length: int) -> bytes:
    """The set of n-grams as 32-bit digests, ascending; a question shorter than one n-gram is one by itself."""
    size = min(length, len(words))
    grams = {" ".join(words[start : start + size]) for start in range(len(words) - size + 1)} if words else set()
    values = sorted({int(digest(gram.encode())[:8], 16) for gram in grams})
    return np.array(values, _STORED).tobytes()


@dataclass(frozen=True)
class Likeness:
    """A question of a benchmark, and its Jaccard similarity from 0 to 1."""

    value: float
    benchmark: str
    item: str


class QuestionIndex:
    """The questions of some packs: MinHash LSH (datasketch) finds candidates, which are then compared exactly."""

    def __init__(self, packs: Sequence[Pack], threshold: float) -> None:
        from datasketch import MinHashLSH

        self._questions: list[tuple[int, str, NDArray[np.uint32]]] = []
        self._packs = packs
        self._holding: defaultdict[int, list[int]] = defaultdict(list)  # questions by each of their n-grams
        self._lsh: Any = MinHashLSH(threshold=max(0.05, threshold - _SLACK), num_perm=_PERMUTATIONS)
        for pack_index, pack in enumerate(packs):
            for item in pack.items:
                if item.shingles:
                    grams = np.frombuffer(item.shingles, _STORED)
                    self._lsh.insert(len(self._questions), _minhash(grams))
                    if len(grams) >= _FEWEST:
                        for gram in grams.tolist():
                            self._holding[gram].append(len(self._questions))
                    self._questions.append((pack_index, item.id, grams))

    def nearest(self, question: str) -> Likeness | None:
        """The most similar question of those that are candidates; of equal ones the first."""
        forms = dict.fromkeys((stem_of(question), question))  # packs of earlier versions have choices in them
        candidates = (found for form in forms for found in self._candidates(words_of(form)))
        return max(candidates, key=lambda found: found.value, default=None)

    def contained(self, question: str) -> Likeness | None:
        """The question of a benchmark that stands most completely inside this one, by the share of its n-grams.

        What was put around it, such as a hint or its choices, does not count. Items of fewer than four n-grams are
        left out: they stand inside much.
        """
        words, counts = words_of(question), Counter[int]()
        for grams in self._by_length(words).values():
            counts.update(index for gram in grams.tolist() for index in self._holding.get(gram, ()))
        shares = (self._contained(index, count, words) for index, count in counts.items())
        found = (share for share in shares if share is not None)
        return max(found, key=lambda one: (one.value, one.benchmark, one.item), default=None)

    def _contained(self, index: int, count: int, words: Sequence[str]) -> Likeness | None:
        """None for half of a question or less, and for one with other numbers."""
        pack_index, item, grams = self._questions[index]
        header, share = self._packs[pack_index].header, round(min(1.0, count / len(grams)), 4)
        if share < _HALF or (share < 1 and _has_other_numbers(words, header.words, grams)):
            return None
        return Likeness(share, header.name, item)

    def _by_length(self, words: Sequence[str]) -> dict[int, NDArray[np.uint32]]:
        lengths = sorted({pack.header.words for pack in self._packs})
        return {length: np.frombuffer(shingles(words, length), _STORED) for length in lengths}

    def _candidates(self, words: Sequence[str]) -> Iterator[Likeness]:
        for length, grams in self._by_length(words).items():
            if not grams.size:
                continue
            for index in sorted(self._lsh.query(_minhash(grams))):
                pack_index, item, others = self._questions[index]
                header = self._packs[pack_index].header
                is_whole = np.isin(others, grams).all()
                if header.words == length and (is_whole or not _has_other_numbers(words, length, others)):
                    yield Likeness(_jaccard(grams, others), header.name, item)


def _has_other_numbers(words: Sequence[str], length: int, item: NDArray[np.uint32]) -> bool:
    """Whether a number in or right behind what is shared with an item is in none of the shared n-grams.

    Then it is the same question about other numbers. Numbers in a hint in front or in choices further behind are not.
    """
    starts = range(max(1, len(words) - length + 1))
    known = set(item.tolist())
    shared = [n for n in starts if np.frombuffer(shingles(words[n : n + length], length), _STORED)[0] in known]
    covered = {index for start in shared for index in range(start, start + length)}
    inside = range(min(covered), min(max(covered) + 2, len(words))) if covered else range(0)
    return any(_NUMBER.match(words[index]) and index not in covered for index in inside)


def _minhash(grams: NDArray[np.uint32]) -> Any:
    from datasketch import MinHash

    found = MinHash(num_perm=_PERMUTATIONS, seed=1)
    found.update_batch([gram.tobytes() for gram in grams])
    return found


def _jaccard(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> float:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return round(shared / (len(one) + len(other) - shared), 4)
