"""Prompts and completions with their pictures as TRL's SFTTrainer takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dcvlr.errors import require_package
from dcvlr.export.encoded_pictures import with_pictures
from dcvlr.export.feature_types import IMAGE, TEXT, image_cells
from dcvlr.export.parquet_files import Codec, GroupMb, bytes_per_file, write_parquet
from dcvlr.export.rendering import Solution, problem_text, solution_text
from dcvlr.records import Qa
from dcvlr.settings import Count, checked

_MESSAGES = [{"role": TEXT, "content": TEXT}]
_FEATURES = {"images": [IMAGE], "prompt": _MESSAGES, "completion": _MESSAGES}


@dataclass(frozen=True, kw_only=True)
@checked
class Trl:
    """`train-00000-of-00001.parquet` and so on: `images` with its pictures, `prompt` and `completion` with one message.

    SFTTrainer then learns the completion alone (`completion_only_loss`), and puts the pictures before the question
    itself: https://huggingface.co/docs/trl/dataset_formats#prompt-completion.
    """

    name: ClassVar[str] = "trl"

    solution: Solution
    rows_per_group: Count
    max_group_mb: GroupMb
    max_shard_size: str | None
    compression: Codec

    def __post_init__(self) -> None:
        bytes_per_file(self)  # refuses a size that is none

    def check_ready(self) -> None:
        require_package("pyarrow", extra="parquet", owner="export=trl", instead="export=jsonl needs none")

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        write_parquet(_rows(qas, self.solution), _FEATURES, folder, self)


def _rows(qas: Iterable[Qa], form: Solution) -> Iterator[dict[str, Any]]:
    for qa, pictures in with_pictures(qas):
        yield {
            "images": image_cells(pictures),
            "prompt": [{"role": "user", "content": problem_text(qa)}],
            "completion": [{"role": "assistant", "content": solution_text(qa, form)}],
        }
