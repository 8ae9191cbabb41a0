"""Rewards for the rows of `export=rl`, by the same comparison of answers that let the questions pass.

verl: `custom_reward_function.path=<this file>`, `custom_reward_function.name=compute_score`. TRL: `agreement_reward`
among the `reward_funcs` of GRPOTrainer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dcvlr.text.answers import agree, final_answer

_TOLERANCE = 0.05  # of estimates, relative; what ChartQA allows


def compute_score(
    data_source: str, solution_str: str, ground_truth: str, extra_info: Mapping[str, Any], **_: Any
) -> float:
    """1.0 if the final answer of `solution_str` agrees with the row's, else 0.0; as verl calls it."""
    return _score(solution_str, extra_info["answer"], extra_info["options"], extra_info["verifier"])


def agreement_reward(
    completions: Sequence[Any],
    answer: Sequence[str],
    options: Sequence[Sequence[str] | None],
    verifier: Sequence[str],
    **_: Any,
) -> list[float]:
    """The same for each completion, as TRL calls it: with the columns of the rows, and messages or texts."""
    texts = [text if isinstance(text, str) else text[0]["content"] for text in completions]
    return [_score(*row) for row in zip(texts, answer, options, verifier, strict=True)]


def _score(reply: str, answer: str, options: Sequence[str] | None, verifier: str) -> float:
    given = final_answer(reply)
    if given is None:
        return 0.0
    # Not every reader gives None back for a missing list.
    wanted = None if options is None or not len(options) else [str(option) for option in options]
    return float(agree(given, answer, wanted, tolerance=_TOLERANCE, estimated=verifier == "estimate"))
