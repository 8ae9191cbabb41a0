"""Parquet as oumi's hf_vision and the DCVLR competition read it: image bytes, problem, solution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from dcvlr.errors import require_package
from dcvlr.export.encoded_pictures import with_pictures
from dcvlr.export.parquet_files import Codec, GroupMb, ParquetSizes, sizes_of, write_parquet
from dcvlr.export.rendering import Solution, problem_text, solution_text
from dcvlr.records import Qa
from dcvlr.settings import Count, checked

_TEXT = {"dtype": "string", "_type": "Value"}
_FEATURES = {"info": {"features": {"image": {"_type": "Image"}, "problem": _TEXT, "solution": _TEXT}}}


@dataclass(frozen=True, kw_only=True)
@checked
class Parquet:
    """`train.parquet`, one row per QA with its picture embedded; several files where `max_shard_size` says so.

    The columns are also described as Hugging Face `datasets` does, so that `load_dataset` gives pictures.
    """

    name: ClassVar[str] = "parquet"

    solution: Solution
    rows_per_group: Count
    max_group_mb: GroupMb
    max_shard_size: str | None
    compression: Codec

    def __post_init__(self) -> None:
        _ = self._sizes

    def check_ready(self) -> None:
        require_package("pyarrow", extra="parquet", owner="export=parquet", instead="export=jsonl needs none")

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        import pyarrow as pa

        image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        columns = [("image", image), ("problem", pa.string()), ("solution", pa.string())]
        schema = pa.schema(columns, metadata={"huggingface": msgspec.json.encode(_FEATURES)})
        write_parquet(_rows(qas, self.solution), schema, folder, sizes=self._sizes, codec=self.compression)

    @property
    def _sizes(self) -> ParquetSizes:
        return sizes_of(self.rows_per_group, self.max_group_mb, self.max_shard_size)


def _rows(qas: Iterable[Qa], form: Solution) -> Iterator[dict[str, Any]]:
    for qa, picture in with_pictures(qas):
        yield {
            "image": {"bytes": picture.content, "path": None},
            "problem": problem_text(qa),
            "solution": solution_text(qa, form),
        }
