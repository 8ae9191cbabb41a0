"""Reasoning that starts from its answer instead of leading to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from re import Pattern
from typing import ClassVar

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.text.phrases import compiled, first_phrase


@dataclass(frozen=True, kw_only=True)
class GivenAnswer:
    """No phrase of `phrases` (regular expressions) stands in question or reasoning, unless the picture says it."""

    name: ClassVar[str] = "given_answer"

    phrases: list[str]

    def __post_init__(self) -> None:
        _ = self._phrase  # refuses what is no regular expression

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        return [
            first_phrase(self.name, self._phrase, qa, _texts(qa), "speaks of an answer that was given") for qa in qas
        ]

    @cached_property
    def _phrase(self) -> Pattern[str]:
        return compiled("phrases", self.phrases)


def _texts(qa: Qa) -> tuple[str, ...]:
    return (qa.question, qa.reasoning)
