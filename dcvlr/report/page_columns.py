"""Measured values as columns of numbers, so that a page can decide again over all of them."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dcvlr.records import ImageValues, ValueRule
from dcvlr.sampling import sampled

EXACT_UP_TO = 100_000
"""Pictures; of more a page holds a seeded sample of so many."""


@dataclass(frozen=True, kw_only=True)
class PageColumns:
    """Rows of a page's columns; `total` is the number of pictures they stand for."""

    rows: Sequence[ImageValues]
    total: int

    def packed(self, names: Sequence[str], values: Sequence[ImageValues | None]) -> dict[str, str]:
        """float64, little-endian, base64; NaN where a value was not measured. One column a name, one row a picture."""
        return {
            name: _base64(
                np.array([math.nan if row is None else _or_nan(row.values.get(name)) for row in values], "<f8")
            )
            for name in names
        }

    def fixed(self, rules: Sequence[ValueRule]) -> str:
        """1 for a picture that was left out for a reason that no rule of the page can take back, else 0."""
        movable = {"kept", *(rule.name for rule in rules)}
        return flags(row.outcome not in movable for row in self.rows)


def columns_of(values: Sequence[ImageValues]) -> PageColumns:
    """All rows, or a seeded sample in their order where there are more than `EXACT_UP_TO`."""
    return PageColumns(rows=sampled(values, EXACT_UP_TO, "report"), total=len(values))


def flags(values: Iterable[bool]) -> str:
    """A byte each, base64."""
    return _base64(np.fromiter(values, np.uint8))


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _base64(array: Any) -> str:
    return base64.b64encode(array.tobytes()).decode()
