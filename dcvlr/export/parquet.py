"""Parquet as oumi's hf_vision and the DCVLR competition read it: image bytes, problem and solution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from dcvlr.errors import DcvlrError, require_package
from dcvlr.export.encoded_pictures import with_pictures
from dcvlr.export.feature_types import IMAGE, TEXT, Feature, image_cells
from dcvlr.export.parquet_files import Codec, GroupMb, bytes_per_file, write_parquet
from dcvlr.export.rendering import Solution, problem_text, solution_text
from dcvlr.records import Qa
from dcvlr.settings import Count, checked

_PICTURES: dict[str, dict[str, Feature]] = {"one": {"image": IMAGE}, "several": {"images": [IMAGE]}}
_TEXTS = {"problem": TEXT, "solution": TEXT, "id": TEXT, "bin": TEXT}


@dataclass(frozen=True, kw_only=True)
@checked
class Parquet:
    """`train.parquet`, one row per QA with its picture embedded; several files where `max_shard_size` says so.

    The columns are also described as Hugging Face `datasets` does, so that `load_dataset` gives pictures. With
    `pictures: one` they stand in `image`, and a question about several raises `DcvlrError`; with `several` in a list,
    `images`.
    """

    name: ClassVar[str] = "parquet"

    pictures: Literal["one", "several"]
    solution: Solution
    rows_per_group: Count
    max_group_mb: GroupMb
    max_shard_size: str | None
    compression: Codec

    def __post_init__(self) -> None:
        bytes_per_file(self)  # refuses a size that is none

    def check_ready(self) -> None:
        require_package("pyarrow", extra="parquet", owner="export=parquet", instead="export=jsonl needs none")

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        features = {**_PICTURES[self.pictures], **_TEXTS}
        write_parquet(self._rows(qas), features, folder, self)

    def _rows(self, qas: Iterable[Qa]) -> Iterator[dict[str, Any]]:
        for qa, pictures in with_pictures(qas):
            shown = image_cells(pictures)
            if self.pictures == "one" and len(shown) > 1:
                raise DcvlrError(
                    f"question {qa.id} is about {len(shown)} pictures, and the column `image` holds one: set "
                    "export.parquet.pictures=several, which writes a column `images` of lists"
                )
            column = {"image": shown[0]} if self.pictures == "one" else {"images": shown}
            texts = {"problem": problem_text(qa), "solution": solution_text(qa, self.solution)}
            yield {**column, **texts, "id": qa.id, "bin": qa.bin}
