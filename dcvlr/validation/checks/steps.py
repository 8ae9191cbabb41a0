"""Reasoning that goes in steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from dcvlr.records import Finding, Qa
from dcvlr.settings import checked
from dcvlr.text.words import steps
from dcvlr.validation.each import each


@dataclass(frozen=True, kw_only=True)
@checked
class Steps:
    """At least `min_steps` steps: numbered lines or parts of a line, else lines, else sentences."""

    name: ClassVar[str] = "steps"

    min_steps: Annotated[int, Meta(ge=0, le=100)]

    @each
    def __call__(self, qa: Qa) -> Finding:
        count = len(steps(qa.reasoning))
        passed = count >= self.min_steps
        reason = "" if passed else f"{count} reasoning steps, at least {self.min_steps} are needed"
        return Finding(name=self.name, passed=passed, value=count, threshold=self.min_steps, reason=reason)
