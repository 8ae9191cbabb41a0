"""A question and its answer as two turns, with a placeholder for each picture where trainers want it."""

from __future__ import annotations

from collections.abc import Sequence

from dcvlr.export.rendering import Solution, problem_text, solution_text
from dcvlr.records import Qa

PLACEHOLDER = "<image>"


def human_and_gpt(qa: Qa, form: Solution) -> list[dict[str, str]]:
    """The turns as LLaVA and Qwen-VL name them, a placeholder for each picture."""
    return [
        {"from": "human", "value": f"{placeholders(qa)}{problem_text(qa)}"},
        {"from": "gpt", "value": solution_text(qa, form)},
    ]


def placeholders(qa: Qa, after: str = "\n") -> str:
    """As many as the question has pictures, each with `after` behind it."""
    return (PLACEHOLDER + after) * len(qa.pictures)


def one_or_all(names: Sequence[str]) -> str | list[str]:
    """The one name, or a list of several: what LLaVA-NeXT and Qwen-VL read as `image`."""
    return names[0] if len(names) == 1 else list(names)
