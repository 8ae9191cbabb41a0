"""A question and its answer as two turns, with the placeholder of the picture where trainers want it."""

from __future__ import annotations

from dcvlr.export.rendering import Solution, problem_text, solution_text
from dcvlr.records import Qa

PLACEHOLDER = "<image>"


def human_and_gpt(qa: Qa, form: Solution) -> list[dict[str, str]]:
    """The turns as LLaVA and Qwen-VL name them."""
    return [
        {"from": "human", "value": f"{PLACEHOLDER}\n{problem_text(qa)}"},
        {"from": "gpt", "value": solution_text(qa, form)},
    ]
