"""The same question asked twice of one picture."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rapidfuzz import fuzz, process

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.settings import Fraction, checked

_PARTICULAR = re.compile(r'\d+(?:[.,]\d+)*|"[^"]+"|“[^”]+”|(?<!\w)[\'‘][^\'’]+[\'’](?!\w)')


@dataclass(frozen=True, kw_only=True)
@checked
class Duplicates:
    """Questions on one picture, or the same several, whose similarity is at least `threshold`; the first of them stays.

    Similarity is rapidfuzz's `fuzz.ratio` (normalized indel similarity) of the questions without case and spare
    spaces, here from 0 to 1. The same question about different pictures is fine, and so are questions that differ
    in a number or in quoted text.
    """

    name: ClassVar[str] = "duplicates"
    compares: ClassVar[bool] = True  # the stage shows it only what passed the other checks

    threshold: Fraction

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        asked: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        return [self._check(qa, asked[_about(qa), *_particulars(qa.question)]) for qa in qas]

    def _check(self, qa: Qa, asked: list[str]) -> Finding:
        """`asked` are the questions that stay, of this picture and with the same
        particulars; this one is added if it is new."""
        question = " ".join(qa.question.casefold().split())
        closest = process.extractOne(question, asked, scorer=fuzz.ratio)
        likeness = closest[1] / 100 if closest else 0.0
        if closest is None or likeness < self.threshold:
            asked.append(question)
            return Finding(name=self.name, passed=True, value=round(likeness, 4), threshold=self.threshold)
        reason = f"as good as {closest[0]!r}, which was asked before"
        return Finding(name=self.name, passed=False, value=round(likeness, 4), threshold=self.threshold, reason=reason)


def _about(qa: Qa) -> str:
    return " ".join(image.id for image in qa.pictures)


def _particulars(question: str) -> list[str]:
    """Its numbers and quoted texts, in whichever order they are asked for."""
    return sorted(" ".join(found.casefold().split()) for found in _PARTICULAR.findall(question))
