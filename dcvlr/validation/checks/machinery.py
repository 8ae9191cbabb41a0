"""Questions that speak of how the picture was read instead of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.text.phrases import compiled, free_of


@dataclass(frozen=True, kw_only=True)
class Machinery:
    """No phrase of `phrases` stands in question, options, answer or reasoning: a reader has the picture alone.

    `phrases` are regular expressions. Nor does the question say word for word of which kind it was to be. What was
    read in the picture and is cited may be repeated: a slide about OCR may be asked about.
    """

    name: ClassVar[str] = "machinery"

    phrases: list[str]

    def __post_init__(self) -> None:
        compiled("phrases", self.phrases)  # refuses what is no regular expression

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        texts = [(qa, (qa.question, *(qa.options or ()), qa.answer, qa.reasoning)) for qa in qas]
        findings = free_of(self.phrases, self.name, texts, "speaks of how the picture was read")
        return [_echo(self.name, qa) or finding for qa, finding in zip(qas, findings, strict=True)]


def _echo(name: str, qa: Qa) -> Finding | None:
    """A finding for a question that repeats the words by which it was asked for: small models do."""
    style = qa.asked_for.style if qa.asked_for else ""
    if not style or style.casefold() not in qa.question.casefold():
        return None
    return Finding(name=name, passed=False, value=style, reason=f"repeats what was asked for: {style!r}")
