"""Pictures that earlier runs kept, so that a new delivery is held against what is there already."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dcvlr.errors import ConfigError
from dcvlr.protocols import Remembering, StatisticsReader
from dcvlr.records import Failure, ImageRecord, ImageStatistics, id_bytes, repeated
from dcvlr.rundir.files import JsonLines
from dcvlr.rundir.manifest import root_of
from dcvlr.rundir.record_list import RecordList, Subsequence

log = logging.getLogger(__name__)

_KEPT = Path("intermediate", "stage1_filtering", "filtered_images.jsonl")


def require_runs(against: Sequence[str]) -> None:
    """Raise `ConfigError` for what is neither a file nor a run directory in which filtering came to its end."""
    for run in runs_among(against):
        if not (Path(run).expanduser() / _KEPT).is_file():
            raise ConfigError(
                f"filtering.against: {run!r} is no pack and holds no {_KEPT}: give the output_dir of a run that came "
                "past filtering, or a file of python -m dcvlr.decontaminate build"
            )


def runs_among(against: Sequence[str]) -> list[str]:
    return [path for path in against if not Path(path).expanduser().is_file()]


def kept_earlier(against: Sequence[str]) -> Sequence[ImageRecord]:
    """What the filters of the runs among `against` let through, each picture once, in the order of the runs."""
    folders = [Path(run).expanduser() for run in runs_among(against)]
    kept = RecordList(
        ImageRecord,
        (image for folder in folders for image in JsonLines(folder / _KEPT, ImageRecord, root_of(folder))),
    )
    return Subsequence(kept, np.delete(np.arange(len(kept)), repeated(id_bytes(image.id for image in kept))[:, 0]))


def still_readable(
    images: Sequence[ImageRecord], statistics: StatisticsReader, memo: Remembering
) -> Iterator[tuple[ImageRecord, ImageStatistics]]:
    """Those of `images` whose files are where they were, with their statistics; a warning counts the others."""
    signals = memo.measure(statistics, images)
    lost = 0
    for image in images:
        signal = signals[image.id]
        if isinstance(signal, Failure):
            lost += 1
        else:
            yield image, signal
    if lost:
        log.warning(
            "filtering.against: %d of %d earlier pictures cannot be read and are not compared", lost, len(images)
        )
