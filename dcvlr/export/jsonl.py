"""QA records as JSON lines beside their pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dcvlr.export.encoded_pictures import with_copies
from dcvlr.export.feature_types import IMAGE
from dcvlr.export.loading import described_for_cards
from dcvlr.export.record_columns import columns_of, images_of, row_of
from dcvlr.export.rendering import with_escaped_texts
from dcvlr.records import Qa
from dcvlr.rundir.files import write_lines

_FILE = "dataset.jsonl"


@dataclass(frozen=True, kw_only=True)
class Jsonl:
    """`dataset.jsonl` holds the whole records, paths relative to the folder; `images/` holds each picture once.

    Every line has every key, for readers that take the columns from the first ones, and `file_name` and `file_names`,
    by which `datasets` knows pictures: https://huggingface.co/docs/datasets/image_dataset. A literal `<image>` and its
    like in the texts are escaped.
    """

    name: ClassVar[str] = "jsonl"

    @property
    def loads_as(self) -> dict[str, Any]:
        features = {**columns_of(Qa), "image": IMAGE, "images": [IMAGE]}
        return {"metadata_filenames": [_FILE], "features": described_for_cards(features)}

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        copied = with_copies(qas, folder / "images")
        write_lines(folder / _FILE, (_record(qa, [f"images/{name}" for name in names]) for qa, names in copied))


def _record(qa: Qa, names: list[str]) -> dict[str, Any]:
    """`images` are those of a question about several, as in the record."""
    known = {"file_name": names[0], "file_names": names}
    return {**row_of(with_escaped_texts(qa)), "image": names[0], "images": images_of(qa, names), **known}
