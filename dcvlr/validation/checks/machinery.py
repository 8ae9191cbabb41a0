"""Questions that speak of how the picture was read instead of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from re import Pattern
from typing import ClassVar

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.text.phrases import compiled, occurrences


@dataclass(frozen=True, kw_only=True)
class Machinery:
    """No phrase of `phrases` stands in question, options, answer or reasoning: a reader has the picture alone.

    `phrases` are regular expressions. What was read in the picture and is cited may be repeated: a slide about OCR
    may be asked about.
    """

    name: ClassVar[str] = "machinery"

    phrases: list[str]

    def __post_init__(self) -> None:
        compiled("phrases", self.phrases)

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        return [self._check(qa) for qa in qas]

    @cached_property
    def _phrase(self) -> Pattern[str]:
        return compiled("phrases", self.phrases)

    def _check(self, qa: Qa) -> Finding:
        texts = (qa.question, *(qa.options or ()), qa.answer, qa.reasoning)
        found = next(occurrences(self._phrase, qa, texts=texts), None)
        reason = f"speaks of how the picture was read: {found!r}" if found else ""
        return Finding(name=self.name, passed=found is None, value=found, reason=reason)
