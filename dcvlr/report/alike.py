"""Questions of a dataset that are most like each other."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from dcvlr.records import Qa
from dcvlr.sampling import sampled

COMPARED = 1000
"""Questions that are compared, each with each; of more a seeded sample."""
_LEAST_LIKENESS = 90  # of 100, rapidfuzz's token_sort_ratio
_SHOWN = 40


def alike_questions(dataset: Sequence[Qa]) -> list[dict[str, Any]]:
    """Pairs in nearly the same words: first those about one picture, then with one answer, then the most alike."""
    qas = sampled(dataset, COMPARED, "alike")
    texts = [qa.question for qa in qas]
    scores = process.cdist(texts, texts, scorer=fuzz.token_sort_ratio, score_cutoff=_LEAST_LIKENESS, dtype=np.uint8)
    found = [(int(one), int(other)) for one, other in zip(*np.nonzero(np.triu(scores, 1)), strict=True)]

    def harm(pair: tuple[int, int]) -> tuple[bool, bool, int, tuple[int, int]]:
        one, other = qas[pair[0]], qas[pair[1]]
        return (one.image_id != other.image_id, one.answer != other.answer, -int(scores[pair]), pair)

    return [_pair(qas[pair[0]], qas[pair[1]], int(scores[pair])) for pair in nsmallest(_SHOWN, found, key=harm)]


def _pair(one: Qa, other: Qa, likeness: int) -> dict[str, Any]:
    return {
        "likeness": likeness,
        "questions": [one.question, other.question],
        "answers": [one.answer, other.answer],
        "same_picture": one.image_id == other.image_id,
    }
