"""The format of the fine-tuning code in Qwen's own repository (qwen-vl-finetune)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from dcvlr.export.conversations import human_and_gpt, one_or_all
from dcvlr.export.encoded_pictures import with_copies
from dcvlr.export.rendering import Solution
from dcvlr.records import Qa
from dcvlr.rundir.files import write_lines


@dataclass(frozen=True, kw_only=True)
class QwenVl:
    """`dataset.jsonl`, its pictures named relative to the folder, which is the `data_path` of Qwen's data config."""

    name: ClassVar[str] = "qwen_vl"

    solution: Solution

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        copied = with_copies(qas, folder / "images")
        write_lines(
            folder / "dataset.jsonl",
            (
                {
                    "image": one_or_all([f"images/{name}" for name in names]),
                    "conversations": human_and_gpt(qa, self.solution),
                }
                for qa, names in copied
            ),
        )
