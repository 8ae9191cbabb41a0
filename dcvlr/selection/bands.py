"""How much of the dataset each difficulty gets: bands of pass counts with their shares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dcvlr.sampling import quotas, shared_out
from dcvlr.settings import SettingError

_FIELDS = ("from", "to", "share")

Cell = tuple[str, int]  # a bin, and the place of a band in the list


@dataclass(frozen=True, kw_only=True)
class Band:
    """Questions that a student got right `low` to `high` times get `share` of the dataset."""

    low: int
    high: int
    share: float

    @property
    def name(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


def bands(rows: Sequence[Mapping[str, float]] | None, samples: int) -> list[Band]:
    """The bands of a config, one of everything for None. Raises `SettingError` for rows that are no bands."""
    if rows is None:
        return [Band(low=0, high=samples, share=1)]
    found = [_band(row, samples) for row in rows]
    if any(band.low <= before.high for before, band in pairwise(found)):
        raise SettingError("quotas", _plain(rows), "the bands must rise and may not overlap")
    total = sum(band.share for band in found)
    if not math.isclose(total, 1, abs_tol=1e-6):
        raise SettingError("quotas", _plain(rows), f"the shares must sum to 1, they sum to {total:g}")
    return found


def _band(row: Mapping[str, float], samples: int) -> Band:
    if sorted(row) != sorted(_FIELDS):
        raise SettingError("quotas", [dict(row)], f"each band needs {', '.join(_FIELDS)} and nothing else")
    low, high, share = (row[field] for field in _FIELDS)
    if not (float(low).is_integer() and float(high).is_integer() and 0 <= low <= high <= samples):
        numbers = f"from and to are whole numbers with 0 <= from <= to <= student.samples ({samples})"
        raise SettingError("quotas", [dict(row)], numbers)
    if share < 0:
        raise SettingError("quotas", [dict(row)], "a share from 0 is needed")
    return Band(low=int(low), high=int(high), share=share)


def _plain(rows: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    return [dict(row) for row in rows]


def band_of(found: Sequence[Band], passes: int) -> int | None:
    """The place of the band that holds a pass count, or None."""
    return next((index for index, band in enumerate(found) if band.low <= passes <= band.high), None)


def wanted(
    bins: Sequence[str],
    size: int | None,
    ratios: Sequence[float] | None,
    found: Sequence[Band],
    available: Mapping[Cell, int],
) -> dict[Cell, int]:
    """How many questions each bin and band should give: bins by `ratios`, in each bin bands by their shares.

    The sum is `size`. Without ratios bins keep the shares they have; without a size all that is available is wanted,
    but for bands whose share is 0.
    """
    cells: list[Cell] = [(name, index) for name in bins for index in range(len(found))]
    if size is None:
        return {(name, index): available.get((name, index), 0) if found[index].share else 0 for name, index in cells}
    if ratios is None:
        ratios = [sum(available.get((name, index), 0) for index in range(len(found))) for name in bins]
    if not any(ratios):
        return dict.fromkeys(cells, 0)
    shares = [band.share for band in found]
    counts = [count for of_bin in quotas(size, ratios) for count in quotas(of_bin, shares)]
    return dict(zip(cells, counts, strict=True))


def filled(
    bins: Sequence[str],
    size: int,
    ratios: Sequence[float] | None,
    found: Sequence[Band],
    available: Mapping[Cell, int],
) -> dict[Cell, int]:
    """Like `wanted`, but what a bin cannot give goes to the others, by their shares.

    The sum is `size` unless fewer are available.
    """
    counts = {name: sum(available.get((name, index), 0) for index in range(len(found))) for name in bins}
    size = min(size, sum(counts.values()))
    shares = dict(zip(bins, ratios if ratios is not None else counts.values(), strict=True))
    given = shared_out(size, shares, counts)
    unwanted = {name: counts[name] - given[name] for name in bins}  # where others are full
    more = shared_out(size - sum(given.values()), dict.fromkeys(bins, 1), unwanted)
    of_bands = [band.share for band in found]
    return {
        (name, index): count for name in bins for index, count in enumerate(quotas(given[name] + more[name], of_bands))
    }
