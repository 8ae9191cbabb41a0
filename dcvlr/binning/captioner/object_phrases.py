"""Labelled objects as plain English: how many of what, and how the two most visible lie to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from dcvlr.records import Box, Detection, box_area
from dcvlr.text.plurals import is_plural_only, plural, with_article

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MOST_KINDS = 5  # a longer list is read by nobody
_CLEARLY_LARGER = 1.5  # times the area of the other of two, since boxes are not exact
_MOST_SHARED = 0.1  # of the narrower box, that two may share and still lie beside each other


def number_word(count: int) -> str:
    """In words up to ten."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def counted(objects: Sequence[Detection]) -> str:
    """`two dogs, a bench and a bicycle`, the most frequent first."""
    counts = Counter(detection.label or "object" for detection in objects)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    phrases = [
        with_article(label) if count == 1 else f"{number_word(count)} {plural(label)}"
        for label, count in ranked[:_MOST_KINDS]
    ]
    if rest := sum(count for _, count in ranked[_MOST_KINDS:]):
        phrases.append("another object" if rest == 1 else f"{number_word(rest)} other objects")
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"


def relation(objects: Sequence[Detection]) -> str | None:
    """`the larger dog is left of the bicycle`; None where no two can be named, or they do not lie beside each other.

    An object is named where it is the only one of its label, or clearly the larger of two.
    """
    largest = sorted(_named(objects), key=lambda named: -box_area(named.box))[:2]
    if len(largest) < 2:
        return None
    first, second = sorted(largest, key=lambda named: (-named.of_label, named.label))
    where = _direction(first.box, second.box)
    verb = "are" if is_plural_only(first.label) else "is"
    return where and f"{first.phrase} {verb} {where} {second.phrase}"


class _Named(NamedTuple):
    label: str
    of_label: int
    phrase: str
    box: Box


def _named(objects: Sequence[Detection]) -> list[_Named]:
    named = []
    for label in sorted({detection.label for detection in objects if detection.label}):
        boxes = sorted((detection.box for detection in objects if detection.label == label), key=box_area, reverse=True)
        if len(boxes) == 1:
            named.append(_Named(label, 1, f"the {label}", boxes[0]))
        elif len(boxes) == 2 and box_area(boxes[0]) >= _CLEARLY_LARGER * box_area(boxes[1]):
            named.append(_Named(label, 2, f"the larger {label}", boxes[0]))
    return named


def _direction(a: Box, b: Box) -> str | None:
    """Where `a` is, seen from `b`: along the axis on which their boxes are further apart."""
    gaps = {"left of": b[0] - a[2], "right of": a[0] - b[2], "above": b[1] - a[3], "below": a[1] - b[3]}
    where = max(gaps, key=lambda name: gaps[name])
    start, end = (0, 2) if where in ("left of", "right of") else (1, 3)
    shorter = min(a[end] - a[start], b[end] - b[start])
    return where if gaps[where] >= -_MOST_SHARED * shorter else None
