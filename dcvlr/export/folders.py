"""What the exporters of a run write: a folder each, which appears whole or not at all, with a card."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

from dcvlr.export.card import CARD, card_of_export
from dcvlr.protocols import Exporter, Publishes
from dcvlr.records import Qa
from dcvlr.rundir.files import JsonLines, swap, temporary_path

log = logging.getLogger(__name__)


def export_all(exporters: Mapping[str, Exporter], root: Path, dataset: JsonLines[Qa], card: str) -> None:
    """Each exporter into the folder of its name below `root`; what is pushed comes after all are written."""
    for name, exporter in exporters.items():
        _export(exporter, root / name, dataset, card)
    for name, exporter in exporters.items():
        if isinstance(exporter, Publishes):
            exporter.publish(root / name)


def _export(exporter: Exporter, folder: Path, dataset: JsonLines[Qa], card: str) -> None:
    scratch = temporary_path(folder)
    scratch.mkdir(parents=True)
    try:
        exporter(dataset, scratch / "new")
        (scratch / "new" / CARD).write_text(card_of_export(card, scratch / "new"), encoding="utf-8")
        swap(scratch / "new", folder, scratch / "before")
    finally:
        shutil.rmtree(scratch)
    log.info("export %s: %d rows in %s", folder.name, len(dataset), folder)
