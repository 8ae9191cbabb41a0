"""LLaMA-Factory's sharegpt format, with the dataset_info.json that tells it so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dcvlr.export.conversations import placeholders
from dcvlr.export.encoded_pictures import with_copies
from dcvlr.export.rendering import Solution, problem_text, solution_text
from dcvlr.records import Qa
from dcvlr.rundir.files import write_json, write_lines

_FILE = "dcvlr.jsonl"
_INFO = {
    "dcvlr": {
        "file_name": _FILE,
        "formatting": "sharegpt",
        "columns": {"messages": "messages", "images": "images"},
        "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
    }
}


@dataclass(frozen=True, kw_only=True)
class LlamaFactory:
    """`dcvlr.jsonl` and `dataset_info.json`; the folder is LLaMA-Factory's `dataset_dir`, the dataset `dcvlr`."""

    name: ClassVar[str] = "llama_factory"

    solution: Solution

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        copied = with_copies(qas, folder / "images")
        write_lines(folder / _FILE, (_record(qa, names, self.solution) for qa, names in copied))
        write_json(folder / "dataset_info.json", _INFO)


def _record(qa: Qa, names: list[str], form: Solution) -> dict[str, Any]:
    question = {"role": "user", "content": placeholders(qa, after="") + problem_text(qa)}
    answer = {"role": "assistant", "content": solution_text(qa, form)}
    return {"messages": [question, answer], "images": [f"images/{name}" for name in names]}
