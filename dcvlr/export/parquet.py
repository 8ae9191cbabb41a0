"""Parquet as oumi's hf_vision and the DCVLR competition read it: image bytes, problem, solution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec

from dcvlr.errors import require_package
from dcvlr.export.pictures import with_pictures
from dcvlr.export.rendering import problem_text, solution_text
from dcvlr.records import Qa
from dcvlr.settings import Count, checked

_TEXT = {"dtype": "string", "_type": "Value"}
_FEATURES = {"info": {"features": {"image": {"_type": "Image"}, "problem": _TEXT, "solution": _TEXT}}}


@dataclass(frozen=True, kw_only=True)
@checked
class Parquet:
    """`train.parquet`, one row per QA with its picture embedded; written a group of rows at a time.

    The columns are also described as Hugging Face `datasets` does, so that `load_dataset` gives pictures.
    """

    name: ClassVar[str] = "parquet"

    rows_per_group: Count
    compression: Literal["snappy", "zstd", "gzip", "none"]

    def check_ready(self) -> None:
        require_package("pyarrow", extra="parquet", owner="export=parquet", instead="export=jsonl needs none")

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        columns = [("image", image), ("problem", pa.string()), ("solution", pa.string())]
        schema = pa.schema(columns, metadata={"huggingface": msgspec.json.encode(_FEATURES)})
        folder.mkdir(parents=True)
        with pq.ParquetWriter(folder / "train.parquet", schema, compression=self.compression) as writer:
            rows = _rows(qas)
            while group := list(islice(rows, self.rows_per_group)):
                writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _rows(qas: Iterable[Qa]) -> Iterator[dict[str, Any]]:
    for qa, picture in with_pictures(qas):
        yield {
            "image": {"bytes": picture.content, "path": None},
            "problem": problem_text(qa),
            "solution": solution_text(qa),
        }
