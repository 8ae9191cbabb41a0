"""Which pictures are asked about together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from dcvlr.synthesis.programs.forms.page_versions import FEWEST
from dcvlr.synthesis.programs.forms.several_receipts import receipt_or_bill
from dcvlr.synthesis.scene.read import Document


def groups(documents: Mapping[int, Document], size: int) -> list[Sequence[int]]:
    """Receipts, and bills, `size` together as they come, and pairs of pages with the same labels; by their keys.

    A picture is in one group at most; `size` 1 makes none.
    """
    if size == 1:
        return []
    called = {index: receipt_or_bill(one) for index, one in documents.items()}
    sums = [[index for index, word in called.items() if word == wanted] for wanted in ("receipt", "bill")]
    alike: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for index, one in documents.items():
        if called[index] is None and len(one.fields) >= FEWEST:
            alike[frozenset(field.label for field in one.fields)].append(index)
    dear = (group for found in sums for group in _in_turn(found, size))
    return [*dear, *(pair for found in alike.values() for pair in _in_turn(found, 2))]


def _in_turn(found: Sequence[int], size: int) -> list[Sequence[int]]:
    """Groups of exactly `size`; what is left over is in none."""
    return [found[start : start + size] for start in range(0, len(found) - size + 1, size)]
