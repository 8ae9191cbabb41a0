"""Conversations with their pictures as TRL's SFTTrainer takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dcvlr.export.arrow import require_datasets, save_rows
from dcvlr.export.encoded_pictures import with_pictures
from dcvlr.export.rendering import Solution, problem_text, solution_text
from dcvlr.export.sizes import size_in_bytes
from dcvlr.records import Qa
from dcvlr.settings import Count, checked


@dataclass(frozen=True, kw_only=True)
@checked
class Trl:
    """A folder for `datasets.load_from_disk`: `images` with its pictures, `messages` with their parts in the question.

    Arrow gives all parts of a message the same keys, so the part of a picture has a `text` that is null.
    """

    name: ClassVar[str] = "trl"

    solution: Solution
    rows_per_batch: Count
    max_shard_size: str

    def __post_init__(self) -> None:
        size_in_bytes(self.max_shard_size)

    def check_ready(self) -> None:
        require_datasets("export=trl")

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        from datasets import Features, Image, Sequence, Value

        text = Value("string")
        messages = [{"role": text, "content": [{"type": text, "text": text}]}]
        features = Features({"images": Sequence(Image()), "messages": messages})
        save_rows(
            _rows(qas, self.solution),
            features,
            folder,
            rows_per_batch=self.rows_per_batch,
            max_shard_size=self.max_shard_size,
        )


def _rows(qas: Iterable[Qa], form: Solution) -> Iterator[dict[str, Any]]:
    for qa, pictures in with_pictures(qas):
        asked = [*({"type": "image", "text": None} for _ in pictures), {"type": "text", "text": problem_text(qa)}]
        answered = [{"type": "text", "text": solution_text(qa, form)}]
        yield {
            "images": [{"bytes": picture.content, "path": None} for picture in pictures],
            "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}],
        }
