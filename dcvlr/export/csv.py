"""One flat table for a spreadsheet or pandas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from msgspec.structs import asdict

from dcvlr.export.encoded_pictures import with_copies
from dcvlr.export.record_columns import images_of
from dcvlr.export.rendering import with_escaped_texts
from dcvlr.records import Qa, to_json
from dcvlr.rundir.files import atomic_write

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")


@dataclass(frozen=True, kw_only=True)
class Csv:
    """`dataset.csv` in UTF-8, one row per QA, a column per field; options and evidence are JSON in their cells.

    Cells are quoted as RFC 4180 says, so line breaks inside them are safe. Paths are relative to the folder, whose
    `images/` holds each picture once. A literal `<image>` and its like in the texts are escaped, and a text that a
    spreadsheet would take for a formula gets an apostrophe.
    """

    name: ClassVar[str] = "csv"

    byte_order_mark: bool

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        encoding = "utf-8-sig" if self.byte_order_mark else "utf-8"
        with atomic_write(folder / "dataset.csv") as file:
            text = io.TextIOWrapper(file, encoding=encoding, newline="")
            rows = csv.writer(text)
            rows.writerow(Qa.__struct_fields__)
            for qa, names in with_copies(qas, folder / "images"):
                rows.writerow(_cells(qa, [f"images/{name}" for name in names]))
            text.detach()


def _cells(qa: Qa, names: Sequence[str]) -> list[str]:
    values = asdict(with_escaped_texts(qa)) | {"image": names[0], "images": images_of(qa, names)}
    return [_cell(value) for value in values.values()]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return defused(value if isinstance(value, str) else to_json(value).decode())


def defused(text: str) -> str:
    """A text that a spreadsheet would compute, with an apostrophe before it; numbers stay numbers."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text) else text
