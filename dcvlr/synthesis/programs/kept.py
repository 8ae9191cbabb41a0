"""Rows of a column that pass."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from dcvlr.synthesis.programs.expressions import Column, Read
from dcvlr.synthesis.programs.rounding import AmbiguousError


def kept(column: Column, entries: Sequence[Read], least: int = 1) -> Column:
    """Raises `AmbiguousError` where fewer than `least` rows pass."""
    if len(entries) < least:
        raise AmbiguousError("nothing is left")
    return replace(column, entries=tuple(entries))
