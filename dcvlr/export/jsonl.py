"""QA records as JSON lines beside their pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace

from dcvlr.export.pictures import with_pictures
from dcvlr.export.rendering import with_escaped_texts
from dcvlr.outputs import write_lines
from dcvlr.records import Qa


@dataclass(frozen=True, kw_only=True)
class Jsonl:
    """`dataset.jsonl` holds the whole records, `image` relative to the folder; `images/` holds each picture once.

    A literal `<image>` and its like in the texts are escaped.
    """

    name: ClassVar[str] = "jsonl"

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        (folder / "images").mkdir(parents=True)
        write_lines(folder / "dataset.jsonl", _with_copies(qas, folder))


def _with_copies(qas: Iterable[Qa], folder: Path) -> Iterator[Qa]:
    for qa, picture in with_pictures(qas):
        image = f"images/{qa.image_id}.{picture.suffix}"
        if not (folder / image).exists():
            (folder / image).write_bytes(picture.content)
        yield replace(with_escaped_texts(qa), image=image)
