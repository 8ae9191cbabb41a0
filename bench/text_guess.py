"""What a model that sees no picture gets: logistic regression over a question's words and the shape of its options.

Names that stand in the picture are masked, in the question and among the candidates: drawn pages have the same few
goods, courses and months again and again, and what is learnt of these would say nothing of pictures that nobody drew.
Of a masked candidate the model knows in which place the question names it.

Each candidate of a question (its options; of an open one the commonest answers of its kind) has hashed features: the
words of the question, weighted by TF-IDF, crossed with the candidate, and the candidate's rank among the others, its
position and length, all within the kind. The one with the highest score is the guess.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from random import Random
from zlib import crc32

import numpy as np

from dcvlr.records import Qa

SLOTS, EPOCHS, RATE, DECAY = 1 << 20, 12, 0.5, 1e-4
MOST = 12  # candidates of an open question
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

Row = list[tuple[int, float]]


def guessed(qas: Sequence[Qa]) -> frozenset[str]:
    """Ids of the questions that are answered right by what was learnt on the other half of the pictures."""
    pictures = sorted({qa.image_id for qa in qas})
    half = set(Random(0).sample(pictures, len(pictures) // 2))
    right: set[str] = set()
    for learnt, asked in ((half, False), (half, True)):
        model = Guesser([qa for qa in qas if (qa.image_id in learnt) != asked])
        right |= {qa.id for qa in qas if (qa.image_id in learnt) == asked and model.guess(qa) == qa.answer}
    return frozenset(right)


class Guesser:
    """Weights of the features, by stochastic gradient descent on whether a candidate is the answer."""

    def __init__(self, qas: Sequence[Qa]) -> None:
        self._answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        documents: Counter[str] = Counter()
        for qa in qas:
            self._answers[qa.generator][qa.answer] += 1
            documents.update(set(words(qa)))
        self._idf = defaultdict(
            lambda: math.log(len(qas) + 1), {w: math.log(len(qas) / n) for w, n in documents.items()}
        )
        rows, right = [], []
        for qa in qas:
            for candidate, row in self._rows(qa):
                rows.append(row)
                right.append(candidate == qa.answer)
        self._weights = fitted(rows, right)

    def guess(self, qa: Qa) -> str | None:
        """Ties go to the candidate that stands first."""
        return max(self._rows(qa), key=lambda one: self._score(one[1]), default=(None, []))[0]

    def _score(self, row: Row) -> float:
        return sum(self._weights[slot] * value for slot, value in row)

    def _rows(self, qa: Qa) -> Iterator[tuple[str, Row]]:
        candidates = qa.options or [answer for answer, _ in self._answers[qa.generator].most_common(MOST)]
        asked = words(qa)
        weight = {word: self._idf[word] / len(asked) for word in asked}
        for position, candidate in enumerate(candidates):
            shape = [
                masked(candidate, qa),
                ("rank", rank(candidate, candidates)),
                ("length", length(candidate, candidates)),
            ]
            shape += [("at", position)] if qa.options else []
            row = [(slot(qa.generator, *one), 1.0) for one in shape]
            called = masked(candidate, qa)
            yield candidate, row + [(slot(qa.generator, word, *called), value) for word, value in weight.items()]


def fitted(rows: Sequence[Row], right: Sequence[bool]) -> np.ndarray:
    width = max(map(len, rows), default=0)
    slots, values = np.zeros((len(rows), width), dtype=np.int64), np.zeros((len(rows), width), dtype=np.float32)
    for n, row in enumerate(rows):
        slots[n, : len(row)], values[n, : len(row)] = zip(*row, strict=True)
    wanted, weights = np.array(right, dtype=np.float32), np.zeros(SLOTS, dtype=np.float32)
    order = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for batch in np.array_split(order.permutation(len(rows)), max(1, len(rows) // 64)):
            scores = (weights[slots[batch]] * values[batch]).sum(axis=1)
            off = wanted[batch] - 1 / (1 + np.exp(-scores))
            weights *= 1 - DECAY
            np.add.at(weights, slots[batch], RATE * off[:, None] * values[batch])
    return weights


def words(qa: Qa) -> list[str]:
    """Those of the question that the picture does not have, and that it has some."""
    printed = names(qa)
    return ["..." if word in printed else word for word in _WORD.findall(qa.question.casefold())]


def names(qa: Qa) -> frozenset[str]:
    """Words of the evidence, but for numbers."""
    found = {word for one in qa.evidence for word in _WORD.findall(one.text.casefold())}
    return frozenset(word for word in found if not word.isdecimal())


def masked(candidate: str, qa: Qa) -> tuple[object, ...]:
    """The candidate, or where the question names it if the picture does: first, second, ..., or not at all."""
    own, printed = _WORD.findall(candidate.casefold()), names(qa)
    if not own or not printed.issuperset(own):
        return ("answer", candidate)
    at = qa.question.casefold().find(candidate.casefold())
    others = {qa.question.casefold().find(one.casefold()) for one in qa.options or ()} - {-1}
    return ("named", sorted(others).index(at) if at in others else -1)


def rank(candidate: str, candidates: Sequence[str]) -> object:
    """Of a number, how many of the others are smaller; of a text nothing."""
    numbers = [float(found[0]) if (found := _NUMBER.search(one)) else None for one in candidates]
    own = float(found[0]) if (found := _NUMBER.search(candidate)) else None
    if own is None or None in numbers:
        return None
    return sum(number < own for number in numbers if number is not None), len(numbers)


def length(candidate: str, candidates: Sequence[str]) -> tuple[int, int]:
    return sum(len(one) < len(candidate) for one in candidates), len(candidates)


def slot(*feature: object) -> int:
    return crc32(repr(feature).encode()) % SLOTS
