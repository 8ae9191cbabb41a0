"""Reasoning that starts from its answer instead of leading to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.text.phrases import compiled, free_of


@dataclass(frozen=True, kw_only=True)
class GivenAnswer:
    """No phrase of `phrases` (regular expressions) stands in question or reasoning, unless the picture says it."""

    name: ClassVar[str] = "given_answer"

    phrases: list[str]

    def __post_init__(self) -> None:
        compiled("phrases", self.phrases)  # refuses what is no regular expression

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        texts = [(qa, (qa.question, qa.reasoning)) for qa in qas]
        return free_of(self.phrases, self.name, texts, "speaks of an answer that was given")
