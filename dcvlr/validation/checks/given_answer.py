"""Reasoning that starts from its answer instead of leading to it."""

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
class GivenAnswer:
    """No phrase of `phrases` (regular expressions) stands in question or reasoning, unless the picture says it."""

    name: ClassVar[str] = "given_answer"

    phrases: list[str]

    def __post_init__(self) -> None:
        compiled("phrases", self.phrases)

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        return [self._check(qa) for qa in qas]

    @cached_property
    def _phrase(self) -> Pattern[str]:
        return compiled("phrases", self.phrases)

    def _check(self, qa: Qa) -> Finding:
        found = next(occurrences(self._phrase, qa, texts=(qa.question, qa.reasoning)), None)
        reason = f"speaks of an answer that was given: {found!r}" if found else ""
        return Finding(name=self.name, passed=found is None, value=found, reason=reason)
