"""What the exporters of a run write: a folder each, which appears whole or not at all, with a card."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dcvlr.export.card import CARD
from dcvlr.export.croissant import CROISSANT, croissant
from dcvlr.export.encoded_pictures import PictureLostError, lost_pictures
from dcvlr.export.loading import card_of_export
from dcvlr.protocols import Exporter, Publishes
from dcvlr.records import Qa
from dcvlr.rundir.draft import full_disk_named
from dcvlr.rundir.files import swap, temporary_path, write_json

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Without:
    """Rows of a dataset but those about lost pictures, as often as they are asked for."""

    dataset: Iterable[Qa]
    lost: Collection[str]

    def __iter__(self) -> Iterator[Qa]:
        return (qa for qa in self.dataset if not any(image.id in self.lost for image in qa.pictures))


def export_all(
    exporters: Mapping[str, Exporter], root: Path, dataset: Sequence[Qa], card_of: Callable[[Iterable[Qa]], str]
) -> dict[str, str]:
    """Each exporter into the folder of its name below `root`; what is pushed comes after all are written.

    Returns, by id, why pictures are lost: gone, changed or unreadable since they were asked about. Rows about one are
    left out of the export that met it and of those after it.
    """
    lost: dict[str, str] = {}
    rows = _Without(dataset, lost)
    card = card_of(rows)
    for name, exporter in exporters.items():
        while found := _export(exporter, root / name, rows, card):
            lost |= found
            card = card_of(rows)
    for name, exporter in exporters.items():
        if isinstance(exporter, Publishes):
            exporter.publish(root / name)
    return lost


def _export(exporter: Exporter, folder: Path, rows: _Without, card: str) -> dict[str, str]:
    """All pictures that are lost by now, and why, where one was met; nothing is written then."""
    scratch = temporary_path(folder)
    scratch.mkdir(parents=True)
    try:
        with full_disk_named(folder, scratch):
            exporter(rows, scratch / "new")
            (scratch / "new" / CARD).write_text(card_of_export(card, exporter, scratch / "new"), encoding="utf-8")
            write_json(scratch / "new" / CROISSANT, croissant(scratch / "new"))
        swap(scratch / "new", folder, scratch / "before")
    except PictureLostError as error:
        lost = {error.image_id: error.reason, **lost_pictures(rows)}
        for reason in lost.values():
            log.warning("%s: rows about it are left out", reason)
        return lost
    finally:
        shutil.rmtree(scratch)
    log.info("export %s: %d rows in %s", folder.name, sum(1 for _ in rows), folder)
    return {}
