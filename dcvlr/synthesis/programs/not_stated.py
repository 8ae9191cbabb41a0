"""The value of a question for what does not stand in the picture."""

from __future__ import annotations

from dataclasses import dataclass

from dcvlr.synthesis.programs.expressions import PageLines, Sought


@dataclass(frozen=True, slots=True)
class NotStated:
    """Whatever was sought."""


def absent(page: PageLines, sought: Sought) -> NotStated:
    """Nothing else: it is asked only where no line of the page may say it."""
    return NotStated()
