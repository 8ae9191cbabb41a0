"""A source or a stage carried out with a ledger in memory, and what stands in it then."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.memo import Memo
from dcvlr.protocols import Source, Stage
from dcvlr.records import ImageRecord, LedgerEntry
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger


def entries_in(file: io.BytesIO) -> list[LedgerEntry]:
    return [msgspec.json.decode(line, type=LedgerEntry) for line in file.getvalue().splitlines()]


def run_source(source: Source, memo: Memo) -> tuple[Sequence[ImageRecord], list[LedgerEntry]]:
    """Its pictures, and the entries about others."""
    file = io.BytesIO()
    return source(memo, Ledger(file, "source")), entries_in(file)


def run_stage(
    stage: Stage[Any, Any], records: Sequence[Any], folder: Path
) -> tuple[list[Any], list[LedgerEntry], dict[str, Any]]:
    """What it keeps, the entries about the rest, and its summary."""
    file = io.BytesIO()
    kept = list(stage(records, Memo(folder / "checkpoints"), Ledger(file, stage.name), Folder(folder)))
    return kept, entries_in(file), json.loads((folder / "summary.json").read_text())
