"""What a stage decided, in log lines."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dcvlr.records import BinnedImage, Qa

log = logging.getLogger(__name__)


def log_kept(stage: str, kept: Iterable[Any]) -> None:
    """What `verbose` shows of records that go on; the ledger logs those that do not."""
    if log.isEnabledFor(logging.DEBUG):
        for record in kept:
            if isinstance(record, BinnedImage):
                log.debug("%s: bin %s for %s: %s", stage, record.bin, record.image.path, record.criteria)
            else:
                title = record.question if isinstance(record, Qa) else record.path
                log.debug("%s: kept %s: %s", stage, record.id, title)


def by_bin(images: Iterable[BinnedImage], names: Sequence[str]) -> dict[str, int]:
    counts = Counter(image.bin for image in images)
    return {name: counts[name] for name in names}


def reasons(counts: Mapping[str, int]) -> str:
    """` (duplicate 4, watermark 2)`, or nothing where nothing was left out."""
    return " (" + ", ".join(f"{reason} {n}" for reason, n in counts.items()) + ")" if counts else ""
