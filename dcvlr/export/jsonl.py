"""QA records as JSON lines beside their pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from dcvlr.export.encoded_pictures import with_copies
from dcvlr.export.record_columns import row_of
from dcvlr.export.rendering import with_escaped_texts
from dcvlr.records import Qa
from dcvlr.rundir.files import write_lines


@dataclass(frozen=True, kw_only=True)
class Jsonl:
    """`dataset.jsonl` holds the whole records, `image` relative to the folder; `images/` holds each picture once.

    Every line has every key, for readers that take the columns from the first ones. A literal `<image>` and its like
    in the texts are escaped.
    """

    name: ClassVar[str] = "jsonl"

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        copied = with_copies(qas, folder / "images")
        records = ({**row_of(with_escaped_texts(qa)), "image": f"images/{name}"} for qa, name in copied)
        write_lines(folder / "dataset.jsonl", records)
