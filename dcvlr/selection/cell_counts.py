"""What a selection had to choose from and what it gave, for the summary and the log."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dcvlr.selection.bands import Band, Cell

log = logging.getLogger(__name__)


def rows(
    bins: Sequence[str],
    bands: Sequence[Band],
    wanted: Mapping[Cell, int],
    available: Mapping[Cell, int],
    given: Mapping[Cell, int],
) -> list[dict[str, Any]]:
    """One row per bin and band that anything was wanted or found of; `missing` is what the cell itself lacks."""
    cells: list[Cell] = [(name, index) for name in bins for index in range(len(bands))]
    return [
        {
            "bin": cell[0],
            "passes": bands[cell[1]].name,
            "wanted": wanted.get(cell, 0),
            "available": available.get(cell, 0),
            "given": given.get(cell, 0),
            "missing": max(0, wanted.get(cell, 0) - given.get(cell, 0)),
        }
        for cell in cells
        if wanted.get(cell) or available.get(cell)
    ]


def report(table: Sequence[Mapping[str, Any]], *, size: int | None, given: int, passes: Counter[int]) -> None:
    """Say how hard the questions are, and what could not be filled."""
    found = ", ".join(f"{count} of {count_of_passes} passes" for count_of_passes, count in sorted(passes.items()))
    if found:
        log.info("selection: %s", found)
    for row in table:
        if row["missing"]:
            log.warning(
                "selection: bin %s gives %d of %d wanted questions%s (%d available)",
                *(row["bin"], row["given"], row["wanted"]),
                f" of {row['passes']} passes" if passes else "",
                row["available"],
            )
    if size is not None and given < size:
        log.warning("dataset_size=%d: only %d questions were selected", size, given)
