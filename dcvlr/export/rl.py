r"""Rows for reinforcement learning with verifiable rewards.

The layout of verl, https://verl.readthedocs.io/en/latest/preparation/prepare_data.html (`verl/utils/dataset/
rl_dataset.py` reads it), with the columns that TRL's GRPOTrainer hands to its reward functions beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from dcvlr.errors import require_package
from dcvlr.export.conversations import placeholders
from dcvlr.export.encoded_pictures import with_pictures
from dcvlr.export.feature_types import IMAGE, TEXT, WHOLE_NUMBER, image_cells
from dcvlr.export.parquet_files import Codec, GroupMb, bytes_per_file, write_parquet
from dcvlr.export.rendering import Solution, boxed_answer, plain, problem_text, solution_text
from dcvlr.records import Qa
from dcvlr.settings import Count, checked
from dcvlr.text.answers import asks_for_estimate, require_answers
from dcvlr.text.answers.estimates import is_estimate
from dcvlr.text.answers.maths import is_formula
from dcvlr.text.answers.quantities import quantity

Verifier = Literal["choice", "estimate", "number", "formula", "text"]
_ANSWER = {"answer": TEXT, "options": [TEXT], "verifier": TEXT}
_FEATURES = {
    "data_source": TEXT,
    "prompt": [{"role": TEXT, "content": TEXT}],
    "images": [IMAGE],
    "ability": TEXT,
    "reward_model": {"style": TEXT, "ground_truth": TEXT},
    "extra_info": {"split": TEXT, "index": WHOLE_NUMBER, "id": TEXT, **_ANSWER},
    "solution": TEXT,
    **_ANSWER,
}


@dataclass(frozen=True, kw_only=True)
@checked
class Rl:
    """`train.parquet`, one row per QA with its pictures; several files where `max_shard_size` says so.

    `reward_model.ground_truth` is what stands in the box of the solution, a letter where there are options; `answer`,
    `options` and `verifier` are what `dcvlr.export.reward` compares. The reasoning is only in `solution`.
    """

    name: ClassVar[str] = "rl"

    solution: Solution
    reader: Literal["verl", "trl"]
    instruction: str
    rows_per_group: Count
    max_group_mb: GroupMb
    max_shard_size: str | None
    compression: Codec

    def __post_init__(self) -> None:
        bytes_per_file(self)  # refuses a size that is none

    def check_ready(self) -> None:
        require_package("pyarrow", extra="parquet", owner="export=rl")
        require_answers("export=rl")

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        write_parquet(self._rows(qas), _FEATURES, folder, self)

    def _rows(self, qas: Iterable[Qa]) -> Iterator[dict[str, Any]]:
        for index, (qa, pictures) in enumerate(with_pictures(qas)):
            answer = _answer(qa)
            yield {
                "data_source": f"dcvlr/{qa.dataset}",
                "prompt": [{"role": "user", "content": self._prompt(qa)}],
                "images": image_cells(pictures),
                "ability": qa.generator,
                "reward_model": {"style": "rule", "ground_truth": boxed_answer(qa)},
                "extra_info": {"split": "train", "index": index, "id": qa.id, **answer},
                "solution": solution_text(qa, self.solution),
                **answer,
            }

    def _prompt(self, qa: Qa) -> str:
        shown = placeholders(qa) if self.reader == "verl" else ""
        return f"{shown}{problem_text(qa)}\n{self.instruction}".rstrip("\n")


def _answer(qa: Qa) -> dict[str, Any]:
    options = None if qa.options is None else [plain(option) for option in qa.options]
    return {"answer": plain(qa.answer), "options": options, "verifier": verifier_of(qa)}


def verifier_of(qa: Qa) -> Verifier:
    """A letter (`choice`), a number within a tolerance (`estimate`) or an exact one (`number`), `formula`, `text`."""
    if qa.options is not None:
        return "choice"
    if is_estimate(qa.answer) or asks_for_estimate(qa.question):
        return "estimate"
    if quantity(qa.answer) is not None:
        return "number"
    return "formula" if is_formula(qa.answer) else "text"
