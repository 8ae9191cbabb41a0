"""LLaVA's own format: one JSON list, pictures named relative to an image folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dcvlr.export.conversations import human_and_gpt, one_or_all
from dcvlr.export.encoded_pictures import with_copies
from dcvlr.export.rendering import Solution
from dcvlr.records import Qa, to_json
from dcvlr.rundir.files import atomic_write


@dataclass(frozen=True, kw_only=True)
class Llava:
    """`dataset.json`, a list with a record per line, to be read with `images/` as image folder.

    `image` is a list for a question about several pictures, which LLaVA-NeXT reads and LLaVA itself does not.
    """

    name: ClassVar[str] = "llava"

    solution: Solution

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        copied = with_copies(qas, folder / "images")
        _write_list(
            folder / "dataset.json",
            (
                {"id": qa.id, "image": one_or_all(names), "conversations": human_and_gpt(qa, self.solution)}
                for qa, names in copied
            ),
        )


def _write_list(path: Path, records: Iterable[Any]) -> None:
    """One JSON list, of which only one record is in memory."""
    with atomic_write(path) as file:
        before = b"[\n"
        for record in records:
            file.write(before + to_json(record))
            before = b",\n"
        file.write(b"[]\n" if before == b"[\n" else b"\n]\n")
