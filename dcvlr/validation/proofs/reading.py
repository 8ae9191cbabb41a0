"""Reading evidence back; shares no code with the families that wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from dcvlr.records import Box, Evidence, Qa

T = TypeVar("T")


class UnprovenError(ValueError):
    """The evidence does not lead to any answer of the question; the message says why."""


def require(condition: bool, why: str) -> None:
    if not condition:
        raise UnprovenError(why)


def quoted(qa: Qa) -> list[str]:
    """What stands in quotation marks in the question."""
    return re.findall(r'"([^"]*)"', qa.question)


def box_of(evidence: Evidence) -> Box:
    if evidence.box is None:
        raise UnprovenError(f"{evidence.ref} has no box")
    x0, y0, x1, y1 = evidence.box
    require(x0 < x1 and y0 < y1, f"the box of {evidence.ref} is empty")
    return evidence.box


def exactly(qa: Qa, count: int, kind: str) -> tuple[Evidence, ...]:
    """The evidence of a QA that must rest on so many things of one kind."""
    require(len(qa.evidence) == count, f"{len(qa.evidence)} pieces of evidence where {count} are needed")
    return of_kind(qa, kind)


def of_kind(qa: Qa, kind: str) -> tuple[Evidence, ...]:
    require(len(qa.evidence) > 0, "there is no evidence")
    require(all(one.kind == kind for one in qa.evidence), f"not all evidence is of kind {kind}")
    require(len({one.ref for one in qa.evidence}) == len(qa.evidence), "the same evidence is given twice")
    return qa.evidence


def same_choice(qa: Qa, names: Sequence[str]) -> None:
    """The options are what the evidence shows, no more and no less."""
    require(qa.options is not None and sorted(qa.options) == sorted(names), "the options are not those of the evidence")


def winner(things: Sequence[T], size: Callable[[T], float]) -> T:
    """The one thing of the greatest size; a tie proves nothing."""
    require(len(things) > 1, "there is nothing to compare")
    first, second = sorted(things, key=size, reverse=True)[:2]
    require(size(first) > size(second), "two of the things compared are equal")
    return first


def in_one_row(a: Evidence, b: Evidence) -> bool:
    """The middle of each is within the height of the other."""
    (_, top_a, _, bottom_a), (_, top_b, _, bottom_b) = box_of(a), box_of(b)
    return top_a < (top_b + bottom_b) / 2 < bottom_a or top_b < (top_a + bottom_a) / 2 < bottom_b


def middle(box: Box) -> tuple[float, float]:
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def common_area(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0
