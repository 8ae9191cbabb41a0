"""Conversations as oumi's `vl_sft` (also called `vision_language_jsonl`) reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dcvlr.export.encoded_pictures import with_copies
from dcvlr.export.rendering import Solution, problem_text, solution_text
from dcvlr.records import Qa
from dcvlr.rundir.files import write_lines


@dataclass(frozen=True, kw_only=True)
class Oumi:
    """`dataset.jsonl`, one conversation a line, its pictures named by path; `images/` holds each picture once.

    oumi opens the paths as they stand: start it in the folder of `dataset.jsonl`, or say with `image_prefix` where
    that folder will be.
    """

    name: ClassVar[str] = "oumi"

    solution: Solution
    image_prefix: str

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        copied = with_copies(qas, folder / "images")
        folder_of_images = f"{self.image_prefix}images/"
        conversations = (
            _conversation(qa, [f"{folder_of_images}{name}" for name in names], self.solution) for qa, names in copied
        )
        write_lines(folder / "dataset.jsonl", conversations)


def _conversation(qa: Qa, images: list[str], form: Solution) -> dict[str, Any]:
    shown = [{"type": "image_path", "content": image} for image in images]
    asked = [*shown, {"type": "text", "content": problem_text(qa)}]
    return {
        "conversation_id": qa.id,
        "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": solution_text(qa, form)}],
        "metadata": {"bin": qa.bin},
    }
