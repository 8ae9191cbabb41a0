"""Which pictures are asked about together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import get_args

from dcvlr.synthesis.neighbours import neighbours
from dcvlr.synthesis.programs.forms.page_versions import FEWEST
from dcvlr.synthesis.scene.document_kind import DocumentKind, receipt_or_bill
from dcvlr.synthesis.scene.read import Document


def groups(documents: Mapping[int, Document], ids: Sequence[str], size: int) -> list[Sequence[int]]:
    """Receipts, and bills, `size` together, and pairs of pages with the same labels, by the `ids` at their keys.

    A picture is in one group at most; `size` 1 makes none.
    """
    if size == 1:
        return []
    called = {index: receipt_or_bill(one) for index, one in documents.items()}
    sums = [[index for index, word in called.items() if word == wanted] for wanted in get_args(DocumentKind)]
    alike: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for index, one in documents.items():
        if called[index] is None and len(one.fields) >= FEWEST:
            alike[frozenset(field.label for field in one.fields)].append(index)
    wanted = [*((found, size) for found in sums), *((found, 2) for found in alike.values())]
    return [
        [found[position] for position in positions]
        for found, count in wanted
        for positions in neighbours([ids[index] for index in found], count)
    ]
