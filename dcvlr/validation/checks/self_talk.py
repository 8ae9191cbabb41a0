"""Reasoning that records how its writer made up its mind instead of what the picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.text.phrases import compiled, free_of


@dataclass(frozen=True, kw_only=True)
class SelfTalk:
    """No phrase of `phrases` (regular expressions) stands in question or reasoning, unless the picture says it."""

    name: ClassVar[str] = "self_talk"

    phrases: list[str]

    def __post_init__(self) -> None:
        compiled("phrases", self.phrases)  # refuses what is no regular expression

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        texts = [(qa, (qa.question, qa.reasoning)) for qa in qas]
        return free_of(self.phrases, self.name, texts, "thinks aloud")
