"""Rows of a column as the proof sees them."""

from __future__ import annotations

from fractions import Fraction

from msgspec import Struct

from dcvlr.records import Box


class ProofRow(Struct, frozen=True, gc=False):
    """One entry of a column: the id and text of its label, and its value; of an object `box` is where it is."""

    ref: str
    label: str
    value: Fraction
    box: Box | None = None
