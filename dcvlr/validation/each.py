"""Checks that look at one question at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa

C = TypeVar("C")


def each(look: Callable[[C, Qa], Finding]) -> Callable[[C, Sequence[Qa], Remembering], list[Finding]]:
    """The `__call__` of a check, made of one that takes a single question and asks the memo nothing."""

    def on_all(check: C, qas: Sequence[Qa], memo: Remembering, /) -> list[Finding]:
        return [look(check, qa) for qa in qas]

    return on_all
