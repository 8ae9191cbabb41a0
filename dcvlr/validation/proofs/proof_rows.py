"""Rows of a column as the proof sees them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dcvlr.records import Box


@dataclass(frozen=True)
class ProofRow:
    """One entry of a column: the id and text of its label, and its value; of an object `box` is where it is."""

    ref: str
    label: str
    value: Fraction
    box: Box | None = None
